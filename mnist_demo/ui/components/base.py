"""The base of the page's own components, whose template, script and style stand in files of their own."""

from pathlib import Path
from typing import Any

import gradio as gr

from mnist_demo.ui.scripts import ADDRESS

# Gradio calls this with element, props, trigger and watch, and allows listeners for events whose names stand in it in
# quotes. The address is relative to the page, wherever it is served.
MOUNT = """
// Events: {events}
import(new URL("{address}", document.baseURI)).then(
  (script) => script.mount({{ element, props, trigger, watch }}),
  () => element.replaceChildren("This part of the page could not be loaded. Reload the page to try again."),
);
"""


class PageComponent(gr.HTML):
    """A `gr.HTML` read from a folder with template.html, one .css file, and a module NAME.js of the folder's name.

    The module exports `mount({ element, props, trigger, watch })`, which brings the template to life.

    Args:
        folder: where the files lie. Gradio evaluates template and style as JavaScript template strings: no backticks.
        elem_id: of the component in the page.
        value: what it shows at first.
        options: those of `gr.HTML`, and constants for the template and the script; never what a visitor has typed,
            because Gradio evaluates templates. A subclass takes and passes on what it does not know: Gradio builds
            the component again, with options of its own, when a handler answers `gr.skip()`.
    """

    FIRED: tuple[str, ...] = ()  # that the module triggers, and listeners can be added for

    def __init__(self, folder: Path, elem_id: str, value: Any = None, **options: Any) -> None:
        (style,) = folder.glob("*.css")
        super().__init__(
            value,
            html_template=(folder / "template.html").read_text(encoding="utf-8"),
            css_template=style.read_text(encoding="utf-8"),
            js_on_load=MOUNT.format(address=f"{ADDRESS}/{folder.name}/{folder.name}.js", events=self.FIRED),
            apply_default_css=False,
            elem_id=elem_id,
            **options,
        )
