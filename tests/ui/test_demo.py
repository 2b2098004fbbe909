"""The running demo, as programs see it."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError, ValidationError
from PIL import Image
from waiting import wait_for

from mnist_demo.data.datasets import load_split
from mnist_demo.errors import SettingsError
from mnist_demo.runs.book import RunBook
from mnist_demo.serving.examples import list_examples
from mnist_demo.ui.demo import find_free_port

PROJECT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def client(demo):
    return Client(demo.local_url, verbose=False)


@pytest.fixture(scope="module")
def seven(tmp_path_factory):
    path = tmp_path_factory.mktemp("pictures") / "seven.png"
    Image.fromarray(load_split(train=False).images[0]).resize((280, 280)).save(path)
    return path


def state_of(client, run):
    return client.predict(run, api_name="/run")


def epochs_of(client, run):
    return [event["epoch"] for event in state_of(client, run)["events"] if event["event"] == "epoch"]


def wait_for_end(client, run):
    wait_for(lambda: state_of(client, run)["state"] not in ("queued", "running"), interval=0.2)
    return state_of(client, run)


def test_predict(client, seven):
    answer = client.predict(handle_file(seven), "mlp-relu", api_name="/predict")
    assert answer["digit"] == 7
    assert sum(answer["probabilities"]) == pytest.approx(1)
    assert answer["confidence"] == max(answer["probabilities"])
    assert (answer["candidates"], answer["reason"]) == ([7], None)


def test_predict_takes_the_best_network_if_none_is_named(client, seven):
    assert client.predict(handle_file(seven), api_name="/predict")["digit"] == 7


def test_read_number(client, tmp_path):
    images = load_split(train=False).images
    path = tmp_path / "number.png"
    Image.fromarray(np.hstack([images[0], images[1], images[2]])).resize((840, 280)).save(path)
    answer = client.predict(handle_file(path), api_name="/read_number")
    assert answer["text"] == "721"
    assert answer["lines"] == ["721"]
    assert [digit["digit"] for digit in answer["digits"]] == [7, 2, 1]
    lefts = [left for left, _, _, _ in answer["boxes"]]
    assert [left // 280 for left in lefts] == [0, 1, 2]


def test_a_program_hears_why_its_event_is_refused(client):
    with pytest.raises(
        ValidationError, match=r"path: expected a file that was uploaded to this server, found '/etc/pa"
    ):
        client.predict({"path": "/etc/passwd"}, api_name="/predict")


def test_what_is_no_digit_has_no_digit_over_http(client, tmp_path):
    path = tmp_path / "house.png"
    Image.fromarray(list_examples()[-1].picture).save(path)
    answer = client.predict(handle_file(path), api_name="/predict")
    assert answer["digit"] is None
    assert answer["confidence"] == 0
    assert sum(answer["probabilities"]) == pytest.approx(1)


def test_an_unknown_network_is_refused_over_http(client, seven):
    with pytest.raises(AppError, match="there is no network 'lenet', only digitnet, mlp-relu, mlp-sigmoid, cnn, fast"):
        client.predict(handle_file(seven), "lenet", api_name="/predict")


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n" + bytes(50)])
def test_a_file_that_is_no_picture_is_refused_over_http(client, tmp_path, content):
    path = tmp_path / "digit.png"
    path.write_bytes(content)
    with pytest.raises(AppError, match="the picture: "):
        client.predict(handle_file(path), api_name="/predict")


def test_sample(client):
    answer = client.predict("train", 10, api_name="/sample")
    assert answer["label"] == 3
    assert answer["pixels"] == load_split(train=True).images[10].tolist()


def test_a_sample_that_is_not_there_says_what_is_allowed(client):
    with pytest.raises(AppError, match="index: expected a whole number from 0 to 9,999, found 10,000"):
        client.predict("test", 10_000, api_name="/sample")


def test_a_run_can_be_started_watched_and_read_over_http(client, demo):
    run = client.predict("mlp-relu", 1, api_name="/start_training")
    state = wait_for_end(client, run)
    assert state["state"] == "finished"
    assert [event["epoch"] for event in state["events"] if event["event"] == "epoch"] == [0, 1]
    assert state["events"][-1]["test_accuracy"] > 0.9

    events = httpx.get(f"{demo.local_url}runs/{run}/events", timeout=60).json()
    assert events == state["events"]
    assert httpx.get(f"{demo.local_url}runs/{run}/events?after=2", timeout=60).json() == events[2:]
    assert httpx.get(f"{demo.local_url}runs/{run}/events?after=99999", timeout=60).json() == []
    summary = httpx.get(f"{demo.local_url}runs", timeout=60).json()[-1]
    assert (summary["run"], summary["state"], summary["events"]) == (run, "finished", len(events))
    analysis = httpx.get(f"{demo.local_url}runs/{run}/analysis", timeout=60).json()
    assert np.trace(analysis["confusion"]) / 10_000 == state["events"][-1]["test_accuracy"]


def test_a_run_can_be_stopped_over_http(client):
    first, second = (client.predict("mlp-relu", 1000, api_name="/start_training") for _ in range(2))
    wait_for(lambda: state_of(client, first)["events"], interval=0.2)
    assert state_of(client, second)["place"] == 1 + (state_of(client, first)["place"] or 0)
    client.predict(second, api_name="/stop_training")
    with pytest.raises(AppError, match=f"there is no run '{second}': it was removed"):
        state_of(client, second)
    client.predict(first, api_name="/stop_training")
    assert wait_for_end(client, first)["state"] == "stopped"


def test_a_run_of_ones_own_is_stopped_with_its_token_only(client):
    settings = {"epochs": 1000, "sizes": [20, 30], "name": " Wide\n", "nickname": "Zoë", "token": "zoe's secret"}
    run = client.predict("mlp-relu", **settings, api_name="/start_training")
    for who in ({}, {"token": "another secret"}, {"key": "zoe's secret"}):
        with pytest.raises(AppError, match="is somebody else's: only its owner may do this"):
            client.predict(run, **who, api_name="/stop_training")
    wait_for(lambda: state_of(client, run)["events"], interval=0.2)
    state = state_of(client, run)
    assert (state["state"], state["name"], state["nickname"]) == ("running", "Wide", "Zoë")
    assert state["events"][0]["parameters"] == 784 * 20 + 20 + 20 * 30 + 30 + 30 * 10 + 10
    assert "secret" not in str(state)
    client.predict(run, token="zoe's secret", api_name="/stop_training")
    assert wait_for_end(client, run)["state"] == "stopped"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"recipe": "slow"}, "recipe: expected one of mlp-relu, mlp-sigmoid, cnn, fast, digitnet, found 'slow'"),
        ({"recipe": "cnn", "epochs": 0}, "epochs: expected a whole number from 1 to 1,000, found 0"),
        ({"recipe": "cnn", "batch_size": 70_000}, "batch_size: expected a whole number from 1 to 10,000"),
        ({"recipe": "cnn", "learning_rate": 1e9}, "learning_rate: expected above 0 and at most 10"),
        ({"recipe": "cnn", "seed": "abc"}, "seed: expected a whole number .* found 'abc'"),
        ({"recipe": "cnn", "device": "tpu"}, "device: expected one of auto, cpu, cuda"),
        ({"recipe": "cnn", "sizes": [8, 8]}, "sizes: expected 3 numbers of channels, each from 4 to 128, found 2"),
        ({"recipe": "cnn", "sizes": "8, 8, 8"}, "sizes: expected 3 numbers of channels"),
        ({"recipe": "cnn", "name": "x" * 41}, "name: expected at most 40 characters"),
        ({"recipe": "cnn", "nickname": 7}, "nickname: expected at most 40 characters"),
        ({"recipe": "cnn", "token": 7}, "token: expected a text"),
    ],
)
def test_settings_out_of_range_are_refused_over_http(client, settings, message):
    with pytest.raises(AppError, match=message):
        client.predict(**settings, api_name="/start_training")


@pytest.mark.parametrize("name", ["/run", "/stop_training"])
def test_an_unknown_run_is_told_over_http(client, name):
    with pytest.raises(AppError, match="there is no run 'nope'"):
        client.predict("nope", api_name=name)


@pytest.mark.parametrize("address", ["runs/nope/events", "runs/nope/analysis"])
def test_an_unknown_run_is_not_found(demo, address):
    response = httpx.get(f"{demo.local_url}{address}", timeout=60)
    assert response.status_code == 404
    assert response.json() == {"error": "there is no run 'nope'"}


def test_what_is_no_number_of_an_event_is_refused(client, demo):
    run = client.predict("mlp-relu", 1, api_name="/start_training")
    response = httpx.get(f"{demo.local_url}runs/{run}/events?after=-1", timeout=60)
    assert response.status_code == 400
    assert "expected a whole number" in response.json()["error"]


def test_programs_see_the_published_names_and_no_others(client):
    names = client.view_api(return_format="dict", print_info=False)["named_endpoints"].keys()
    assert names == {"/predict", "/read_number", "/sample", "/start_training", "/run", "/stop_training"}


def test_a_taken_port_is_replaced_by_the_next_and_that_is_said(capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        found = find_free_port("127.0.0.1", port)
    assert port < found < port + 100
    assert capsys.readouterr().err == f"Port {port} is taken: the demo uses port {found}.\n"


@pytest.mark.parametrize("host", ["999.1.1.1", "192.0.2.1", "no such host"])
def test_a_host_that_is_not_here_is_told(host):
    with pytest.raises(SettingsError, match="host: cannot listen on"):
        find_free_port(host, 7860)


@pytest.fixture
def start_app(tmp_path):
    """A function that starts app.py in a folder of its own, and returns the process and its address."""
    started = []

    def start(*options):
        port = find_free_port("127.0.0.1", 17860)
        command = [sys.executable, str(PROJECT / "app.py"), "--port", str(port), *map(str, options)]
        environment = os.environ | {"PYTHONUNBUFFERED": "1"}
        options = {"cwd": tmp_path, "env": environment, "stdout": subprocess.PIPE, "text": True}
        # A shell that runs the tests in the background has them, and all that they start, ignore Ctrl+C.
        app = subprocess.Popen(command, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL), **options)
        started.append(app)
        return app, next(line.split()[-1] for line in app.stdout if "http://" in line) + "/"

    yield start
    for app in started:
        with app:  # closes its pipe and waits for its end
            app.kill()


def children_of(pid):
    return Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()


def test_the_app_asks_for_its_login_everywhere_and_takes_its_workers_along(start_app):
    app, url = start_app("--auth", "ada:lovelace")
    assert httpx.get(f"{url}runs", timeout=60).status_code == 401
    with httpx.Client(timeout=60) as visitor:
        visitor.post(f"{url}login", data={"username": "ada", "password": "lovelace"}).raise_for_status()
        assert visitor.get(f"{url}runs").json() == []
    workers = children_of(app.pid)
    assert workers
    app.send_signal(signal.SIGTERM)
    assert app.wait(timeout=120) == 0
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)


def test_an_app_that_is_ended_as_soon_as_it_tells_its_address_ends_cleanly(start_app):
    app, _ = start_app()
    workers = children_of(app.pid)
    app.send_signal(signal.SIGTERM)  # Gradio still makes sure that the page can be reached
    assert app.wait(timeout=120) == 0
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)


def test_whoever_knows_the_instructors_key_stops_any_run(start_app, small_mnist):
    _, url = start_app("--instructor-key", "the key", "--data", small_mnist)
    client = Client(url, verbose=False)
    run = client.predict("mlp-relu", 1000, token="ada's secret", api_name="/start_training")
    with pytest.raises(AppError, match="is somebody else's"):
        client.predict(run, key="another key", api_name="/stop_training")
    client.predict(run, key="the key", api_name="/stop_training")
    assert wait_for_end(client, run)["state"] == "stopped"


@pytest.mark.parametrize("order", [signal.SIGTERM, signal.SIGINT])
def test_an_app_that_is_ended_in_mid_run_leaves_what_the_next_one_goes_on_from(start_app, small_mnist, tmp_path, order):
    app, url = start_app("--data", small_mnist, "--runs-dir", tmp_path / "lesson")
    client = Client(url, verbose=False)
    run = client.predict("mlp-relu", 1000, api_name="/start_training")
    wait_for(lambda: 1 in epochs_of(client, run), interval=0.2)
    workers = children_of(app.pid)
    app.send_signal(order)
    assert app.wait(timeout=120) == 0
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)
    book = RunBook(tmp_path / "lesson")
    (cut,) = book.runs()
    assert (cut.id, cut.state, cut.message) == (run, "failed", "The server was shut down during the run.")
    assert book.can_resume(cut)
    book.store.close()


def test_runs_are_kept_where_the_app_is_started(start_app, small_mnist, tmp_path):
    for folder in ("runs", "runs-2"):  # the second app runs beside the first
        _, url = start_app("--data", small_mnist)
        assert httpx.get(f"{url}runs", timeout=60).json() == []
        assert (tmp_path / folder / "runs.sqlite").is_file()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--data", "/nowhere"], "error: /nowhere: expected a directory of IDX files, found nothing"),
        (["--device", "tpu"], "error: device: expected one of auto, cpu, cuda, mps or cuda:N, found 'tpu'"),
        (["--auth", "ada"], "--auth: expected USER:PASSWORD"),
        (["--root-path", "/runs/"], "error: root_path: /runs is an address of the page itself; expected another path"),
        (["--port", "70000"], "error: port: expected 1 to 65,535, found 70,000"),
        (["--runs-dir", "/dev/null"], "error: /dev/null: cannot be used for runs: File exists"),
        (["--instructor-key", ""], "--instructor-key: expected a key"),
    ],
)
def test_the_app_refuses_bad_options_with_one_clear_line(tmp_path, options, message):
    command = [sys.executable, str(PROJECT / "app.py"), *options]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert result.returncode != 0
    assert result.stderr.strip().endswith(message)
    assert "Traceback" not in result.stderr
