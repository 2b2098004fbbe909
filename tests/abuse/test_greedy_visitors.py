"""Visitors who want the instructor's key, the whole queue, all the memory, or the worker for a day."""

import json
import logging
import re
import sys
from itertools import count

import hostile_pictures
import httpx
import pytest
import torch
from safetensors.torch import save
from waiting import wait_for

from mnist_demo.networks.registry import build_model
from mnist_demo.runs.rights import Limits, Visitor
from mnist_demo.serving.routes import runs as run_routes
from mnist_demo.training.events import Ended, EpochEnded, Started, to_json
from mnist_demo.training.recipes import configure
from mnist_demo.ui.demo import build_demo

ADA, KEY = {"token": "ada's secret"}, {"key": "the key"}
QUICK, LONG = configure("mlp-relu", epochs=1), configure("mlp-relu", epochs=1000)
addresses = count(1)


WORKER = f"""#!/bin/sh
case "$*" in *mnist_demo.reading.decoder*) exec {sys.executable} "$@" ;; esac
read settings
echo '{to_json(Started("a1", "mlp-relu", "cpu", 2000, 500, 39_760))}'
while read line; do
  case "$line" in
    *stop*) echo '{to_json(Ended("stopped", "The run was stopped.", None, None, None))}'; exit ;;
  esac
done
"""


@pytest.fixture(scope="module")
def demo(small_mnist, tmp_path_factory):
    """A server with an instructor, whose workers begin at once and do nothing until they are stopped."""
    worker = tmp_path_factory.mktemp("worker") / "worker.sh"
    worker.write_text(WORKER)
    worker.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mnist_demo.runs.worker_process.sys.executable", str(worker))
        demo = build_demo(small_mnist, runs=tmp_path_factory.mktemp("runs"), instructor_key="the key")
        demo.launch(prevent_thread_lock=True, quiet=True)
        yield demo
        demo.close()


@pytest.fixture(scope="module")
def book(demo):
    return demo.trainer.book


@pytest.fixture
def client_of(demo):
    """A function that gives an HTTP client which comes from another address of this machine each time, 127.9.0.N."""
    made = []

    def make():
        transport = httpx.HTTPTransport(local_address=f"127.9.0.{next(addresses)}")
        made.append(httpx.Client(base_url=demo.local_url, transport=transport, timeout=60))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def occupied(demo, book):
    """A run that trains, so that others wait; at the end nobody does."""
    run = book.run(demo.trainer.start(LONG, visitor=Visitor("ada's secret")))
    wait_for(lambda: run.events)
    yield run
    demo.trainer.set_limits(Limits())
    for other in [*book.queue, run]:
        demo.trainer.stop(other.id)
    wait_for(lambda: run.is_over)


@pytest.fixture
def quiet(caplog, capfd):
    """At the end no traceback has been written anywhere."""
    with caplog.at_level(logging.WARNING):
        yield
    assert "Traceback" not in caplog.text + "".join(capfd.readouterr())
    assert not [record for record in caplog.records if record.exc_info]


def call(http, name, *data):
    """Call a published endpoint as curl would, and return what it answers, an error as its text."""
    content = json.dumps({"data": data})  # in ASCII, so that lone surrogates can be sent
    sent = http.post(f"gradio_api/call/{name}", content=content, headers={"content-type": "application/json"})
    if sent.is_error:
        return sent.json()["error"]
    kind, _, answer = http.get(f"gradio_api/call/{name}/{sent.json()['event_id']}").text.partition("\n")
    values = json.loads(answer.removeprefix("data: "))
    return values["error"] if kind == "event: error" else values


def post(http, address, body):
    return http.post(address, content=json.dumps(body), headers={"content-type": "application/json"})


def live(http, **body):
    return http.post("live", json=body).raise_for_status().json()


def add_over(book, weights=None):
    """Enter a run that has ended, with the content of a weights file or without."""
    with book.changed:
        run = book.add(QUICK, "", "", None, is_limited=True)
        book.queue.remove(run)
        path = None
        if weights is not None:
            path = book.store.weights(run.id)
            path.write_bytes(weights)
        book.record(run, Started(run.id, "mlp-relu", "cpu", 2000, 500, 39_760))
        book.record(run, EpochEnded(1, 0.25, 0.9, 0.12, 0.96, 4.5))
        book.record(run, Ended("finished", "The run has finished.", path and str(path), 0.9, 0.9))
    return run


class TestKey:
    """A wrong key costs, at every door."""

    def doors(self, http, run):
        """Functions that try a key, and return the status, or for events the status that it stands for."""

        def through_gradio(key):
            answer = call(http, "stop_training", run.id, None, key)
            return 429 if "try again later" in answer else 403

        return {
            "live": lambda key: 429 if "try again" in live(http, key=key)["room"]["refusal"] else 403,
            "limits": lambda key: http.post("limits", json={"key": key, "limits": {}}).status_code,
            "clear": lambda key: http.post("runs", json={"key": key, "action": "clear"}).status_code,
            "steer": lambda key: http.post(f"runs/{run.id}", json={"key": key, "action": "stop"}).status_code,
            "remove": lambda key: http.post(f"runs/{run.id}", json={"key": key, "action": "remove"}).status_code,
            "event": through_gradio,
        }

    @pytest.mark.parametrize("door", ["live", "limits", "clear", "steer", "remove", "event"])
    def test_guessing_soon_costs_time_and_the_right_key_tells_nothing_then(self, client_of, occupied, door):
        http = client_of()
        attempt = self.doors(http, occupied)[door]
        statuses = [attempt(f"key {number}") for number in range(30)]
        assert statuses == [403] * 10 + [429] * 20
        doors = self.doors(http, occupied)
        assert {name: guess("the key") for name, guess in doors.items()} == dict.fromkeys(doors, 429)
        assert occupied.state == "running"

    def test_the_refusal_says_when_to_come_back_and_pages_say_why(self, client_of):
        http = client_of()
        for number in range(10):
            assert live(http, key=f"key {number}")["room"]["refusal"] == "this is not the instructor's key"
        response = http.post("limits", json={**KEY, "limits": {}})
        assert response.status_code == 429
        assert 1 <= int(response.headers["retry-after"]) <= 60
        room = live(http, **KEY)["room"]
        assert not room["instructor"]
        assert room["refusal"] == "wrong keys: at most 10 in 600 s, try again later"

    def test_others_are_not_held_up(self, client_of, occupied):
        guesser, other = client_of(), client_of()
        for number in range(20):
            live(guesser, key=f"key {number}")
        assert live(other, **KEY)["room"]["instructor"]
        assert guesser.post(f"runs/{occupied.id}", json={"action": "pause", **ADA, "key": "?"}).status_code == 200

    def test_a_page_that_polls_with_a_mistyped_key_does_not_lock_its_visitor_out(self, client_of):
        http = client_of()
        for _ in range(50):
            assert not live(http, key="the kye")["room"]["instructor"]
        assert live(http, **KEY)["room"]["instructor"]

    def test_guesses_are_logged_and_keys_are_not(self, client_of, caplog):
        with caplog.at_level(logging.WARNING):
            http = client_of()
            for number in range(50):
                live(http, key=f"guess {number}")
        lines = [record.getMessage() for record in caplog.records if "instructor's key" in record.getMessage()]
        assert len(lines) == 10
        assert all("127.9.0." in line and "guess" not in line for line in lines)


class TestQueue:
    """Nobody takes all places, and nobody fills the history."""

    def start(self, http, token):
        return call(http, "start_training", "mlp-relu", 1000, *[None] * 8, token)

    def test_new_tokens_do_not_help_and_a_place_is_kept_for_the_instructor(self, demo, book, client_of, occupied):
        demo.trainer.set_limits(Limits(runs=3))
        greedy, other, third = client_of(), client_of(), client_of()
        answers = [self.start(greedy, f"token {number}") for number in range(18)]
        assert len(book.queue) == 15
        assert "15 runs from your network are queued already" in answers[-1]
        answers = [self.start(other, f"token {number}") for number in range(5)]
        assert len(book.queue) == 19
        assert "19 runs are queued already" in answers[-1]
        demo.trainer.start(LONG, visitor=Visitor(key="the key", address="127.0.0.1"))
        assert len(book.queue) == 20
        assert "19 runs are queued already" in self.start(third, "token")

    def test_the_page_counts_addresses_as_well(self, demo, book, client_of, occupied):
        demo.trainer.set_limits(Limits(runs=1))
        http = client_of()
        dependencies = http.get("config").json()["dependencies"]
        (button,) = (entry for entry in dependencies if entry["api_name"] == "start_from_page")
        for number in range(8):
            watching = {"run": "", "token": f"token {number}", "key": ""}
            data = [watching, "", "", "mlp-relu", 1000, 64, 0.001, 0.9, 0, "auto", ""]
            answer = http.post(
                "gradio_api/run/predict", json={"data": data, "fn_index": button["id"], "session_hash": "x"}
            )
        assert len(book.queue) == 5
        assert "5 runs from your network are queued already" in answer.json()["data"][1]

    def test_starting_and_stopping_over_and_over_leaves_no_trace_and_is_slowed_down(self, book, client_of, occupied):
        http = client_of()
        before = [run.id for run in book.runs()]
        started = 0
        for _ in range(60):
            answer = self.start(http, "token")
            if "starting runs: at most 20 in 200 s" in answer:
                break
            (run,) = answer
            started += 1
            assert http.post(f"runs/{run}", json={"action": "stop", "token": "token"}).status_code == 200
            assert http.get(f"runs/{run}/events").json() == {"error": f"there is no run '{run}': it was removed"}
        assert 20 <= started <= 25
        assert [run.id for run in book.runs()] == before

    def test_resuming_over_and_over_is_slowed_down_too(self, book, client_of, occupied):
        http = client_of()
        run = add_over(book)
        run.state = "stopped"
        book.store.state(run.id).write_bytes(b"all that it needs")
        answers = []
        for _ in range(30):
            answers.append(http.post(f"runs/{run.id}", json={"action": "resume"}).status_code)
            http.post(f"runs/{run.id}", json={"action": "stop"})
        assert answers.count(200) >= 20
        assert answers[-1] == 429
        book.remove(book.run(run.id))

    def test_a_pause_does_not_hold_the_worker_for_a_day(self, demo, book, client_of, occupied, monkeypatch):
        monkeypatch.setattr("mnist_demo.runs.overtime.MINUTE", 0.5)
        http = client_of()
        assert http.post(f"runs/{occupied.id}", json={"action": "pause", **ADA}).status_code == 200
        demo.trainer.set_limits(Limits(pause=1))  # which reaches a run that trains
        (waiting,) = self.start(client_of(), "bob's secret")
        wait_for(lambda: occupied.is_over)
        assert occupied.message == "The run was stopped: it was paused for 1 min while others waited."
        wait_for(lambda: book.run(waiting).state == "running")
        demo.trainer.stop(waiting)
        wait_for(lambda: book.run(waiting).is_over)


class TestList:
    """A history that is long."""

    @pytest.fixture
    def long_book(self, demo, book):
        """The server's book with 20,001 more runs, in memory only."""
        run = add_over(book)
        with book.changed:
            for number in range(20_000):
                again = type(run)(f"x{number}", run.number + 1 + number, run.config, state="finished")
                again.epoch, again.test_accuracy, again.reached = 1, 0.96, {0.97: 4.5}
                book._put(again)
        yield book
        with book.changed:
            for number in range(20_000):
                book._drop(book.run(f"x{number}"))
        book.remove(run)

    def test_it_comes_in_pages_and_every_run_once(self, long_book, client_of):
        http = client_of()
        page = http.get("runs").json()
        numbers = [run["number"] for run in page]
        assert len(numbers) == 200
        while page:
            page = http.get("runs", params={"before": numbers[0], "count": 200}).json()
            numbers = [run["number"] for run in page] + numbers
            if len(numbers) >= 2000:
                break
        assert numbers == list(range(numbers[0], numbers[-1] + 1))
        assert numbers[-1] == long_book.runs()[-1].number

    def test_a_page_gets_the_newest_and_what_is_live_and_shown_then_older_ones(self, occupied, long_book, client_of):
        http = client_of()
        shown = long_book.runs()[0]
        first = live(http, run=shown.id)
        numbers = [run["number"] for run in first["runs"]]
        assert numbers == sorted({shown.number, occupied.number, *numbers[-200:]})
        assert (first["removed"], first["total"], first["before"]) == (None, len(long_book), numbers[-200])
        more = live(http, since=first["version"], before=first["before"], **ADA)
        older = [run["number"] for run in more["older"]]
        assert older == list(range(first["before"] - 200, first["before"]))
        assert more["before"] == older[0]

    def test_an_answer_does_not_look_through_all_of_them(self, long_book, client_of, monkeypatch):
        """Timed by what is done, not by a clock: 20,000 summaries, or files, or comparisons, take a second."""
        http = client_of()
        version = live(http)["version"]
        told, touched, summary = [], [], run_routes.summary
        monkeypatch.setattr(run_routes, "summary", lambda run, *rest: told.append(run) or summary(run, *rest))
        monkeypatch.setattr(type(long_book), "can_resume", lambda self, run: touched.append(run) or False)
        for ask in (lambda: http.get("runs"), lambda: live(http), lambda: live(http, since=version)):
            ask()
        assert len(told) <= 2 * 202
        assert touched == []

    @pytest.mark.parametrize(
        "query", ["before=-1", "before=x", "count=0", "count=201", "count=1.5", "before=1&count=-5"]
    )
    def test_pages_that_make_no_sense_are_refused(self, client_of, query):
        response = client_of().get(f"runs?{query}")
        assert response.status_code in (400, 422)
        assert "expected a whole number" in response.json()["error"]

    def test_the_instructor_clears_what_is_over_and_nobody_else_does(self, book, client_of, occupied):
        http = client_of()
        runs = [add_over(book) for _ in range(5)]
        for who in ({}, ADA, {"key": "another key"}):
            assert http.post("runs", json={"action": "clear", **who}).status_code == 403
        assert http.post("runs", json={"action": "explode", **KEY}).status_code == 422
        version = live(http)["version"]
        response = http.post("runs", json={"action": "clear", **KEY})
        assert response.status_code == 200
        assert response.json()["removed"] >= len(runs)
        assert book.runs() == [occupied]
        assert {run.id for run in runs} <= set(live(http, since=version)["removed"])


class TestWeights:
    """A run whose weights are gone, damaged, or of a network as it once was."""

    @pytest.fixture(params=["gone", "damaged", "unfit"])
    def broken(self, request, book):
        tensors = build_model("mlp-relu").state_dict()
        whole, unfit = (save(tensors | more, {"model": "mlp-relu"}) for more in ({}, {"extra": torch.zeros(51)}))
        contents = {"damaged": whole[:1000], "unfit": unfit, "gone": b""}
        run = add_over(book, contents[request.param])
        if request.param == "gone":
            book.store.weights(run.id).unlink()
        yield run
        book.remove(run)

    def test_everybody_still_sees_all_runs_and_the_reason(self, book, client_of, broken, quiet):
        http = client_of()
        answer = live(http, run=broken.id)
        assert broken.id in [run["run"] for run in answer["runs"]]
        assert len(answer["events"]) == 3
        assert answer["reading"]["error"]
        assert str(book.store.folder) not in answer["reading"]["error"]
        assert live(http, run=broken.id, snapshot=answer["reading"]["snapshot"])["reading"] is None

    def test_what_needs_them_is_refused_with_a_status_that_says_why(self, book, client_of, broken, quiet):
        http = client_of()
        is_gone = not book.store.weights(broken.id).exists()
        for address in ("analysis", "cell?label=1&guess=1", *(["weights"] if is_gone else [])):
            response = http.get(f"runs/{broken.id}/{address}")
            assert response.status_code == (404 if is_gone else 409)
            assert str(book.store.folder) not in response.text
            assert ("are gone" if is_gone else f"{broken.id}.safetensors: ") in response.json()["error"]

    def test_they_cannot_be_drawn_with_and_those_that_are_gone_are_not_offered(
        self, demo, book, client_of, broken, quiet
    ):
        name = f"run:{broken.id}"
        offered = [offer for _, offer in demo.networks.choices()]
        assert (name in offered) == book.store.weights(broken.id).exists()
        answer = client_of().post(f"read?model={name}", content=hostile_pictures.strokes(1)).json()
        assert re.search("are gone|safetensors: ", answer["error"])
        assert str(book.store.folder) not in answer["error"]


BAD_IDS = [[1], {"a": 1}, 7, None, True, "\ud800", "x" * 5000, [["x"]]]


class TestNonsense:
    """Lists as ids, dictionaries as names, texts that are none."""

    @pytest.mark.parametrize("bad", BAD_IDS, ids=repr)
    def test_what_is_no_run_is_told_and_nothing_breaks(self, client_of, bad, quiet):
        http = client_of()
        for answer in (call(http, "run", bad), call(http, "stop_training", bad, None, None)):
            assert answer.startswith(("there is no run", "the event: expected JSON"))
            assert len(answer) < 100

    @pytest.mark.parametrize("bad", [[1], {"a": 1}, 7, True, "\ud800", "x" * 5000], ids=lambda bad: repr(bad)[:20])
    @pytest.mark.parametrize("place", [0, 8, 9, 10])  # recipe, name, nickname, token
    def test_what_is_no_name_is_told_and_nothing_breaks(self, book, client_of, place, bad, quiet):
        data = ["mlp-relu", 1000, *[None] * 5, None, "name", "nickname", "token"]
        data[place] = bad
        before = len(book)
        assert "expected" in call(client_of(), "start_training", *data)
        assert len(book) == before

    @pytest.mark.parametrize("bad", [[1], {"a": 1}, 7, "\ud800", "x" * 300], ids=lambda bad: repr(bad)[:20])
    @pytest.mark.parametrize("name", ["token", "key", "run"])
    def test_a_body_with_what_are_no_texts_is_refused(self, client_of, name, bad, quiet):
        http = client_of()
        for address in ("live", "limits", "runs", "runs/x"):
            response = post(http, address, {"action": "stop", name: bad})
            statuses = (403, 404, 422) if name == "run" and address != "live" else (422,)
            assert response.status_code in ((400,) if bad == "\ud800" else statuses)  # which is no JSON
            assert response.json()["error"]

    @pytest.mark.parametrize(
        "bad", [[1], {"a": 1}, 7, "\ud800", {"run": [1]}, {"token": "\ud800"}, {"key": {}}, {"run": 7}]
    )
    def test_a_page_that_sends_nonsense_gets_a_text_and_nothing_breaks(self, client_of, bad, quiet):
        http = client_of()
        names = {entry["api_name"]: entry["id"] for entry in http.get("config").json()["dependencies"]}
        form = ["mlp-relu", 1, 64, 0.001, 0.9, 0, "auto", ""]
        for name, data in (
            ("start_from_page", [bad, "", "", *form[:1], 0, *form[2:]]),
            ("start_from_page", [{}, bad, "", "slow", *form[1:]]),
            ("start_from_page", [{}, "", "", bad, *form[1:]]),
            ("recipe_settings", [bad]),
            ("describe_network", [bad, ""]),
            ("describe_network", ["mlp-relu", bad]),
        ):
            body = {"data": data, "fn_index": names[name], "session_hash": "x"}
            response = post(http, "gradio_api/run/predict", body)
            assert "data" in response.json() or response.json()["error"]
