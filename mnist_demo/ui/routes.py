"""Plain routes beside Gradio's own, for the script that shows runs.

    GET runs                          all runs, the oldest first, as summaries
    GET runs/{run}/events?after=N     the events of a run from number N on
    GET runs/{run}/samples            test samples with what the trained network says of each

They answer far more viewers than a Gradio event does, and ask for the login when there is one.
"""

import base64
import functools
import threading
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from mnist_demo.background import BackgroundTrainer
from mnist_demo.datasets import Split
from mnist_demo.errors import MnistDemoError
from mnist_demo.inference import Prediction, Predictor
from mnist_demo.runs import Run
from mnist_demo.ui.networks import RUN_PREFIX, Networks

MAX_RUNS = 50  # the newest, in one answer
SAMPLES = 12  # in a group
SEARCHED_AT_ONCE = 500  # test images read while mistakes are looked for

Endpoint = Callable[[Request], Any]


def build_routes(trainer: BackgroundTrainer, networks: Networks, test_split: Split) -> list[Route]:
    """Return the routes for `launch(app_kwargs={"routes": ...})`."""
    pick = functools.lru_cache(maxsize=MAX_RUNS)(lambda run: pick_samples(networks.predictor(run), test_split))
    picking = threading.Lock()  # a room asks in the same moment; one answer is made for all

    def runs(request: Request) -> object:
        return [summary(run, trainer) for run in trainer.runs()[-MAX_RUNS:]]

    def run_events(request: Request) -> object:
        return trainer.run(request.path_params["run"]).events[_first(request) :]

    def run_samples(request: Request) -> object:
        with picking:
            return pick(RUN_PREFIX + request.path_params["run"])

    return [
        Route("/runs", _guarded(runs)),
        Route("/runs/{run}/events", _guarded(run_events)),
        Route("/runs/{run}/samples", _guarded(run_samples)),
    ]


def summary(run: Run, trainer: BackgroundTrainer) -> dict[str, object]:
    """Return what a list of runs says of one; `place` is how many runs come before a queued one."""
    return {
        "run": run.id,
        "number": run.number,
        "recipe": run.config.recipe,
        "epochs": run.config.epochs,
        "state": run.state,
        "place": trainer.place(run.id),
        "events": len(run.events),
    }


def pick_samples(predictor: Predictor, split: Split) -> list[dict[str, object]]:
    """Return the first test samples and the first that the network reads wrongly, with what it says of each."""
    first: list[dict[str, object]] = []
    mistakes: list[dict[str, object]] = []
    for start in range(0, len(split), SEARCHED_AT_ONCE):
        images = split.images[start : start + SEARCHED_AT_ONCE]
        for index, prediction in enumerate(predictor.read_prepared(images), start):
            label = int(split.labels[index])
            if len(first) < SAMPLES:
                first.append(_describe(index, label, prediction))
            if len(mistakes) < SAMPLES and prediction.guess != label:
                mistakes.append(_describe(index, label, prediction))
        if len(mistakes) == SAMPLES:
            break
    return [
        {"title": "The first test samples", "samples": first},
        {"title": "The first that it reads wrongly", "samples": mistakes},
    ]


def _describe(index: int, label: int, prediction: Prediction) -> dict[str, object]:
    pixels = base64.b64encode(prediction.network_input.tobytes()).decode()
    values = {"digit": prediction.guess, "confidence": round(max(prediction.probabilities), 4)}
    return {"index": index, "label": label, **values, "pixels": pixels}


def _first(request: Request) -> int:
    after = request.query_params.get("after", "0")
    if not (after.isascii() and after.isdigit()):
        raise ValueError(f"after: expected a whole number from 0, found {after!r}")
    return int(after)


def _guarded(answer: Endpoint) -> Callable[[Request], JSONResponse]:
    """Let only visitors in who have logged in, if there is a login, and tell errors as JSON."""

    @functools.wraps(answer)
    def endpoint(request: Request) -> JSONResponse:
        if not _is_allowed(request):
            return JSONResponse({"error": "not logged in"}, 401)
        try:
            return JSONResponse(answer(request), headers={"Cache-Control": "no-store"})
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)
        except MnistDemoError as error:
            return JSONResponse({"error": str(error)}, 404)

    return endpoint


def _is_allowed(request: Request) -> bool:
    # As Gradio's own routes decide it: a token in a cookie, known since the login.
    app = request.app
    if app.auth is None:
        return True
    names = (f"access-token-{app.cookie_id}", f"access-token-unsecure-{app.cookie_id}")
    return any(request.cookies.get(name) in app.tokens for name in names)
