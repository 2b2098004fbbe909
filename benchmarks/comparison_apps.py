"""The apps that ours is measured against.

    python benchmarks/comparison_apps.py bare|echo|plain-echo|sketchpad|queue|upload|gallery|dataframe PORT

bare: Gradio and PyTorch imported, one text field. echo: the least that a pad of one's own in Gradio can be, which sends
strokes by a Gradio event, with no network behind it. plain-echo: our pad, whose plain requests are answered at once,
with no network behind them either. sketchpad: Gradio's own pad with our network behind it, as the usual demo has it.
queue: our network behind a text field that takes a picture as a data URL, all settings left as they are. upload: the
same network behind Gradio's own field for pictures. gallery and dataframe: MNIST's training samples in Gradio's own
components, the former the first 1,000, with labels as captions, the latter all, an index and a label a row.
"""

import argparse
import base64
import json
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

sys.path.insert(0, str(Path(__file__).parent.parent))

GALLERY_SAMPLES = 1_000

ECHO_SCRIPT = """
const canvas = element.querySelector("canvas");
const context = canvas.getContext("2d");
let drawing = false;
let strokes = [];

function send() {
  props.value = JSON.stringify({ pen: 65, strokes });
  trigger("input");
}

// Thousandths of the pad's side, as our pad sends them.
function extend({ offsetX, offsetY }) {
  strokes.at(-1).push(Math.round((1000 * offsetX) / canvas.width), Math.round((1000 * offsetY) / canvas.height));
}

canvas.addEventListener("pointerdown", (event) => {
  drawing = true;
  strokes.push([]);
  extend(event);
  context.beginPath();
  context.moveTo(event.offsetX, event.offsetY);
});
canvas.addEventListener("pointermove", (event) => {
  if (!drawing) return;
  context.lineTo(event.offsetX, event.offsetY);
  context.stroke();
  extend(event);
  send();
});
canvas.addEventListener("pointerup", () => (drawing = false));
element.querySelector("button").addEventListener("click", () => {
  context.clearRect(0, 0, canvas.width, canvas.height);
  strokes = [];
  send();
});
context.lineWidth = 18;
context.lineCap = context.lineJoin = "round";
"""
SHOW_READING = """
const output = element.querySelector("output");
document.addEventListener("drawing-read", ({ detail }) => (output.textContent = detail?.points ?? ""));
"""


def count_points(message: str | bytes) -> int:
    """Return how many points a pad has sent: a longer stroke has more of them."""
    return sum(len(stroke) // 2 for stroke in json.loads(message)["strokes"])


def build_bare() -> gr.Blocks:
    """Return an app that does nothing, in a process that has PyTorch."""
    import torch

    with gr.Blocks() as demo:
        gr.Textbox(f"PyTorch {torch.__version__}")
    return demo


def build_echo() -> gr.Blocks:
    """Return a pad of 280x280 that sends its strokes at every move and shows how many points have come."""
    with gr.Blocks() as demo:
        pad = gr.HTML(
            html_template='<canvas width="280" height="280"></canvas><button>Clear</button>',
            js_on_load=ECHO_SCRIPT,
            elem_id="pad",
        )
        label = gr.HTML("", html_template="<output>${value}</output>", elem_id="label")
        pad.input(count_points, pad, label, queue=False, trigger_mode="always_last", show_progress="hidden")
    return demo


def build_plain_echo() -> gr.Blocks:
    """Return our pad alone, and a label that shows how many points have come; the routes are `list_echo_routes`."""
    from mnist_demo.ui.components.draw_pad import DrawPad

    with gr.Blocks() as demo, gr.Row():
        with gr.Column(scale=5):  # as wide as on our page
            DrawPad("pad", network=None)
        with gr.Column(scale=6):
            gr.HTML(html_template="<output></output>", js_on_load=SHOW_READING, elem_id="label")
    return demo


def list_echo_routes() -> list[Route]:
    """Return what our pad asks for: its scripts, and an answer to what was drawn."""
    from mnist_demo.ui.scripts import build_scripts_route

    async def echo(request: Request) -> Response:
        return JSONResponse({"points": count_points(await request.body())})

    return [Route("/read", echo, methods=["POST"]), build_scripts_route()]


def build_sketchpad() -> gr.Blocks:
    """Return Gradio's pad and Gradio's label with our best network between them, all settings left as they are."""
    from mnist_demo import Predictor

    predictor = Predictor.load("cnn")

    def predict(drawing: dict[str, Any] | None) -> dict[str, float] | None:
        if drawing is None or drawing["composite"] is None:
            return None
        probabilities = predictor.predict(drawing["composite"]).probabilities
        return {str(digit): probability for digit, probability in enumerate(probabilities)}

    with gr.Blocks() as demo:
        pad = gr.Sketchpad(elem_id="pad")
        label = gr.Label(elem_id="label")
        pad.change(predict, pad, label)
    return demo


def build_queue() -> gr.Blocks:
    """Return our best network behind a text field, on Gradio's default queue."""
    from mnist_demo import Predictor

    predictor = Predictor.load()

    def read(url: str) -> str:
        picture = Image.open(BytesIO(base64.b64decode(url.partition(",")[2])))
        return json.dumps(predictor.predict(picture).guess)

    with gr.Blocks() as demo:
        picture, label = gr.Textbox(), gr.Textbox()
        picture.change(read, picture, label)
    return demo


def build_upload() -> gr.Blocks:
    """Return our best network behind `gr.Image`, on Gradio's default queue."""
    from mnist_demo import Predictor

    predictor = Predictor.load()

    def predict(picture: Image.Image, model: str) -> str:
        return json.dumps(predictor.predict(picture).guess)

    with gr.Blocks() as demo:
        picture, model, label = gr.Image(type="pil"), gr.Textbox(), gr.Textbox()
        picture.change(predict, [picture, model], label, api_name="predict")
    return demo


def build_gallery() -> gr.Blocks:
    """Return the first samples in Gradio's own gallery."""
    from mnist_demo import load_split

    split = load_split(train=True)
    samples = zip(split.images[:GALLERY_SAMPLES], split.labels, strict=False)
    with gr.Blocks() as demo:
        gr.Gallery([(image, str(label)) for image, label in samples], columns=12, height=600)
    return demo


def build_dataframe() -> gr.Blocks:
    """Return index and label of all samples in Gradio's own table."""
    from mnist_demo import load_split

    labels = load_split(train=True).labels
    with gr.Blocks() as demo:
        gr.Dataframe([[index, int(label)] for index, label in enumerate(labels)], headers=["index", "label"])
    return demo


APPS = {
    "gallery": build_gallery,
    "dataframe": build_dataframe,
    "bare": build_bare,
    "echo": build_echo,
    "plain-echo": build_plain_echo,
    "sketchpad": build_sketchpad,
    "queue": build_queue,
    "upload": build_upload,
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve one of the apps that ours is measured against.")
    parser.add_argument("app", choices=list(APPS))
    parser.add_argument("port", type=int)
    arguments = parser.parse_args()
    options: dict[str, Any] = {"run_history": False} if arguments.app in ("echo", "plain-echo") else {}
    if arguments.app == "plain-echo":
        options["app_kwargs"] = {"routes": list_echo_routes()}
    APPS[arguments.app]().launch(server_port=arguments.port, **options)


if __name__ == "__main__":
    main()
