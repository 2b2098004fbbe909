"""The plain routes of a running server: what pages and programs get by HTTP beside Gradio's own."""

import base64
import csv
import json
from io import BytesIO, StringIO

import httpx
import numpy as np
import pytest
from PIL import Image
from safetensors.torch import load
from waiting import pause, wait_for

from mnist_demo.data.datasets import load_split
from mnist_demo.errors import RightsError
from mnist_demo.reading.pictures import open_picture
from mnist_demo.reading.predictor import Predictor
from mnist_demo.runs.rights import Limits, Visitor
from mnist_demo.serving.routes.address import find_address
from mnist_demo.training.recipes import configure
from mnist_demo.ui.demo import build_demo

ADA, BOB, KEY = {"token": "ada's secret"}, {"token": "bob's secret"}, {"key": "the key"}
LONG = configure("mlp-relu", epochs=1000, batch_size=100)


@pytest.fixture(scope="module")
def demo(small_mnist, tmp_path_factory):
    """A server with an instructor, on a small part of MNIST."""
    demo = build_demo(small_mnist, runs=tmp_path_factory.mktemp("runs"), instructor_key="the key")
    demo.launch(prevent_thread_lock=True, quiet=True)
    yield demo
    demo.close()


@pytest.fixture(scope="module")
def trainer(demo):
    return demo.trainer


@pytest.fixture(scope="module")
def http(demo):
    with httpx.Client(base_url=demo.local_url, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def finished(trainer):
    """A run of Ada's that has finished."""
    run = start(trainer, configure("mlp-relu", epochs=2), "Wide")
    wait_for(lambda: run.is_over)
    return run


@pytest.fixture(scope="module")
def training(trainer, finished):
    """A run of Ada's that pauses."""
    run = start(trainer, LONG, "Long")
    wait_for(lambda: run.events > 2)
    pause(trainer, run)
    return run


def start(trainer, config, name=""):
    return trainer.book.run(trainer.start(config, name, "Ada", Visitor(ADA["token"])))


def live(http, **body):
    return http.post("live", json=body).raise_for_status().json()


def summary(http, run, **body):
    (found,) = (entry for entry in live(http, **body)["runs"] if entry["run"] == run.id)
    return found


def act(http, run, action, value=None, **who):
    return http.post(f"runs/{run.id}", json={"action": action, "value": value, **who})


def png(array):
    content = BytesIO()
    Image.fromarray(array).save(content, "PNG")
    return content.getvalue()


class TestRuns:
    def test_all_are_listed_with_where_they_stand(self, http, finished):
        entry = http.get("runs").json()[0]
        assert {name: entry[name] for name in ("run", "number", "name", "nickname", "recipe", "epochs", "state")} == {
            **{"run": finished.id, "number": 1, "name": "Wide", "nickname": "Ada"},
            **{"recipe": "mlp-relu", "epochs": 2, "state": "finished"},
        }
        assert (entry["epoch"], entry["test_accuracy"]) == (2, finished.test_accuracy)
        assert (entry["best_epoch"], entry["best_test_accuracy"]) == (2, finished.test_accuracy)
        assert (entry["place"], entry["paused"], entry["has_weights"], entry["resumable"]) == (None, False, True, False)

    def test_nobody_learns_the_secret_of_another(self, http, finished):
        addresses = ("runs", f"runs/{finished.id}/events", f"runs/{finished.id}/metrics.json")
        texts = [http.get(address).text for address in addresses]
        texts.append(http.post("live", json={"run": finished.id, **BOB, **KEY}).text)
        assert not any("secret" in text for text in texts)

    def test_events_come_from_a_number_on(self, http, trainer, finished):
        events = trainer.book.events(finished)
        assert http.get(f"runs/{finished.id}/events").json() == events
        assert http.get(f"runs/{finished.id}/events?after=2").json() == events[2:]
        assert http.get(f"runs/{finished.id}/events?after={'9' * 18}").json() == []

    @pytest.mark.parametrize("after", ["-1", "1.5", "x", "", "²", "9" * 30])
    def test_what_is_no_number_of_an_event_is_refused(self, http, finished, after):
        response = http.get(f"runs/{finished.id}/events", params={"after": after})
        assert response.status_code == 400
        assert "after: expected a whole number from 0" in response.json()["error"]


class TestLive:
    """What a page that watches runs asks a few times a second."""

    def test_a_page_that_knows_nothing_learns_all(self, http, finished):
        answer = live(http)
        assert [run["run"] for run in answer["runs"]] == [run["run"] for run in http.get("runs").json()]
        assert answer["removed"] is None
        assert answer["room"] == {
            "has_instructor": True,
            "instructor": False,
            "refusal": "",
            "limits": {"runs": 20, "epochs": 1000, "seconds": 86_400, "pause": 10},
        }
        assert "events" not in answer

    def test_a_page_that_knows_all_learns_nothing(self, http, finished):
        known = live(http)
        assert live(http, since=known["version"]) == {
            **{"version": known["version"], "total": known["total"]},
            **{"runs": [], "removed": [], "removed_by_instructor": []},
        }

    def test_it_learns_what_has_happened_since(self, http, trainer, training):
        known = live(http, run=training.id, **ADA)
        act(http, training, "step-batch", **ADA).raise_for_status()
        after, snapshot = len(known["events"]), known["reading"]["snapshot"]
        # An epoch may have to end first.
        wait_for(lambda: "batch" in [event["event"] for event in trainer.book.events(training)[after:]])
        news = live(http, since=known["version"], run=training.id, after=after, snapshot=snapshot)
        assert [run["run"] for run in news["runs"]] == [training.id]
        assert news["runs"][0]["events"] == training.events == after + len(news["events"])
        assert [event["event"] for event in news["events"]][-1] == "batch"
        assert news["reading"]["snapshot"] > snapshot

    def test_it_learns_what_is_its_own(self, http, finished):
        assert summary(http, finished, **ADA)["mine"]
        assert not summary(http, finished, **BOB)["mine"]
        assert not summary(http, finished)["mine"]
        assert summary(http, finished, **KEY)["mine"]
        assert live(http, **KEY)["room"]["instructor"]
        assert not live(http, key="another key")["room"]["instructor"]

    @pytest.mark.parametrize("which", ["finished", "training"])
    def test_of_the_run_that_is_shown_it_learns_events_and_readings(self, http, trainer, request, which):
        run = request.getfixturevalue(which)
        answer = live(http, run=run.id)
        assert answer["events"] == trainer.book.events(run)
        assert len(answer["reading"]["digits"]) == 12
        assert all(digit in range(10) and 0.1 <= confidence <= 1 for digit, confidence in answer["reading"]["digits"])
        assert live(http, run=run.id, snapshot=answer["reading"]["snapshot"])["reading"] is None

    def test_the_events_of_a_long_run_come_in_parts(self, http, trainer, finished, monkeypatch):
        monkeypatch.setattr("mnist_demo.serving.routes.runs.MAX_EVENTS", 2)
        events = trainer.book.events(finished)
        assert live(http, run=finished.id)["events"] == events[:2]
        assert live(http, run=finished.id, after=2)["events"] == events[2:4]
        assert http.get(f"runs/{finished.id}/events").json() == events

    def test_a_trained_network_reads_most_of_the_watched_digits(self, http, finished, small_mnist):
        watched, split = http.get("watched").json(), load_split(small_mnist, train=False)
        for digit in watched:
            assert base64.b64decode(digit["pixels"]) == split.images[digit["index"]].tobytes()
            assert digit["label"] == split.labels[digit["index"]]
        digits = live(http, run=finished.id)["reading"]["digits"]
        assert sum(read == shown["label"] for (read, _), shown in zip(digits, watched, strict=True)) >= 8

    def test_a_drawing_is_read_too(self, http, finished):
        seven = base64.b64encode(load_split(train=False).images[0].tobytes()).decode()
        digit, confidence = live(http, run=finished.id, pixels=seven)["reading"]["drawing"]
        assert digit == 7
        assert confidence > 0.5

    def test_a_run_that_is_gone_is_not_shown(self, http):
        answer = live(http, run="nope")
        assert "events" not in answer
        assert "reading" not in answer

    def test_nothing_of_it_is_kept_by_a_browser_or_a_proxy(self, http):
        for response in (http.post("live", json={}), http.get("runs")):
            assert response.headers["cache-control"] == "no-store"

    @pytest.mark.parametrize(
        ("body", "message"),
        [
            ({"since": -1}, "since: expected a whole number from 0"),
            ({"since": "now"}, "since: expected a whole number from 0"),
            ({"after": 1.5}, "after: expected a whole number from 0"),
            ({"snapshot": None}, "snapshot: expected a whole number from 0"),
            ({"run": 7}, "run: expected a text of at most 200 characters, found 7"),
            ({"token": ["ada"]}, "token: expected a text"),
            ({"key": "x" * 201}, "key: expected a text"),
            ({"key": "\ud800"}, ""),
            ({"pixels": "!!!"}, "pixels: expected base64"),
            ({"pixels": "aGVsbG8="}, "pixels: expected 784 bytes, found 5"),
            ({"pixels": "A" * 2001}, "pixels: expected a text"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, http, finished, body, message):
        content = json.dumps({"run": finished.id} | body)
        response = http.post("live", content=content, headers={"content-type": "application/json"})
        assert response.is_client_error
        assert message in response.json()["error"]


class TestBodies:
    """What all routes ask of a body."""

    @pytest.mark.parametrize("address", ["live", "limits", "runs/x"])
    @pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
    def test_a_page_of_another_origin_can_send_nothing(self, http, address, content_type):
        response = http.post(address, content=json.dumps(KEY), headers={"content-type": content_type})
        assert response.status_code == 415
        assert response.json() == {"error": "expected a body of the type application/json"}

    @pytest.mark.parametrize(
        "content", [b"", b"hello", b"[]", b"7", b"null", b"\xff", b"{", b"[" * 100_000, b"9" * 5000]
    )
    def test_what_is_no_json_object_is_refused(self, http, content):
        response = http.post("live", content=content, headers={"content-type": "application/json; charset=utf-8"})
        assert response.status_code == 400
        assert response.json()["error"]

    @pytest.mark.parametrize(("address", "limit"), [("live", 4_000_000), ("read?model=cnn", 150_000)])
    def test_what_is_far_too_large_is_refused(self, http, address, limit):
        response = http.post(address, content=b" " * (limit + 1), headers={"content-type": "application/json"})
        assert response.status_code == 413
        assert response.json() == {"error": f"expected at most {limit:,} bytes"}


class TestActions:
    @pytest.mark.parametrize("who", [ADA, KEY])
    def test_a_run_is_paused_and_goes_on(self, http, training, who):
        assert act(http, training, "go-on", **who).status_code == 200
        assert not summary(http, training)["paused"]
        assert act(http, training, "pause", **who).status_code == 200
        assert summary(http, training)["paused"]

    def test_it_goes_on_by_a_batch_or_an_epoch(self, http, training):
        epoch = training.epoch
        assert act(http, training, "step-epoch", **ADA).status_code == 200
        wait_for(lambda: training.epoch > epoch)
        events = training.events
        assert act(http, training, "step-batch", **ADA).status_code == 200
        wait_for(lambda: training.events > events)
        assert summary(http, training)["paused"]

    @pytest.mark.parametrize("who", [BOB, {}, {"key": "another key"}, BOB | {"key": ""}])
    @pytest.mark.parametrize("action", ["stop", "go-on", "learning-rate", "resume", "remove", "move"])
    def test_nobody_else_does_anything_with_it(self, http, training, action, who):
        response = act(http, training, action, 0.1, **who)
        assert response.status_code == 403
        assert "only" in response.json()["error"]
        assert summary(http, training)["state"] == "running"

    @pytest.mark.parametrize("action", ["remove", "move"])
    def test_some_things_are_the_instructors_alone(self, http, training, action):
        response = act(http, training, action, 0, **ADA)
        assert response.status_code == 403
        assert response.json() == {"error": "only the instructor may do this"}

    @pytest.mark.parametrize(
        ("action", "value", "message"),
        [
            ("learning-rate", 0, "learning_rate: expected above 0 and at most 10, found 0"),
            ("learning-rate", "fast", "learning_rate: expected a number, found 'fast'"),
            ("learning-rate", None, "learning_rate: expected a number, found nothing"),
            ("move", 0, "is not queued"),
            ("move", -1, "place: expected a whole number from 0 to 20, found -1"),
            ("remove", None, "is running: stop it first"),
            ("resume", None, "has nothing to resume from"),
            ("explode", None, "action: expected one of stop, pause"),
            ([], None, "action: expected one of stop, pause"),
            (None, None, "action: expected one of stop, pause"),
        ],
    )
    def test_what_cannot_be_done_is_told(self, http, training, action, value, message):
        response = act(http, training, action, value, **KEY)
        assert response.is_client_error
        assert message in response.json()["error"]

    def test_an_unknown_run_is_not_found(self, http):
        response = http.post("runs/nope", json={"action": "stop", **KEY})
        assert response.status_code == 404
        assert response.json() == {"error": "there is no run 'nope'"}

    def test_the_instructor_moves_runs_that_wait(self, http, trainer, training):
        first, second = start(trainer, LONG), start(trainer, LONG)
        assert [summary(http, run)["place"] for run in (first, second)] == [1, 2]
        assert act(http, second, "move", 0, **KEY).status_code == 200
        assert [summary(http, run)["place"] for run in (first, second)] == [2, 1]
        for run in (first, second):
            assert act(http, run, "stop", **ADA).status_code == 200
            response = act(http, run, "remove", **KEY)
            assert response.status_code == 404
            assert response.json() == {"error": f"there is no run '{run.id}': it was removed"}

    def test_a_new_learning_rate_is_an_event_and_no_script_tells_the_same(self, http, training):
        assert act(http, training, "learning-rate", 0.01, **ADA).status_code == 200
        act(http, training, "step-batch", **ADA)
        wait_for(lambda: training.changed_rate)
        events = live(http, run=training.id)["events"]
        assert [event["learning_rate"] for event in events if event["event"] == "learning_rate"] == [0.01]
        response = http.get(f"runs/{training.id}/train.py")
        assert response.status_code == 409
        assert "the learning rate was changed in mid-run" in response.json()["error"]

    def test_a_run_is_stopped_goes_on_and_is_removed(self, http, trainer, training):
        act(http, training, "step-epoch", **ADA)  # a whole epoch, to go on from
        wait_for(lambda: training.epoch)
        assert act(http, training, "stop", **ADA).status_code == 200
        wait_for(lambda: training.is_over)
        stopped = summary(http, training)
        assert (stopped["state"], stopped["resumable"], stopped["has_weights"]) == ("stopped", True, True)

        assert act(http, training, "resume", **ADA).status_code == 200
        again = trainer.book.run(training.id)
        wait_for(lambda: (again.epoch or 0) > training.epoch)
        act(http, again, "stop", **KEY)
        wait_for(lambda: again.is_over)

        version = live(http)["version"]
        assert act(http, again, "remove", **KEY).status_code == 200
        news = live(http, since=version)
        assert news["removed"] == news["removed_by_instructor"] == [training.id]
        assert http.get(f"runs/{training.id}/events").status_code == 404

        assert act(http, again, "restore", **KEY).status_code == 200
        restored = live(http, since=news["version"])
        assert ([run["run"] for run in restored["runs"]], restored["removed"]) == ([training.id], [])
        assert http.get(f"runs/{training.id}/weights").status_code == 200
        assert act(http, again, "remove", **KEY).status_code == 200


class TestKey:
    """What a page asks before it keeps a key."""

    def test_the_right_one_is_taken(self, http):
        assert http.post("instructor", json=KEY).status_code == 200

    @pytest.mark.parametrize("who", [{}, ADA, {"key": "another key"}, {"key": ""}])
    def test_a_wrong_one_is_refused(self, http, who):
        response = http.post("instructor", json=who)
        assert response.status_code == 403
        assert response.json() == {"error": "only the instructor may do this"}

    def test_one_that_is_too_long_says_so(self, http):
        response = http.post("instructor", json={"key": "x" * 201})
        assert response.status_code == 422
        assert response.json()["error"].startswith("key: expected a text of at most 200 characters")


class TestLimits:
    @pytest.fixture
    def unlimited(self, trainer):
        yield
        trainer.set_limits(Limits())

    @pytest.mark.usefixtures("unlimited")
    def test_the_instructor_sets_them_and_everybody_sees_them(self, http, trainer):
        version = live(http)["version"]
        limits = {"runs": 2, "epochs": 5, "seconds": 60, "pause": 3}
        assert http.post("limits", json={"limits": limits, **KEY}).status_code == 200
        assert live(http)["room"]["limits"] == limits
        news = live(http, since=version)  # of a page that was up to date
        assert news["room"]["limits"] == limits
        assert "room" not in live(http, since=news["version"])
        with pytest.raises(RightsError, match="the instructor's limit is 5, found 1,000"):
            start(trainer, LONG)

    @pytest.mark.parametrize("who", [ADA, {}, {"key": "another key"}, {"token": "the key"}])
    def test_nobody_else_does(self, http, who):
        response = http.post("limits", json={"limits": {"runs": 2, "epochs": 5, "seconds": 60}, **who})
        assert response.status_code == 403
        assert live(http)["room"]["limits"]["epochs"] == 1000

    @pytest.mark.parametrize("limits", [None, [], {"runs": 2}, {"runs": 0, "epochs": 5, "seconds": 60}])
    def test_what_are_no_limits_is_refused(self, http, limits):
        response = http.post("limits", json={"limits": limits, **KEY})
        assert response.is_client_error
        assert "expected" in response.json()["error"]


class TestResults:
    """What can be seen of a trained network, and taken home."""

    def test_the_confusion_matrix_leads_to_the_images(self, http, finished, small_mnist):
        analysis = http.get(f"runs/{finished.id}/analysis").json()
        confusion = np.array(analysis["confusion"])
        assert confusion.sum() == 500
        assert confusion.trace() / 500 == pytest.approx(finished.test_accuracy)
        labels = load_split(small_mnist, train=False).labels
        for label, guess in ((7, 7), np.argwhere(confusion * (1 - np.eye(10)) > 0)[0].tolist()):
            cell = http.get(f"runs/{finished.id}/cell?label={label}&guess={guess}").json()
            assert len(cell) == min(24, confusion[label, guess])
            assert {(labels[image["index"]], image["digit"]) for image in cell} == {(label, guess)}

    @pytest.mark.parametrize("query", ["label=10&guess=0", "label=-1&guess=0", "label=x&guess=0", "label=0&guess=99"])
    def test_a_cell_that_is_not_there_is_refused(self, http, finished, query):
        response = http.get(f"runs/{finished.id}/cell?{query}")
        assert response.is_client_error
        assert "expected a whole number" in response.json()["error"]

    def test_a_run_is_as_it_was_after_each_of_its_epochs(self, http, trainer, finished):
        assert http.get(f"runs/{finished.id}/epochs").json() == {"epochs": [0, 1, 2]}
        ends = [event for event in trainer.book.events(finished) if event["event"] == "epoch"]
        for epoch, end in enumerate(ends):
            confusion = np.array(http.get(f"runs/{finished.id}/analysis?epoch={epoch}").json()["confusion"])
            assert confusion.trace() / 500 == pytest.approx(end["test_accuracy"])
            label, guess = np.argwhere(confusion)[0].tolist()
            cell = http.get(f"runs/{finished.id}/cell?epoch={epoch}&label={label}&guess={guess}").json()
            assert len(cell) == min(24, confusion[label, guess])
        last = http.get(f"runs/{finished.id}/analysis").json()
        assert last == http.get(f"runs/{finished.id}/analysis?epoch=2").json()

    def test_an_epoch_reads_the_watched_digits_and_a_drawing(self, http, finished):
        watched = http.get("watched").json()
        seven = watched[[digit["label"] for digit in watched].index(7)]
        then, now = (
            http.post(f"runs/{finished.id}/epochs/{epoch}", json={"pixels": seven["pixels"]}).json() for epoch in (0, 2)
        )
        assert len(then["digits"]) == len(watched)
        assert now["drawing"] == now["digits"][watched.index(seven)]
        assert now["drawing"][0] == 7
        assert max(then["drawing"][1], 0.5) < now["drawing"][1]  # the untrained network knew nothing
        assert "drawing" not in http.post(f"runs/{finished.id}/epochs/0", json={}).json()

    def test_an_epoch_can_be_looked_into_like_any_network(self, http, finished):
        pixels = http.get("watched").json()[0]["pixels"]
        then, end, now = (
            http.post("inside/maps", json={"network": f"run:{finished.id}{moment}", "pixels": pixels}).json()
            for moment in ("@0", "", "@now")
        )
        assert then != end == now
        first_layer = http.post("inside/first-layer", json={"network": f"run:{finished.id}@2"}).json()
        assert first_layer == http.get(f"runs/{finished.id}/analysis").json()["first_layer"]

    @pytest.mark.parametrize("epoch", ["3", "-1", "x", "99999999999"])
    def test_an_epoch_that_is_not_kept_is_refused(self, http, finished, epoch):
        for answer in (
            http.get(f"runs/{finished.id}/analysis?epoch={epoch}"),
            http.post(f"runs/{finished.id}/epochs/{epoch}", json={}),
            http.post("inside/layers", json={"network": f"run:{finished.id}@{epoch}"}),
        ):
            assert answer.is_client_error
            assert "epoch" in answer.json()["error"]

    def test_the_weights_can_be_taken_home(self, http, finished):
        response = http.get(f"runs/{finished.id}/weights")
        assert 'filename="run-1-mlp-relu.safetensors"' in response.headers["content-disposition"]
        assert load(response.content)["layers.1.weight"].shape == (50, 784)

    def test_the_numbers_can_be_taken_home_as_a_table(self, http, finished):
        response = http.get(f"runs/{finished.id}/metrics.csv")
        assert response.headers["content-type"].startswith("text/csv")
        assert 'filename="run-1-mlp-relu.csv"' in response.headers["content-disposition"]
        *_, last = csv.DictReader(StringIO(response.text))
        assert (last["event"], last["epoch"], float(last["test_accuracy"])) == ("epoch", "2", finished.test_accuracy)

    def test_all_that_is_known_can_be_taken_home(self, http, trainer, finished):
        response = http.get(f"runs/{finished.id}/metrics.json")
        assert 'filename="run-1-mlp-relu.json"' in response.headers["content-disposition"]
        assert response.json()["events"] == trainer.book.events(finished)

    def test_a_script_that_trains_the_same_network_can_be_taken_home(self, http, finished):
        response = http.get(f"runs/{finished.id}/train.py")
        assert 'filename="run_1_mlp_relu.py"' in response.headers["content-disposition"]
        compile(response.text, "train.py", "exec")
        assert "\nEPOCHS = 2\n" in response.text

    def test_a_run_without_weights_has_numbers_only(self, http, trainer):
        with trainer.book.changed:  # it does not begin in the meantime
            run = start(trainer, LONG)
            trainer.book.queue.remove(run)
            trainer.book.fail(run, "It broke.")
        for address in ("analysis", "cell", "weights"):
            response = http.get(f"runs/{run.id}/{address}")
            assert response.status_code == 409
            assert response.json() == {"error": f"run {run.number} has no trained weights"}
        assert http.get(f"runs/{run.id}/metrics.csv").text.startswith("event,epoch,")

    @pytest.mark.parametrize(
        "address", ["events", "analysis", "cell", "weights", "metrics.csv", "metrics.json", "train.py"]
    )
    def test_an_unknown_run_is_not_found(self, http, address):
        response = http.get(f"runs/nope/{address}")
        assert response.status_code == 404
        assert response.json() == {"error": "there is no run 'nope'"}


@pytest.fixture(scope="module")
def seven():
    """The file of a drawing of a 7."""
    return png(np.asarray(Image.fromarray(load_split(train=False).images[0]).resize((280, 280))))


class TestSamples:
    def test_finished_runs_say_what_a_sample_is_the_newest_first_and_one_that_is_named(self, http, trainer, finished):
        def ask(**query):
            answers = http.get("samples/test/8", params=query).raise_for_status().json()["answers"]
            return {answer["network"]: answer for answer in answers}

        name = f"run:{finished.id}"
        answer = ask()[name]
        assert answer["title"].startswith("Wide · mlp-relu · ")
        predictor = Predictor.load(trainer.book.store.weights(finished.id))
        (prediction,) = predictor.read_prepared(load_split(train=False).images[8])
        assert (answer["guess"], answer["rejected"]) == (prediction.guess, False)
        assert answer["confidence"] == pytest.approx(prediction.confidence, abs=1e-3)
        others = [
            start(trainer, configure("mlp-relu", epochs=1, sizes=(4,)), f"Narrow {number}") for number in range(5)
        ]
        wait_for(lambda: all(run.is_over for run in others))
        assert list(ask())[5:] == [f"run:{run.id}" for run in reversed(others)]
        assert list(ask(network=name))[-1] == name
        assert list(ask(network=f"{name}@1"))[-1] == f"{name}@1"
        assert list(ask(network="run:gone")) == list(ask(network="cnn")) == list(ask())

    def test_the_newest_network_of_a_run_that_trains_reads_no_whole_split_and_a_kept_epoch_does(self, http, trainer):
        run = start(trainer, LONG)
        asks = {
            "samples/neighbours": {"split": "test", "index": 0},
            "inside/strongest": {"path": "layers.1", "channel": 0},
        }
        for route, body in asks.items():
            refused = http.post(route, json={"network": f"run:{run.id}@now", **body})
            assert (refused.status_code, refused.json()["error"][:26]) == (409, "this network still changes")
        trainer.stop(run.id)
        brief = start(trainer, configure("mlp-relu", epochs=1))
        wait_for(lambda: brief.is_over)
        for route, body in asks.items():
            for moment in ("1", "now"):
                assert http.post(route, json={"network": f"run:{brief.id}@{moment}", **body}).status_code == 200


class TestReading:
    """The route that reads what is on the pad."""

    def test_a_digit(self, http, seven):
        reading = http.post("read?model=cnn", content=seven).json()
        assert (reading["digit"], reading["guess"]) == (7, 7)
        assert (reading["candidates"], reading["reason"]) == ([7], None)
        assert sum(reading["probabilities"]) == pytest.approx(1, abs=0.001)
        assert len(base64.b64decode(reading["pixels"])) == 784

    def test_a_number(self, http):
        drawing = np.kron(np.hstack(load_split(train=False).images[:3]), np.ones((3, 3), np.uint8))
        reading = http.post("read?model=digitnet", content=png(drawing)).json()
        assert (reading["number"], reading["lines"]) == ("721", ["721"])
        assert [digit["digit"] for digit in reading["digits"]] == [7, 2, 1]

    def test_by_a_network_that_was_trained_here(self, http, finished, seven):
        assert http.post(f"read?model=run:{finished.id}", content=seven).json()["digit"] == 7

    def test_a_pad_without_ink(self, http):
        reading = http.post("read?model=cnn", content=png(np.zeros((280, 280), np.uint8))).json()
        assert (reading["digit"], reading["guess"]) == (None, None)
        assert (reading["candidates"], reading["reason"]) == ([], "nothing drawn")

    @pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG\r\n\x1a\n" + bytes(50), b"<svg></svg>"])
    def test_what_is_no_picture_is_told(self, http, content):
        response = http.post("read?model=cnn", content=content)
        assert response.status_code == (422 if content.startswith(b"\x89PNG") else 415)
        assert "the picture: " in response.json()["error"]

    def test_by_the_best_network_unless_one_is_named(self, http, seven):
        assert http.post("read", content=seven).json() == http.post("read?model=digitnet", content=seven).json()

    def test_strokes_are_read_as_a_drawing(self, http):
        reading = http.post("read", json=drawn(SEVEN)).json()
        assert (reading["digit"], reading["candidates"]) == (7, [7])

    def test_several_digits_are_placed_in_thousandths_of_the_pad(self, http):
        halves = [[half // 2 for half in SEVEN], [half // 2 + 500 * (at % 2 == 0) for at, half in enumerate(SEVEN)]]
        reading = http.post("read", json=drawn(*halves)).json()
        assert reading["number"] == "77"
        (left, _, right, _), (next_left, _, next_right, _) = reading["boxes"]
        assert 100 < left < 140
        assert 330 < right < 400
        assert (next_left - left, next_right - right) == (pytest.approx(500, abs=2), pytest.approx(500, abs=2))

    def test_a_drawing_over_a_picture_is_read_with_it(self, http):
        paper = png(np.full((400, 400), 230, np.uint8))
        form = {"data": {"drawing": json.dumps(drawn(SEVEN))}, "files": {"picture": ("paper.png", paper)}}
        assert http.post("read", **form).json()["digit"] == 7
        assert http.post("read", content=paper).json()["digit"] is None

    @pytest.mark.parametrize(
        ("drawing", "message"),
        [
            ({"strokes": []}, "pen: expected a value, found none"),
            ({"pen": 65}, "strokes: expected a value, found none"),
            ({"pen": 0, "strokes": []}, "pen: expected greater than 0, found 0"),
            ({"pen": "65", "strokes": []}, "pen: expected a valid number, found '65'"),
            ({"pen": True, "strokes": []}, "pen: expected a valid number, found True"),
            ({"pen": 65, "strokes": [[1, 2, 3]]}, "strokes.0: expected x and y of each point, found [1"),
            ({"pen": 65, "strokes": [[]]}, "strokes.0: expected"),
            (
                {"pen": 65, "strokes": [[1, 2], [3, 5000]]},
                "strokes.1.1: expected less than or equal to 2000, found 5000",
            ),
            ({"pen": 65, "strokes": [[0, 0]] * 1_001}, "strokes: expected"),
            ({"pen": 65, "strokes": [[0, 0] * 10_001]}, "strokes: expected at most 10,000 points"),
            ({"pen": 65, "strokes": "seven"}, "strokes: expected a valid list"),
        ],
    )
    def test_what_is_no_drawing_is_told(self, http, drawing, message):
        response = http.post("read", json=drawing)
        assert response.status_code == 422
        assert response.json()["error"].startswith(message)

    @pytest.mark.parametrize(
        "text", ['{"pen": NaN, "strokes": []}', '{"pen": 65, "strokes": [[NaN, 1]]}', "[]", "", "{"]
    )
    def test_what_is_no_json_is_told(self, http, text):
        response = http.post("read", content=text, headers={"content-type": "application/json"})
        assert response.status_code == 400
        assert response.json()["error"]

    def test_a_drawing_of_too_many_bytes_is_refused(self, http):
        assert http.post("read", json=drawn([0, 0] * 100_000)).status_code == 413

    @pytest.mark.parametrize(
        "form",
        [
            {"files": {"picture": ("a.png", b"abc")}},
            {"files": {"drawing": ("a.png", b"abc")}},
            {"data": {"picture": "abc"}, "files": {"drawing": ("a.png", b"abc")}},
        ],
    )
    def test_a_form_without_a_drawing_and_a_picture_is_told(self, http, form):
        response = http.post("read", **form)
        assert response.status_code == 422
        assert 'a field "drawing" and a file "picture"' in response.json()["error"]

    def test_a_form_with_more_than_that_is_refused(self, http):
        files = [("picture", ("a.png", b"abc")), ("picture", ("b.png", b"abc"))]
        assert http.post("read", data={"drawing": "{}"}, files=files).status_code == 400

    def test_the_steps_of_strokes_and_of_a_picture(self, http, seven):
        for request, first in (({"json": drawn(SEVEN)}, "Ink, pen fitted"), ({"content": seven}, "Grey levels")):
            steps = http.post("steps", **request).json()["steps"]
            assert steps[0]["title"].startswith(first)
            assert steps[-1]["title"] == "28 x 28, centred by mass"
            picture = open_picture(base64.b64decode(steps[-1]["picture"].partition(",")[2])).grey
            assert picture.shape == (28, 28)
        assert http.post("steps", content=b"hello").status_code == 415

    def test_a_photo_as_a_phone_makes_it(self, http, seven):
        with Image.open(BytesIO(seven)) as image:
            photo = np.asarray(image.convert("L").resize((4000, 3000))) // 2
        grain = np.random.default_rng(0).integers(100, size=(3000, 4000, 3), dtype=np.uint8)
        file = BytesIO()
        Image.fromarray(photo[:, :, None] + grain).save(file, "JPEG", quality=95)
        assert 4_000_000 < file.tell() < 20_000_000
        assert http.post("read", content=file.getvalue()).json()["digit"] == 7

    def test_a_picture_that_would_unpack_to_too_much_is_told(self, http):
        content = png(np.zeros((8000, 8000), np.uint8))
        response = http.post("read?model=cnn", content=content)
        assert response.status_code == 413
        assert "too large: expected at most 60,000,000 pixels" in response.json()["error"]

    @pytest.mark.parametrize(
        ("model", "status", "message"),
        [
            ("lenet", 404, "there is no network 'lenet', only digitnet, mlp-relu"),
            ("../../etc/passwd.safetensors", 404, "there is no network"),
            ("run:nope", 404, "there is no run 'nope'"),
        ],
    )
    def test_an_unknown_network_is_told(self, http, seven, model, status, message):
        response = http.post("read", params={"model": model}, content=seven)
        assert response.status_code == status
        assert message in response.json()["error"]


SEVEN = [280, 210, 710, 210, 430, 790]


def drawn(*strokes):
    """Return the body of a drawing."""
    return {"pen": 65, "strokes": strokes}


class TestAddress:
    """How a room gets to the page."""

    def test_a_page_that_came_through_the_network_has_its_own(self, http):
        answer = http.get("address", params={"page": "http://192.0.2.7:7860/?view=screen"}).json()
        assert answer["url"] == "http://192.0.2.7:7860/"
        assert answer["qr"].startswith("<svg")

    def test_a_server_that_listens_to_this_machine_alone_has_none(self, http, demo):
        assert http.get("address", params={"page": demo.local_url}).json() == {"url": None, "qr": None}

    @pytest.mark.parametrize("page", ["", "hello", "ftp://192.0.2.7/", "http://", "http://[", "http://x/" + "x" * 300])
    def test_what_is_no_address_is_refused(self, http, page):
        response = http.get("address", params={"page": page})
        assert response.status_code == 400
        assert response.json()["error"]

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "[::1]", "demo.localhost", "0.0.0.0"])
    def test_the_names_of_this_machine_become_its_address_in_the_network(self, monkeypatch, host):
        monkeypatch.setattr("mnist_demo.serving.routes.address.find_own_ip", lambda: "192.0.2.7")
        assert find_address(f"http://{host}:7860/prefix/", is_open=True) == "http://192.0.2.7:7860/prefix/"
        assert find_address(f"http://{host}:7860/prefix/", is_open=False) is None

    def test_a_machine_without_a_network_has_none(self, monkeypatch):
        monkeypatch.setattr("mnist_demo.serving.routes.address.find_own_ip", lambda: None)
        assert find_address("http://localhost/", is_open=True) is None


@pytest.fixture(scope="module")
def locked(small_mnist):
    """A server that asks for a login."""
    demo = build_demo(small_mnist, instructor_key="the key")
    demo.launch(prevent_thread_lock=True, quiet=True, auth=("ada", "lovelace"))
    yield demo
    demo.close()


class TestLogin:
    def test_every_route_asks_for_it_but_those_of_probes(self, locked):
        for route in locked.routes:
            for method in route.methods:
                response = httpx.request(
                    method, locked.local_url + route.path[1:].replace("{run}", "x"), json=KEY, timeout=60
                )
                status = 200 if route.path in ("/healthz", "/readyz") else 401
                assert response.status_code == status, f"{method} {route.path}"

    def test_whoever_has_logged_in_is_let_in(self, locked):
        with httpx.Client(base_url=locked.local_url, timeout=60) as visitor:
            visitor.post("login", data={"username": "ada", "password": "lovelace"}).raise_for_status()
            assert visitor.get("runs").json() == []
            assert visitor.post("live", json=KEY).json()["runs"] == []
