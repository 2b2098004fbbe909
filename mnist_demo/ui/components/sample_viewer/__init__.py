"""SampleViewer: one sample of a split, large and crisp."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mnist_demo.data.datasets import Split
from mnist_demo.serving.encoding import encode_pixels
from mnist_demo.ui.components.base import PageComponent

NAMES = {"train": "training", "test": "test"}


@dataclass(frozen=True)
class View:
    """What the viewer shows: the sample `index` of `split`, which is called `name`: "train" or "test"."""

    split: Split
    name: str
    index: int


@dataclass(frozen=True)
class Wanted:
    """A sample that the visitor wants; without a split, of the one that is shown."""

    split: str | None
    index: object


class SampleViewer(PageComponent):
    """Shows a View, or in its place the text of what was wrong.

    Its event "select" says that the visitor wants another sample, by a button or an arrow key, or that the document
    asks for one by "sample-wanted"; a listener gets it as a Wanted. Which one is shown, the document hears by
    "sample-shown".
    """

    FIRED = ("select",)

    def __init__(self, view: View, **options: Any) -> None:
        super().__init__(Path(__file__).parent, "browse-viewer", value=view, **options)

    def preprocess(self, payload: dict[str, Any] | None) -> Wanted:  # type: ignore[override]
        """Return the sample that the visitor wants."""
        payload = payload or {}
        return Wanted(payload.get("split"), payload.get("wanted"))

    def postprocess(self, value: View | str) -> dict[str, Any]:  # type: ignore[override]
        """Make a view ready for the browser; the picture goes as base64 of its 784 bytes."""
        if isinstance(value, str):
            return {"error": value}
        return {
            "classes": value.split.subject.classes,
            "split": value.name,
            "name": NAMES[value.name],
            "size": len(value.split),
            "index": value.index,
            "label": int(value.split.labels[value.index]),
            "pixels": encode_pixels(value.split.images[value.index]),
        }

    def api_info(self) -> dict[str, Any]:
        """Describe the value for clients."""
        return {"type": "object", "description": "name and size of the split, and the sample in view"}
