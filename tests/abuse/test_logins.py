"""Logins that are guessed, thrown out or read from the process list."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from gradio_client import Client

from mnist_demo.serving.gates import login
from mnist_demo.ui import serve
from mnist_demo.ui.demo import build_demo

RIGHT = {"username": "ada", "password": "lovelace"}
WRONG = {"username": "ada", "password": "byron's secret"}


@pytest.fixture(scope="module")
def locked(small_mnist):
    """A server that asks for a login."""
    demo = build_demo(small_mnist)
    demo.launch(prevent_thread_lock=True, quiet=True, auth=("ada", "lovelace"))
    yield demo
    demo.close()


@pytest.fixture
def enter(locked):
    """The function `enter(address) -> client`: a visitor from an IP address of its own, who has not logged in yet."""
    visitors = []

    def enter(address):
        headers = {"X-Forwarded-For": address}  # the server believes this machine
        visitors.append(httpx.Client(base_url=locked.local_url, timeout=60, headers=headers, verify=False))
        return visitors[-1]

    yield enter
    for visitor in visitors:
        visitor.close()


def is_in(visitor):
    return visitor.get("runs").status_code == 200


class TestLogout:
    def test_it_logs_nobody_else_out(self, enter):
        ada, bob = enter("192.0.2.1"), enter("192.0.2.2")
        for visitor in (ada, bob):
            visitor.post("login", data=RIGHT).raise_for_status()
        copy = dict(ada.cookies)
        response = ada.get("logout")
        assert (response.status_code, response.headers["location"]) == (302, "./")
        assert not is_in(ada)
        assert is_in(bob)
        bob.cookies = copy  # the token itself is void, not only forgotten by Ada's browser
        assert not is_in(bob)

    def test_nor_is_anybody_by_another_site(self, enter):
        ada = enter("192.0.2.1")
        ada.post("login", data=RIGHT).raise_for_status()
        for mode in ("no-cors", "navigate"):
            response = ada.get("logout", headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": mode})
            assert response.status_code == 403
        assert is_in(ada)

    def test_who_was_never_in_changes_nothing(self, enter):
        ada, stranger = enter("192.0.2.1"), enter("192.0.2.9")
        ada.post("login", data=RIGHT).raise_for_status()
        for _ in range(3):
            assert stranger.get("logout", params={"all_session": "true"}).status_code == 302
        assert is_in(ada)


class TestGuessing:
    def test_it_is_slow_logged_and_does_not_lock_others_out(self, enter, caplog):
        guesser = enter("192.0.2.3")
        statuses = [guesser.post("login", data=WRONG).status_code for _ in range(login.FAILURES + 5)]
        assert statuses == [400] * login.FAILURES + [429] * 5
        refused = guesser.post("login", data=RIGHT)  # or it would tell which guess was right
        assert refused.status_code == 429
        assert 0 < int(refused.headers["retry-after"]) <= 60
        assert "wrong passwords: at most 10 in 60 s" in refused.json()["error"]
        assert enter("192.0.2.4").post("login", data=RIGHT).status_code == 200
        assert caplog.text.count("a login from 192.0.2.3 failed") == login.FAILURES
        assert "byron" not in caplog.text

    def test_side_by_side_as_well(self, enter):
        def guess(_):
            return enter("192.0.2.5").post("login/", data=WRONG).status_code

        with ThreadPoolExecutor(20) as pool:
            statuses = list(pool.map(guess, range(40)))
        assert statuses.count(400) == login.FAILURES

    def test_all_addresses_of_a_network_count_as_one(self, enter):
        statuses = [enter(f"2001:db8::{n}").post("login", data=WRONG).status_code for n in range(login.FAILURES + 1)]
        assert statuses[-1] == 429

    def test_a_class_behind_one_address_gets_in(self, enter):
        visitors = [enter("192.0.2.6") for _ in range(30)]
        assert all(visitor.post("login", data=RIGHT).status_code == 200 for visitor in visitors)

    @pytest.mark.parametrize("form", [{}, {"username": "ada"}, {"username": "\udcff", "password": "é"}])
    def test_what_is_no_login_is_refused(self, enter, form):
        content = "&".join(f"{name}={value}" for name, value in form.items()).encode(errors="surrogateescape")
        headers = {"content-type": "application/x-www-form-urlencoded"}
        assert enter("192.0.2.7").post("login", content=content, headers=headers).is_client_error


def test_a_probe_needs_no_login_and_learns_nothing(locked, enter):
    probe = enter("192.0.2.10")
    assert probe.get("healthz").json() == {"alive": True}
    assert probe.get("readyz").json() == {"missing": []}


def test_the_figures_ask_for_the_login(locked, enter):
    scraper = enter("192.0.2.11")
    assert scraper.get("metrics").status_code == 401
    scraper.post("login", data=RIGHT).raise_for_status()
    assert "mnist_demo_readings_total" in scraper.get("metrics").text


def test_few_logins_are_remembered(locked, enter, monkeypatch):
    monkeypatch.setattr(login, "MAX_TOKENS", 3)
    visitors = [enter("192.0.2.8") for _ in range(5)]
    for visitor in visitors:
        visitor.post("login", data=RIGHT).raise_for_status()
    assert len(locked.app.tokens) == 3
    assert [is_in(visitor) for visitor in visitors] == [False, False, True, True, True]


def test_programs_log_in_as_before(locked):
    client = Client(locked.local_url, auth=("ada", "lovelace"), verbose=False)
    assert client.predict("train", 10, api_name="/sample")["label"] == 3


def test_an_upload_asks_for_the_login(locked, enter):
    assert enter("192.0.2.1").post("gradio_api/upload", files={"files": b"x"}).status_code == 401


class TestVariables:
    """Flags stand in the list of processes, and a Space has none."""

    @pytest.mark.parametrize(
        ("variables", "options", "message"),
        [
            ({"MNIST_DEMO_AUTH": "ada"}, [], "MNIST_DEMO_AUTH: expected USER:PASSWORD"),
            ({"MNIST_DEMO_AUTH": ""}, [], "MNIST_DEMO_AUTH: expected USER:PASSWORD"),
            ({"MNIST_DEMO_INSTRUCTOR_KEY": ""}, [], "MNIST_DEMO_INSTRUCTOR_KEY: expected a key"),
            ({"MNIST_DEMO_AUTH": "ada:lovelace"}, ["--auth", "ada"], "--auth: expected USER:PASSWORD"),
            ({}, ["--auth", ""], "--auth: expected USER:PASSWORD"),
            (
                {},
                ["--allow-host", "http://x"],
                "--allow-host: expected a host name without scheme and port, found 'http://x'",
            ),
            ({}, ["--root-path", "mnist"], "--root-path: expected a path that begins with /, found 'mnist'"),
        ],
    )
    def test_bad_ones_are_told(self, monkeypatch, capsys, variables, options, message):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["app.py", *options])
        with pytest.raises(SystemExit):
            serve.main()
        assert capsys.readouterr().err.strip().endswith(message)

    @pytest.fixture
    def start(self, monkeypatch):
        """The function `start(*options)`: what app.py builds and launches the demo with."""

        def start(*options):
            given = {}

            class Stub:
                def launch(self, **options):
                    given.update(options)

                def close(self):
                    pass

            def build(data, device, runs, key, allowed_hosts):
                given.update(
                    key=key,
                    allowed_hosts=allowed_hosts,
                    inherited=[name for name in os.environ if name.startswith("MNIST_DEMO_")],
                )
                return Stub()

            monkeypatch.setattr("mnist_demo.ui.demo.build_demo", build)
            monkeypatch.setattr(sys, "argv", ["app.py", "--runs-dir", "runs", *options])
            monkeypatch.setattr("signal.signal", lambda *_: None)
            with pytest.raises(SystemExit) as ended:
                serve.main()
            assert ended.value.code == 0
            return given

        return start

    def test_they_are_taken_and_workers_do_not_inherit_them(self, monkeypatch, start):
        monkeypatch.setenv("MNIST_DEMO_AUTH", "ada:love:lace")
        monkeypatch.setenv("MNIST_DEMO_INSTRUCTOR_KEY", "the key")
        given = start("--allow-host", "a.example", "--allow-host", "b.example")
        assert (given["auth"], given["key"], given["inherited"]) == (("ada", "love:lace"), "the key", [])
        assert given["allowed_hosts"] == ["a.example", "b.example"]

    def test_flags_win(self, monkeypatch, start):
        monkeypatch.setenv("MNIST_DEMO_AUTH", "ada:lovelace")
        monkeypatch.setenv("MNIST_DEMO_INSTRUCTOR_KEY", "")
        given = start("--auth", "bob:secret", "--instructor-key", "another")
        assert (given["auth"], given["key"], given["inherited"]) == (("bob", "secret"), "another", [])

    def test_without_any_there_is_neither(self, start):
        given = start()
        assert (given["auth"], given["key"]) == (None, None)
