"""Where a sample lies in its file."""

import gzip

import numpy as np
import pytest

from mnist_demo.data.datasets import PACKAGED_DATA, load_split
from mnist_demo.data.idx import write_idx
from mnist_demo.errors import IdxError, SettingsError
from mnist_demo.insight import describe_sample

TWO_IMAGES = bytes.fromhex("00000803 00000002 00000003 00000003") + bytes(range(18))


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_every_byte_of_a_small_file_has_its_name(tmp_path, suffix):
    path = tmp_path / f"images{suffix}"
    path.write_bytes(gzip.compress(TWO_IMAGES) if suffix else TWO_IMAGES)
    view = describe_sample(path, 1)
    assert [(field.offset, field.content.hex(), field.meaning) for field in view.header] == [
        (0, "0000", "always 0"),
        (2, "08", "type of an element: 8-bit unsigned integer"),
        (3, "03", "dimensions: 3"),
        (4, "00000002", "images: 2, big-endian"),
        (8, "00000003", "rows: 3, big-endian"),
        (12, "00000003", "columns: 3, big-endian"),
    ]
    assert (view.name, view.is_compressed, view.size, view.index) == (path.name, bool(suffix), 34, 1)
    assert (view.offset, view.content) == (16 + 9, bytes(range(9, 18)))
    assert view.values.tolist() == [[9, 10, 11], [12, 13, 14], [15, 16, 17]]
    # The header, the image before it and its own bytes are all of the file.
    assert (
        b"".join(field.content for field in view.header) + describe_sample(path, 0).content + view.content == TWO_IMAGES
    )


@pytest.mark.parametrize("index", [0, 10, 9_999])
def test_the_offsets_of_mnist(index):
    split = load_split(train=False)
    image = describe_sample(PACKAGED_DATA / "t10k-images-idx3-ubyte.gz", index)
    label = describe_sample(PACKAGED_DATA / "t10k-labels-idx1-ubyte.gz", index)
    assert (image.offset, label.offset) == (16 + 784 * index, 8 + index)
    np.testing.assert_array_equal(image.values, split.images[index])
    assert label.values == split.labels[index]
    assert label.header[-1].meaning == "labels: 10,000, big-endian"


def test_larger_numbers_are_big_endian(tmp_path):
    write_idx(tmp_path / "numbers", np.array([[1, 2], [3, -400]], np.int32))
    view = describe_sample(tmp_path / "numbers", 1)
    assert (view.offset, view.content.hex()) == (20, "00000003fffffe70")
    assert view.values.tolist() == [3, -400]
    assert view.header[1].meaning == "type of an element: 32-bit signed integer"


def test_what_is_wrong_is_told(tmp_path):
    (tmp_path / "images").write_bytes(TWO_IMAGES)
    (tmp_path / "cut").write_bytes(TWO_IMAGES[:-1])
    (tmp_path / "empty").write_bytes(bytes.fromhex("00000801 00000000"))
    with pytest.raises(SettingsError, match="index: expected a whole number from 0 to 1, found 2"):
        describe_sample(tmp_path / "images", 2)
    with pytest.raises(IdxError, match="cut: the file ends before entry 1 of 2"):
        describe_sample(tmp_path / "cut", 1)
    with pytest.raises(IdxError, match="ends before entry 0 of 0"):
        describe_sample(tmp_path / "empty", 0)
    with pytest.raises(IdxError, match="cannot be read"):
        describe_sample(tmp_path / "missing", 0)
    with pytest.raises(IdxError, match="expected an IDX header"):
        describe_sample(__file__, 0)
