"""The Train now tab: settings of a recipe, and a run that the whole room watches."""

from dataclasses import dataclass, replace
from typing import Any

import gradio as gr
from gradio.events import api

from mnist_demo.background import BackgroundTrainer
from mnist_demo.devices import DEVICES
from mnist_demo.errors import MnistDemoError
from mnist_demo.models import build_model, count_parameters
from mnist_demo.recipes import PRINTED, RECIPES, Printed, configure
from mnist_demo.ui.charts import RunView
from mnist_demo.ui.handlers import QUICK, tells_errors

SETTINGS = ("epochs", "batch_size", "learning_rate", "momentum", "seed", "device")  # that a visitor may change
FIRST_RECIPE = "mlp-relu"  # the quickest to show something
OWN_RECIPE = "It learns from varied pictures and synthetic drawings, **half an hour** on two cores."


@dataclass(frozen=True)
class TrainTab:
    """What the page wires to the other tabs."""

    run_view: RunView


def describe_recipe(recipe: str) -> str:
    """Return Markdown on a recipe: its network, and what its tutorial printed or what else is special.

    Raises:
        SettingsError: there is no such recipe.
    """
    config = configure(recipe)
    model = build_model(config.model)
    summary = str(type(model).__doc__).partition("\n\n")[0]
    optimizer = {"adam": "Adam", "sgd": "SGD"}[config.optimizer]
    result = _describe_printed(PRINTED[recipe]) if recipe in PRINTED else OWN_RECIPE
    return f"{summary} {count_parameters(model):,} parameters, {optimizer}. {result}"


def _describe_printed(printed: Printed) -> str:
    figures = [
        f"{accuracy:.2%} {split}"
        for split, accuracy in (("train", printed.train_accuracy), ("test", printed.test_accuracy))
        if accuracy is not None
    ]
    return f"Its tutorial printed **{', '.join(figures)}**." if figures else "Its tutorial printed a plot, no figures."


def recipe_settings(recipe: str) -> tuple[str, int, int, float, float]:
    """Return what the form shows for a recipe: its description, epochs, batch size, learning rate, momentum.

    Raises:
        SettingsError: there is no such recipe.
    """
    config = configure(recipe)
    return describe_recipe(recipe), config.epochs, config.batch_size, config.learning_rate, config.momentum


def run_state(trainer: BackgroundTrainer, run_id: str) -> dict[str, Any]:
    """Return what `/run` answers: where a run stands, and all its events so far.

    Raises:
        SettingsError: there is no such run.
    """
    run = trainer.run(run_id)
    return {"run": run.id, "recipe": run.config.recipe, "state": run.state, "place": trainer.place(run.id)} | {
        "events": list(run.events)
    }


def build_train_tab(trainer: BackgroundTrainer, device: str) -> TrainTab:
    """Lay the tab out inside the current Blocks and wire it."""
    text, epochs, batch_size, learning_rate, momentum = recipe_settings(FIRST_RECIPE)
    with gr.Row(elem_classes="tab-columns"):
        with gr.Column(scale=3, min_width=300):
            recipe = gr.Dropdown(list(RECIPES), value=FIRST_RECIPE, label="Recipe", elem_id="train-recipe")
            description = gr.Markdown(text, elem_id="train-description")
            with gr.Row():
                epochs_field = gr.Number(epochs, label="Epochs", elem_id="train-epochs", min_width=110)
                batch_field = gr.Number(batch_size, label="Batch size", elem_id="train-batch-size", min_width=110)
            with gr.Row():
                rate_field = gr.Number(
                    learning_rate, label="Learning rate", step=0.0001, elem_id="train-learning-rate", min_width=110
                )
                momentum_field = gr.Number(
                    momentum, label="Momentum", step=0.05, elem_id="train-momentum", min_width=110
                )
            with gr.Row():
                seed_field = gr.Number(0, label="Seed", elem_id="train-seed", min_width=110)
                device_field = gr.Dropdown(
                    list(DEVICES), value=device, label="Device", elem_id="train-device", min_width=110
                )
            with gr.Row():
                start = gr.Button("Start", variant="primary", elem_id="train-start", min_width=110)
                stop = gr.Button("Stop", elem_id="train-stop", min_width=110)
            message = gr.Markdown(elem_id="train-message")
        with gr.Column(scale=7, min_width=300):
            run_view = RunView()

    def start_from_page(recipe: str, *values: Any) -> tuple[Any, str]:
        try:
            return trainer.start(replace(configure(recipe), **dict(zip(SETTINGS, values, strict=True)))), ""
        except MnistDemoError as error:
            return gr.skip(), str(error)

    def stop_from_page(run_id: str) -> str:
        try:
            trainer.stop(run_id)
        except MnistDemoError:
            return "There is no run to stop."
        return ""

    settings = [epochs_field, batch_field, rate_field, momentum_field]
    all_settings = [recipe, *settings, seed_field, device_field]
    recipe.change(recipe_settings, recipe, [description, *settings], **QUICK)
    start.click(start_from_page, all_settings, [run_view, message], **QUICK)
    stop.click(stop_from_page, run_view, message, **QUICK)
    _add_endpoints(trainer)
    return TrainTab(run_view)


def _add_endpoints(trainer: BackgroundTrainer) -> None:
    """Offer `/start_training`, `/run` and `/stop_training` to programs."""

    @tells_errors
    def start_training(
        recipe: str,
        epochs: float | None = None,
        batch_size: float | None = None,
        learning_rate: float | None = None,
        momentum: float | None = None,
        seed: float | None = None,
        device: str | None = None,
    ) -> str:
        """Queue a run and return its id; what is left out is as the recipe says."""
        values = (epochs, batch_size, learning_rate, momentum, seed, device)
        return trainer.start(configure(recipe, **dict(zip(SETTINGS, values, strict=True))))

    @tells_errors
    def run(run_id: str) -> dict[str, Any]:
        """Return where a run stands, and all its events so far."""
        return run_state(trainer, run_id)

    @tells_errors
    def stop_training(run_id: str) -> None:
        """End a run, whether it waits or trains."""
        trainer.stop(run_id)

    for endpoint in (start_training, run, stop_training):
        api(endpoint, api_name=endpoint.__name__, queue=False)
