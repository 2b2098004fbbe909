"""The file of likely label errors: read as it was written, for the data that it is about."""

from dataclasses import replace

import numpy as np
import pytest

from mnist_demo.data.datasets import Split, load_split
from mnist_demo.errors import SettingsError
from mnist_demo.insight.label_error_file import LabelErrors, place_of, read_label_errors, write_label_errors
from mnist_demo.insight.label_errors import LabelError

FOUND = LabelErrors(
    {"recipe": "fast", "seed": 0},
    {"train": [LabelError(3, 3, 5, 0.99994, 0.00006), LabelError(1, 1, 7, 0.5, 0.4)], "test": []},
)


@pytest.fixture
def splits(tiny_split):
    return {"train": tiny_split, "test": Split(tiny_split.images[:5], tiny_split.labels[:5])}


@pytest.fixture
def path(tmp_path, splits):
    path = place_of(tmp_path)
    write_label_errors(path, FOUND, splits)
    return path


def test_it_is_read_as_it_was_written_to_four_digits(path, splits):
    assert read_label_errors(path, splits) == replace(
        FOUND, errors={"train": [LabelError(3, 3, 5, 0.9999, 0.0001), LabelError(1, 1, 7, 0.5, 0.4)], "test": []}
    )


def test_other_data_has_none(path, splits, tmp_path):
    labels = splits["train"].labels.copy()
    labels[7] = 1
    corrected = {"train": Split(splits["train"].images, labels)}
    assert read_label_errors(path, corrected) is None
    assert read_label_errors(path, corrected | {"test": splits["test"]}).errors == {"test": []}
    assert read_label_errors(tmp_path / "missing", splits) is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: "", "expected what python -m mnist_demo.label_errors writes"),
        (lambda text: text[:-9], "expected what"),
        (lambda text: "[]\n", "expected what"),
        (lambda text: text.replace('"proposed"', '"propose"'), "expected what"),
        (
            lambda text: text.replace('"index": 3', '"index": 20'),
            "index: expected a whole number from 0 to 19, found 20",
        ),
        (lambda text: text.replace('"proposed": 5', '"proposed": 10'), "proposed: expected a whole number from 0 to 9"),
        (lambda text: text.replace("0.9999", '"much"'), "confidence: expected a number, found 'much'"),
    ],
)
def test_a_damaged_one_is_told(path, splits, change, message):
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(SettingsError, match=f"{path.name}: {message}"):
        read_label_errors(path, splits)


def test_the_bundled_one_is_small_and_about_the_bundled_mnist():
    splits = {name: load_split(train=name == "train") for name in ("train", "test")}
    found = read_label_errors(place_of(None), splits)
    assert place_of(None).stat().st_size < 100_000
    assert found.made_with | {"recipe": "fast", "folds": 5, "networks": 3, "seed": 0} == found.made_with
    for name, errors in found.errors.items():
        assert errors
        assert all(splits[name].labels[error.index] == error.label != error.proposed for error in errors)
        assert (np.diff([error.doubt for error in errors]) <= 2e-4).all()  # four digits are kept of each


def test_where_it_cannot_be_written_is_told(tmp_path, splits):
    with pytest.raises(SettingsError, match="cannot be written"):
        write_label_errors(tmp_path / "missing" / "file", FOUND, splits)
