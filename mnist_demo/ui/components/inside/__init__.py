"""InsideView: why a network says what it says of what is on the pad, and what would make it say something else."""

from pathlib import Path
from typing import Any

from mnist_demo.serving.inside import list_corruptions, list_damages
from mnist_demo.ui.components.base import PageComponent


class InsideView(PageComponent):
    """Looks into the network that reads the pad, at the 28x28 pixels that it sees.

    It follows the document's events "drawing-read" and "network-chosen", while it is open; its script asks the routes
    of serving/routes/inside.py. While it is closed it costs nothing.

    Args:
        elem_id: of the component in the page.
        classes: names of the ten classes.
        network: the name of the network that is chosen first.
        figures: the version of those on robustness, see serving/robustness.py.
        options: those of `gr.HTML`.
    """

    def __init__(
        self, elem_id: str, classes: tuple[str, ...], network: str | None, figures: str = "", **options: Any
    ) -> None:
        super().__init__(
            Path(__file__).parent,
            elem_id,
            classes=classes,
            network=network or "",
            damages=list_damages(),
            corruptions=list_corruptions(),
            figures=figures,
            **options,
        )
