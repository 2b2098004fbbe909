"""The form of the Train now tab: what it shows for a recipe, and the settings that it holds."""

from dataclasses import replace
from typing import Any

import gradio as gr

from mnist_demo.errors import SettingsError
from mnist_demo.networks.describe import count_parameters, describe_layers
from mnist_demo.networks.registry import SPECS, build_model
from mnist_demo.serving.routes.access import is_text
from mnist_demo.training.config import TrainConfig
from mnist_demo.training.recipes import TUTORIALS, Tutorial, configure

SETTINGS = ("epochs", "batch_size", "learning_rate", "momentum", "seed", "device", "sizes")  # that a visitor may change
LONGEST_NAME = 40  # characters
OWN_RESULTS = {
    "fast": "A recipe of our own: **99.1% test** on MNIST after one epoch, a few seconds of training.",
    "digitnet": "A recipe of our own: **99.6% test** on MNIST; augmented, with synthetic drawings; up to half an hour.",
}


def describe_recipe(recipe: str) -> str:
    """Return Markdown on a recipe: its network, and what its tutorial printed or what else is special.

    Raises:
        SettingsError: there is no such recipe.
    """
    config = configure(recipe)
    summary = str(type(build_model(config.model)).__doc__).partition("\n\n")[0]
    result = _describe_tutorial(TUTORIALS[recipe]) if recipe in TUTORIALS else OWN_RESULTS[recipe]
    return f"{summary} {result}"


def _describe_tutorial(tutorial: Tutorial) -> str:
    figures = [
        f"{accuracy:.2%} {split}"
        for split, accuracy in (("train", tutorial.train_accuracy), ("test", tutorial.test_accuracy))
        if accuracy is not None
    ]
    printed = f"printed **{', '.join(figures)}** on MNIST" if figures else "plotted its accuracy and printed no figures"
    return f"From {tutorial.title}, which {printed}. Here (train and test): {tutorial.ours}."


def describe_network(recipe: str, sizes: str) -> str:
    """Return a Markdown table of the layers of a recipe's network with these sizes, or what is wrong with them.

    Raises:
        SettingsError: there is no such recipe.
    """
    model_name = configure(recipe).model
    try:
        model = build_model(model_name, sizes=configure(recipe, sizes=parse_sizes(sizes)).sizes)
    except SettingsError as error:
        return str(error)
    rows = []
    for layer in describe_layers(model):
        parameters, multiply_adds = (f"{count:,}" if count else "" for count in (layer.parameters, layer.multiply_adds))
        rows.append(f"| {layer.name} | {' x '.join(map(str, layer.output))} | {parameters} | {multiply_adds} |")
    head = f"**{count_parameters(model):,} parameters**\n\n| Layer | Output | Parameters | MACs |"
    head += "\n|---|---|---:|---:|"
    return "\n".join([head, *rows])


def parse_sizes(text: str | None) -> tuple[int, ...]:
    """Return the sizes that a text such as "100, 50" names; () for an empty one.

    Raises:
        SettingsError: it holds something else than whole numbers.
    """
    words = (text or "").replace(",", " ").split()
    if not all(word.isascii() and word.isdigit() and len(word) < 7 for word in words):
        raise SettingsError(f"sizes: expected whole numbers such as 100, 50, found {text!r:.50}")
    return tuple(int(word) for word in words)


def recipe_settings(recipe: str) -> tuple[Any, ...]:
    """Return what the form shows for a recipe: description, sizes, layers, epochs, batch size, rate, momentum.

    Raises:
        SettingsError: there is no such recipe.
    """
    config = configure(recipe)
    field = describe_sizes(config.model)
    numbers = config.epochs, config.batch_size, config.learning_rate, config.momentum
    return describe_recipe(recipe), gr.update(**field), describe_network(recipe, field["value"]), *numbers


def describe_sizes(model: str) -> dict[str, Any]:
    """Return value, label and visibility of the field for the sizes of a network's layers."""
    if (bounds := SPECS[model].sizes) is None:
        return {"value": "", "visible": False}
    return {
        "value": ", ".join(map(str, bounds.default)),
        "label": f"{bounds.what.capitalize()} of each layer",
        "visible": True,
    }


def read_form(recipe: str, *values: Any) -> TrainConfig:
    """Return the settings of the form: a recipe, and the SETTINGS with the sizes as a text.

    Raises:
        SettingsError: one of them is out of its range.
    """
    *numbers, sizes = values
    # Not by `configure`, which would take the recipe's value for a field that was emptied.
    return replace(configure(recipe), **dict(zip(SETTINGS, [*numbers, parse_sizes(sizes)], strict=True)))


def check_name(what: str, text: object) -> str:
    """Return the name of a run, or of a person, without white space around it.

    Raises:
        SettingsError: it is no text that can be written as UTF-8, or too long.
    """
    name = "" if text is None else text
    if not is_text(name) or len(name := " ".join(name.split())) > LONGEST_NAME:
        raise SettingsError(f"{what}: expected at most {LONGEST_NAME} characters, found {text!r:.60}")
    return name
