"""The plain routes for whoever runs the server.

    GET healthz    {"alive": true}: the event loop answers
    GET readyz     {"missing": []}; with status 503 what is missing: the best network, the training queue
    GET metrics    figures in the text format of Prometheus

A probe cannot log in, so the first two go without; they tell nothing of visitors.
"""

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mnist_demo.networks.registry import DEFAULT_MODEL
from mnist_demo.runs.trainer import BackgroundTrainer
from mnist_demo.serving.metrics import Metrics
from mnist_demo.serving.predictors import Networks
from mnist_demo.serving.routes.access import guarded, to_json


def build_health_routes(trainer: BackgroundTrainer, networks: Networks, metrics: Metrics) -> list[Route]:
    """Return the routes."""

    async def tell_alive(request: Request) -> Response:
        return to_json({"alive": True})

    async def tell_ready(request: Request) -> Response:
        missing = list_missing(trainer, networks)
        if not missing:
            return to_json({"missing": []})
        return to_json({"error": f"not ready, missing: {', '.join(missing)}", "missing": missing}, 503)

    def tell_figures(request: Request) -> object:
        return Response(metrics.to_text(), headers={"Cache-Control": "no-store"}, media_type=CONTENT_TYPE_LATEST)

    return [
        Route("/healthz", tell_alive),
        Route("/readyz", tell_ready),
        Route("/metrics", guarded(tell_figures)),
    ]


def list_missing(trainer: BackgroundTrainer, networks: Networks) -> list[str]:
    """Return by name what the page lacks; without one of the other networks it is there for visitors all the same."""
    missing = [f"network {DEFAULT_MODEL}"] if DEFAULT_MODEL in networks.missing else []
    return missing if trainer.is_working else [*missing, "training queue"]
