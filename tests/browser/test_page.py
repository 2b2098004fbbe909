"""What the page adds to Gradio's tabs, menus and fields."""

import re

import pytest
from playwright.sync_api import expect


def tab(page, name):
    return page.get_by_role("tab", name=name)


def expect_selected(page, name):
    expect(tab(page, name)).to_have_attribute("aria-selected", "true")


def test_back_and_forward_walk_through_the_tabs(page):
    tab(page, "Browse").click()
    expect(page).to_have_url(re.compile(r"\?tab=browse$"))
    tab(page, "Train now").click()
    expect(page).to_have_url(re.compile(r"\?tab=train$"))
    page.go_back()
    expect_selected(page, "Browse")
    expect(page.locator("#browse-label")).to_be_visible()
    page.go_back()
    expect_selected(page, "Draw")
    expect(page.locator("#draw-pad canvas")).to_be_visible()
    page.go_forward()
    expect_selected(page, "Browse")


@pytest.mark.parametrize(("name", "title"), [("browse", "Browse"), ("train", "Train now"), ("draw", "Draw")])
def test_a_link_opens_its_tab_and_the_rest_of_the_address_stays(page, demo, name, title):
    page.goto(f"{demo.local_url}?__theme=dark&tab={name}")
    expect_selected(page, title)
    tab(page, "Browse" if name != "browse" else "Draw").click()
    expect(page).to_have_url(re.compile(r"__theme=dark&tab=(browse|draw)$"))


def test_open_in_draw_can_be_gone_back_from(page):
    tab(page, "Browse").click()
    page.locator("#browse-open-in-draw").click()
    expect_selected(page, "Draw")
    expect(page).to_have_url(re.compile(r"\?tab=draw$"))
    page.go_back()
    expect_selected(page, "Browse")


def test_arrow_keys_move_between_the_tabs(page):
    tab(page, "Draw").focus()
    for key, name in [
        ("ArrowRight", "Browse"),
        ("End", "Train now"),
        ("ArrowRight", "Draw"),
        ("ArrowLeft", "Train now"),
    ]:
        page.keyboard.press(key)
        expect_selected(page, name)
        expect(tab(page, name)).to_be_focused()
    page.keyboard.press("Home")
    expect_selected(page, "Draw")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.role") != "tab"


@pytest.mark.parametrize("height", ["none", "60px"])  # the second one scrolls, as a long list of networks does
def test_a_menu_closes_behind_the_focus(page, height):
    page.add_style_tag(content=f"[role=listbox] {{ max-height: {height} !important; overflow: auto }}")
    page.locator("#draw-model input").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("option")).to_have_count(0)
    assert page.evaluate("document.activeElement.matches('#draw-steps summary')")


def test_names_survive_a_reload(page):
    tab(page, "Train now").click()
    names = {"#train-name": "Two layers", "#train-nickname": "Zoë <b>"}
    for field, name in names.items():
        page.locator(field).locator("input, textarea").fill(name)
    page.wait_for_function("Object.values(localStorage).length > 0")
    for _ in range(2):
        page.reload()
        expect_selected(page, "Train now")
        for field, name in names.items():
            expect(page.locator(field).locator("input, textarea")).to_have_value(name)


FIELDS = {
    "Draw": ["#draw-model input", "#draw-undo", "#draw-examples button", "#draw-steps summary", "#draw-pad canvas"],
    "Browse": ["#browse-index input", "#browse-split input", "#browse-model input", "#browse-open-in-draw"],
    "Train now": [
        "#train-epochs input",
        "#train-name textarea, #train-name input",
        "#train-recipe input",
        "#train-start",
    ],
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", FIELDS)
def test_every_field_shows_its_focus(page, demo, name, scheme):
    page.goto(f"{demo.local_url}?__theme={scheme}")
    expect_selected(page, "Draw")
    page.locator("#draw-pad canvas").click()  # there is something to undo
    tab(page, name).click()
    for selector in FIELDS[name]:
        field = page.locator(selector).first
        expect(field).to_be_visible()
        field.focus()
        page.keyboard.press("Shift")  # focus that comes from a script is shown after a key only
        outlined = field.evaluate(
            """element => [element, element.closest(".wrap"), element.closest("label")].some(
                (each) => each && getComputedStyle(each).outlineStyle === "solid"
                    && parseFloat(getComputedStyle(each).outlineWidth) >= 2)"""
        )
        assert outlined, selector


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_the_table_of_layers_breaks_no_heading(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    tab(page, "Train now").click()
    page.locator(".train-form button.label-wrap").click()
    table = page.locator("#train-layers table")
    expect(table).to_be_visible()
    heights = table.locator("th").evaluate_all(
        "cells => cells.map((cell) => cell.clientHeight / parseFloat(getComputedStyle(cell).lineHeight))"
    )
    assert max(heights) < 2
    assert table.evaluate("table => table.scrollWidth <= table.closest('#train-layers').clientWidth")


class TestPhone:
    @pytest.fixture
    def context_options(self):
        return {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}

    def test_draw_with_this_network_shows_the_pad(self, page):
        tab(page, "Train now").click()
        page.locator("#train-epochs input").fill("1")
        page.locator("#train-start").click()
        page.get_by_role("button", name="Draw with this network").tap()  # far down, when the run has ended
        expect_selected(page, "Draw")
        expect(page.locator("#draw-model input")).to_have_value(re.compile("Run"))
        expect(page.locator("#draw-pad canvas")).to_be_in_viewport(ratio=1)
