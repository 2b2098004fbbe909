"""The page of docs/ that the views link to."""

import re

from mnist_demo.serving.routes.docs import render_page
from mnist_demo.ui.scripts import FOLDER

TEMPLATES = sorted(FOLDER.rglob("template.html"))


def test_every_link_of_a_view_leads_to_a_section(http):
    page = http.get("guide/inside.md")
    assert page.headers["content-type"].startswith("text/html")
    targets = re.findall(r'<h[23] id="([^"]+)"', page.text)
    assert len(set(targets)) == len(targets)
    links = [
        link for template in TEMPLATES for link in re.findall(r'href="guide/([^"]+)"', template.read_text("utf-8"))
    ]
    assert len(links) >= 10
    for link in links:
        assert link in {f"inside.md#{target}" for target in targets}


def test_it_names_the_sources(http):
    page = http.get("guide/inside.md").text
    for source in ("Sundararajan", "McNemar", "van der Maaten", "Northcutt", "Goodfellow"):
        assert source in page


def test_other_pages_and_files_are_not_there(http):
    for name in ("http.md", "demo.webp", "..%2fREADME.md", ""):
        assert http.get(f"guide/{name}").status_code == 404


def test_markup_in_a_text_stays_text():
    page = render_page("# A <b>\n\n## Fool it!\n\n<script>1</script> and `code`")
    assert "<script>" not in page
    assert '<h2 id="fool-it">Fool it!</h2>' in page
