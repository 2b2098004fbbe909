"""Train now, as a room uses it: steering, comparing, the board, and what a trained network does."""

import re
import shutil

import pytest
from drawing import SEVEN, draw, expect_digit
from playwright.sync_api import expect

from mnist_demo.networks.checkpoints import WEIGHTS
from mnist_demo.training.events import Ended, EpochEnded, Started
from mnist_demo.training.recipes import configure
from mnist_demo.ui.demo import build_demo

RUN_TIMEOUT = 240_000  # ms


def open_training(page, **texts):
    """Open the Train now tab and fill text fields of the form."""
    page.get_by_role("tab", name="Train now").click()
    expect(page.locator("#train-chart canvas")).to_be_visible()
    if "sizes" in texts and not page.locator("#train-sizes").is_visible():
        page.get_by_role("button", name="More settings").click()
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
    expect(status).to_contain_text("paused")
    examples = page.locator("[data-fact=examples]")
    expect(action(page, "go-on")).to_have_text("Resume")
    expect(page.locator("[data-fact=left]")).not_to_contain_text(":")
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


def test_a_trained_network_shows_what_it_takes_for_what(page, demo):
    number = max((run.number for run in demo.trainer.book.runs()), default=0) + 1
    open_training(page)
    start(page, 1)
    done = re.compile(rf"Run {number} .*finished")  # and not the run before
    expect(page.locator("#train-status")).to_have_text(done, timeout=RUN_TIMEOUT)
    results = page.locator("#train-run .results")
    expect(results.locator(".confusion tbody tr")).to_have_count(10, timeout=RUN_TIMEOUT)
    expect(results.locator(".classes dt")).to_have_count(10)
    expect(results.locator(".pictures figure.wrong").first).to_be_visible()
    cell = results.locator(".confusion tbody tr").nth(4).locator("td").nth(9).get_by_role("button")
    count = int(cell.inner_text())
    cell.click()
    expect(results.locator(".pictures h3")).to_contain_text("Images of 4, read as 9")
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
    expect(page.locator("#train-run .final")).to_contain_text("Stopped early")
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


def test_a_click_on_the_board_counts_although_something_appears_above_it(page):
    open_training(page)
    start(page, 1)
    status = page.locator("#train-status")
    expect(status).to_contain_text("finished", timeout=RUN_TIMEOUT)
    finished = status.inner_text().split(" · ")[0]  # Run N
    start(page, 500)
    expect(status).to_contain_text("training on")
    page.locator("#train-board tbody tr .name", has_text=re.compile(rf"^{finished} ")).hover()
    page.mouse.down()
    page.locator("#train-run").evaluate("view => (view.style.paddingTop = '90px')")
    page.mouse.up()
    expect(status).to_contain_text(f"{finished} · mlp-relu · finished")


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
    parameters = page.locator("#train-board tbody tr td.value:nth-last-child(2)").all_inner_texts()
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
    expect(other.locator("#train-stop")).to_be_hidden()
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


@pytest.fixture
def visit(browser, strict_demo):
    """A function that opens the demo with an instructor as a new visitor; at the end no script may have failed."""
    contexts, errors = [], []

    def open_page(query="", width=1280, height=900):
        contexts.append(browser.new_context(viewport={"width": width, "height": height}))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{strict_demo.local_url}{query}")
        if "view=screen" in query:
            expect(page.locator("#train-chart canvas")).to_be_visible()
        else:
            page.wait_for_selector("#draw-pad .hint")
            open_training(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


def enter_key(page, key):
    panel = page.locator("#train-run .instructor")
    if not panel.evaluate("details => details.open"):
        panel.locator("summary").click()
    panel.locator(".key input").fill(key)
    panel.get_by_role("button", name="Enter").click()
    return panel


def test_a_wrong_key_says_so_and_is_forgotten(visit):
    page = visit()  # there is no run yet
    wrong = page.locator("#train-run .key .outcome")
    panel = enter_key(page, "cheese")
    expect(wrong).to_have_text("This is not the instructor's key.")
    enter_key(page, "x" * 201)
    expect(wrong).to_contain_text("The key was refused: key: expected a text of at most 200 characters")
    assert page.evaluate("sessionStorage.getItem('instructor-key')") is None
    expect(page.locator("#train-status")).to_have_text("No run yet. Choose a recipe and press Start.")
    enter_key(page, "chalk")
    expect(panel.get_by_role("button", name="Set limits")).to_be_visible()
    expect(panel.get_by_role("link", name="Projector view")).to_have_attribute("href", "?view=screen")
    page.reload()
    open_training(page)
    page.locator("#train-run .instructor summary").click()
    expect(page.get_by_role("button", name="Set limits")).to_be_visible()  # the right one is kept


def test_limits_reach_pages_that_are_up_to_date(visit):
    visitor, page = visit(), visit()
    expect(visitor.locator("#train-run .allowed")).to_be_hidden()
    panel = enter_key(page, "chalk")
    panel.locator("[name=epochs]").fill("2")
    panel.get_by_role("button", name="Set limits").click()
    expect(panel.locator(".limits .outcome")).to_have_text("✓ These limits are in force.")
    expect(visitor.locator("#train-run .allowed")).to_have_text("Limits set by the instructor: 2 epochs a run.")
    start(visitor, 3)
    expect(visitor.locator("#train-message")).to_contain_text("the instructor's limit is 2, found 3")


def test_a_removal_is_asked_for_told_to_the_owner_and_undone(visit):
    owner, page = visit(), visit()
    open_training(owner, name="Mine")
    start(owner, 1)
    expect(owner.locator("#train-status")).to_contain_text("finished", timeout=RUN_TIMEOUT)
    enter_key(page, "chalk")
    remove = page.get_by_role("button", name="Remove Mine")
    answers = ["dismiss", "accept"]
    page.on("dialog", lambda dialog: getattr(dialog, answers.pop(0))())
    remove.click()
    expect(page.locator("#train-board tbody tr")).to_have_count(1)
    board_row(page, "Mine").get_by_role("checkbox").check()
    remove.click()
    expect(page.locator("#train-run .toast")).to_contain_text("Removed Mine.")
    for room in (page, owner):
        expect(room.locator("#train-board tbody tr")).to_have_count(0)
        expect(room.locator("[data-fact=accuracy]")).not_to_contain_text("%")
        expect(room.locator("#train-chart canvas")).to_have_attribute("aria-label", re.compile("no values yet"))
    expect(owner.locator("#train-run .notice")).to_have_text("The instructor removed Mine.")
    page.get_by_role("button", name="Undo").click()
    for room in (page, owner):
        expect(board_row(room, "Mine")).to_be_visible()


def test_a_removed_run_leaves_the_chart_of_whoever_compares_it(visit):
    page, other = visit(), visit()
    for name in ("One", "Two"):
        open_training(page, name=name)
        start(page, 1)
        expect(page.locator("#train-status")).to_contain_text(re.compile(f"{name}.*finished"), timeout=RUN_TIMEOUT)
    board_row(other, "One").get_by_role("checkbox").check()
    legend = other.locator("#train-chart .legend li")
    expect(legend.filter(has_text="One")).to_be_visible()
    enter_key(page, "chalk")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Remove One").click()
    expect(legend.filter(has_text="One")).to_have_count(0)
    expect(legend.filter(has_text="Training loss")).to_be_visible()  # one run is left


@pytest.mark.parametrize("width", [844, 1280])
def test_the_instructors_buttons_on_waiting_runs_can_be_seen(visit, width):
    page = visit(width=width)
    for name in ("First of all, with a long name", "Second of all, with a long name", "Third"):
        open_training(page, name=name)
        start(page, 500)
        expect(page.locator("#train-status")).to_contain_text(name)
    enter_key(page, "chalk")
    page.get_by_role("button", name="First Third").click()
    expect(page.locator("#train-board tbody tr").nth(1)).to_contain_text("Third")
    for button in page.locator("#train-board td.actions button").all():
        right = button.evaluate("button => button.getBoundingClientRect().right")
        edge = page.locator("#train-board").evaluate("table => table.parentElement.getBoundingClientRect().right")
        assert right <= edge <= width


def test_the_instructor_clears_the_board(visit):
    visitor, page = visit(), visit()
    start(visitor, 1)
    expect(visitor.locator("#train-status")).to_contain_text("finished", timeout=RUN_TIMEOUT)
    panel = enter_key(page, "chalk")
    answers = ["dismiss", "accept"]
    page.on("dialog", lambda dialog: getattr(dialog, answers.pop(0))())
    clear = panel.get_by_role("button", name="Remove all runs that have ended")
    clear.click()
    expect(page.locator("#train-board tbody tr")).to_have_count(1)
    clear.click()
    expect(panel.locator(".tools .outcome")).to_have_text("✓ Removed 1 run.")
    for room in (page, visitor):
        expect(room.locator("#train-board tbody tr")).to_have_count(0)


def test_the_projector_shows_the_chart_the_board_and_the_address(page, demo):
    page.goto(f"{demo.local_url}?view=screen")
    expect(page.locator("#train-chart canvas")).to_be_visible()
    expect(page.get_by_role("heading", name="Training live")).to_be_visible()
    expect(page.locator("#train-run .address")).to_contain_text("Only this computer can join")
    expect(page.locator("#train-start")).to_be_hidden()
    page.get_by_role("link", name="Leave the projector view").click()
    page.wait_for_selector("#draw-pad .hint")


def add_over(book, name, nickname, accuracy, weights=None):
    """Enter a run that has ended, with the weights of a network that comes along or without any."""
    with book.changed:  # it does not begin
        run = book.add(configure("mlp-relu", epochs=1), name, nickname, None, is_limited=True)
        book.queue.remove(run)
        book.record(run, Started(run.id, "mlp-relu", "cpu", 60_000, 10_000, 39_760))
        book.record(run, EpochEnded(1, 0.25, 0.9, 0.12, accuracy, 4.5))
        if weights:
            shutil.copyfile(WEIGHTS / f"{weights}.safetensors", book.store.weights(run.id))
        path = weights and str(book.store.weights(run.id))
        book.record(run, Ended("finished", "The run has finished.", path, 0.97, accuracy))


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1366, 768)])
def test_a_projector_has_room_for_thirteen_runs_and_large_text(visit, strict_demo, width, height):
    for number in range(13):
        add_over(
            strict_demo.trainer.book, f"A network with quite a long name {number}", "Maximiliane", 0.9 + number / 1000
        )
    page = visit("?view=screen", width, height)
    expect(page.locator("#train-run .verdict")).to_contain_text("91.20%")
    expect(page.locator("#train-run .verdict")).to_contain_text("The best result so far")
    rows = page.locator("#train-board tbody tr")
    expect(rows).to_have_count(13)
    box = rows.last.bounding_box()
    assert box["y"] + box["height"] < height
    chart = page.locator("#train-chart canvas").bounding_box()
    assert chart["width"] > 0.5 * width
    sizes = page.evaluate(
        """() => [...document.querySelectorAll("#train-run *")]
            .filter((e) => e.checkVisibility())
            .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()))
            .map((e) => [parseFloat(getComputedStyle(e).fontSize), e.textContent])"""
    )
    assert sizes
    least = 24 * height / 1080 - 0.1
    assert [entry for entry in sizes if entry[0] < least] == []


# The lowest contrast of text to its ground (WCAG 2) among the cells, each with every share of its row from 0 to 1.
LOWEST_CONTRAST = """() => {
    const channels = (color) => {
        const numbers = color.match(/[\\d.]+/g).slice(0, 3).map(Number);
        return color.startsWith("rgb") ? numbers.map((number) => number / 255) : numbers;
    };
    const luminance = (color) => {
        const linear = channels(color).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    };
    const contrasts = [];
    for (const cell of document.querySelectorAll("#train-run .confusion tbody button")) {
        for (let share = 0; share <= 1; share += 0.1) {
            cell.style.setProperty("--share", share);
            const style = getComputedStyle(cell);
            const pair = [luminance(style.color), luminance(style.backgroundColor)].sort((a, b) => b - a);
            contrasts.push((pair[0] + 0.05) / (pair[1] + 0.05));
        }
    }
    return Math.min(...contrasts);
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_number_of_a_confusion_matrix_can_be_read(visit, strict_demo, theme):
    add_over(strict_demo.trainer.book, "Trained", "", 0.96, "mlp-relu")
    page = visit(f"?__theme={theme}", 1280, 800)
    expect(page.locator("#train-run .confusion tbody tr")).to_have_count(10)
    assert page.evaluate("document.body.classList.contains('dark')") == (theme == "dark")
    assert page.evaluate(LOWEST_CONTRAST) >= 4.5
