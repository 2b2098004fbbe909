"""Plain routes for what a trained network does, and for taking it home.

GET runs/{run}/analysis                   confusion matrix, accuracy of each class, worst mistakes, first layer
GET runs/{run}/cell?label=L&guess=G       the test images labelled L that it reads as G
GET runs/{run}/analysis?epoch=N           the same of what it was after epoch N; likewise cell, see epochs.py
GET runs/{run}/weights                    its weights as safetensors
GET runs/{run}/metrics.csv, metrics.json  its numbers, also while it trains
GET runs/{run}/train.py                   a script in plain PyTorch that trains the same network
"""

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from mnist_demo.errors import StateError
from mnist_demo.job_queue import JobQueue
from mnist_demo.runs.book import RunBook
from mnist_demo.runs.exports import to_csv, to_json
from mnist_demo.runs.run import Run
from mnist_demo.runs.script import write_script
from mnist_demo.serving.predictors import require_weights
from mnist_demo.serving.results import Results
from mnist_demo.serving.routes.access import guarded, read_count

MAX_WAITING = 100  # questions, of a room in which everybody moves through the epochs of a run


def build_result_routes(book: RunBook, results: Results) -> list[Route]:
    """Return the routes for what has been trained."""

    queue = JobQueue("analyzing networks", MAX_WAITING)

    async def analysis(request: Request) -> object:
        return await queue.run(0, results.analysis, request.path_params["run"], read_epoch(request))

    async def cell(request: Request) -> object:
        label, guess = (read_count(request.query_params, name) for name in ("label", "guess"))
        return await queue.run(0, results.cell, request.path_params["run"], label, guess, read_epoch(request))

    def weights(request: Request) -> Response:
        run = book.run(request.path_params["run"])
        return FileResponse(require_weights(book.store, run)[0], filename=f"{_file_name(run)}.safetensors")

    def metrics(request: Request) -> Response:
        run = book.run(request.path_params["run"])
        events = book.events(run)
        if request.url.path.endswith(".csv"):
            return _download(to_csv(events), "text/csv", f"{_file_name(run)}.csv")
        return _download(to_json(run, events), "application/json", f"{_file_name(run)}.json")

    def script(request: Request) -> Response:
        run = book.run(request.path_params["run"])
        if run.changed_rate:
            raise StateError("the learning rate was changed in mid-run: no script gives the same numbers")
        name = f"{_file_name(run).replace('-', '_')}.py"
        return _download(write_script(run.config, name), "text/x-python", name)

    return [
        Route("/runs/{run}/analysis", guarded(analysis)),
        Route("/runs/{run}/cell", guarded(cell)),
        Route("/runs/{run}/weights", guarded(weights)),
        Route("/runs/{run}/metrics.csv", guarded(metrics)),
        Route("/runs/{run}/metrics.json", guarded(metrics)),
        Route("/runs/{run}/train.py", guarded(script)),
    ]


def read_epoch(request: Request) -> str:
    """Return the epoch that a query names, as `find_weights` takes it; "" if it names none.

    Raises:
        SettingsError: it is no whole number.
    """
    return str(read_count(request.query_params, "epoch")) if "epoch" in request.query_params else ""


def _file_name(run: Run) -> str:
    return f"run-{run.number}-{run.config.recipe}"


def _download(text: str, media_type: str, name: str) -> Response:
    return Response(text, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
