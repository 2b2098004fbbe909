"""Pictures as data URLs: how they travel between the page and Python."""

import base64
from io import BytesIO

from PIL import Image

from mnist_demo.pictures import Grey

PREFIX = "data:image/"


def encode_png(picture: Grey) -> str:
    """Return a (H, W) uint8 picture as a data URL."""
    png = BytesIO()
    Image.fromarray(picture).save(png, "PNG", compress_level=1)
    return f"{PREFIX}png;base64,{base64.b64encode(png.getvalue()).decode()}"
