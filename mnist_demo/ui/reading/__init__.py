"""Reading: what a network says of a picture, as a large digit, ten bars and the picture that it saw."""

import base64
from pathlib import Path
from typing import Any

from mnist_demo.inference import Prediction
from mnist_demo.ui.component import PageComponent


class Reading(PageComponent):
    """Shows a Prediction, or in its place the text of what was wrong; None, or no digit, shows `invitation`.

    Args:
        elem_id: of the component.
        input_id: of the canvas with the network's input; None leaves it out.
        invitation: what to say where there is nothing to read.
    """

    def __init__(self, elem_id: str, input_id: str | None, invitation: str, **options: Any) -> None:
        scripts = ["../pixels.js", "reading.js"]
        super().__init__(Path(__file__).parent, scripts, elem_id, input_id=input_id, invitation=invitation, **options)

    def postprocess(self, value: Prediction | str | None) -> dict[str, Any] | None:  # type: ignore[override]
        """Make a Prediction ready for the browser; the picture goes as base64 of its 784 bytes."""
        if value is None:
            return None
        if isinstance(value, str):
            return {"error": value}
        return {
            "digit": value.digit,
            "probabilities": [round(probability, 4) for probability in value.probabilities],
            "pixels": base64.b64encode(value.network_input.tobytes()).decode(),
        }

    def api_info(self) -> dict[str, Any]:
        """Describe the value for clients."""
        return {"type": "object", "description": "digit, ten probabilities, base64 of 28x28 pixels"}
