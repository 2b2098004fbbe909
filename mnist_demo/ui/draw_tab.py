"""The Draw tab: a pad, and what a network reads on it while the pen moves."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

from mnist_demo.errors import ImageError, MnistDemoError
from mnist_demo.inference import Prediction
from mnist_demo.pictures import Grey, open_picture
from mnist_demo.preprocessing import Step, list_steps
from mnist_demo.ui.draw_pad import DrawPad
from mnist_demo.ui.example_row import ExampleRow
from mnist_demo.ui.examples import Example, list_examples
from mnist_demo.ui.handlers import QUICK, tells_errors
from mnist_demo.ui.networks import Networks
from mnist_demo.ui.reading import Reading
from mnist_demo.ui.steps import Steps

CHOOSE_NETWORK = 'name => void document.dispatchEvent(new CustomEvent("network-chosen", { detail: name }))'


@dataclass(frozen=True)
class DrawTab:
    """What other tabs hand something to."""

    pad: DrawPad
    model: gr.Dropdown


def predict(file: str | None, model: str | None, networks: Networks) -> dict[str, Any]:
    """Return what `/predict` answers on a picture file.

    Raises:
        MnistDemoError: there is no file, it is no picture, or there is no such network.
    """
    prediction = networks.predictor(model or networks.default).predict(_open(file))
    return _describe(prediction)


def read_number(file: str | None, model: str | None, networks: Networks) -> dict[str, Any]:
    """Return what `/read_number` answers on a picture file.

    Raises:
        MnistDemoError: there is no file, it is no picture, or there is no such network.
    """
    reading = networks.predictor(model or networks.default).read_number(_open(file))
    digits = [_describe(prediction) for prediction in reading.predictions]
    return {"text": reading.text, "boxes": reading.boxes, "digits": digits}


def _open(file: str | None) -> Image.Image:
    if file is None:
        raise ImageError("image: expected a picture, found none")
    return open_picture(BytesIO(Path(file).read_bytes()))  # as bytes: where it lies is nobody's business


def _describe(prediction: Prediction) -> dict[str, Any]:
    return {
        "digit": prediction.digit,
        "confidence": prediction.confidence,
        "probabilities": prediction.probabilities,
    }


def build_draw_tab(networks: Networks) -> DrawTab:
    """Lay the tab out inside the current Blocks and wire it."""
    with gr.Row(elem_classes="tab-columns"):
        with gr.Column(scale=5, min_width=300, elem_classes="pad-column"):
            pad = DrawPad("draw-pad", networks.default)
        with gr.Column(scale=6, min_width=300):
            Reading("draw-result", "draw-network-input", "Draw a digit")
            model = gr.Dropdown(
                networks.choices(),
                value=networks.default,
                label="Network",
                info="Change it, and the same drawing is read again.",
                elem_id="draw-model",
            )
            steps = Steps("draw-steps")
    row = ExampleRow("draw-examples", list_examples())  # below both: on a phone the reading comes first

    # The pad reads with another network by itself, without a round trip.
    model.change(None, model, None, js=CHOOSE_NETWORK)

    def explain(drawing: Grey | None) -> list[Step] | str:
        try:
            return [] if drawing is None else list_steps(drawing)
        except MnistDemoError as error:
            return str(error)

    def choose_example(example: Example) -> Grey:
        return example.picture

    steps.input(explain, pad, steps, trigger_mode="always_last", **QUICK)
    row.select(choose_example, row, pad, **QUICK)
    _add_endpoints(networks)
    return DrawTab(pad, model)


def _add_endpoints(networks: Networks) -> None:
    """Offer `/predict` and `/read_number` to programs; their components are in no one's way."""
    image = gr.File(visible=False, label="image")
    model = gr.Textbox(networks.default, visible=False, label="model")
    answer = gr.JSON(visible=False, label="reading")

    @tells_errors
    def answer_predict(image: str | None, model: str | None) -> dict[str, Any]:
        """Read one digit: any picture, and the name of a network."""
        return predict(image, model, networks)

    @tells_errors
    def answer_read_number(image: str | None, model: str | None) -> dict[str, Any]:
        """Read a number of several digits: any picture, and the name of a network."""
        return read_number(image, model, networks)

    gr.Button(visible=False).click(answer_predict, [image, model], answer, queue=False, api_name="predict")
    gr.Button(visible=False).click(answer_read_number, [image, model], answer, queue=False, api_name="read_number")
