"""The base of the page's own components, whose template, script and style stand in files of their own."""

from pathlib import Path
from typing import Any

import gradio as gr


class PageComponent(gr.HTML):
    """A `gr.HTML` read from a folder with template.html and one .css file.

    Args:
        folder: where the files lie. Gradio evaluates template and style as JavaScript template strings: no backticks.
        scripts: the .js files, as seen from the folder, in the order in which they build on each other.
        elem_id: of the component in the page.
        value: what it shows at first.
        options: those of `gr.HTML`, and constants for the template and the script; never what a visitor has typed,
            because Gradio evaluates templates. A subclass takes and passes on what it does not know: Gradio builds
            the component again, with options of its own, when a handler answers `gr.skip()`.
    """

    def __init__(self, folder: Path, scripts: list[str], elem_id: str, value: Any = None, **options: Any) -> None:
        (style,) = folder.glob("*.css")
        super().__init__(
            value,
            html_template=(folder / "template.html").read_text(encoding="utf-8"),
            css_template=style.read_text(encoding="utf-8"),
            js_on_load="\n".join((folder / name).read_text(encoding="utf-8") for name in scripts),
            apply_default_css=False,
            elem_id=elem_id,
            **options,
        )
