"""RunView: a training run as it happens, with its chart, drawn by the browser from the server's record."""

from pathlib import Path
from typing import Any

from mnist_demo.ui.component import PageComponent


class RunView(PageComponent):
    """Shows one run; its script asks the plain routes of `ui/routes.py` for what is new.

    Its value is the id of the run that is shown. Set from Python, it chooses the run; "" leaves it to the script,
    which shows the one that runs, or else the newest. Its event "use" says that the visitor wants to draw with
    the network of the run that is shown.
    """

    def __init__(self, **options: Any) -> None:
        scripts = ["../pixels.js", "live_chart.js", "results.js", "run_view.js"]
        super().__init__(Path(__file__).parent, scripts, "train-run", value="", **options)

    def api_info(self) -> dict[str, Any]:
        """Describe the value for clients."""
        return {"type": "string", "description": "id of the run that is shown"}
