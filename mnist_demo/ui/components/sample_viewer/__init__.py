"""SampleViewer: one sample of a split, large and crisp, with the samples that follow it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mnist_demo.data.datasets import Split
from mnist_demo.serving.encoding import encode_pixels
from mnist_demo.ui.components.base import PageComponent

STRIP = 12  # samples that follow


@dataclass(frozen=True)
class View:
    """What the viewer shows: the sample `index` of `split`, called `name`."""

    split: Split
    name: str
    index: int


class SampleViewer(PageComponent):
    """Shows a View, or in its place the text of what was wrong.

    Its event "select" says that the visitor wants another sample, by a button, an arrow key or a click on the
    strip; a listener gets its index.
    """

    FIRED = ("select",)

    def __init__(self, view: View, **options: Any) -> None:
        super().__init__(Path(__file__).parent, "browse-viewer", value=view, **options)

    def preprocess(self, payload: dict[str, Any] | None) -> int | None:  # type: ignore[override]
        """Return the index that the visitor wants."""
        return (payload or {}).get("wanted")

    def postprocess(self, value: View | str) -> dict[str, Any]:  # type: ignore[override]
        """Make a view ready for the browser; pictures go as base64 of their 784 bytes."""
        if isinstance(value, str):
            return {"error": value}
        indices = range(value.index, min(value.index + 1 + STRIP, len(value.split)))
        samples = [
            {
                "index": index,
                "label": int(value.split.labels[index]),
                "pixels": encode_pixels(value.split.images[index]),
            }
            for index in indices
        ]
        split = {"classes": value.split.subject.classes, "name": value.name, "size": len(value.split)}
        return {**split, "samples": samples}

    def api_info(self) -> dict[str, Any]:
        """Describe the value for clients."""
        return {"type": "object", "description": "name and size of the split, and the samples in view"}
