"""DrawPad: a canvas to draw on, or to lay a picture on, whose value reaches Python as an array."""

import base64
import binascii
from io import BytesIO
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from mnist_demo.errors import MnistDemoError
from mnist_demo.pictures import open_picture
from mnist_demo.ui.component import PageComponent
from mnist_demo.ui.encoding import PREFIX, encode_png

MAX_PAYLOAD = 4_000_000  # characters; a drawing takes 5,000, a photo that the pad has reduced 200,000
MAX_PIXELS = 1_000_000  # the pad sends at most 840 x 840


class DrawPad(PageComponent):
    """A pad for mouse, finger and pen.

    It asks the plain route of ui/drawing_route.py what the network `network` reads, while the pen moves, and tells the
    document. In the browser its value is a data URL of what is on the pad, light ink on black, or "" for an empty pad.
    An event listener gets the grey levels as a uint8 array (H, W), or None for an empty pad. Set from Python, such
    an array is laid on the pad as a picture, and None clears it.
    """

    def __init__(self, elem_id: str, network: str | None, **options: Any) -> None:
        scripts = ["camera.js", "strokes.js", "drawing_reader.js", "draw_pad.js"]
        super().__init__(Path(__file__).parent, scripts, elem_id, network=network or "", **options)

    def preprocess(self, payload: str | None) -> NDArray[np.uint8] | None:  # type: ignore[override]
        """Decode what the browser sent.

        Raises:
            gr.Error: it is not a picture, or is too large.
        """
        if not payload:
            return None
        if not isinstance(payload, str) or not payload.startswith(PREFIX):
            raise gr.Error(f"Expected a picture as a data URL ({PREFIX}...).", print_exception=False)
        if len(payload) > MAX_PAYLOAD:
            raise gr.Error(f"The picture is too large: at most {MAX_PAYLOAD:,} characters.", print_exception=False)
        try:
            content = base64.b64decode(payload.partition(",")[2], validate=True)
            return np.asarray(open_picture(BytesIO(content), MAX_PIXELS).convert("L"))
        except (binascii.Error, MnistDemoError) as error:
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
