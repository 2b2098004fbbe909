"""All exceptions of this package; their messages are written for end users.

MnistDemoError
├── IdxError               a data file is damaged, missing or does not match its header
├── UnipenError            a file of pen strokes is damaged or in another format
├── ImageError             a picture cannot be read
│   ├── ImageTooLargeError     it has too many bytes, pixels or parts
│   └── ImageFormatError       its format is not supported
├── SettingsError          a training setting, a name or a device is not allowed
│   ├── NotFoundError          there is no such run, network, recipe or file
│   └── StateError             the run is not in a state that allows this
├── RightsError            a visitor may not do this
├── LimitError             a visitor has exceeded a rate limit or a quota
├── BusyError              the server is overloaded at the moment
├── RunsError              the history of runs cannot be read or written
│   └── DiskFullError          because the disk is full
└── CheckpointError        a weights file is damaged or belongs to another network
"""


class MnistDemoError(Exception):
    """Base of every error that this package raises on bad input; its message is safe to show."""


class IdxError(MnistDemoError):
    """A data file is damaged, missing, or does not match its header."""


class UnipenError(MnistDemoError):
    """A file of pen strokes is damaged, missing, or not in UNIPEN format."""


class ImageError(MnistDemoError):
    """A picture cannot be read."""


class ImageTooLargeError(ImageError):
    """A picture has too many bytes, pixels or parts."""


class ImageFormatError(ImageError):
    """The format of a picture is not supported."""


class SettingsError(MnistDemoError):
    """A training setting, the name of a network, recipe or run, or a device is not allowed."""


class NotFoundError(SettingsError):
    """There is no such run, network, recipe or file."""


class StateError(SettingsError):
    """The run is not in a state that allows this."""


class RightsError(MnistDemoError):
    """A visitor may not do this."""


class _RetryLaterError(MnistDemoError):
    """Base of the errors after which a retry makes sense.

    Args:
        message: for the reader.
        retry_after: seconds to wait before a retry.
    """

    def __init__(self, message: str, retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class LimitError(_RetryLaterError):
    """A visitor has exceeded a rate limit or a quota."""


class BusyError(_RetryLaterError):
    """The server is overloaded at the moment."""


class RunsError(MnistDemoError):
    """The history of runs cannot be read or written."""


class DiskFullError(RunsError):
    """The history of runs cannot be written because the disk is full."""


class CheckpointError(MnistDemoError):
    """A weights file is damaged, or belongs to a different network."""
