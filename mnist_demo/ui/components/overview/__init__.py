"""Overview: a split at a glance, whose classes and bars lead to the gallery's filters."""

from pathlib import Path
from typing import Any

from mnist_demo.ui.components.base import PageComponent


class Overview(PageComponent):
    """Shows what each class of a split looks like, and histograms of ink and slant, once it is opened.

    Its script hears by the document's event "sample-shown" which split is browsed, and asks the gallery by
    "samples-wanted" for the samples of a class or of a bar.

    Args:
        classes: names of the ten classes.
        options: those of `gr.HTML`.
    """

    def __init__(self, classes: tuple[str, ...], **options: Any) -> None:
        super().__init__(Path(__file__).parent, "browse-overview", classes=classes, **options)
