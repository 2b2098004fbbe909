"""The Draw tab: a pad, and what a network reads on it while the pen moves."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from mnist_demo.data.subject import Subject
from mnist_demo.reading.pictures import Grey
from mnist_demo.serving.encoding import describe_prediction
from mnist_demo.serving.examples import Example, list_examples
from mnist_demo.serving.predictors import Networks
from mnist_demo.serving.readings import Readings
from mnist_demo.ui.components.draw_pad import DrawPad
from mnist_demo.ui.components.example_row import ExampleRow
from mnist_demo.ui.components.inside import InsideView
from mnist_demo.ui.components.reading import Reading
from mnist_demo.ui.components.steps import Steps
from mnist_demo.ui.handlers import QUICK, tells_errors

CHOOSE_NETWORK = 'name => void document.dispatchEvent(new CustomEvent("network-chosen", { detail: name }))'


@dataclass(frozen=True)
class DrawTab:
    """What other tabs hand something to."""

    pad: DrawPad
    model: gr.Dropdown


def choose_example(example: Example) -> Grey:
    """Return what goes to the pad."""
    return example.picture


def build_draw_tab(networks: Networks, readings: Readings, subject: Subject, figures: str) -> DrawTab:
    """Lay the tab out inside the current Blocks and wire it; example drawings are there for digits only.

    Args:
        networks: which there are.
        readings: what answers programs.
        subject: the dataset and its classes.
        figures: as for InsideView.
    """
    invitation = f"Draw a {subject.noun}" if networks.available else networks.invitation
    with gr.Row(elem_classes="tab-columns"):
        with gr.Column(scale=5, min_width=300, elem_classes="pad-column"):
            pad = DrawPad("draw-pad", networks.default, subject.noun)
        with gr.Column(scale=6, min_width=300):
            Reading("draw-result", "draw-network-input", invitation, subject.classes)
            model = gr.Dropdown(
                networks.choices(),
                value=networks.default,
                label="Network",
                info="Switching reads the same drawing again.",
                elem_id="draw-model",
            )
            Steps("draw-steps")
    InsideView("draw-inside", subject.classes, networks.default, figures)
    if subject.is_digits:
        row = ExampleRow("draw-examples", list_examples())  # below both: on a phone the reading comes first
        row.select(choose_example, row, pad, **QUICK)

    # The pad reads with another network by itself, without a round trip.
    model.change(None, model, None, js=CHOOSE_NETWORK)

    _add_endpoints(networks, readings)
    return DrawTab(pad, model)


def _add_endpoints(networks: Networks, readings: Readings) -> None:
    """Offer `/predict` and `/read_number` to programs; their components are in no one's way."""
    image = gr.File(visible=False, label="image")
    model = gr.Textbox(networks.default, visible=False, label="model")
    answer = gr.JSON(visible=False, label="reading")

    def subject_of(model: str | None) -> Subject:
        return networks.predictor(model or networks.default).subject

    # async: whoever waits for another's picture takes none of Gradio's threads.
    @tells_errors
    async def answer_predict(image: str | None, model: str | None) -> dict[str, Any]:
        """Read one digit: any picture, and the name of a network."""
        prediction = await readings.predict(image, model)
        return describe_prediction(prediction, subject_of(model))

    @tells_errors
    async def answer_read_number(image: str | None, model: str | None) -> dict[str, Any]:
        """Read a number of several digits, or lines of numbers: any picture, and the name of a network."""
        reading = await readings.read_number(image, model)
        subject = subject_of(model)
        digits = [describe_prediction(prediction, subject) for prediction in reading.predictions]
        return {"text": reading.text, "lines": reading.lines, "boxes": reading.boxes, "digits": digits}

    gr.Button(visible=False).click(answer_predict, [image, model], answer, queue=False, api_name="predict")
    gr.Button(visible=False).click(answer_read_number, [image, model], answer, queue=False, api_name="read_number")
