"""The page behind a proxy under a path, and mounted in another app: it does all that it does at the root."""

import contextlib
from types import SimpleNamespace

import gradio as gr
import httpx
import pytest
from drawing import SEVEN, draw, expect_digit
from fastapi import FastAPI
from gradio_client import Client, handle_file
from PIL import Image
from playwright.sync_api import expect
from servers import build_proxy, serving

from mnist_demo.data.datasets import load_split
from mnist_demo.ui.demo import build_demo

PATH = "/lessons/mnist"
RUN_TIMEOUT = 240_000  # ms
LOGIN = ("ada", "lovelace")


@contextlib.contextmanager
def proxied(page, **options):
    page.launch(prevent_thread_lock=True, quiet=True, root_path=PATH, **options)
    with serving(build_proxy(page.local_url, PATH)) as url:
        yield f"{url}{PATH}/"


@contextlib.contextmanager
def mounted(page, **options):
    with serving(gr.mount_gradio_app(FastAPI(), page, path=PATH, **options)) as url:
        yield f"{url}{PATH}/"


@contextlib.contextmanager
def mounted_behind_a_proxy(page, **options):
    app = gr.mount_gradio_app(FastAPI(), page, path="/mnist", **options)
    with serving(app, root_path="/lessons") as inner, serving(build_proxy(inner, "/lessons")) as url:
        yield f"{url}{PATH}/"


WAYS = [proxied, mounted, mounted_behind_a_proxy]


@pytest.fixture(scope="module", params=WAYS, ids=lambda way: way.__name__)
def demo(request, small_mnist):
    """In place of the demo at the root of its own server."""
    page = build_demo(small_mnist)
    with contextlib.closing(page), request.param(page) as url:
        yield SimpleNamespace(local_url=url, trainer=page.trainer)


@pytest.fixture(scope="module", params=WAYS, ids=lambda way: way.__name__)
def locked(request, small_mnist):
    """The address of a demo that asks for a login."""
    page = build_demo(small_mnist)
    with contextlib.closing(page), request.param(page, auth=LOGIN) as url:
        yield url


def test_a_digit_is_drawn_and_a_run_is_watched(page):
    draw(page, SEVEN)
    expect_digit(page, 7)
    page.get_by_role("tab", name="Train now").click()
    page.locator("#train-epochs input").fill("2")
    page.locator("#train-start").click()
    expect(page.locator("#train-status")).to_contain_text("finished", timeout=RUN_TIMEOUT)
    expect(page.locator("#train-table tbody tr")).to_have_count(3)
    expect(page.locator("#train-run .pictures figure")).to_have_count(24)


def test_it_looks_as_it_does_at_the_root(page, demo):
    style = "getComputedStyle(document.querySelector('#draw-pad canvas')).touchAction"
    assert page.evaluate(style) == "none"
    assert httpx.get(f"{demo.local_url}theme.css", timeout=60).text == build_theme()
    icon = page.evaluate("document.querySelector('link[rel=icon]').href")
    assert icon == f"{demo.local_url}favicon.ico"
    assert b"<svg" in httpx.get(icon, timeout=60).content
    expect(page.locator("footer").get_by_text("Settings")).to_be_visible()
    expect(page.locator("footer").get_by_text("Built with Gradio")).to_have_count(0)


def build_theme():
    from mnist_demo.ui.theme import THEME

    return THEME._get_theme_css()


def test_the_projector_shows_the_address_with_its_path(page, demo):
    page.goto(f"{demo.local_url}?view=screen")
    expect(page.locator("#train-status")).to_be_visible()
    answer = httpx.get(f"{demo.local_url}address", params={"page": f"http://192.0.2.1{PATH}/"}, timeout=60).json()
    assert answer["url"] == f"http://192.0.2.1{PATH}/"


def test_the_address_without_its_slash_leads_to_the_page(demo, browser):
    page = browser.new_page()
    page.goto(demo.local_url.removesuffix("/"))
    page.wait_for_selector("#draw-pad .hint")
    assert page.url == demo.local_url
    page.close()


def test_programs_upload_and_read(demo, tmp_path):
    path = tmp_path / "seven.png"
    Image.fromarray(load_split(train=False).images[0]).resize((280, 280)).save(path)
    client = Client(demo.local_url, verbose=False)
    assert client.predict(handle_file(path), api_name="/predict")["digit"] == 7


def test_the_gates_stand(demo):
    with httpx.Client(base_url=demo.local_url, timeout=60) as http:
        assert http.post("runs", json={}, headers={"Origin": "http://evil.example"}).status_code == 403
        assert http.options("runs", headers={"Origin": "http://evil.example"}).status_code == 403
        assert http.get("gradio_api/file=/etc/passwd").status_code == 404
        assert http.post("gradio_api/queue/join", json={"session_hash": ""}).status_code == 422
        assert http.post("live", content=bytes(5_000_000)).status_code == 413
        page = http.get("")
        assert "default-src 'self'" in page.headers["content-security-policy"]
        assert "access-control-allow-origin" not in page.headers


def test_a_visitor_logs_in_draws_and_logs_out(locked, browser):
    assert httpx.get(f"{locked}runs", timeout=60).status_code == 401
    assert httpx.post(f"{locked}gradio_api/upload", files={"files": b"x"}, timeout=60).status_code == 401
    context = browser.new_context()
    page = context.new_page()
    page.goto(locked)
    for name, value in zip(("username", "password"), LOGIN, strict=True):
        page.get_by_label(name).fill(value)
    page.get_by_role("button", name="Login").click()
    page.wait_for_selector("#draw-pad .hint")
    assert page.url == locked
    draw(page, SEVEN)
    expect_digit(page, 7)
    page.goto(f"{locked}logout")
    expect(page.get_by_role("button", name="Login")).to_be_visible()
    assert page.url == locked
    assert page.request.get(f"{locked}runs").status == 401
    context.close()
