"""ExampleRow: small pictures to click, each of which goes to the pad."""

from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from PIL import Image

from mnist_demo.checks import whole_number
from mnist_demo.errors import SettingsError
from mnist_demo.reading.pictures import Grey
from mnist_demo.serving.encoding import encode_png
from mnist_demo.serving.examples import Example
from mnist_demo.ui.components.base import PageComponent

THUMBNAIL = 112  # px, for screens with two pixels to a point


class ExampleRow(PageComponent):
    """A row of buttons with pictures. A click fires the event `select`, whose listener gets the Example."""

    FIRED = ("select",)

    def __init__(self, elem_id: str, examples: list[Example], **options: Any) -> None:
        pictures = [{"title": example.title, "picture": encode_png(_shrink(example.picture))} for example in examples]
        options = {"pictures": pictures, **options}
        super().__init__(Path(__file__).parent, elem_id, **options)
        self._examples = examples

    def preprocess(self, payload: int | None) -> Example:  # type: ignore[override]
        """Return the example that was clicked.

        Raises:
            gr.Error: there is no such example.
        """
        try:
            return self._examples[whole_number("example", payload, 0, len(self._examples) - 1)]
        except SettingsError as error:
            raise gr.Error(str(error), print_exception=False) from error

    def api_info(self) -> dict[str, Any]:
        """Describe the value for clients."""
        return {"type": "integer", "description": "number of the example, from 0"}


def _shrink(picture: Grey) -> Grey:
    return np.asarray(Image.fromarray(picture).resize((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS))
