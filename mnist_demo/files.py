"""Files that are written in one step, and messages that do not tell where files lie."""

import os
import re
import tempfile
from pathlib import Path

# A folder may have a space in its name only in quotes, as Python's errors name a file.
QUOTED = r"(?<=')(?:[A-Za-z]:)?[\\/][^'\n]*[\\/]"
PLAIN = r"""(?<![\w.:/\\])(?:[A-Za-z]:)?[\\/](?:[^\s'":/\\]+[\\/])+"""
FOLDERS = re.compile(f"{QUOTED}|{PLAIN}")


def without_folders(message: str, known: Path | None = None) -> str:
    """Return a message in which files are named, but not the folders of this machine in which they lie.

    Args:
        message: of an error, perhaps one of another library.
        known: a folder that is likely to be named; found with certainty, whatever characters are in its name.
    """
    return FOLDERS.sub("", message.replace(f"{known}{os.sep}", "") if known else message)


def write_atomically(path: Path, content: bytes, durable: bool = True) -> None:
    """Replace `path` by `content` in one step; a crash on the way leaves what was there before.

    Unless `durable` the system writes it to the disk when it likes: that outlives this process, not the machine.

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
        # mkstemp makes files that only their owner can read; weights and data are for everyone.
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
