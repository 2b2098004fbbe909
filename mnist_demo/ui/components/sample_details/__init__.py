"""SampleDetails: what all networks say of a sample, its nearest neighbours, and where it lies in its file."""

from pathlib import Path
from typing import Any

from mnist_demo.ui.components.base import PageComponent


class SampleDetails(PageComponent):
    """Follows the sample that is shown: its script asks the routes of serving/routes/samples.py for each.

    Args:
        elem_id: of the component in the page.
        classes: names of the ten classes.
        version: of the data, as for Gallery.
        network: the name of the network that is chosen first.
        options: those of `gr.HTML`.
    """

    def __init__(
        self, elem_id: str, classes: tuple[str, ...], version: str, network: str | None, **options: Any
    ) -> None:
        super().__init__(
            Path(__file__).parent, elem_id, classes=classes, version=version, network=network or "", **options
        )
