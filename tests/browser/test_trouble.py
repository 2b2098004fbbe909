"""Train now where something is wrong: with a run, with the server, or on the way to it."""

import re

import pytest
from playwright.sync_api import expect

from mnist_demo.serving.routes import runs as run_routes
from mnist_demo.training.events import Ended, EpochEnded, Started
from mnist_demo.training.recipes import configure


@pytest.fixture
def add_over(demo):
    """A function that enters a run which has ended, with the content of its weights file; they are gone at the end."""
    book, added = demo.trainer.book, []

    def add(name, weights=None):
        with book.changed:  # it does not begin
            run = book.add(configure("mlp-relu", epochs=1), name, "", None, is_limited=True)
            book.queue.remove(run)
            path = book.store.weights(run.id)
            if weights is not None:
                path.write_bytes(weights)
            book.record(run, Started(run.id, "mlp-relu", "cpu", 60_000, 10_000, 39_760))
            book.record(run, EpochEnded(1, 0.25, 0.9, 0.12, 0.96, 4.5))
            book.record(run, Ended("finished", "The run has finished.", str(path), 0.97, 0.96))
        added.append(run)
        return run

    yield add
    for run in added:
        book.remove(run)


@pytest.fixture
def train(page, add_over):
    """The page with the Train now tab open."""
    page.get_by_role("tab", name="Train now").click()
    expect(page.locator("#train-chart canvas")).to_be_visible()
    return page


@pytest.mark.parametrize(
    ("weights", "reason"),
    [
        (None, r"the weights of run \d+ are gone"),
        (b"<!DOCTYPE html>", r"\w+\.safetensors: not a complete safetensors file"),
    ],
)
def test_a_network_that_cannot_be_read_says_why_and_its_run_is_shown(train, add_over, weights, reason):
    add_over("Broken", weights)
    run_view = train.locator("#train-run")
    expect(train.locator("#train-status")).to_contain_text("Broken")
    expect(run_view.locator(".reading .trouble")).to_have_text(re.compile(f"This network cannot be read: {reason}"))
    expect(run_view.locator(".reading .row")).to_be_hidden()
    expect(run_view.locator(".notice")).to_have_text(
        re.compile(f"The analysis of this network cannot be shown: {reason}")
    )
    expect(run_view.locator(".use")).to_be_hidden()
    expect(run_view.get_by_role("link", name="CSV")).to_be_visible()
    expect(train.locator("#train-table tbody tr")).to_have_count(1)
    expect(train.locator("#train-board tbody tr.finished").first).to_be_visible()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (None, "The server does not answer."),
        ({"status": 500, "body": "Internal Server Error"}, "The server is in trouble (500)."),
        (
            {"status": 503, "body": '{"error": "busy"}', "headers": {"Retry-After": "1"}},
            "The server is in trouble (503).",
        ),
        ({"status": 401, "body": '{"error": "not logged in"}'}, "The server refuses: not logged in."),
        ({"status": 404, "body": "<html>Not here</html>"}, "The server is in trouble (404)."),
        ({"status": 200, "body": "<html>A proxy</html>"}, "The server's answer makes no sense."),
        ({"status": 200, "body": "null"}, "The server's answer makes no sense."),
        ({"status": 200, "body": "{}"}, "The server's answer makes no sense."),
        ({"status": 200, "body": '{"runs": [], "remo'}, "The server's answer makes no sense."),
    ],
)
def test_the_page_tells_what_is_wrong_and_goes_on_when_it_is_over(train, add_over, answer, told):
    train.route("**/live", lambda route: route.abort() if answer is None else route.fulfill(**answer))
    expect(train.locator("#train-status")).to_have_text(f"{told} Trying again …")
    train.unroute("**/live")
    add_over("Afterwards")
    expect(train.locator("#train-status")).to_contain_text("Afterwards")


def test_a_server_in_trouble_is_asked_less_and_less_often(train):
    asked = []
    train.clock.install()
    train.reload()
    train.get_by_role("tab", name="Train now").click()
    expect(train.locator("#train-chart canvas")).to_be_visible()
    train.route("**/live", lambda route: asked.append(1) or route.abort())
    for _ in range(120):  # s
        train.clock.run_for(1000)
    assert 5 <= len(asked) <= 9  # after 2, 4, 8, 16, 30 and 30 s, not 60 times


def test_older_runs_come_when_they_are_wanted(train, add_over, monkeypatch):
    monkeypatch.setattr(run_routes, "PAGE", 2)
    for number in range(5):
        add_over(f"Number {number}")
    train.reload()
    train.get_by_role("tab", name="Train now").click()
    board = train.locator("#train-board")
    older = train.get_by_role("button", name="Show older runs")
    expect(board.get_by_role("button", name="Number 4")).to_be_visible()
    expect(board.get_by_role("button", name="Number 2")).to_be_hidden()
    older.click()
    expect(board.get_by_role("button", name="Number 1")).to_be_visible()
    expect(board.get_by_role("button", name="Number 0")).to_be_hidden()
    expect(train.locator("#train-status")).to_contain_text("Number 4")
    older.click()
    board.get_by_role("button", name="Number 0").click()
    expect(train.locator("#train-status")).to_contain_text("Number 0")
