"""The files that visitors hand in over HTTP, for /predict and /read_number.

    POST gradio_api/upload    a form with files, each in a field "files" -> a list of their names

They lie in a folder of this process, under names that tell nothing, until they are old or room is needed. Nobody can
read them back: an event may name one, and that is all. Gradio's own route of that address leaves what is cut off on
the disk, knows no limit of all files together, and answers with the server's paths.
"""

import os
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.routing import Route

from mnist_demo.errors import DiskFullError, LimitError, SettingsError
from mnist_demo.serving.gates.requests import source_of
from mnist_demo.serving.routes.access import MAX_FORM, guarded
from mnist_demo.throttle import Throttle

MAX_TOTAL = 200_000_000  # bytes of all files: ten of the largest
MAX_SHARE = MAX_TOTAL // 2  # bytes of the files from one address, so that nobody takes all
MAX_FILES = 1_000  # of all visitors; each takes at least a block of the disk
MAX_AGE = 600.0  # s
MIN_AGE = 60.0  # s that a file surely stays; gradio_client names it right after it has sent it
FILES_PER_REQUEST = 10
UPLOADS_PER_MINUTE = 120  # from one address, which a class may share

PREFIX = "mnist-demo-"  # of the folders
ABANDONED = 3_600.0  # s after which a folder that nobody has touched was left by a server that was killed


@dataclass(frozen=True)
class _Upload:
    source: str
    size: int  # bytes; what was announced while it arrives
    since: float  # s, of time.monotonic()

    @property
    def age(self) -> float:
        return time.monotonic() - self.since


class Uploads:
    """A folder of files for a while. All methods may be called from any thread.

    Args:
        parent: the directory to make the folder in.
    """

    def __init__(self, parent: Path) -> None:
        parent.mkdir(parents=True, exist_ok=True)
        remove_abandoned(parent)
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        self.throttle = Throttle("uploads", UPLOADS_PER_MINUTE, 60)
        self._lock = threading.Lock()
        self._files: dict[str, _Upload] = {}  # by name, the oldest first
        self._arriving: dict[str, _Upload] = {}

    def find(self, name: str) -> Path | None:
        """Return where a file lies, None if there is none of that name."""
        return self.folder / name if name in self._files else None

    @contextmanager
    def reserve(self, source: str, size: int) -> Iterator[None]:
        """Keep room for `size` bytes from `source`, an address, while they arrive.

        Raises:
            LimitError: too many bytes of that address lie here.
            DiskFullError: there is no room.
        """
        ticket = secrets.token_hex(16)
        with self._lock:
            self._make_room(source, size)
            self._arriving[ticket] = _Upload(source, size, time.monotonic())
        try:
            yield
        finally:
            with self._lock:
                del self._arriving[ticket]

    def store(self, source: str, content: IO[bytes]) -> str:
        """Keep a file and return its name.

        Raises:
            DiskFullError: the disk is full.
        """
        name = secrets.token_hex(16)
        path = self.folder / name
        try:
            with path.open("wb") as file:
                shutil.copyfileobj(content, file)
        except OSError as error:
            path.unlink(missing_ok=True)
            raise DiskFullError(f"the upload cannot be kept: {error.strerror}") from error
        with self._lock:
            self._files[name] = _Upload(source, path.stat().st_size, time.monotonic())
        return name

    def sweep(self, max_age: float = MAX_AGE) -> None:
        """Delete the files that are older than `max_age` seconds, and show that the folder is in use."""
        with self._lock:
            for name in [name for name, file in self._files.items() if file.age > max_age]:
                self._delete(name)
        os.utime(self.folder)

    def close(self) -> None:
        """Delete the folder with all files."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _make_room(self, source: str, size: int) -> None:
        """Delete files that have been here for long enough until `size` bytes more fit."""
        while self._size_of(source) + size > MAX_SHARE:
            if not self._delete_oldest(source):
                raise LimitError(f"uploads: at most {MAX_SHARE:,} bytes of one address at once", retry_after=MIN_AGE)
        while self._size_of() + size > MAX_TOTAL or len(self._files) + len(self._arriving) >= MAX_FILES:
            if not self._delete_oldest():
                raise DiskFullError(f"uploads: {MAX_TOTAL:,} bytes, or {MAX_FILES:,} files, lie here already")

    def _size_of(self, source: str | None = None) -> int:
        uploads = [*self._files.values(), *self._arriving.values()]
        return sum(upload.size for upload in uploads if source in (None, upload.source))

    def _delete_oldest(self, source: str | None = None) -> bool:
        """Delete the oldest file, of `source` or of all; return whether there was one that may go."""
        for name, file in self._files.items():
            if source in (None, file.source):
                if file.age < MIN_AGE:
                    return False
                self._delete(name)
                return True
        return False

    def _delete(self, name: str) -> None:
        del self._files[name]
        (self.folder / name).unlink(missing_ok=True)


def build_upload_route(uploads: Uploads) -> Route:
    """Return the route, in place of Gradio's own."""

    async def upload(request: Request) -> object:
        source = source_of(request.scope)
        uploads.throttle.spend(source)
        with uploads.reserve(source, int(request.headers.get("content-length", MAX_FORM))):
            async with request.form(max_files=FILES_PER_REQUEST, max_fields=FILES_PER_REQUEST) as form:
                files = [entry.file for entry in form.getlist("files") if isinstance(entry, UploadFile)]
                if not files:
                    raise SettingsError("upload: expected a form with a file in a field `files`, found none")
                return [await run_in_threadpool(uploads.store, source, file) for file in files]

    return Route("/gradio_api/upload", guarded(upload), methods=["POST"])


def remove_abandoned(parent: Path) -> None:
    """Delete the folders that servers have left which were killed."""
    for folder in parent.glob(f"{PREFIX}*"):
        if time.time() - folder.stat().st_mtime > ABANDONED:
            shutil.rmtree(folder, ignore_errors=True)
