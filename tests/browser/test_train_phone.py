"""Train now on a phone."""

import re

import pytest
from playwright.sync_api import expect

RUN_TIMEOUT = 240_000  # ms


@pytest.fixture(params=[(390, 844), (844, 390)], ids=["upright", "across"])
def context_options(request):
    """A phone."""
    width, height = request.param
    return {"viewport": {"width": width, "height": height}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def expect_finished(page, demo):
    """A function that waits until the next run, which has not been started yet, is over."""
    number = max((run.number for run in demo.trainer.book.runs()), default=0) + 1

    def expect_finished_() -> None:
        expect(page.locator("#train-status")).to_have_text(re.compile(rf"Run {number} .*finished"), timeout=RUN_TIMEOUT)

    return expect_finished_


def test_start_is_in_reach_and_the_chart_comes_into_view(page, expect_finished):
    page.get_by_role("tab", name="Train now").tap()
    start = page.locator("#train-start")
    expect(start).to_be_in_viewport(ratio=1)
    page.locator("#train-epochs input").fill("1")
    expect(start).to_be_in_viewport(ratio=1)
    start.tap()
    expect(page.locator("#train-chart canvas")).to_be_in_viewport(ratio=0.5)
    expect_finished()
    for name, part in (
        ("All runs", "#train-board"),
        ("Epochs", "#train-table"),
        ("Results", ".final"),
        ("Chart", "canvas"),
    ):
        page.locator("#train-run .sections").get_by_role("link", name=name).tap()
        expect(page.locator(f"#train-run {part}").first).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Draw with this network").tap()
    expect(page.locator("#draw-pad canvas")).to_be_visible()


def test_a_section_stays_in_view_while_results_load_above_it(page, expect_finished):
    """The analysis of a run that has just ended comes a moment later, and takes a screen or two."""
    waiting = []
    page.route(re.compile(r"/analysis$"), lambda route: waiting.append(route))
    page.get_by_role("tab", name="Train now").tap()
    page.locator("#train-epochs input").fill("1")
    page.locator("#train-start").tap()
    expect_finished()
    page.locator("#train-run .sections").get_by_role("link", name="All runs").tap()
    expect(page.locator("#train-board")).to_be_in_viewport()
    for route in waiting:
        route.continue_()
    expect(page.locator("#train-run .analysis")).to_be_visible()
    page.wait_for_function(
        "() => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next))).then(() => true)"
    )
    expect(page.locator("#train-board")).to_be_in_viewport(timeout=2_000)


# Points of the start bar, a grid of them, at which something else is on top.
COVERED = """bar => {
    const { left, top, width, height } = bar.getBoundingClientRect();
    const steps = [0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95];
    const points = steps.flatMap((x) => steps.map((y) => [left + x * width, top + y * height]));
    return points.filter(([x, y]) => !bar.contains(document.elementFromPoint(x, y)));
}"""


def test_nothing_shows_through_the_start_button(page):
    page.get_by_role("tab", name="Train now").tap()
    expect(page.locator("#train-start")).to_be_in_viewport(ratio=1)
    for _ in range(8):  # whatever scrolls past below it
        assert page.locator(".start-bar").evaluate(COVERED) == []
        page.evaluate("scrollBy(0, 12)")


# What a slow phone goes through: Gradio's sign of a page that loads is in its middle still, and a run comes in below.
GROW_WHILE_LOADING = """async () => {
    const sign = document.querySelector("[data-testid=status-tracker]").cloneNode();
    sign.classList.remove("hide");
    sign.style = "position: absolute; inset: 0; background: none";
    sign.innerHTML = "<p>Loading</p>";
    document.querySelector(".gradio-container").prepend(sign);
    const frame = () => new Promise((next) => requestAnimationFrame(next));
    await frame();
    scrollBy(0, 12);
    await frame();
    const run = document.createElement("div");
    run.style.height = "1500px";
    document.querySelector("#train-run").append(run);
    await frame();
    await frame();
    return scrollY;
}"""


def test_a_page_that_grows_while_it_loads_does_not_scroll(page):
    page.get_by_role("tab", name="Train now").tap()
    expect(page.locator("#train-start")).to_be_in_viewport(ratio=1)
    assert page.evaluate(GROW_WHILE_LOADING) == 12
