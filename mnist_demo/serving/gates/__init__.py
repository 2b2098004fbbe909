"""What stands between visitors and the app: ASGI middleware that knows nothing of launch().

Each gate keeps one thing out. `GuardedBlocks.guard` puts them before all routes; they work the same when Gradio's app
is mounted in another or lies under a path behind a proxy.
"""

from collections.abc import Callable, Collection

from starlette.middleware import Middleware

from mnist_demo.serving.gates.admission import Admission
from mnist_demo.serving.gates.bodies import BodyLimit
from mnist_demo.serving.gates.counting import ROUTES, CountedRequests, Milestone
from mnist_demo.serving.gates.endings import CleanEndings
from mnist_demo.serving.gates.events import CheckedEvents, FindUpload
from mnist_demo.serving.gates.headers import SafeHeaders
from mnist_demo.serving.gates.hosts import AllowedHosts
from mnist_demo.serving.gates.known_routes import KnownRoutes
from mnist_demo.serving.gates.login import LoginLimit
from mnist_demo.serving.gates.origins import SameOrigin
from mnist_demo.serving.metrics import Metrics


def build_gates(
    names: Collection[str],
    own_routes: Collection[str],
    find_upload: FindUpload,
    is_shared: Callable[[], bool],
    is_space: bool,
    metrics: Metrics,
) -> list[Middleware]:
    """Return the gates in the order in which a request passes them.

    Args:
        names: host names of this server beside those of the machine.
        own_routes: the first segments of the paths of this app's own routes.
        find_upload: where an upload of a name lies, None if there is none.
        is_shared: whether the page can be reached through a share link.
        is_space: whether this is a Space.
        metrics: where requests are counted, and those that a gate refuses by its name.
    """
    refusing = {
        "hosts": Middleware(AllowedHosts, names, is_shared),
        "origins": Middleware(SameOrigin),
        "known_routes": Middleware(KnownRoutes, own_routes),
        "admission": Middleware(Admission),
        "bodies": Middleware(BodyLimit),
        "login": Middleware(LoginLimit),
        "events": Middleware(CheckedEvents, find_upload),
    }
    return [
        Middleware(CountedRequests, metrics),
        Middleware(CleanEndings),
        Middleware(SafeHeaders, lambda: is_space or is_shared()),
        *(step for name, gate in refusing.items() for step in (Middleware(Milestone, name), gate)),
        Middleware(Milestone, ROUTES),
    ]
