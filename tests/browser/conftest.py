"""A visitor's browser: headless Chromium, one context a test."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    # As root Chromium does not start with its sandbox; the rest keeps it from calling home.
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # A camera that shows a test picture, and no question whether it may be used.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]

TIMEOUT = 120_000  # ms; a worker may need long to start where much else goes on

expect.set_options(timeout=TIMEOUT)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium; without one the test is skipped, and in CI it fails."""
    if CHROMIUM is None:
        reason = "no Chromium found: install Debian's package chromium"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def context_options() -> dict[str, object]:
    """What the visitor's device is like; tests of a phone override it."""
    return {"viewport": {"width": 1280, "height": 800}}


@pytest.fixture
def page(browser: Browser, demo: Any, context_options: dict[str, object]) -> Iterator[Page]:
    """The demo's page, opened by a new visitor. At the end no script may have failed, and nothing have gone outside."""
    context = browser.new_context(**context_options)
    page = context.new_page()
    page.set_default_timeout(TIMEOUT)
    outside: list[str] = []
    errors: list[str] = []
    url = demo.local_url

    def note_request(request):
        if not request.url.startswith((url, "data:", "blob:")):
            outside.append(request.url)

    context.on("request", note_request)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(url)
    page.wait_for_selector("#draw-pad .hint")  # the pad invites to draw as soon as it can be drawn on
    page.wait_for_selector("[role=tab][tabindex]")  # and the tabs have their keys
    yield page
    context.close()
    for run in demo.trainer.book.runs():  # the next test finds an empty queue, however this one ended
        demo.trainer.stop(run.id)
    assert outside == []
    assert errors == []
