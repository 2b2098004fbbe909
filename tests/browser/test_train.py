"""Train now, as a room watches it."""

import re

import pytest
from drawing import SEVEN, draw, expect_digit
from playwright.sync_api import expect

RUN_TIMEOUT = 240_000  # ms


@pytest.fixture
def train(page):
    """The page with the Train now tab open."""
    page.get_by_role("tab", name="Train now").click()
    expect(page.locator("#train-chart canvas")).to_be_visible()
    return page


def start(page, **settings):
    if {"batch_size", "seed"} & settings.keys():
        page.get_by_role("button", name="More settings").click()
    for name, value in settings.items():
        name = name.replace("_", "-")
        page.locator(f"#train-{name} input").fill(str(value))
    page.locator("#train-start").click()


def row_count(page):
    return page.locator("#train-table tbody tr").count()


def test_a_run_is_watched_to_its_end_and_its_network_is_drawn_with(train):
    start(train, epochs=2)
    expect(train.locator("#train-status")).to_contain_text("training on")
    expect(train.locator("#train-table tbody tr")).to_have_count(3, timeout=RUN_TIMEOUT)  # epochs 0, 1 and 2
    expect(train.locator("#train-status")).to_contain_text("finished", timeout=RUN_TIMEOUT)
    accuracy = float(train.locator("#train-table tbody tr").nth(2).locator("td").nth(4).inner_text().rstrip("%"))
    assert accuracy > 94
    expect(train.locator("#train-run .final")).to_contain_text(f"Final: {accuracy:.2f}% on the test set")
    expect(train.locator("#train-run .final")).to_contain_text(re.compile(r"Best: 9\d\.\d\d% after epoch [12]\."))
    expect(train.locator("#train-run .pictures figure")).to_have_count(24)
    expect(train.locator("#train-run .pictures figure.wrong figcaption").first).to_contain_text("✗")

    mistake = train.locator("#train-run .pictures figure.wrong a").first
    index = re.match(r"Test sample (\d+), labelled", mistake.get_attribute("aria-label"))[1]
    mistake.focus()
    train.keyboard.press("Enter")
    expect(train.locator("#browse-index input")).to_have_value(index)
    expect(train.locator(".position")).to_contain_text("Test set")
    train.go_back()
    train.locator("#train-run .pictures").get_by_role("link", name="Browse all of them").click()
    expect(train.locator("#browse-filters [name=mistakes]")).to_be_checked()
    expect(train.locator("#browse-filters .state")).to_have_text(re.compile(r"^[\d,]+ of [\d,]+$"))
    expect(train.locator("#browse-sample-0")).to_have_class("wrong")
    train.go_back()
    train.get_by_role("button", name="Draw with this network").click()
    expect(train.locator("#draw-model input")).to_have_value(re.compile(r"Run \d+ · mlp-relu"))
    draw(train, SEVEN)
    expect_digit(train, 7)
    train.get_by_role("tab", name="Browse").click()
    expect(train.locator("#browse-details .answers")).to_contain_text(re.compile(r"Run \d+ · mlp-relu"))


def test_a_reload_and_a_second_visitor_see_the_run_that_goes_on(train, browser, demo):
    start(train, epochs=500)
    expect(train.locator("#train-table tbody tr")).not_to_have_count(0)
    train.reload()
    train.get_by_role("tab", name="Train now").click()
    expect(train.locator("#train-status")).to_contain_text("training on")
    before = row_count(train)
    train.wait_for_function(
        "before => document.querySelectorAll('#train-table tbody tr').length > before", arg=before, timeout=RUN_TIMEOUT
    )
    first_cells = train.locator("#train-table tbody tr td:first-child").all_inner_texts()
    assert first_cells == [str(epoch) for epoch in range(len(first_cells))]

    context = browser.new_context()
    other = context.new_page()
    other.goto(demo.local_url)
    other.get_by_role("tab", name="Train now").click()
    expect(other.locator("#train-status")).to_contain_text("training on")
    train.locator("#train-stop").click()
    expect(train.locator("#train-status")).to_contain_text("stopped")
    expect(other.locator("#train-status")).to_contain_text("stopped")
    expect(train.locator("#train-run .final")).to_contain_text("Stopped early")
    context.close()


def test_a_second_run_waits_its_turn_and_can_be_stopped_there(train):
    start(train, epochs=500)
    expect(train.locator("#train-status")).to_contain_text("training on")
    start(train, epochs=1)
    expect(train.locator("#train-status")).to_contain_text("queued (1 ahead)")
    assert "does not answer" not in train.locator("#train-status").inner_text()
    train.locator("#train-stop").click()
    expect(train.locator("#train-run .toast")).to_have_text(re.compile(r"Canceled Run \d+ · mlp-relu\."))
    expect(train.locator("#train-board tr.queued")).to_have_count(0)
    expect(train.locator("#train-status")).to_contain_text("training on")
    train.locator("#train-stop").click()
    expect(train.locator("#train-status")).to_contain_text("stopped")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("epochs", "0", "epochs: expected a whole number from 1 to 1,000, found 0"),
        ("batch_size", "70000", "batch_size: expected a whole number from 1 to 10,000, found 70,000"),
        ("learning_rate", "1000000000", "learning_rate: expected above 0 and at most 10"),
        ("seed", "", "seed: expected a whole number from 0 to 4,294,967,295, found nothing"),
        ("seed", "1.5", "seed: expected a whole number from 0 to 4,294,967,295, found 1.5"),
    ],
)
def test_settings_out_of_range_are_refused_with_what_is_allowed(train, field, value, message):
    start(train, **{field: value})
    expect(train.locator("#train-message")).to_contain_text(message)


def test_a_recipe_fills_the_form_and_shows_what_its_tutorial_printed(train):
    train.locator("#train-recipe input").click()
    train.get_by_role("option", name="cnn").click()
    train.get_by_role("button", name="More settings").click()
    expect(train.locator("#train-batch-size input")).to_have_value("8")
    expect(train.locator("#train-epochs input")).to_have_value("2")
    expect(train.locator("#train-description")).to_contain_text("98.85% test")


def test_a_long_test_shows_what_it_knows_so_far(train):
    train.locator("#train-recipe input").click()
    train.get_by_role("option", name="digitnet").click()
    expect(train.locator("#train-epochs input")).to_have_value("24")
    start(train)
    # Seen in every frame: a second later the test is over.
    description = "document.querySelector('#train-chart canvas').getAttribute('aria-label')"
    train.wait_for_function(f"/Run \\d+ · digitnet: test accuracy so far [\\d.]+%/.test({description})")
    expect(train.locator("#train-status")).to_contain_text("training on")
    expect(train.locator("#train-table tbody tr")).to_have_count(1)
    train.locator("#train-stop").click()
    expect(train.locator("#train-status")).to_contain_text("stopped")


def test_the_time_machine_takes_a_run_back_to_any_epoch_and_to_the_present(train):
    start(train, epochs=3)
    expect(train.locator("#train-status")).to_contain_text("finished", timeout=RUN_TIMEOUT)
    slider, final = train.locator("#train-epoch"), train.locator("#train-run .final")
    expect(slider).to_have_attribute("max", "4")  # epochs 0 to 3, and now
    expect(final).to_contain_text("Final:")
    read = train.locator("#train-run .watched figcaption")
    expect(read.filter(has_text="✓").nth(8)).to_be_visible()
    rows = train.locator("#train-table tbody tr")
    accuracies = [rows.nth(epoch).locator("td").nth(4).inner_text() for epoch in range(4)]

    slider.focus()
    train.keyboard.press("Home")
    expect(final).to_have_text(f"Untrained: {accuracies[0]} on the test set.")
    expect(slider).to_have_attribute("aria-valuetext", f"Untrained: {accuracies[0]} on the test set")
    expect(read.filter(has_text="✗").nth(4)).to_be_visible()
    right = train.locator("#train-run .confusion button.right")
    expect(right.filter(has_text=re.compile(r"\d{3}"))).not_to_have_count(10)
    train.keyboard.press("ArrowRight")
    expect(final).to_have_text(f"After epoch 1 of 3: {accuracies[1]} on the test set.")
    expect(right.filter(has_text=re.compile(r"\d{3}"))).to_have_count(10)

    train.reload()  # the address says which run, and which epoch
    expect(final).to_have_text(f"After epoch 1 of 3: {accuracies[1]} on the test set.")
    expect(slider).to_have_attribute("aria-valuetext", f"After epoch 1 of 3: {accuracies[1]} on the test set")
    train.go_back()  # to before this tab was chosen
    expect(train.locator("#draw-pad canvas")).to_be_visible()
    train.go_forward()
    expect(final).to_have_text(f"After epoch 1 of 3: {accuracies[1]} on the test set.")

    train.locator("#train-run .play").click()
    expect(train.locator("#train-run .play")).to_have_text("Pause")
    expect(final).to_contain_text("Final:")
    expect(train).not_to_have_url(re.compile("epoch="))
    expect(train.locator("#train-run .play")).to_have_text("Play")
    expect(read.filter(has_text="✓").nth(8)).to_be_visible()


def test_a_link_names_a_run(train):
    start(train, epochs=1)
    expect(train.locator("#train-status")).to_contain_text("finished", timeout=RUN_TIMEOUT)
    name = train.locator("#train-run .board tbody tr").first.locator("button").first
    name.click()
    expect(train).to_have_url(re.compile(r"tab=train&run=\w+$"))
    link = train.url
    train.get_by_role("tab", name="Draw").click()
    train.goto(link.replace("run=", "epoch=0&run="))
    expect(train.locator("#train-run .final")).to_contain_text("Untrained:")
    train.goto(re.sub("run=.*", "run=gone&epoch=1", link))  # removed since: the page follows the room
    expect(train.locator("#train-run .final")).to_contain_text("Final:")


def test_the_time_machine_reads_the_drawing_and_waits_for_no_live_run(train):
    start(train, epochs=1000)
    slider = train.locator("#train-epoch")
    expect(slider).to_be_visible(timeout=RUN_TIMEOUT)
    slider.fill("0")
    expect(train.locator("#train-run .final")).to_contain_text("Untrained:")
    expect(train.locator("#train-run .buttons")).to_be_hidden()
    before = train.locator("#train-table tbody tr").count()
    expect(train.locator("#train-table tbody tr").nth(before + 1)).to_be_visible()  # it trains on
    expect(train.locator("#train-run .final")).to_contain_text("Untrained:")
    train.get_by_role("tab", name="Draw").click()
    draw(train, SEVEN)
    expect_digit(train, 7)
    train.get_by_role("tab", name="Train now").click()
    expect(train.locator("#train-run .own figcaption")).to_have_text(re.compile(r"Yours: \d · \d+%"))
    expect(train.locator("#train-run .final")).to_contain_text("Untrained:")
    inside = train.locator("#train-run .inside")
    inside.locator("summary").click()
    expect(inside.locator(".of")).to_have_text("your drawing")
    expect(inside.locator(".layer")).to_have_count(3)  # 784-50, ReLU, 50-10
    expect(inside.locator(".units canvas")).to_have_count(50)
    slider.press("End")
    expect(train.locator("#train-results")).to_be_hidden()
    weights = "element => element.toDataURL()"
    before = inside.locator(".units canvas").first.evaluate(weights)
    train.wait_for_function(  # it learns on, and so do the pictures
        """before => document.querySelector("#train-run .units canvas").toDataURL() !== before""", arg=before
    )
    train.locator("#train-stop").click()
    expect(train.locator("#train-run .final")).to_contain_text("Stopped early")
