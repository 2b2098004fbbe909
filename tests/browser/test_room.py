"""Train now, as a room uses it: steering, comparing, the board, and what a trained network does."""

import re

import pytest
from drawing import SEVEN, draw, expect_digit
from playwright.sync_api import expect

from mnist_demo.ui.demo import build_demo

RUN_TIMEOUT = 240_000  # ms


def open_training(page, **texts):
    """Open the Train now tab and fill text fields of the form."""
    page.get_by_role("tab", name="Train now").click()
    expect(page.locator("#train-chart canvas")).to_be_visible()
    for name, text in texts.items():
        page.locator(f"#train-{name}").locator("input, textarea").fill(text)


def start(page, epochs):
    page.locator("#train-epochs input").fill(str(epochs))
    page.locator("#train-start").click()


def action(page, name):
    return page.locator(f"#train-run .steering [data-action={name}]")


def board_row(page, name):
    return page.locator("#train-board tbody tr", has=page.get_by_role("button", name=name, exact=True))


def wait_until_quiet(page, locator):
    """Return a number that is shown, once it has not changed for a while: the last report may still be on its way."""
    expect(locator).to_have_text(re.compile(r"\d"))
    text = None
    while text != (text := locator.inner_text()):
        page.wait_for_timeout(3000)
    return int(text.replace(",", ""))


def test_a_run_can_be_paused_stepped_and_taught_faster(page):
    open_training(page)
    start(page, 500)
    status = page.locator("#train-status")
    expect(status).to_contain_text("training on")
    action(page, "pause").click()
    expect(status).to_contain_text("pauses")
    examples = page.locator("[data-fact=examples]")
    expect(action(page, "go-on")).to_have_text("Go on")
    before = wait_until_quiet(page, examples)
    action(page, "step-batch").click()
    expect(examples).to_have_text(f"{before + 64:,}")
    page.locator(".steering input").fill("0.01")
    page.locator(".steering").get_by_role("button", name="Set").click()
    action(page, "go-on").click()
    expect(status).to_contain_text("training on")
    page.locator(".steering input").fill("99")
    page.locator(".steering").get_by_role("button", name="Set").click()
    page.locator("#train-stop").click()
    expect(status).to_contain_text("stopped")


def test_the_board_counts_no_epoch_behind_the_last(page):
    open_training(page)
    page.evaluate(
        """() => {
            window.states = new Set();
            const board = document.querySelector("#train-board");
            const note = () => board.querySelectorAll(".state").forEach((state) => states.add(state.textContent));
            new MutationObserver(note).observe(board, { childList: true, subtree: true, characterData: true });
        }"""
    )
    start(page, 1)
    expect(page.locator("#train-status")).to_contain_text("finished", timeout=RUN_TIMEOUT)
    states = page.evaluate("[...states]")
    assert {state for state in states if "epoch" in state} <= {"epoch 1 of 1"}
    assert "finished" in states


def test_a_trained_network_shows_what_it_takes_for_what(page):
    open_training(page)
    start(page, 1)
    results = page.locator("#train-run .results")
    expect(results.locator(".confusion tbody tr")).to_have_count(10, timeout=RUN_TIMEOUT)
    expect(results.locator(".classes dt")).to_have_count(10)
    expect(results.locator(".pictures figure.wrong").first).to_be_visible()
    expect(results.locator(".units canvas")).to_have_count(50)
    cell = results.locator(".confusion tbody tr").nth(4).locator("td").nth(9).get_by_role("button")
    count = int(cell.inner_text())
    cell.click()
    expect(results.locator(".pictures h4")).to_contain_text("Images of 4, read as 9")
    expect(results.locator(".pictures figure")).to_have_count(min(count, 24))
    expect(results.locator(".pictures figcaption").first).to_have_text("✗ 9, is 4")
    with page.expect_download() as download:
        results.get_by_role("link", name="CSV").click()
    assert re.fullmatch(r"run-\d+-mlp-relu\.csv", download.value.suggested_filename)


def test_the_drawing_on_the_pad_is_read_by_the_network_that_learns(page):
    draw(page, SEVEN)
    expect_digit(page, 7)
    open_training(page)
    start(page, 1)
    own = page.locator("#train-run .own figcaption")
    expect(own).to_have_text(re.compile(r"Yours: 7 · \d+%"), timeout=RUN_TIMEOUT)
    expect(page.locator("#train-run .watched figure")).to_have_count(12)
    expect(page.locator("#train-run .watched figure:not(.wrong)").first).to_be_visible()


def test_a_stopped_run_goes_on_from_its_newest_epoch(page):
    open_training(page)
    start(page, 500)
    rows = page.locator("#train-table tbody tr")
    expect(rows.nth(2)).to_be_visible(timeout=RUN_TIMEOUT)
    page.locator("#train-stop").click()
    expect(page.locator("#train-run .final")).to_contain_text("Stopped before its end")
    known = rows.count()
    action(page, "resume").click()
    expect(rows.nth(known)).to_be_visible(timeout=RUN_TIMEOUT)
    assert [int(text) for text in page.locator("#train-table tbody tr td:first-child").all_inner_texts()][
        : known + 1
    ] == [*range(known + 1)]
    expect(page.locator("#train-run .final")).to_be_hidden()
    page.locator("#train-stop").click()
    expect(page.locator("#train-status")).to_contain_text("stopped")


def test_a_slow_click_on_the_board_counts_while_a_run_trains(page):
    open_training(page)
    start(page, 1)
    expect(page.locator("#train-status")).to_contain_text("finished", timeout=RUN_TIMEOUT)
    finished = page.locator("#train-status").inner_text().split(" · ")[0]  # Run N
    start(page, 500)
    # By then the table of epochs has its full height, and the board stays where it is.
    expect(page.locator("#train-table tbody tr").nth(10)).to_be_visible(timeout=RUN_TIMEOUT)
    page.locator("#train-board tbody tr .name", has_text=re.compile(rf"^{finished} ")).click(delay=1500)
    expect(page.locator("#train-status")).to_contain_text(f"{finished} · mlp-relu · finished")


def test_runs_have_names_and_their_curves_lie_over_one_another(page):
    open_training(page, name="The <b>bold</b> one", nickname="Ada")
    start(page, 1)
    expect(page.locator("#train-status")).to_contain_text("The <b>bold</b> one")
    expect(page.locator("#train-status")).to_contain_text("finished", timeout=RUN_TIMEOUT)
    open_training(page, name="The wide one", sizes="80, 40")
    start(page, 1)
    expect(page.locator("#train-status")).to_contain_text(re.compile("The wide one.*finished"), timeout=RUN_TIMEOUT)
    expect(board_row(page, "The wide one")).to_contain_text("66,450")  # 784-80-40-10
    expect(board_row(page, "The <b>bold</b> one")).to_contain_text("Ada")
    for name in ("The wide one", "The <b>bold</b> one"):
        board_row(page, name).get_by_role("checkbox").check()
    expect(page.locator("#train-chart .legend li", has_text="bold")).to_be_visible()
    page.locator("#train-board thead").get_by_role("button", name="Parameters").click()
    parameters = page.locator("#train-board tbody tr td:last-child").all_inner_texts()
    numbers = [int(text.replace(",", "")) for text in parameters if text[0].isdigit()]
    assert numbers == sorted(numbers)


def test_another_visitor_cannot_stop_a_run(page, browser, demo):
    open_training(page)
    start(page, 500)
    expect(page.locator("#train-status")).to_contain_text("training on")
    context = browser.new_context()
    other = context.new_page()
    other.goto(demo.local_url)
    other.wait_for_selector("#draw-pad .hint")
    open_training(other)
    expect(other.locator("#train-status")).to_contain_text("training on")
    expect(other.locator("#train-run .steering")).to_be_hidden()
    other.locator("#train-stop").click()
    expect(other.locator("#train-message")).to_contain_text("somebody else's")
    page.locator("#train-stop").click()
    expect(other.locator("#train-status")).to_contain_text("stopped")
    context.close()


@pytest.fixture
def strict_demo(tmp_path):
    """A demo with an instructor, that other machines may reach."""
    demo = build_demo(runs=tmp_path / "runs", instructor_key="chalk")
    demo.launch(prevent_thread_lock=True, quiet=True)
    yield demo
    demo.close()


def test_the_instructor_sets_limits_and_removes_runs(browser, strict_demo):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(strict_demo.local_url)
    page.wait_for_selector("#draw-pad .hint")
    open_training(page, name="Mine")
    start(page, 1)
    expect(page.locator("#train-status")).to_contain_text("finished", timeout=RUN_TIMEOUT)
    panel = page.locator("#train-run .instructor")
    panel.locator("summary").click()
    panel.locator(".key input").fill("cheese")
    panel.get_by_role("button", name="Enter").click()
    expect(panel.locator(".outcome")).to_have_text("The key is not taken: this is not the instructor's key.")
    panel.locator(".key input").fill("chalk")
    panel.get_by_role("button", name="Enter").click()
    expect(panel.locator(".outcome")).to_be_empty()
    panel.locator("[name=epochs]").fill("2")
    panel.get_by_role("button", name="Set limits").click()
    expect(panel.locator(".outcome")).to_have_text("The limits hold from now on.")
    expect(page.locator("[data-fact=accuracy]")).to_contain_text("%")
    board_row(page, "Mine").get_by_role("button", name="Remove it").click()
    expect(page.locator("#train-board tbody tr")).to_have_count(0)
    expect(page.locator("[data-fact=accuracy]")).not_to_contain_text("%")

    visitor = browser.new_context().new_page()
    visitor.goto(strict_demo.local_url)
    visitor.wait_for_selector("#draw-pad .hint")
    open_training(visitor)
    start(visitor, 3)
    expect(visitor.locator("#train-message")).to_contain_text("the instructor allows 2, found 3")
    start(visitor, 1)
    expect(visitor.locator("#train-status")).to_contain_text("finished", timeout=RUN_TIMEOUT)

    answers = ["dismiss", "accept"]
    page.on("dialog", lambda dialog: getattr(dialog, answers.pop(0))())
    clear = panel.get_by_role("button", name="Remove all runs that are over")
    clear.click()
    expect(page.locator("#train-board tbody tr")).to_have_count(1)
    clear.click()
    expect(panel.locator(".outcome")).to_have_text("1 run removed.")
    for room in (page, visitor):
        expect(room.locator("#train-board tbody tr")).to_have_count(0)
    visitor.context.close()
    context.close()


def test_the_projector_shows_the_chart_the_board_and_the_address(page, demo):
    page.goto(f"{demo.local_url}?view=screen")
    expect(page.locator("#train-chart canvas")).to_be_visible()
    expect(page.locator("#train-run .address")).to_contain_text("Only this machine can come here")
    expect(page.locator("#train-start")).to_be_hidden()
    expect(page.locator("#train-run .board, #train-status").first).to_be_visible()
