"""DrawPad: a canvas to draw on, or to lay a picture on, whose value reaches Python as a picture file."""

import base64
import binascii
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from mnist_demo.serving.encoding import PREFIX, encode_png
from mnist_demo.ui.components.base import PageComponent

MAX_PAYLOAD = 4_000_000  # characters; a drawing takes 5,000, a photo that the pad has reduced 200,000


class DrawPad(PageComponent):
    """A pad for mouse, finger and pen.

    It asks the route of serving/routes/drawing.py what the network `network` reads, while the pen moves, and tells the
    document. In the browser its value is a data URL of what is on the pad, light ink on black, or "" for an empty pad.
    An event listener gets the bytes of the picture file, or None for an empty pad: who opens it decides where. Set
    from Python, a uint8 array (H, W) of grey levels is laid on the pad as a picture, and None clears it.
    """

    def __init__(self, elem_id: str, network: str | None, noun: str = "digit", **options: Any) -> None:
        super().__init__(Path(__file__).parent, elem_id, network=network or "", **{"noun": noun, **options})

    def preprocess(self, payload: str | None) -> bytes | None:  # type: ignore[override]
        """Return the picture file that the browser sent.

        Raises:
            gr.Error: it is no picture file, or too large.
        """
        if not payload:
            return None
        if not isinstance(payload, str) or not payload.startswith(PREFIX):
            raise gr.Error(f"Expected a picture as a data URL ({PREFIX}...).", print_exception=False)
        if len(payload) > MAX_PAYLOAD:
            raise gr.Error(f"The picture is too large: at most {MAX_PAYLOAD:,} characters.", print_exception=False)
        try:
            return base64.b64decode(payload.partition(",")[2], validate=True)
        except binascii.Error as error:
            raise gr.Error(f"The picture cannot be read: {error}", print_exception=False) from error

    def postprocess(self, value: NDArray[np.uint8] | None) -> str:  # type: ignore[override]
        """Encode a picture for the browser."""
        if value is None:
            return ""
        return encode_png(value)

    def api_info(self) -> dict[str, Any]:
        """Describe the value for clients."""
        return {"type": "string", "description": "a picture of a digit as a data URL: data:image/png;base64,..."}

    def example_payload(self) -> str:
        """Return a value that a client may send."""
        return self.postprocess(np.zeros((28, 28), np.uint8))
