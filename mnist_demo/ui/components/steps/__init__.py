"""Steps: how the current drawing becomes what the network sees, as a row of pictures, for those who open it."""

from pathlib import Path
from typing import Any

from mnist_demo.reading.preparation import Step
from mnist_demo.serving.encoding import encode_png
from mnist_demo.ui.components.base import PageComponent


class Steps(PageComponent):
    """Shows a list of Step, or in its place the text of what was wrong.

    While it is open it asks for the steps of a new drawing by its event `input`, which the pad's "drawing-sent" in the
    document sets off; while it is closed it costs nothing.
    """

    FIRED = ("input",)

    def __init__(self, elem_id: str, **options: Any) -> None:
        super().__init__(Path(__file__).parent, elem_id, **options)

    def postprocess(self, value: list[Step] | str | None) -> dict[str, Any]:  # type: ignore[override]
        """Make the steps ready for the browser; the pictures go as data URLs."""
        if isinstance(value, str):
            return {"error": value, "steps": []}
        return {"steps": [{"title": step.title, "picture": encode_png(step.picture)} for step in value or []]}

    def api_info(self) -> dict[str, Any]:
        """Describe the value for clients."""
        return {"type": "object", "description": "a list of steps, each with its title and a picture as a data URL"}
