"""What visitors can do to a demo, for benchmarks/abuse.py: each attack with its name."""

import json
import socket
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import httpx

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.abuse import hostile_drawings, hostile_pictures

PATIENCE = 60.0  # s that an attacker waits for an answer
NO_ANSWER = 0  # in place of a status
MANY = 45  # more than Gradio has threads
HUNDRED_MEGABYTES = 100_000_000


class Target(Protocol):
    """An app under attack."""

    CHEAP: str  # what a second client asks for
    url: str

    def read(self, picture: bytes) -> int:
        """Have a picture file read, and return the status of the answer."""

    def predict(self, picture: bytes) -> int:
        """Have it read through a Gradio event."""


class Ours:
    """Our app, by its plain route."""

    CHEAP = "runs"

    def __init__(self, url: str) -> None:
        self.url = url

    def read(self, picture: bytes) -> int:
        return _post(f"{self.url}read?model=digitnet", content=picture)

    def predict(self, picture: bytes) -> int:
        """Have a picture read through the Gradio event."""
        return _predict(self.url, picture, "predict")


class Bare:
    """A Gradio app with its settings left as they are, by an upload and an event on its queue."""

    CHEAP = "gradio_api/app_id"

    def __init__(self, url: str) -> None:
        self.url = url

    def read(self, picture: bytes) -> int:
        return _predict(self.url, picture, "predict")

    predict = read


@dataclass(frozen=True)
class Attack:
    """Something hostile; `run` does it to a target and returns the statuses of all answers."""

    name: str
    run: Callable[[Target], list[int]]
    hits_bare: bool = True


def _post(url: str, **options: object) -> int:
    try:
        return httpx.post(url, timeout=PATIENCE, **options).status_code  # type: ignore[arg-type]
    except httpx.HTTPError:
        return NO_ANSWER


def _predict(url: str, picture: bytes, name: str) -> int:
    """Upload a picture, send the event that reads it, and return 200 if it was read, else the status of the refusal."""
    session = f"attacker-{time.perf_counter_ns()}"
    try:
        with httpx.Client(base_url=url, timeout=PATIENCE) as client:
            upload = client.post("gradio_api/upload", files={"files": ("picture.png", picture)})
            if upload.is_error:
                return upload.status_code
            file = {"path": upload.json()[0], "meta": {"_type": "gradio.FileData"}}
            answer = client.post(f"gradio_api/call/{name}", json={"data": [file, "digitnet"], "session_hash": session})
            if answer.is_error:
                return answer.status_code
            stream = client.get(f"gradio_api/call/{name}/{answer.json()['event_id']}")
            return 200 if "event: complete" in stream.text else 500
    except (httpx.HTTPError, KeyError, IndexError, json.JSONDecodeError):
        return NO_ANSWER


def _read(picture: Callable[[], bytes], times: int = 1) -> Callable[[Target], list[int]]:
    """Return an attack that has a picture read, so often at once."""

    def run(target: Target) -> list[int]:
        with ThreadPoolExecutor(times) as pool:
            return list(pool.map(target.read, [picture()] * times))

    return run


def _predict_at_once(picture: Callable[[], bytes], times: int) -> Callable[[Target], list[int]]:
    """Return an attack that has a picture read through a Gradio event, so often at once."""

    def run(target: Target) -> list[int]:
        with ThreadPoolExecutor(times) as pool:
            return list(pool.map(target.predict, [picture()] * times))

    return run


def _show(picture: Callable[[], bytes]) -> Callable[[Target], list[int]]:
    """Return an attack that has a picture read again and again."""
    return lambda target: _repeat(partial(target.read, picture()))


def _draw(message: Callable[[], bytes]) -> Callable[[Target], list[int]]:
    """Return an attack that has pen strokes read again at every move, as our pad sends them."""
    headers = {"content-type": "application/json"}
    return lambda target: _repeat(
        partial(_post, f"{target.url}read?model=digitnet", content=message(), headers=headers)
    )


def _repeat(ask: Callable[[], int]) -> list[int]:
    """Ask for 3 s, each time as soon as there is an answer."""
    until, answers = time.monotonic() + 3, []
    while time.monotonic() < until:
        answers.append(ask())
    return answers


def _send_large_json(target: Target) -> list[int]:
    body = b'{"data": ["' + b"x" * HUNDRED_MEGABYTES + b'"], "fn_index": 0, "session_hash": "large"}'
    return [_post(f"{target.url}gradio_api/queue/join", content=body, headers={"content-type": "application/json"})]


def _join_without_session(target: Target) -> list[int]:
    """Join the queue without a session, which ends the task that serves Gradio's queue, and then as gradio_client."""
    jobs = [{"data": [None, "digitnet"], "fn_index": 0, "session_hash": session} for session in ("a", "b", "c", "")]
    answers = [_post(f"{target.url}gradio_api/queue/join", json=job) for job in jobs]
    return [*answers, target.predict(hostile_pictures.strokes(1))]


def _fill_disk(target: Target) -> list[int]:
    """Upload 10 MB fifty times."""
    content = b"x" * 10_000_000
    files = {"files": ("large.png", content)}
    with httpx.Client(base_url=target.url, timeout=PATIENCE) as client:
        return [client.post("gradio_api/upload", files=files).status_code for _ in range(50)]


def _connect_slowly(target: Target) -> list[int]:
    """Open two hundred connections that send a header's first line, and no more for 15 s."""
    parts = urlsplit(target.url)
    sockets = []
    try:
        for _ in range(200):
            connection = socket.create_connection((parts.hostname or "", parts.port or 80), timeout=PATIENCE)
            connection.sendall(b"POST /read HTTP/1.1\r\n")
            sockets.append(connection)
        time.sleep(15)
        return [_get(target.url)]
    finally:
        for connection in sockets:
            connection.close()


def _get(url: str) -> int:
    try:
        return httpx.get(url, timeout=PATIENCE).status_code
    except httpx.HTTPError:
        return NO_ANSWER


def _guess_keys(target: Target) -> list[int]:
    """Guess the instructor's key a thousand times."""
    with httpx.Client(base_url=target.url, timeout=PATIENCE) as client:
        guesses = ({"key": f"guess {number}", "limits": {}} for number in range(1000))
        return [client.post("limits", json=guess).status_code for guess in guesses]


def _start_and_stop(target: Target) -> list[int]:
    """Start and stop three hundred runs."""
    answers = []
    with httpx.Client(base_url=target.url, timeout=PATIENCE) as client:
        for _ in range(300):
            start = client.post("gradio_api/run/start_training", json={"data": ["mlp-relu", 1000, *[None] * 9]})
            answers.append(start.status_code)
            if start.is_success:
                stop = client.post("gradio_api/run/stop_training", json={"data": [*start.json()["data"], None, None]})
                answers.append(stop.status_code)
    return answers


HOSTILE_FILES: dict[str, Callable[[], bytes]] = {
    "JPEG of 20,000 scans": hostile_pictures.many_scans_jpeg,
    "JPEG with EXIF in 60,000 pieces": hostile_pictures.many_segments_jpeg,
    "JPEG with 4 MB before its scan": hostile_pictures.junk_jpeg,
    "JPEG, 900 tags with the same 60 kB": hostile_pictures.overlapping_exif_jpeg,
    "progressive JPEG of 49 megapixels": hostile_pictures.progressive_jpeg,
    "PNG of 300,000 chunks": hostile_pictures.many_chunks_png,
    "PNG whose texts unpack to much": hostile_pictures.text_bomb_png,
    "PNG of 400 megapixels": hostile_pictures.pixel_bomb_png,
    "GIF of 40,000 comments": hostile_pictures.many_comments_gif,
    "GIF of 50,000 frames": hostile_pictures.many_frames_gif,
    "WebP of 100,000 frames": hostile_pictures.many_frames_webp,
    "TIFF whose directories form a loop": hostile_pictures.looping_tiff,
    "TIFF of a million strips": hostile_pictures.many_strips_tiff,
    "AVIF of 36 megapixels": lambda: hostile_pictures.large("AVIF", 6_000, 6_000, speed=10),
    "JPEG 2000 of 36 megapixels": lambda: hostile_pictures.large("JPEG2000", 6_000, 6_000),
    "ICO with a PNG of 64 megapixels": hostile_pictures.ico_bomb,
    "ICNS with a PNG of 64 megapixels": hostile_pictures.icns_bomb,
    "IPTC that promises 3,600 megapixels": hostile_pictures.iptc_bomb,
    "XPM of 9 megapixels": hostile_pictures.xpm,
}
COSTLY_PICTURES: dict[str, Callable[[], bytes]] = {
    "eight wide joined parts": hostile_pictures.joined_parts,
    "twenty-eight dots": hostile_pictures.dots,
    "twenty strokes": hostile_pictures.strokes,
    "noise": hostile_pictures.noise,
}
COSTLY_DRAWINGS: dict[str, Callable[[], bytes]] = {
    "eight wide joined parts": hostile_drawings.joined_parts,
    "twenty-eight dots": hostile_drawings.dots,
    "twenty strokes": hostile_drawings.strokes,
    "10,000 points": hostile_drawings.scribble,
}
ATTACKS = [
    Attack("nothing at all", lambda target: [_get(target.url)]),
    *(Attack(name, _read(picture)) for name, picture in HOSTILE_FILES.items()),
    Attack("EPS", _read(hostile_pictures.eps), hits_bare=False),  # it hung Pillow 12.0 to 12.2 for ever
    *(Attack(f"picture of {name}, for 3 s", _show(picture)) for name, picture in COSTLY_PICTURES.items()),
    *(Attack(f"drawing of {name}, for 3 s", _draw(drawn), hits_bare=False) for name, drawn in COSTLY_DRAWINGS.items()),
    Attack(
        "eight PNGs of 40 megapixels at once",
        _predict_at_once(lambda: hostile_pictures.large("PNG", 8_000, 5_000), 8),
    ),
    Attack(
        "forty-five JPEGs of 24 megapixels at once",
        _predict_at_once(lambda: hostile_pictures.large("JPEG", 6_000, 4_000), MANY),
    ),
    Attack("100 MB of JSON", _send_large_json),
    Attack("joining the queue without a session", _join_without_session),
    Attack("50 uploads of 10 MB", _fill_disk),
    Attack("200 slow connections for 15 s", _connect_slowly),
    Attack("1,000 guesses of the key", _guess_keys, hits_bare=False),
    Attack("300 runs started and stopped", _start_and_stop, hits_bare=False),
]
