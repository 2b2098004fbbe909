"""Reading: what a network says of a picture: a large digit, ten bars and what it saw; or all digits of a number."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mnist_demo.data.subject import DIGITS
from mnist_demo.reading.predictions import NumberReading, Prediction
from mnist_demo.serving.encoding import describe_reading
from mnist_demo.ui.components.base import PageComponent


class Reading(PageComponent):
    """Shows a Prediction or a NumberReading, or in its place the text of what was wrong.

    A non-digit is shown as rejected, with the best guess in grey. None, or a picture without ink, shows `invitation`.
    With a canvas for the network's input it also shows what the pad hears from the server, the document's event
    "drawing-read".

    Args:
        elem_id: of the component.
        classes: names of the ten classes, which are shown in place of numbers.
        input_id: of the canvas with the network's input; None leaves it out.
        invitation: what to say where there is nothing to read.
    """

    def __init__(
        self, elem_id: str, input_id: str | None, invitation: str, classes: Sequence[str] = DIGITS, **options: Any
    ) -> None:
        options = {"classes": list(classes), **options}
        super().__init__(Path(__file__).parent, elem_id, input_id=input_id, invitation=invitation, **options)

    def postprocess(self, value: Prediction | NumberReading | str | None) -> dict[str, Any] | None:  # type: ignore[override]
        """Make a reading ready for the browser."""
        return describe_reading(value)

    def api_info(self) -> dict[str, Any]:
        """Describe the value for clients."""
        return {"type": "object", "description": "digit, guess, ten probabilities, base64 of 28x28 pixels"}
