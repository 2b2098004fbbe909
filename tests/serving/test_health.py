"""What a running server tells whoever runs it; who is let in to it stands in tests/abuse/test_logins.py."""

import re
from io import BytesIO

import pytest
from PIL import Image
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.testclient import TestClient

from mnist_demo import load_split
from mnist_demo.networks.checkpoints import WEIGHTS
from mnist_demo.runs.trainer import BackgroundTrainer
from mnist_demo.serving.metrics import Metrics
from mnist_demo.serving.predictors import Networks
from mnist_demo.serving.routes.health import build_health_routes

SEVEN = {"pen": 65, "strokes": [[280, 210, 710, 210, 430, 790]]}
EMPTY = {"pen": 65, "strokes": []}
OUTCOMES = "mnist_demo_readings_total"
REFUSALS = "mnist_demo_refusals_total"


@pytest.fixture
def figures(http):
    """A function that returns by how much figures have grown since the test began: {(name, *labels): difference}."""

    def look():
        families = text_string_to_metric_families(http.get("metrics").raise_for_status().text)
        samples = [sample for family in families for sample in family.samples]
        return {(sample.name, *sample.labels.values()): sample.value for sample in samples}

    before = look()

    def grown(*names):
        now = look()
        grown = {name: value - before.get(name, 0) for name, value in now.items()}
        return {name[1:]: change for name, change in grown.items() if name[0] in names and change}

    return grown


@pytest.fixture(scope="module")
def trainer():
    trainer = BackgroundTrainer()
    yield trainer
    trainer.close()


def ask(trainer, networks):
    return TestClient(Starlette(routes=build_health_routes(trainer, networks, Metrics())))


class TestProbes:
    def test_a_server_that_is_well_is_alive_and_ready(self, http):
        assert http.get("healthz").json() == {"alive": True}
        response = http.get("readyz")
        assert (response.status_code, response.json()) == (200, {"missing": []})
        assert response.headers["cache-control"] == "no-store"

    def test_by_address_and_by_no_other_name(self, http):
        for route in ("healthz", "readyz", "metrics"):
            assert http.get(route, headers={"Host": "192.0.2.7:7860"}).status_code == 200
            assert http.get(route, headers={"Host": "other.example"}).status_code == 421

    @pytest.mark.parametrize("content", [None, b"damaged"])
    def test_without_the_best_network_it_is_not_ready(self, trainer, monkeypatch, tmp_path, content):
        (tmp_path / "mlp-relu.safetensors").write_bytes((WEIGHTS / "mlp-relu.safetensors").read_bytes())
        if content:
            (tmp_path / "digitnet.safetensors").write_bytes(content)
        monkeypatch.setattr("mnist_demo.reading.predictor.WEIGHTS", tmp_path)
        http = ask(trainer, Networks(trainer, "cpu"))
        response = http.get("/readyz")
        assert (response.status_code, response.json()["missing"]) == (503, ["network digitnet"])
        assert response.json()["error"] == "not ready, missing: network digitnet"
        assert http.get("/healthz").status_code == 200

    def test_without_another_network_it_is_ready(self, trainer, monkeypatch, tmp_path):
        (tmp_path / "digitnet.safetensors").write_bytes((WEIGHTS / "digitnet.safetensors").read_bytes())
        monkeypatch.setattr("mnist_demo.reading.predictor.WEIGHTS", tmp_path)
        assert ask(trainer, Networks(trainer, "cpu")).get("/readyz").status_code == 200

    def test_a_trainer_that_takes_no_runs_makes_it_unready(self):
        trainer = BackgroundTrainer()
        http = ask(trainer, Networks(trainer, "cpu"))
        assert http.get("/readyz").status_code == 200
        trainer.close()
        assert http.get("/readyz").json()["missing"] == ["training queue"]

    def test_a_server_whose_networks_are_at_work_is_alive(self, trainer):
        networks = Networks(trainer, "cpu")
        with networks._lock:
            assert ask(trainer, networks).get("/healthz").status_code == 200


class TestFigures:
    def test_they_grow_by_exactly_the_readings_that_were_made(self, http, figures):
        for _ in range(3):
            assert http.post("read", json=SEVEN).json()["digit"] == 7
        assert http.post("read", json=EMPTY).json()["digit"] is None
        assert http.post("read?model=nope", json=SEVEN).status_code == 404
        assert http.post("read", content=b"no picture").status_code == 415
        assert http.post("read", json={"pen": 0}).status_code == 422  # is no drawing, so nothing is read
        assert figures(OUTCOMES) == {
            ("drawing", "digit"): 3,
            ("drawing", "reject"): 1,
            ("drawing", "refused"): 1,
            ("picture", "refused"): 1,
        }
        assert figures("mnist_demo_reading_seconds_count") == {("drawing",): 4}

    def test_readings_by_name_count_too(self, http, figures):
        picture = open_seven()
        for name in ("predict", "read_number"):
            (path,) = http.post("gradio_api/upload", files={"files": picture}).json()
            http.post(f"gradio_api/run/{name}", json={"data": [{"path": path}, "digitnet"]}).raise_for_status()
        assert figures(OUTCOMES) == {("predict", "digit"): 1, ("read_number", "number"): 1}

    def test_refusals_count_by_who_refuses(self, http, figures):
        http.get("nothing/here")
        http.get("runs", headers={"Host": "other.example"})
        http.post("live", json={}, headers={"Origin": "http://other.example"})
        http.post("live", content=b"x" * 4_000_001)
        http.post("gradio_api/run/nope", json={"data": []})
        http.get("runs/nope/events")
        http.get("healthz")
        assert figures(REFUSALS) == {
            **{("known_routes", "404"): 1, ("hosts", "421"): 1, ("origins", "403"): 1, ("bodies", "413"): 1},
            **{("events", "404"): 1, ("routes", "404"): 1},
        }

    def test_a_program_that_comes_begins_a_session(self, http, figures):
        event = {"data": ["train", 1], "session_hash": "figures"}
        http.post("gradio_api/run/sample", json=event).raise_for_status()
        assert figures("mnist_demo_sessions") == {(): 1}

    def test_what_is_under_way_is_the_question_itself(self, http):
        text = http.get("metrics").text
        assert "mnist_demo_requests_in_flight 1.0\n" in text
        assert int(re.search(r"mnist_demo_connections (\d+)", text)[1]) >= 1

    def test_nothing_in_them_tells_of_a_visitor(self, http):
        headers = {"X-Forwarded-For": "192.0.2.77", "User-Agent": "secret agent"}
        body = {"token": "secret token", "key": "secret key", "action": "stop"}
        http.post("runs/secret-run", json=body, headers=headers)
        http.post("read?model=secret-network", json=SEVEN, headers=headers)
        http.get("secret/path", headers={**headers, "Host": "secret.example"})
        text = http.get("metrics").text
        assert "secret" not in text
        assert "192.0.2" not in text


def open_seven():
    """A picture of a 7 as a file."""
    file = BytesIO()
    Image.fromarray(load_split(train=False).images[0]).resize((280, 280)).save(file, "PNG")
    return file.getvalue()
