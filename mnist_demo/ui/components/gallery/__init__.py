"""Gallery: all samples of a split as small pictures, with filters by label and by what a network says."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mnist_demo.ui.components.base import PageComponent
from mnist_demo.ui.components.sample_viewer import Wanted


@dataclass(frozen=True)
class Link:
    """What an address asks for: a network, which may not be there, and a sample that it is to read."""

    network: str
    sample: Wanted


class Gallery(PageComponent):
    """Scrolls through tens of thousands of samples, of which its script fetches what is in view.

    The script asks the routes of serving/routes/samples.py, and the viewer, by events of the document, for the sample
    that was chosen. Its event "select" says that the page's address names another network; a listener gets a Link.

    Args:
        elem_id: of the component in the page.
        sizes: the number of samples of each split.
        classes: names of the ten classes.
        networks: (label, name) of those that can be compared with.
        network: the name of the one that is chosen first.
        version: of the data; another one has other pictures.
        options: those of `gr.HTML`.
    """

    FIRED = ("select",)

    def __init__(
        self,
        elem_id: str,
        sizes: dict[str, int],
        classes: tuple[str, ...],
        networks: list[tuple[str, str]],
        network: str | None,
        version: str,
        **options: Any,
    ) -> None:
        super().__init__(
            Path(__file__).parent,
            elem_id,
            sizes=sizes,
            classes=classes,
            networks=networks,
            network=network,
            version=version,
            **options,
        )

    def preprocess(self, payload: dict[str, Any] | None) -> Link:  # type: ignore[override]
        """Return what the address asks for."""
        payload = payload or {}
        return Link(str(payload.get("network")), Wanted(payload.get("split"), payload.get("index")))
