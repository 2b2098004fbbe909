"""Pictures as texts: how they travel between the page and Python, as data URLs or as bare pixels."""

import base64
import binascii
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnist_demo.data.datasets import SIDE
from mnist_demo.data.subject import Subject
from mnist_demo.errors import ImageError
from mnist_demo.reading.pictures import Grey
from mnist_demo.reading.predictions import NumberReading, Prediction


def to_png(picture: Grey) -> bytes:
    """Return a (H, W) uint8 picture as a PNG file, quickly rather than as small as can be."""
    png = BytesIO()
    Image.fromarray(picture).save(png, "PNG", compress_level=1)
    return png.getvalue()


def encode_png(picture: Grey) -> str:
    """Return a (H, W) uint8 picture as a data URL."""
    return f"data:image/png;base64,{base64.b64encode(to_png(picture)).decode()}"


def encode_pixels(picture: Grey) -> str:
    """Return the bytes of a uint8 picture as base64."""
    return base64.b64encode(picture.tobytes()).decode()


def decode_pixels(text: str) -> Grey:
    """Return the (28, 28) picture of a base64 text.

    Raises:
        ImageError: it does not hold one.
    """
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ImageError(f"pixels: expected base64: {error}") from error
    if len(content) != SIDE * SIDE:
        raise ImageError(f"pixels: expected {SIDE * SIDE} bytes, found {len(content):,}")
    return np.frombuffer(content, np.uint8).reshape(SIDE, SIDE).copy()  # PyTorch wants to be able to write


def describe_reading(value: Prediction | NumberReading | str | None) -> dict[str, Any] | None:
    """Return a reading, or the text of what was wrong, as the script shows it; pictures as base64 of their bytes."""
    if value is None:
        return None
    if isinstance(value, str):
        return {"error": value}
    if isinstance(value, NumberReading):
        digits = [_describe(prediction) for prediction in value.predictions]
        return {"number": value.text, "lines": value.lines, "boxes": value.boxes, "digits": digits}
    return _describe(value)


def describe_prediction(prediction: Prediction, subject: Subject) -> dict[str, Any]:
    """Return a prediction as programs get it; `subject` is what the network was trained on, whose classes have names.

    Where the classes are not digits, "label" is the name of the predicted one, and "classes" are all of them.
    """
    values = {
        "digit": prediction.digit,
        "confidence": prediction.confidence,
        "probabilities": prediction.probabilities,
        "candidates": prediction.candidates,
        "reason": prediction.reason,
    }
    if subject.is_digits:
        return values
    label = None if prediction.digit is None else subject.classes[prediction.digit]
    return {**values, "label": label, "classes": list(subject.classes)}


def _describe(prediction: Prediction) -> dict[str, Any]:
    return {
        "digit": prediction.digit,
        "guess": prediction.guess,
        "candidates": prediction.candidates,
        "reason": prediction.reason,
        "probabilities": [round(probability, 4) for probability in prediction.probabilities],
        "pixels": encode_pixels(prediction.network_input),
    }


def describe_first_layer(pictures: NDArray[np.uint8]) -> dict[str, Any]:
    """Return the pictures of a first layer, (units, side, side), ready for JSON."""
    return {"side": pictures.shape[1], "units": [encode_pixels(picture) for picture in pictures]}
