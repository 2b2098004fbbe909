"""A dropdown for which a value that it does not offer is an answer, not an accident."""

from typing import Any

import gradio as gr


class Menu(gr.Dropdown):
    """A `gr.Dropdown` that refuses what a page cannot have sent: without a traceback in the server's log, which Gradio
    6.31 writes, and in ASCII, because Gradio answers 500 to a lone surrogate in a message.
    """

    is_template = True  # shown by the script of `gr.Dropdown`

    def preprocess(self, payload: Any) -> Any:
        """Return the value that was chosen.

        Raises:
            gr.Error: it is not offered.
        """
        try:
            return super().preprocess(payload)
        except (gr.Error, TypeError) as error:
            raise gr.Error(f"{self.label}: {payload!a:.50} is not offered", print_exception=False) from error
