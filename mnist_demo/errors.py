"""What can go wrong, as exceptions whose messages are written for the person at the screen.

MnistDemoError
├── IdxError         a data file is damaged, missing or not what its header says
├── ImageError       a picture cannot be read
├── SettingsError    a training setting, a name or a device is not allowed
├── RightsError      a visitor may not do this
├── RunsError        the history of runs cannot be read or written
└── CheckpointError  a weights file is damaged or of another network
"""


class MnistDemoError(Exception):
    """Base of every error that this package raises on bad input; its message is safe to show."""


class IdxError(MnistDemoError):
    """A data file is damaged, missing, or not what its header says."""


class ImageError(MnistDemoError):
    """A picture cannot be read."""


class SettingsError(MnistDemoError):
    """A training setting, the name of a network, recipe or run, or a device is not allowed."""


class RightsError(MnistDemoError):
    """A visitor may not do this."""


class RunsError(MnistDemoError):
    """The history of runs cannot be read or written."""


class CheckpointError(MnistDemoError):
    """A weights file is damaged, or holds another network than was asked for."""
