"""Analysis of data and trained networks: what a sample looks like in its file, and why a network says what it says."""

from mnist_demo.insight.corruptions import CORRUPTIONS, corrupt
from mnist_demo.insight.file_view import describe_sample
from mnist_demo.insight.label_errors import LabelError, find_label_errors
from mnist_demo.insight.neighbours import Neighbours
from mnist_demo.insight.saliency import integrated_gradients

__all__ = [
    "CORRUPTIONS",
    "LabelError",
    "Neighbours",
    "corrupt",
    "describe_sample",
    "find_label_errors",
    "integrated_gradients",
]
