"""The page of docs/ that explains the views of the demo, which link to its sections.

GET guide/inside.md    as HTML, whose headings are targets: guide/inside.md#fool-it; "docs" belongs to FastAPI
"""

import functools
import re
from pathlib import Path
from string import Template

from markdown_it import MarkdownIt  # comes with Gradio
from markdown_it.token import Token
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from mnist_demo.errors import NotFoundError
from mnist_demo.serving.routes.access import guarded

PACKAGE = Path(__file__).parents[2]
# Inside the installed package, or at the root of the repository.
DOCS = (PACKAGE if (PACKAGE / "docs").is_dir() else PACKAGE.parent) / "docs"
PAGE = "inside.md"
FRAME = Template((Path(__file__).parent / "docs.html").read_text(encoding="utf-8"))


def build_docs_route() -> Route:
    """Return the route of the page."""

    @functools.cache
    def render() -> str:
        try:
            return render_page((DOCS / PAGE).read_text(encoding="utf-8"))
        except OSError as error:
            raise NotFoundError(f"docs/{PAGE} is missing: {error.strerror or error}") from error

    def show(_: Request) -> Response:
        return HTMLResponse(render())

    return Route(f"/guide/{PAGE}", guarded(show))


def render_page(text: str) -> str:
    """Return a text in Markdown as a page of its own; each heading has its words as an id, as "fool-it"."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(text)
    headings = [place for place, token in enumerate(tokens) if token.type == "heading_open"]
    for place in headings:
        tokens[place].attrSet("id", slug(tokens[place + 1]))
    title = tokens[headings[0] + 1].content if headings else PAGE
    return FRAME.substitute(title=title, body=markdown.renderer.render(tokens, markdown.options, {}))


def slug(heading: Token) -> str:
    """Return the words of a heading in lower case, joined by hyphens."""
    return "-".join(re.findall(r"[a-z0-9]+", heading.content.lower()))
