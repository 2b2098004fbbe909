"""Atomic file writes, and error messages without the server's paths."""

import os
import re
import tempfile
from pathlib import Path

# Folder names may contain spaces only within quotes, which is how Python's errors show file names.
QUOTED = r"(?<=')(?:[A-Za-z]:)?[\\/][^'\n]*[\\/]"
PLAIN = r"""(?<![\w.:/\\])(?:[A-Za-z]:)?[\\/](?:[^\s'":/\\]+[\\/])+"""
FOLDERS = re.compile(f"{QUOTED}|{PLAIN}")


def without_folders(message: str, known: Path | None = None) -> str:
    """Strip the folders of this machine from a message, leaving only the file names.

    Args:
        message: of an error, perhaps from another library.
        known: a folder that is likely to be named; matched literally, whatever characters its name contains.
    """
    return FOLDERS.sub("", message.replace(f"{known}{os.sep}", "") if known else message)


def write_atomically(path: Path, content: bytes, durable: bool = True) -> None:
    """Replace the file `path` with `content` atomically; a crash halfway leaves the old file in place.

    Without `durable` there is no fsync: the file survives a crash of this process, but perhaps not of the machine.

    Raises:
        OSError: the folder does not exist or cannot be written.
    """
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        # mkstemp creates files that only their owner can read; weights and data are for everyone.
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
