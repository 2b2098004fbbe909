"""Plain routes beside Gradio's own: they answer far more visitors than a Gradio event does.

They ask for the login when there is one, and the page asks by relative addresses: behind a proxy or in a Space a
prefix stands before them.
"""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.routing import Route

from mnist_demo.data.datasets import Split
from mnist_demo.runs.trainer import BackgroundTrainer
from mnist_demo.serving.inside import Inside
from mnist_demo.serving.live_readings import LiveNetworks
from mnist_demo.serving.metrics import Metrics
from mnist_demo.serving.predictors import Networks
from mnist_demo.serving.readings import Readings
from mnist_demo.serving.results import Results
from mnist_demo.serving.robustness import RobustnessFigures
from mnist_demo.serving.routes.address import build_address_route
from mnist_demo.serving.routes.docs import build_docs_route
from mnist_demo.serving.routes.drawing import build_drawing_routes
from mnist_demo.serving.routes.epochs import build_epoch_routes
from mnist_demo.serving.routes.health import build_health_routes
from mnist_demo.serving.routes.inside import build_inside_routes
from mnist_demo.serving.routes.results import build_result_routes
from mnist_demo.serving.routes.runs import build_run_routes
from mnist_demo.serving.routes.sample_map import build_map_routes
from mnist_demo.serving.routes.samples import build_sample_routes
from mnist_demo.serving.sample_map import MapOfSamples
from mnist_demo.serving.samples import Samples


@dataclass(frozen=True)
class Services:
    """What answers the routes."""

    networks: Networks
    readings: Readings
    samples: Samples
    sample_map: MapOfSamples
    inside: Inside
    metrics: Metrics
    robustness: RobustnessFigures


def build_routes(
    trainer: BackgroundTrainer, services: Services, test_split: Split, is_open: Callable[[], bool]
) -> list[Route]:
    """Return the routes that stand before those of Gradio; `is_open` as for `build_address_route`."""
    networks = LiveNetworks(trainer.book.store, test_split)
    return [
        *build_drawing_routes(services.readings),
        *build_sample_routes(services.samples, services.sample_map),
        *build_map_routes(services.sample_map),
        *build_inside_routes(services.inside, services.robustness),
        *build_run_routes(trainer, networks),
        *build_epoch_routes(trainer.book, networks),
        *build_result_routes(trainer.book, Results(trainer.book, test_split)),
        *build_health_routes(trainer, services.networks, services.metrics),
        build_address_route(is_open),
        build_docs_route(),
    ]
