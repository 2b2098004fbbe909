"""Steps: how the current drawing becomes what the network sees, as a row of pictures, for those who open it."""

from pathlib import Path
from typing import Any

from mnist_demo.ui.components.base import PageComponent


class Steps(PageComponent):
    """Shows the steps of what is on the pad, or what was wrong with it.

    While it is open its script asks the route of serving/routes/drawing.py for the steps of each drawing, of which the
    pad's "drawing-sent" tells; while it is closed it costs nothing.
    """

    def __init__(self, elem_id: str, **options: Any) -> None:
        super().__init__(Path(__file__).parent, elem_id, **options)
