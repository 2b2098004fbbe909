"""read_idx and write_idx: what is written comes back, and a bad file gives one clear error at little cost."""

import gzip
import re
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from mnist_demo import read_idx, write_idx
from mnist_demo.errors import IdxError

Array = NDArray[Any]

TYPE_CODES = {0x08: "u1", 0x09: "i1", 0x0B: "i2", 0x0C: "i4", 0x0D: "f4", 0x0E: "f8"}
CODES = {np.dtype(name).newbyteorder(">"): code for code, name in TYPE_CODES.items()}
MB = 1 << 20


def idx(code: int, shape: tuple[int, ...], body: bytes) -> bytes:
    """Return an IDX file of this header and body, whether or not they agree."""
    return bytes([0, 0, code, len(shape)]) + b"".join(size.to_bytes(4, "big") for size in shape) + body


def encode(array: Array) -> bytes:
    """Return the IDX file of `array`, without the help of write_idx."""
    big_endian = array.dtype.newbyteorder(">")
    return idx(CODES[big_endian], array.shape, array.astype(big_endian).tobytes())


def assert_same(read: Array, written: Array) -> None:
    """Compare bytes, so that NaNs count too; what was read must be native and writable."""
    assert read.dtype == written.dtype.newbyteorder("=")
    assert read.dtype.isnative
    assert read.flags.writeable
    assert read.shape == written.shape
    assert read.tobytes() == written.astype(read.dtype).tobytes()


def array_or_message(path: Path) -> Array | str:
    """Return what read_idx does, or the message of its IdxError; another exception fails the test."""
    try:
        return read_idx(path)
    except IdxError as error:
        return str(error)


@contextmanager
def peak_memory_below(limit: int) -> Iterator[None]:
    """Fail if the block ever holds `limit` bytes or more beyond what was there before it."""
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < limit


# Good files


@pytest.mark.parametrize(
    ("content", "dtype", "values"),
    [
        (bytes([0, 0, 0x08, 1, 0, 0, 0, 3, 7, 2, 255]), "uint8", [7, 2, 255]),
        (bytes([0, 0, 0x08, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6]), "uint8", [[1, 2, 3], [4, 5, 6]]),
        (bytes([0, 0, 0x09, 1, 0, 0, 0, 2, 0xFF, 0x7F]), "int8", [-1, 127]),
        (bytes([0, 0, 0x0B, 1, 0, 0, 0, 2, 1, 2, 0xFF, 0xFE]), "int16", [258, -2]),
        (bytes([0, 0, 0x0C, 1, 0, 0, 0, 1, 1, 2, 3, 4]), "int32", [16909060]),
        (bytes([0, 0, 0x0D, 1, 0, 0, 0, 1, 0x3F, 0xC0, 0, 0]), "float32", [1.5]),
        (bytes([0, 0, 0x0E, 1, 0, 0, 0, 1, 0xC0, 4, 0, 0, 0, 0, 0, 0]), "float64", [-2.5]),
        (bytes([0, 0, 0x08, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2]), "uint8", [[]]),
    ],
)
def test_bytes_written_by_hand(tmp_path: Path, content: bytes, dtype: str, values: list[Any]) -> None:
    path = tmp_path / "by-hand"
    path.write_bytes(content)
    array = read_idx(path)
    assert array.dtype == dtype
    assert array.tolist() == values
    write_idx(tmp_path / "again", array)
    assert (tmp_path / "again").read_bytes() == content


@pytest.mark.parametrize("name", ["plain", "packed.gz"])
@pytest.mark.parametrize("shape", [(5,), (0,), (2, 3), (3, 0, 2), (2, 3, 4), (1, 2, 1, 3, 2), (1,) * 64], ids=str)
@pytest.mark.parametrize("dtype", [order + name for name, order in product(TYPE_CODES.values(), "<>")])
def test_round_trip(tmp_path: Path, dtype: str, shape: tuple[int, ...], name: str) -> None:
    array = np.random.default_rng(0).integers(0, 128, size=shape).astype(dtype)
    write_idx(tmp_path / name, array)
    assert_same(read_idx(tmp_path / name), array)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=np.uint8).reshape(2, 3).T,
        np.arange(24, dtype=np.int16).reshape(2, 3, 4).transpose(2, 0, 1)[::-1, :, ::2],
    ],
    ids=["transposed", "strided"],
)
def test_view_is_written_in_the_order_that_it_shows(tmp_path: Path, array: Array) -> None:
    write_idx(tmp_path / "view", array)
    assert read_idx(tmp_path / "view").tolist() == array.tolist()


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("name", ["labels", "labels.gz"])
def test_content_and_not_name_tells_whether_a_file_is_packed(
    tmp_path: Path, name: str, pack: Callable[[bytes], bytes]
) -> None:
    (tmp_path / name).write_bytes(pack(idx(0x08, (3,), b"\7\2\1")))
    assert read_idx(str(tmp_path / name)).tolist() == [7, 2, 1]


def test_gz_in_the_name_packs(tmp_path: Path) -> None:
    array = np.zeros((100, 100), np.uint8)
    write_idx(tmp_path / "plain", array)
    write_idx(tmp_path / "packed.gz", array)
    assert (tmp_path / "plain").read_bytes() == encode(array)
    assert gzip.decompress((tmp_path / "packed.gz").read_bytes()) == encode(array)
    assert (tmp_path / "packed.gz").stat().st_size < 200


def test_same_array_gives_the_same_file_at_any_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    array = np.arange(6, dtype=np.int32)
    write_idx(tmp_path / "now.gz", array)
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    write_idx(tmp_path / "later.gz", array)
    assert (tmp_path / "now.gz").read_bytes() == (tmp_path / "later.gz").read_bytes()


@pytest.mark.parametrize("cut", [2, 6, 9], ids=["in the magic", "in the sizes", "in the body"])
def test_gzip_of_several_members_with_zero_padding(tmp_path: Path, cut: int) -> None:
    content = idx(0x08, (3,), b"\7\2\1")
    members = [gzip.compress(part) for part in (content[:cut], b"", content[cut:])]
    (tmp_path / "members.gz").write_bytes((b"\0" * 5).join(members) + b"\0" * 512)
    assert read_idx(tmp_path / "members.gz").tolist() == [7, 2, 1]


@pytest.mark.parametrize("rest", [b"garbage", gzip.compress(b"one more")], ids=["garbage", "member"])
def test_gzip_is_checked_behind_padding_longer_than_a_chunk(tmp_path: Path, rest: bytes) -> None:
    path = tmp_path / "padded.gz"
    path.write_bytes(gzip.compress(idx(0x08, (1,), b"\7")) + bytes(2 * MB) + rest)
    with pytest.raises(IdxError, match=re.escape(str(path))):
        read_idx(path)


# Bad files

TERABYTES = idx(0x08, (1 << 20, 1 << 20, 4), b"\7")
GOOD = idx(0x0B, (2, 3), bytes(range(1, 13)))


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "is empty, expected an IDX header", id="empty"),
        pytest.param(b"\0\0\x08", "expected a magic number of 4 bytes, the file has 3", id="cut in the magic"),
        pytest.param(GOOD[:11], "the header of 2 dimensions takes 12 bytes, the file has 11", id="cut in the header"),
        pytest.param(
            GOOD[:-1],
            r"the header declares 12 bytes of data, 2 x 3 of int16, the file (has|can hold at most) 11$",
            id="cut in the body",
        ),
        pytest.param(GOOD[:12], "declares 12 bytes of data, .* (has|can hold at most) 0$", id="no body"),
        pytest.param(
            GOOD + b"\0", "declares 12 bytes of data, 2 x 3 of int16, the file has more", id="a byte too many"
        ),
        pytest.param(b"\1\2\3\4" + GOOD[4:], "expected an IDX header 00 00 .*, found 01 02 03 04$", id="wrong magic"),
        pytest.param(idx(0x0A, (1,), b"\0"), "unknown element type 0x0A, expected one of .*0x0B int16", id="type"),
        pytest.param(b"\0\0\x08\0", "expected 1 to 255 dimensions, found 0", id="zero dimensions"),
        pytest.param(idx(0x08, (1,) * 65, b"\7"), "numpy cannot hold 1 x 1 x .* of uint8", id="65 dimensions"),
        pytest.param(idx(0x0E, (0, *[(1 << 32) - 1] * 3), b""), "numpy cannot hold 0 x 4,294,967,295", id="0 x huge"),
        pytest.param(
            TERABYTES,
            r"declares 4,398,046,511,104 bytes of data, 1,048,576 x 1,048,576 x 4 of uint8, .* at most [\d,]+$",
            id="terabytes",
        ),
        pytest.param(
            bytes([3, 8, 0, 0]) + GOOD[4:], "found 03 08 00 00: a little-endian header", id="little-endian magic"
        ),
        pytest.param(
            bytes([0, 0, 8, 2, 2, 0, 0, 0, 3, 0, 0, 0]) + bytes(6),
            "declares 1,688,849,860,263,936 bytes .*; its sizes look little-endian, IDX is big-endian",
            id="little-endian sizes",
        ),
        pytest.param(b"<!DOCTYPE html><title>404</title>", "found 3c 21 44 4f: an HTML or XML page", id="HTML page"),
    ],
)
def test_bad_content(tmp_path: Path, content: bytes, message: str, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "bad-file"
    path.write_bytes(pack(content))
    with peak_memory_below(2 * MB), pytest.raises(IdxError, match=f"^{re.escape(str(path))}: .*{message}"):
        read_idx(path)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(IdxError, match=r"nowhere: cannot be read: No such file"):
        read_idx(tmp_path / "nowhere")


def test_directory(tmp_path: Path) -> None:
    with pytest.raises(IdxError, match=f"^{re.escape(str(tmp_path))}: cannot be read: Is a directory"):
        read_idx(tmp_path)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_every_cut_is_noticed(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "cut"
    whole = pack(GOOD)
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(IdxError, match=re.escape(str(path))):
            read_idx(path)


@pytest.mark.parametrize("length", [10, 25, -8, -1])
def test_truncated_gzip(tmp_path: Path, length: int) -> None:
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(GOOD)[:length])
    with pytest.raises(IdxError, match=r"cut\.gz: the gzip data is truncated"):
        read_idx(path)


def test_no_flipped_bit_in_gzip_data_changes_what_is_read(tmp_path: Path) -> None:
    path = tmp_path / "flipped.gz"
    whole = gzip.compress(GOOD)
    unnoticed = 0
    for position, bit in product(range(10, len(whole)), range(8)):  # gzip's header is the ten bytes before
        flipped = bytearray(whole)
        flipped[position] ^= 1 << bit
        path.write_bytes(flipped)
        outcome = array_or_message(path)
        if isinstance(outcome, str):
            assert outcome.startswith(f"{path}: ")
        else:
            assert encode(outcome) == GOOD
            unnoticed += 1
    assert unnoticed < 8  # the data ends within a byte, whose last bits mean nothing


def test_flipped_bit_in_the_checksum_is_called_damage(tmp_path: Path) -> None:
    path = tmp_path / "flipped.gz"
    whole = bytearray(gzip.compress(GOOD))
    whole[-8] ^= 1  # the first byte of the CRC: all of the data has been read by then
    path.write_bytes(whole)
    with pytest.raises(IdxError, match=r"flipped\.gz: the gzip data is damaged: .*incorrect data check"):
        read_idx(path)


def test_garbage_behind_gzip_data(tmp_path: Path) -> None:
    path = tmp_path / "garbage.gz"
    path.write_bytes(gzip.compress(GOOD) + b"garbage")
    with pytest.raises(IdxError, match=r"garbage\.gz: the gzip data is damaged"):
        read_idx(path)


def test_gzip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    packer = zlib.compressobj(level=1, wbits=31)
    packed = [packer.compress(GOOD), *(packer.compress(bytes(MB)) for _ in range(300)), packer.flush()]
    path.write_bytes(b"".join(packed))
    assert path.stat().st_size < 2 * MB
    with peak_memory_below(4 * MB), pytest.raises(IdxError, match=r"bomb\.gz: .*declares 12 bytes .* has more"):
        read_idx(path)


def test_promise_within_what_gzip_could_hold_costs_only_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "promise.gz"
    noise = np.random.default_rng(0).bytes(MB // 4)
    path.write_bytes(gzip.compress(idx(0x08, (200 * MB,), noise)))
    with peak_memory_below(2 * MB), pytest.raises(IdxError, match=r"declares 209,715,200 bytes .* has 262,144$"):
        read_idx(path)


# Writing


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros(3, np.int64), "IDX holds uint8, int8, int16, int32, float32, float64, not int64"),
        (np.zeros(3, np.uint16), "not uint16"),
        (np.zeros(3, np.bool_), "not bool"),
        (np.array("text"), "not <U4"),
        (np.zeros((), np.uint8), "1 to 255 dimensions, this one has 0"),
        (np.broadcast_to(np.uint8(0), (1 << 32,))[:, None][:, :0], r"at most 4,294,967,295 .* \(4294967296, 0\)"),
    ],
    ids=["int64", "uint16", "bool", "text", "0 dimensions", "too long"],
)
def test_array_that_idx_cannot_hold(tmp_path: Path, array: Array, message: str) -> None:
    path = tmp_path / "array"
    with pytest.raises(IdxError, match=f"^{re.escape(str(path))}: .*{message}"):
        write_idx(path, array)
    assert not path.exists()


@pytest.mark.parametrize("error", [OSError("No space left on device"), KeyboardInterrupt()], ids=["full", "Ctrl-C"])
@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.replace"])
def test_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException
) -> None:
    path = tmp_path / "labels"
    write_idx(path, np.array([7, 2, 1], np.uint8))

    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(step, fail)
    with pytest.raises(type(error)):
        write_idx(path, np.zeros(1000, np.uint8))
    assert read_idx(path).tolist() == [7, 2, 1]
    assert list(tmp_path.iterdir()) == [path]


# Any file at all

ARRAYS = hnp.arrays(
    dtype=st.sampled_from([np.dtype(order + name) for name, order in product(TYPE_CODES.values(), "<>")]),
    shape=hnp.array_shapes(min_dims=1, max_dims=5, min_side=0, max_side=4),
)

POSITION = st.integers(0, 300)
MUTATION = st.one_of(
    st.tuples(st.just("flip"), POSITION, st.integers(1, 255)),
    st.tuples(st.just("cut"), POSITION, POSITION),
    st.tuples(st.just("insert"), POSITION, st.binary(min_size=1, max_size=8)),
    st.tuples(st.just("duplicate"), POSITION, POSITION),
)


def mutate(content: bytes, mutation: tuple[str, int, Any]) -> bytes:
    """Return `content` with one byte changed, a part cut out, bytes put in, or a part doubled."""
    kind, position, argument = mutation
    start = position % (len(content) + 1)
    if kind == "insert":
        return content[:start] + bytes(argument) + content[start:]
    end = start + 1 if kind == "flip" else start + argument
    part = content[start:end]
    middle: bytes = {"flip": bytes(byte ^ (argument % 256) for byte in part), "cut": b"", "duplicate": part + part}[
        kind
    ]
    return content[:start] + middle + content[end:]


@given(array=ARRAYS, name=st.sampled_from(["plain", "packed.gz"]))
@settings(max_examples=200, deadline=None)
def test_any_array_comes_back(tmp_path_factory: pytest.TempPathFactory, array: Array, name: str) -> None:
    path = tmp_path_factory.getbasetemp() / name
    write_idx(path, array)
    assert_same(read_idx(path), array)


@given(array=ARRAYS, packed=st.booleans(), mutations=st.lists(MUTATION, min_size=1, max_size=4))
@settings(max_examples=200, deadline=None)
def test_any_damage_is_an_idx_error_or_reads_as_the_damaged_file_says(
    tmp_path_factory: pytest.TempPathFactory, array: Array, packed: bool, mutations: list[tuple[str, int, Any]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged"
    content = gzip.compress(encode(array), mtime=0) if packed else encode(array)
    for mutation in mutations:
        content = mutate(content, mutation)
    path.write_bytes(content)
    outcome = array_or_message(path)
    if isinstance(outcome, str):
        assert outcome.startswith(f"{path}: ")
    else:
        # Every byte of an IDX file means something, so what was read must give the same bytes again.
        assert encode(outcome) == (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content)
