"""The Train now tab: the form of a run, and what the whole room watches."""

from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.events import api

from mnist_demo.data.subject import Subject
from mnist_demo.errors import MnistDemoError
from mnist_demo.networks.devices import DEVICES
from mnist_demo.runs.steering import steer
from mnist_demo.runs.trainer import BackgroundTrainer
from mnist_demo.serving.routes.bodies import Asked, check
from mnist_demo.training.recipes import RECIPES, configure
from mnist_demo.ui.components.menu import Menu
from mnist_demo.ui.components.run_view import RunView, Watching
from mnist_demo.ui.handlers import QUICK, come_from, tells_errors
from mnist_demo.ui.tabs.train_form import (
    LONGEST_NAME,
    SETTINGS,
    check_name,
    describe_network,
    describe_recipe,
    describe_sizes,
    read_form,
    recipe_settings,
)

FIRST_RECIPE = "mlp-relu"  # the quickest to show something


@dataclass(frozen=True)
class TrainTab:
    """What the page wires to the other tabs."""

    run_view: RunView
    name: gr.Textbox
    nickname: gr.Textbox


def run_state(trainer: BackgroundTrainer, run_id: str) -> dict[str, Any]:
    """Return what `/run` answers: where a run stands, and all its events so far.

    Raises:
        NotFoundError: there is no such run.
    """
    run = trainer.book.run(run_id)
    events = trainer.book.events(run)
    return {"run": run.id, "name": run.name, "nickname": run.nickname, "recipe": run.config.recipe} | {
        "state": run.state,
        "place": trainer.book.place(run),
        "best_test_accuracy": run.best_test_accuracy,
        "best_epoch": run.best_epoch,
        "events": events,
    }


def build_train_tab(trainer: BackgroundTrainer, device: str, subject: Subject) -> TrainTab:
    """Lay the tab out inside the current Blocks and wire it."""
    first = configure(FIRST_RECIPE)
    with gr.Row(elem_classes="tab-columns"):
        with gr.Column(scale=3, min_width=300, elem_classes="train-form"):
            recipe = Menu(list(RECIPES), value=FIRST_RECIPE, label="Recipe", elem_id="train-recipe")
            description = gr.Markdown(describe_recipe(FIRST_RECIPE), elem_id="train-description")
            with gr.Row():
                epochs = _number("epochs", "Epochs", first.epochs)
                rate = _number("learning-rate", "Learning rate", first.learning_rate, step=0.0001)
            with gr.Row():
                name = gr.Textbox(label="Name of the run", max_length=LONGEST_NAME, elem_id="train-name", min_width=110)
                nickname = gr.Textbox(
                    label="Your nickname", max_length=LONGEST_NAME, elem_id="train-nickname", min_width=110
                )
            with gr.Accordion("More settings", open=False, elem_id="train-more"):
                with gr.Row():
                    batch_size = _number("batch-size", "Batch size", first.batch_size)
                    momentum = _number("momentum", "Momentum", first.momentum, step=0.05)
                with gr.Row():
                    seed = _number("seed", "Seed", 0)
                    device_field = Menu(
                        list(DEVICES), value=device, label="Device", elem_id="train-device", min_width=110
                    )
                sizes = gr.Textbox(**describe_sizes(first.model), elem_id="train-sizes")
                table = gr.Markdown(describe_network(FIRST_RECIPE, ""), elem_id="train-layers")
            message = gr.Markdown(elem_id="train-message")
            with gr.Row(elem_classes="start-bar"):
                start = gr.Button("Start", variant="primary", elem_id="train-start", min_width=110)
        with gr.Column(scale=7, min_width=300):
            run_view = RunView(subject.classes)

    def start_from_page(
        watching: Watching, request: gr.Request, name: object, nickname: object, recipe: str, *values: Any
    ) -> tuple[Any, str]:
        try:
            names = check_name("name", name), check_name("nickname", nickname)
            return trainer.start(read_form(recipe, *values), *names, come_from(request, watching.visitor)), ""
        except MnistDemoError as error:
            return gr.skip(), str(error)

    fields = [epochs, batch_size, rate, momentum]
    recipe.change(recipe_settings, recipe, [description, sizes, table, *fields], **QUICK)
    sizes.change(describe_network, [recipe, sizes], table, trigger_mode="always_last", **QUICK)
    form = [run_view, name, nickname, recipe, *fields, seed, device_field, sizes]
    start.click(start_from_page, form, [run_view, message], **QUICK)
    return TrainTab(run_view, name, nickname)


def _number(name: str, label: str, value: float, **options: Any) -> gr.Number:
    return gr.Number(value, label=label, elem_id=f"train-{name}", min_width=110, **options)


def add_training_endpoints(trainer: BackgroundTrainer) -> None:
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
        sizes: list[int] | None = None,
        name: str | None = None,
        nickname: str | None = None,
        token: str | None = None,
        request: gr.Request | None = None,
    ) -> str:
        """Queue a run and return its id; what is left out is as the recipe says. With a token only it may stop it."""
        values = (epochs, batch_size, learning_rate, momentum, seed, device, sizes)
        config = configure(recipe, **dict(zip(SETTINGS, values, strict=True)))
        names = check_name("name", name), check_name("nickname", nickname)
        return trainer.start(config, *names, come_from(request, check({"token": token}, Asked).visitor()))

    @tells_errors
    def run(run_id: str) -> dict[str, Any]:
        """Return where a run stands, and all its events so far."""
        return run_state(trainer, run_id)

    @tells_errors
    def stop_training(
        run_id: str, token: str | None = None, key: str | None = None, request: gr.Request | None = None
    ) -> None:
        """End a run that trains, or remove one that waits."""
        visitor = come_from(request, check({"token": token, "key": key}, Asked).visitor())
        steer(trainer, run_id, "stop", None, visitor)

    for endpoint in (start_training, run, stop_training):
        api(endpoint, api_name=endpoint.__name__, queue=False)
