"""Plain routes for what a trained network does, and for taking it home.

GET runs/{run}/analysis                   confusion matrix, accuracy of each class, worst mistakes, first layer
GET runs/{run}/cell?label=L&guess=G       the test images labelled L that it reads as G
GET runs/{run}/weights                    its weights as safetensors
GET runs/{run}/metrics.csv, metrics.json  its numbers, also while it trains
GET runs/{run}/train.py                   a script in plain PyTorch that trains the same network
"""

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from mnist_demo.errors import StateError
from mnist_demo.runs.book import RunBook
from mnist_demo.runs.exports import to_csv, to_json
from mnist_demo.runs.run import Run
from mnist_demo.runs.script import write_script
from mnist_demo.serving.predictors import require_weights
from mnist_demo.serving.results import Results
from mnist_demo.serving.routes.access import guarded, read_count


def build_result_routes(book: RunBook, results: Results) -> list[Route]:
    """Return the routes for what has been trained."""

    def analysis(request: Request) -> object:
        return results.analysis(request.path_params["run"])

    def cell(request: Request) -> object:
        label, guess = (read_count(request.query_params, name) for name in ("label", "guess"))
        return results.cell(request.path_params["run"], label, guess)

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


def _file_name(run: Run) -> str:
    return f"run-{run.number}-{run.config.recipe}"


def _download(text: str, media_type: str, name: str) -> Response:
    return Response(text, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
