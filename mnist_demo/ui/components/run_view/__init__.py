"""RunView: training runs as they happen, drawn by the browser from the server's record."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mnist_demo.data.subject import DIGITS
from mnist_demo.runs.rights import Visitor
from mnist_demo.serving.routes.bodies import Shown, check
from mnist_demo.ui.components.base import PageComponent
from mnist_demo.ui.handlers import tells_errors


@dataclass(frozen=True)
class Watching:
    """What a listener gets: the id of the run that is shown, "" for none, and who watches."""

    run: str
    visitor: Visitor


class RunView(PageComponent):
    """Shows one run, and all of them in a list; its script asks the routes of serving/routes/runs.py for what is new.

    A listener gets a Watching. Set from Python, the id of a run chooses it; "" leaves it to the script, which shows the
    one that runs, or else the newest. Its event "use" says that the visitor wants to draw with the network of the run
    that is shown. `classes` are the names of the ten classes.
    """

    FIRED = ("use",)

    def __init__(self, classes: Sequence[str] = DIGITS, **options: Any) -> None:
        super().__init__(Path(__file__).parent, "train-run", value="", **{"classes": list(classes), **options})

    @tells_errors
    def preprocess(self, payload: dict[str, Any] | None) -> Watching:  # type: ignore[override]
        """Return what the browser shows, and to whom.

        Raises:
            gr.Error: it did not send texts.
        """
        shown = check(payload if isinstance(payload, dict) else {}, Shown)
        return Watching(shown.run, shown.visitor())

    def api_info(self) -> dict[str, Any]:
        """Describe the value for clients."""
        return {"type": "object", "description": "run, token and key of whoever watches"}
