"""The file of how robust networks are: shown for the weights and the data that it was made with, and no others."""

import json

import numpy as np
import pytest

from mnist_demo import MODELS, Predictor, Split, load_split
from mnist_demo.errors import SettingsError
from mnist_demo.insight.corruptions import CORRUPTIONS, corrupt
from mnist_demo.insight.damage import DAMAGES, damage
from mnist_demo.insight.robustness import SEED, Curve, Robustness, list_strengths
from mnist_demo.insight.robustness_file import COMMAND, place_of, read_robustness, write_robustness
from mnist_demo.networks.checkpoints import WEIGHTS, hash_weights

WEIGHTS_OF = {"small": "0123456789abcdef", "large": "fedcba9876543210"}
NETWORKS = dict(zip(WEIGHTS_OF, (0.25, 0.75), strict=True))
FOUND = Robustness(
    NETWORKS,
    {
        name: Curve(list_strengths(kind), {network: [accuracy] * 11 for network, accuracy in NETWORKS.items()})
        for name, kind in DAMAGES.items()
    },
    {name: {network: accuracy / 2 for network, accuracy in NETWORKS.items()} for name in CORRUPTIONS},
)


@pytest.fixture
def path(tmp_path, tiny_split):
    path = place_of(tmp_path)
    write_robustness(path, FOUND, tiny_split, WEIGHTS_OF, {"seed": 0})
    return path


def test_it_is_read_as_it_was_written(path, tiny_split):
    assert read_robustness(path, tiny_split, WEIGHTS_OF) == FOUND


def test_figures_of_other_data_are_never_read(path, tiny_split, tmp_path):
    labels = tiny_split.labels.copy()
    labels[7] = 1
    assert read_robustness(path, Split(tiny_split.images, labels), WEIGHTS_OF) is None
    assert read_robustness(tmp_path / "missing", tiny_split, WEIGHTS_OF) is None


def test_figures_of_other_weights_are_never_read(path, tiny_split):
    found = read_robustness(path, tiny_split, WEIGHTS_OF | {"large": "0" * 16})
    assert found.clean == {"small": 0.25}
    assert all(curve.accuracies == {"small": [0.25] * 11} for curve in found.curves.values())
    assert set(map(tuple, found.corruptions.values())) == {("small",)}
    assert read_robustness(path, tiny_split, {"small": "0" * 16, "other": WEIGHTS_OF["small"]}) is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: "", f"expected what {COMMAND} writes"),
        (lambda text: text[:-9], "expected what"),
        (lambda text: "[]\n", "expected what"),
        (lambda text: text.replace('"damage": "rotate"', '"damage": "melt"'), "expected what"),
        (lambda text: text.replace("0.75", "7.5"), "large: expected 0 to 1, found 7.5"),
        (lambda text: text.replace("0.75", '"much"'), "large: expected a number, found 'much'"),
        (lambda text: text.replace("-90", "-80"), r"rotate: expected the strengths \[-90"),
        (lambda text: text.replace("0.25, 0.25, ", ""), "rotate: expected 11 accuracies of small, found 1"),
        (lambda text: "".join(text.splitlines(True)[:-1]), "corruptions: expected shot_noise, .* found shot_noise"),
        (
            lambda text: "".join(line for line in text.splitlines(True) if "blur" not in line),
            "damages: expected rotate",
        ),
    ],
)
def test_a_damaged_or_outdated_one_is_told(path, tiny_split, change, message):
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(SettingsError, match=f"{path.name}: {message}"):
        read_robustness(path, tiny_split, WEIGHTS_OF)


def test_where_it_cannot_be_written_is_told(tmp_path, tiny_split):
    with pytest.raises(SettingsError, match="cannot be written"):
        write_robustness(tmp_path / "missing" / "file", FOUND, tiny_split, WEIGHTS_OF, {})


@pytest.fixture(scope="module")
def bundled():
    """The accuracies that are shipped, and the data that they are about."""
    split = load_split(train=False)
    weights = {name: hash_weights(WEIGHTS / f"{name}.safetensors") for name in MODELS}
    found = read_robustness(place_of(None), split, weights)
    outdated = set(MODELS) - set(found.clean if found else ())
    assert not outdated, f"the weights of {', '.join(outdated)} or the data are others; run: {COMMAND}"
    return split, found


def test_the_bundled_one_is_small_and_about_the_bundled_networks(bundled):
    _, found = bundled
    head = json.loads(place_of(None).read_text(encoding="utf-8").splitlines()[0])
    assert head["made_with"] | {"seed": SEED} == head["made_with"]
    assert place_of(None).stat().st_size < 100_000
    for name in MODELS:
        assert found.clean[name] == pytest.approx(Predictor.load(name).evaluate(bundled[0]).accuracy, abs=3e-4)


@pytest.mark.parametrize("name", DAMAGES)
def test_the_bundled_curves_are_what_the_damages_still_do(bundled, name):
    split, found = bundled
    damaged = Split(damage(split.images, name, DAMAGES[name].high), split.labels)
    accuracy = Predictor.load("mlp-relu").evaluate(damaged).accuracy
    assert found.curves[name].accuracies["mlp-relu"][-1] == pytest.approx(accuracy, abs=1e-3), f"run: {COMMAND}"


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_the_bundled_errors_are_what_the_corruptions_still_do(bundled, name):
    split, found = bundled
    corrupted = Split(corrupt(split.images, name, np.random.default_rng(SEED)), split.labels)
    accuracy = Predictor.load("mlp-relu").evaluate(corrupted).accuracy
    assert found.corruptions[name]["mlp-relu"] == pytest.approx(accuracy, abs=1e-3), f"run: {COMMAND}"
