"""What a server and the processes that it has started take: memory, descriptors, temporary files."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

INTERVAL = 0.02  # s between two looks


def group_of(pid: int) -> list[int]:
    """Return the ids of the processes in the process group that `pid` leads."""
    members = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):  # it has just ended
                # The command may hold blanks and brackets; the fields after it do not.
                group = int((folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[2])
                members += [int(folder.name)] if group == pid else []
    return members


def command_of(pid: int) -> str:
    """Return the command line of a process, "" if it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def megabytes_of(pid: int) -> float:
    """Return the memory that a process has for itself, 0 if it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    anonymous = status.partition("RssAnon:")[2].split()
    return int(anonymous[0]) / 1024 if anonymous else 0.0  # of a zombie the line is missing


def descriptors_of(pid: int) -> int:
    """Return how many descriptors a process has open, 0 if it is gone."""
    with contextlib.suppress(OSError):
        return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    return 0


@dataclass
class Peak:
    """The most memory in MB that was seen."""

    megabytes: float = field(default=0.0)


@contextlib.contextmanager
def watching_memory(pid: int) -> Iterator[Peak]:
    """Watch the memory of a process group from a thread, until the end of the block."""
    peak, is_over = Peak(), threading.Event()

    def look() -> None:
        while not is_over.wait(INTERVAL):
            peak.megabytes = max(peak.megabytes, sum(map(megabytes_of, group_of(pid))))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield peak
    finally:
        is_over.set()
        thread.join()
