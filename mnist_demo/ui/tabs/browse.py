"""The Browse tab: all samples as a gallery with filters, and one of them in detail."""

from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.events import api

from mnist_demo.checks import whole_number
from mnist_demo.data.datasets import Split
from mnist_demo.errors import MnistDemoError, SettingsError
from mnist_demo.reading.predictions import Prediction
from mnist_demo.serving.predictors import Networks
from mnist_demo.ui.components.gallery import Gallery, Link
from mnist_demo.ui.components.overview import Overview
from mnist_demo.ui.components.reading import Reading
from mnist_demo.ui.components.sample_details import SampleDetails
from mnist_demo.ui.components.sample_map import SampleMap
from mnist_demo.ui.components.sample_viewer import NAMES, SampleViewer, View, Wanted
from mnist_demo.ui.handlers import QUICK, tells_errors

Splits = dict[str, Split]  # "train" and "test"
CHOOSE_NETWORK = 'name => void document.dispatchEvent(new CustomEvent("browse-network", { detail: name }))'


@dataclass(frozen=True)
class BrowseTab:
    """What the page wires to the other tabs."""

    split: gr.Radio
    index: gr.Number
    model: gr.Dropdown
    open_in_draw: gr.Button


def find_sample(splits: Splits, split: object, index: object) -> tuple[Split, int]:
    """Return the split and the index that a visitor asked for.

    Raises:
        SettingsError: there is no such split, or the index is not one of its samples.
    """
    if not isinstance(split, str) or split not in splits:
        raise SettingsError(f"split: expected one of {', '.join(splits)}, found {split!r}")
    chosen = splits[split]
    return chosen, whole_number("index", index, 0, len(chosen) - 1)


def read_sample(
    splits: Splits, split: object, index: object, model: str | None, networks: Networks
) -> tuple[View, Prediction | None]:
    """Return a sample to show, and what the network `model` says of it.

    Raises:
        MnistDemoError: there is no such sample, or no such network.
    """
    chosen, number = find_sample(splits, split, index)
    view = View(chosen, str(split), number)
    if model is None:
        return view, None
    # The sample is what networks were trained on: it is not prepared a second time.
    return view, networks.predictor(model).read_prepared(chosen.images[number : number + 1])[0]


def sample(splits: Splits, split: object, index: object) -> dict[str, Any]:
    """Return what `/sample` answers.

    Raises:
        SettingsError: there is no such sample.
    """
    chosen, number = find_sample(splits, split, index)
    label = int(chosen.labels[number])
    return {
        "split": split,
        "index": number,
        "label": label,
        "name": chosen.subject.classes[label],
        "pixels": chosen.images[number].tolist(),
    }


def _suggest(split: Split) -> str:
    """Return an index to try."""
    index = min(10, len(split) - 1)
    return f"Try {index}: its label is {split.subject.classes[split.labels[index]]}."


def build_browse_tab(splits: Splits, networks: Networks, version: str) -> BrowseTab:
    """Lay the tab out inside the current Blocks and wire it; `version` is that of the data, as for Gallery."""
    first_view, first_reading = read_sample(splits, "train", 0, networks.default, networks)
    subject = splits["train"].subject
    with gr.Row(elem_classes="tab-columns"):
        with gr.Column(scale=6, min_width=300, elem_classes="gallery-column"):
            with gr.Row():
                split = gr.Radio(
                    [(f"{NAMES[name].capitalize()} · {len(splits[name]):,}", name) for name in splits],
                    value="train",
                    label="Split",
                    elem_id="browse-split",
                )
                hint = _suggest(splits["train"])
                index = gr.Number(0, label="Index", info=hint, elem_id="browse-index", min_width=120)
            sizes = {name: len(splits[name]) for name in splits}
            Overview(subject.classes)
            SampleMap(subject.classes, version)
            gallery = Gallery("browse-gallery", sizes, subject.classes, networks.choices(), networks.default, version)
        with gr.Column(scale=5, min_width=300):
            viewer = SampleViewer(first_view)
            reading = Reading("browse-result", None, networks.invitation, subject.classes, value=first_reading)
            model = gr.Dropdown(networks.choices(), value=networks.default, label="Network", elem_id="browse-model")
            open_in_draw = gr.Button("Open in Draw", elem_id="browse-open-in-draw")
            SampleDetails("browse-details", subject.classes, version, networks.default)

    def show(split: str, index: object, model: str | None) -> tuple[View | str, Any]:
        try:
            return read_sample(splits, split, index, model, networks)
        except MnistDemoError as error:
            return str(error), gr.skip()

    def select(split: str, wanted: Wanted, model: str | None) -> tuple[Any, Any, View | str, Any]:
        chosen = wanted.split or split
        view, reading = show(chosen, wanted.index, model)
        if isinstance(view, str):
            return gr.skip(), gr.skip(), view, reading
        return chosen, view.index, view, reading

    def change_split(split: str, index: float | None, model: str | None) -> tuple[float | None, View | str, Any]:
        if index is not None:
            index = min(index, len(splits[split]) - 1)  # the nearest that there is
        return (index, *show(split, index, model))

    for listen in (index.input, model.input):
        listen(show, [split, index, model], [viewer, reading], trigger_mode="always_last", **QUICK)
    split.input(change_split, [split, index, model], [index, viewer, reading], **QUICK)
    viewer.select(select, [split, viewer, model], [split, index, viewer, reading], trigger_mode="always_last", **QUICK)
    model.input(None, model, None, js=CHOOSE_NETWORK)

    def open_link(split: str, link: Link, model: str | None) -> tuple[Any, ...]:
        choices = networks.choices()  # there may be more than when the page was made
        network = link.network if link.network in (name for _, name in choices) else model
        return gr.Dropdown(choices, value=network), *select(split, link.sample, network)

    gallery.select(open_link, [split, gallery, model], [model, split, index, viewer, reading], **QUICK)

    @tells_errors
    def answer_sample(split: str, index: int) -> dict[str, Any]:
        """Return one sample of the data set: split "train" or "test", index from 0, with its label and 28x28 pixels."""
        return sample(splits, split, index)

    api(answer_sample, api_name="sample", queue=False)
    return BrowseTab(split, index, model, open_in_draw)
