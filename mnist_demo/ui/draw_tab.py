"""The Draw tab: a pad, and what a network reads on it while the pen moves."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import gradio as gr

from mnist_demo.errors import ImageError, MnistDemoError
from mnist_demo.inference import Prediction
from mnist_demo.preprocessing import Grey, open_picture
from mnist_demo.ui.draw_pad import DrawPad
from mnist_demo.ui.handlers import QUICK, tells_errors
from mnist_demo.ui.networks import Networks
from mnist_demo.ui.reading import Reading


@dataclass(frozen=True)
class DrawTab:
    """What other tabs hand something to."""

    pad: DrawPad
    model: gr.Dropdown


def read_drawing(drawing: Grey | None, model: str | None, networks: Networks) -> Prediction | None:
    """Return what the network `model` reads on the pad, None for an empty pad.

    Raises:
        MnistDemoError: there is no such network.
    """
    return None if drawing is None else networks.predictor(model).predict(drawing)


def predict(file: str | None, model: str | None, networks: Networks) -> dict[str, Any]:
    """Return what `/predict` answers on a picture file.

    Raises:
        MnistDemoError: there is no file, it is no picture, or there is no such network.
    """
    if file is None:
        raise ImageError("image: expected a picture, found none")
    image = open_picture(BytesIO(Path(file).read_bytes()))  # as bytes: where it lies is nobody's business
    prediction = networks.predictor(model or networks.default).predict(image)
    return {
        "digit": prediction.digit,
        "confidence": prediction.confidence,
        "probabilities": prediction.probabilities,
    }


def build_draw_tab(networks: Networks) -> DrawTab:
    """Lay the tab out inside the current Blocks and wire it."""
    with gr.Row(elem_classes="tab-columns"):
        with gr.Column(scale=5, min_width=300, elem_classes="pad-column"):
            pad = DrawPad("draw-pad")
        with gr.Column(scale=6, min_width=300):
            reading = Reading("draw-result", "draw-network-input", "Draw a digit")
            model = gr.Dropdown(
                networks.choices(),
                value=networks.default,
                label="Network",
                info="Change it, and the same drawing is read again.",
                elem_id="draw-model",
            )

    # async: on the event loop, because handing a millisecond of work to a thread takes longer than the work.
    async def read(drawing: Grey | None, name: str | None) -> Prediction | str | None:
        try:
            return read_drawing(drawing, name, networks)
        except MnistDemoError as error:
            return str(error)

    # always_last: while one picture is read, only the newest of those that follow is kept.
    for listen in (pad.input, model.change):
        listen(read, [pad, model], reading, trigger_mode="always_last", **QUICK)
    _add_predict_endpoint(networks)
    return DrawTab(pad, model)


def _add_predict_endpoint(networks: Networks) -> None:
    """Offer `/predict` to programs; its components are in no one's way."""
    image = gr.File(visible=False, label="image")
    model = gr.Textbox(networks.default, visible=False, label="model")
    answer = gr.JSON(visible=False, label="prediction")

    @tells_errors
    def answer_predict(image: str | None, model: str | None) -> dict[str, Any]:
        """Read one digit: any picture, and the name of a network."""
        return predict(image, model, networks)

    gr.Button(visible=False).click(answer_predict, [image, model], answer, queue=False, api_name="predict")
