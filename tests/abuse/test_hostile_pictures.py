"""Files and drawings that are made to hold the server up, to fill its memory or to crash it."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import hostile_pictures as hostile
import httpx
import numpy as np
import pytest
from PIL import Image, ImageFile
from waiting import finish, wait_for

from mnist_demo import Predictor
from mnist_demo.errors import BusyError, ImageError, ImageFormatError, ImageTooLargeError
from mnist_demo.job_queue import JobQueue
from mnist_demo.reading import decoder_process
from mnist_demo.reading.decoder_process import PROJECT, DecoderProcess
from mnist_demo.reading.normalisation import normalise
from mnist_demo.reading.pictures import MAX_PIXELS, open_picture
from mnist_demo.reading.segmentation import MAX_ALL_PIECES, MAX_CANDIDATES
from mnist_demo.serving.readings import OnPad

DAMAGED = 3_000  # files; the issue saw 84 of 35,081 raise what nobody expected

STRUCTURES = {
    "scans": (hostile.many_scans_jpeg, "at most 100 scans"),
    "scans of many pixels": (lambda: hostile.many_scans_jpeg(90, 7_000), "pixels in all of its scans"),
    "segments": (hostile.many_segments_jpeg, "at most 1,000 segments"),
    "one scan of several": (hostile.progressive_jpeg, "bytes in a picture with several scans"),
    "chunks": (hostile.many_chunks_png, "at most 10,000 chunks"),
    "empty pixels": (lambda: hostile.many_chunks_png(name=b"IDAT"), "at most 10,000 chunks"),
    "comments": (hostile.many_comments_gif, "at most 1,000 blocks"),
    "frames": (hostile.many_frames_webp, "at most 10,000 chunks"),
    "strips": (hostile.many_strips_tiff, "at most 100,000 values"),
    "tags": (lambda: hostile.overlapping_tiff(5_000), "at most 1,000 tags"),
}
DAMAGES = {
    "rubbish": (hostile.junk_jpeg, "damaged between its segments"),
    "overlapping tags": (hostile.overlapping_tiff, "tags overlap"),
    "overlapping EXIF": (hostile.overlapping_exif_jpeg, "tags overlap"),
}
OTHER_FORMATS = {
    "ICO": hostile.ico_bomb,
    "ICNS": hostile.icns_bomb,
    "IPTC": hostile.iptc_bomb,
    "EPS": hostile.eps,
    "XPM": hostile.xpm,
    "JPEG 2000": lambda: hostile.large("JPEG2000", 300, 300),
    "PSD": lambda: b"8BPS" + bytes(100),
    "SVG": lambda: b"<svg></svg>",
    "nothing": bytes,
}
BOMBS = {
    "PNG": hostile.pixel_bomb_png,
    "PNG of 16 bits": lambda: hostile.pixel_bomb_png(6_000, 6_000, depth=16),
    "PNG with transparency": lambda: hostile.pixel_bomb_png(5_000, 5_000, depth=8, colour=4),
    "WebP": lambda: hostile.large("WEBP", 3_000, 3_000, quality=1, method=0),
    "AVIF": lambda: hostile.large("AVIF", 4_000, 3_000, speed=10),
    "GIF": lambda: hostile.large("GIF", 8_000, 8_000, "P"),
    "TIFF": lambda: hostile.large("TIFF", 8_000, 8_000, "1", compression="group4"),
    "JPEG": lambda: hostile.large("JPEG", 8_000, 8_000, "L"),
}


class TestFiles:
    """What is in a file decides before Pillow unpacks it."""

    @pytest.mark.parametrize(("make", "message"), STRUCTURES.values(), ids=STRUCTURES)
    def test_too_many_parts_are_refused_unread(self, monkeypatch, make, message):
        monkeypatch.delattr(Image, "open")
        with pytest.raises(ImageTooLargeError, match=message):
            open_picture(make())

    @pytest.mark.parametrize(("make", "message"), DAMAGES.values(), ids=DAMAGES)
    def test_so_is_what_no_program_writes(self, monkeypatch, make, message):
        monkeypatch.delattr(Image, "open")
        with pytest.raises(ImageError, match=message):
            open_picture(make())

    @pytest.mark.parametrize("make", OTHER_FORMATS.values(), ids=OTHER_FORMATS)
    def test_other_formats_are_refused_unread(self, monkeypatch, make):
        monkeypatch.delattr(Image, "open")
        with pytest.raises(ImageFormatError, match="expected PNG, JPEG, WebP, GIF, BMP, TIFF or AVIF"):
            open_picture(make())

    def test_a_heic_photo_is_named(self):
        with pytest.raises(ImageFormatError, match=r"HEIC \(HEIF\) pictures are not supported: share"):
            open_picture(hostile.heic())

    @pytest.mark.parametrize("make", BOMBS.values(), ids=BOMBS)
    def test_too_many_pixels_are_not_unpacked(self, monkeypatch, make):
        content = make()
        monkeypatch.delattr(ImageFile.ImageFile, "load")
        with pytest.raises(ImageTooLargeError, match="too large"):
            open_picture(content)

    @pytest.mark.parametrize("make", [hostile.many_frames_gif, hostile.looping_tiff, hostile.text_bomb_png])
    def test_what_lies_behind_the_first_picture_does_not_matter(self, make):
        assert open_picture(make()).grey.shape == (40, 40)

    def test_a_damaged_file_is_never_anything_but_an_error_of_ours(self):
        random, samples, readable = np.random.default_rng(9), list(hostile.samples().values()), 0
        for number in range(DAMAGED):
            try:
                open_picture(hostile.damaged(samples[number % len(samples)], random))
                readable += 1
            except ImageError as error:
                assert str(error).startswith("the picture: ")  # noqa: PT017 - most are refused, and may be
        assert 0 < readable < DAMAGED / 2


@pytest.fixture
def decoder():
    decoder = DecoderProcess(40_000_000)
    yield decoder
    decoder.close()


BAR = hostile.encoded("PNG")
STROKES = {"pen": 65, "strokes": [[500, 200, 500, 800]]}


SERVER = """
from mnist_demo.reading.decoder_process import DecoderProcess
decoder = DecoderProcess(1 << 26)
decoder.start()
print(decoder.pid, flush=True)
input()
"""


class TestDecoder:
    """A process that may be lost."""

    def test_what_takes_too_much_memory_is_refused_and_the_next_file_opened(self, decoder):
        with pytest.raises(ImageTooLargeError, match="too much memory"):
            decoder.open(hostile.pixel_bomb_png(5_000, 5_000, depth=8, colour=2), MAX_PIXELS)
        np.testing.assert_array_equal(decoder.open(BAR, MAX_PIXELS).grey, open_picture(BAR).grey)

    def test_what_takes_too_long_is_given_up_and_the_next_file_opened(self, decoder, monkeypatch):
        decoder.start()
        first = decoder.pid
        os.kill(first, signal.SIGSTOP)
        monkeypatch.setattr(decoder_process, "SECONDS", 0.2)
        with pytest.raises(ImageTooLargeError, match="too much time"):
            decoder.open(BAR, MAX_PIXELS)
        monkeypatch.undo()
        assert decoder.open(BAR, MAX_PIXELS).grey.shape == (40, 40)
        assert not Path(f"/proc/{first}").exists()

    @pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
    def test_one_that_was_lost_is_replaced(self, decoder, number):
        decoder.start()
        lost = decoder.pid
        os.kill(lost, number)
        wait_for(lambda: Path(f"/proc/{lost}/stat").read_text(encoding="ascii").split()[2] == "Z")
        assert decoder.open(BAR, MAX_PIXELS).grey.shape == (40, 40)

    def test_it_is_told_no_secrets(self, decoder, monkeypatch):
        monkeypatch.setenv("MNIST_DEMO_INSTRUCTOR_KEY", "the key")
        decoder.start()
        assert b"the key" not in Path(f"/proc/{decoder.pid}/environ").read_bytes()

    def test_it_ends_with_the_server_however_that_ends(self):
        pipe = subprocess.PIPE
        with subprocess.Popen([sys.executable, "-c", SERVER], cwd=PROJECT, stdin=pipe, stdout=pipe) as server:
            child = Path(f"/proc/{int(server.stdout.readline())}")
            assert child.exists()
            server.kill()
        wait_for(lambda: not child.exists() or ") Z " in (child / "stat").read_text(encoding="ascii"))

    def test_once_closed_it_leaves_nothing_and_starts_nothing(self, decoder):
        decoder.start()
        process = Path(f"/proc/{decoder.pid}")
        decoder.close()
        assert not process.exists()
        with pytest.raises(BusyError, match="shutting down"):
            decoder.open(BAR, MAX_PIXELS)


@pytest.fixture(scope="module")
def http(demo):
    with httpx.Client(base_url=demo.local_url, timeout=60) as client:
        yield client


@pytest.fixture
def hung(demo, monkeypatch):
    """The ids of both decoders, which hang as if at a file that takes long, until the test lets them go on."""
    monkeypatch.setattr(decoder_process, "SECONDS", 60)  # however slow this machine is
    decoders = [demo.readings._drawing_decoder, demo.readings._file_decoder]
    pids = []
    for decoder in decoders:
        wait_for(lambda decoder=decoder: decoder.pid)
        pids.append(decoder.pid)
        os.kill(decoder.pid, signal.SIGSTOP)
    yield pids
    for pid in pids:
        if Path(f"/proc/{pid}").exists():
            os.kill(pid, signal.SIGCONT)


PHOTO = hostile.encoded("JPEG", "RGB", 400)


class TestServer:
    """Whatever one visitor sends, the others are served."""

    @pytest.mark.parametrize(
        ("make", "status"),
        [
            (hostile.many_scans_jpeg, 413),
            (lambda: hostile.large("PNG", 10_001, 6_000), 413),
            (hostile.eps, 415),
            (hostile.heic, 415),
            (lambda: PHOTO[:1_000], 422),
            (lambda: BAR[:60], 422),
        ],
    )
    def test_a_refusal_has_the_status_of_its_reason(self, http, make, status):
        answer = http.post("read?model=cnn", content=make())
        assert answer.status_code == status
        assert answer.json()["error"].startswith("the picture: ")

    def test_others_are_served_while_a_picture_takes_long(self, http, hung):
        with ThreadPoolExecutor() as visitors:
            slow = visitors.submit(httpx.post, f"{http.base_url}read?model=cnn", content=PHOTO, timeout=60)
            assert http.get("runs").status_code == 200
            # Strokes need no decoder.
            assert http.post("read?model=cnn", json=STROKES).json()["guess"] is not None
            assert not slow.done()
            for pid in hung:
                os.kill(pid, signal.SIGCONT)
            assert slow.result().json()["guess"] is not None

    def test_who_comes_too_many_is_told_when_to_come_again(self, http, demo, hung, monkeypatch):
        monkeypatch.setattr(demo.readings, "_drawings", JobQueue("opening drawings", jobs=1))
        with ThreadPoolExecutor() as visitors:
            slow = visitors.submit(httpx.post, f"{http.base_url}read?model=cnn", content=PHOTO, timeout=60)
            wait_for(lambda: demo.readings._drawings._jobs == 1)
            refused = http.post("read?model=cnn", content=PHOTO)
            assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
            assert "opening drawings: the server is busy" in refused.json()["error"]
            for pid in hung:
                os.kill(pid, signal.SIGCONT)
            assert slow.result().status_code == 200
        assert http.post("read?model=cnn", content=PHOTO).status_code == 200

    def test_the_steps_of_a_drawing_are_opened_there_too(self, demo):
        assert len(finish(demo.readings.list_steps(OnPad(picture=PHOTO)))) == 5
        with pytest.raises(ImageError):
            finish(demo.readings.list_steps(OnPad(picture=hostile.many_scans_jpeg())))

    def test_files_that_wait_take_none_of_gradios_threads(self, http, hung):
        (path,) = http.post("gradio_api/upload", files={"files": ("bar.jpg", PHOTO)}).json()
        job = {"data": [{"path": path, "meta": {"_type": "gradio.FileData"}}, "cnn"]}

        def predict(_):
            return httpx.post(f"{http.base_url}gradio_api/run/predict", json=job, timeout=60)

        with ThreadPoolExecutor(45) as visitors:
            slow = [visitors.submit(predict, number) for number in range(45)]
            sample = http.post("gradio_api/run/sample", json={"data": ["train", 10]})
            assert sample.json()["data"][0]["label"] == 3
            assert not any(answer.done() for answer in slow)
            for pid in hung:
                os.kill(pid, signal.SIGCONT)
            assert all(answer.result().json()["data"][0]["digit"] is not None for answer in slow)


class TestDrawings:
    """Legal drawings of some hundred bytes that look like long numbers."""

    @pytest.mark.parametrize("make", [hostile.joined_parts, hostile.dots, hostile.strokes, hostile.grid])
    @pytest.mark.parametrize("cuts", [True, False])
    def test_their_parts_are_read_once_and_not_too_many(self, monkeypatch, make, cuts):
        predictor, seen = Predictor.load(), []

        def note(ink):
            seen.append(ink)
            return normalise(ink)

        monkeypatch.setattr("mnist_demo.reading.predictor.normalise", note)
        predictor.read(open_picture(make()), cuts)
        assert len(seen) <= MAX_ALL_PIECES + MAX_CANDIDATES
        assert len({id(ink) for ink in seen}) == len(seen)
