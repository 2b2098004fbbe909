"""What can go wrong, as exceptions whose messages are written for the person at the screen.

MnistDemoError
├── IdxError               a data file is damaged, missing or not what its header says
├── ImageError             a picture cannot be read
│   ├── ImageTooLargeError     it has more bytes, pixels or parts than are read
│   └── ImageFormatError       it is in a format that is not read
├── SettingsError          a training setting, a name or a device is not allowed
│   ├── NotFoundError          there is no such run, network, recipe or file
│   └── StateError             the run is not in a state that allows this
├── RightsError            a visitor may not do this
├── LimitError             a visitor asks too often, or for too much at once
├── BusyError              the server has too much to do at the moment
├── RunsError              the history of runs cannot be read or written
│   └── DiskFullError          because the disk is full
└── CheckpointError        a weights file is damaged or of another network
"""


class MnistDemoError(Exception):
    """Base of every error that this package raises on bad input; its message is safe to show."""


class IdxError(MnistDemoError):
    """A data file is damaged, missing, or not what its header says."""


class ImageError(MnistDemoError):
    """A picture cannot be read."""


class ImageTooLargeError(ImageError):
    """A picture has more bytes, pixels or parts than are read."""


class ImageFormatError(ImageError):
    """A picture is in a format that is not read."""


class SettingsError(MnistDemoError):
    """A training setting, the name of a network, recipe or run, or a device is not allowed."""


class NotFoundError(SettingsError):
    """There is no such run, network, recipe or file."""


class StateError(SettingsError):
    """The run is not in a state that allows this."""


class RightsError(MnistDemoError):
    """A visitor may not do this."""


class _RetryLaterError(MnistDemoError):
    """Base of the errors that waiting mends.

    Args:
        message: for the reader.
        retry_after: seconds after which to try again.
    """

    def __init__(self, message: str, retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class LimitError(_RetryLaterError):
    """A visitor asks too often, or for too much at once."""


class BusyError(_RetryLaterError):
    """The server has too much to do at the moment."""


class RunsError(MnistDemoError):
    """The history of runs cannot be read or written."""


class DiskFullError(RunsError):
    """The history of runs cannot be written because the disk is full."""


class CheckpointError(MnistDemoError):
    """A weights file is damaged, or holds another network than was asked for."""
