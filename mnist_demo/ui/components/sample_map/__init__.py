"""SampleMap: samples of both splits as points, similar ones close together, among them the visitor's own drawing."""

from pathlib import Path
from typing import Any

from mnist_demo.ui.components.base import PageComponent


class SampleMap(PageComponent):
    """Shows the map of serving/sample_map.py once it is opened.

    Its script asks the gallery by the document's event "samples-wanted" for what lies within an outline, and the viewer
    by "sample-wanted" for one point. It hears by "samples-filtered" which outline the gallery shows.

    Args:
        classes: names of the ten classes.
        version: of the data, as for Gallery.
        options: those of `gr.HTML`.
    """

    def __init__(self, classes: tuple[str, ...], version: str, **options: Any) -> None:
        super().__init__(Path(__file__).parent, "browse-map", classes=classes, version=version, **options)
