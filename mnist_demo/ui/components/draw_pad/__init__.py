"""DrawPad: a canvas to draw on, or to lay a picture on."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_demo.serving.encoding import encode_png
from mnist_demo.ui.components.base import PageComponent


class DrawPad(PageComponent):
    """A pad for mouse, finger and pen.

    Its script asks the route of serving/routes/drawing.py what the network `network` reads, while the pen moves, and
    tells the document; Python never gets what is on it. Set from Python, a uint8 array (H, W) of grey levels is laid
    on the pad as a picture, and None clears it.
    """

    def __init__(self, elem_id: str, network: str | None, noun: str = "digit", **options: Any) -> None:
        super().__init__(Path(__file__).parent, elem_id, network=network or "", **{"noun": noun, **options})

    def postprocess(self, value: NDArray[np.uint8] | None) -> str:  # type: ignore[override]
        """Encode a picture for the browser."""
        if value is None:
            return ""
        return encode_png(value)

    def api_info(self) -> dict[str, Any]:
        """Describe the value for clients."""
        return {"type": "string", "description": "a picture of a digit as a data URL: data:image/png;base64,..."}
