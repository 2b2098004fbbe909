"""What networks read in the pictures of visitors: no picture holds up the server, or others, for long.

    a file -> a process that opens it -> grey levels -> the thread that reads
    pen strokes ---------------------------------------> the same, or the event loop

Files come from anybody, so they are opened in two processes, with limits to their time and memory: one for what pads
send, one for the files of programs, which may be twenty times as large. What waits is limited in number and bytes, so
memory is as well. The event loop itself reads the strokes of a single digit, some 3 ms, and waits for everything else.
"""

import contextlib
import math
from dataclasses import dataclass
from pathlib import Path

from mnist_demo.errors import ImageError, ImageTooLargeError
from mnist_demo.job_queue import JobQueue
from mnist_demo.reading.decoder_process import DecoderProcess
from mnist_demo.reading.drawing import Drawing, lay_out
from mnist_demo.reading.pictures import MAX_PIXELS, PictureFile, read_file
from mnist_demo.reading.predictions import NumberReading, Prediction
from mnist_demo.reading.preparation import Prepared, Step, list_steps, prepare, prepare_drawing
from mnist_demo.serving.metrics import Metrics
from mnist_demo.serving.predictors import Networks

MAX_DRAWING_PIXELS = 1_000_000  # of a small picture; a photo as a camera makes it is opened as the files of programs
MAX_DRAWING = 4_000_000  # bytes of it
# Bytes: what the processes may grow by, and what drawings may take that wait for them; 300 MB in all.
DRAWING_MEMORY, FILE_MEMORY, WAITING_MEMORY = 45_000_000, 220_000_000, 32_000_000
MAX_DRAWINGS = 100  # that wait at once: a room of as many, each with one under way
# Of what is read on the event loop: several times the 50 points and 5,000 px of a digit.
SOON_POINTS, SOON_PIXELS = 200, 20_000
MAX_FILES = 50  # that wait at once; those take no memory meanwhile


@dataclass(frozen=True, eq=False)
class OnPad:
    """What a visitor has on the pad: a drawing, a picture file, or a drawing over a picture; one of them is there."""

    drawing: Drawing | None = None
    picture: bytes | None = None


class Readings:
    """Opens pictures and lets networks read them, in turn.

    Every method but `start` and `close` may raise a BusyError if too many are waiting, and an ImageError if the picture
    cannot be opened.

    Args:
        networks: which there are.
        metrics: where readings are counted.

    Attributes:
        queues: of what waits.
    """

    def __init__(self, networks: Networks, metrics: Metrics) -> None:
        self._networks = networks
        self._metrics = metrics
        self._drawings = JobQueue("opening drawings", MAX_DRAWINGS, WAITING_MEMORY)
        self._drawing_decoder = DecoderProcess(DRAWING_MEMORY)
        self._files = JobQueue("opening pictures", MAX_FILES, retry_after=5)
        self._file_decoder = DecoderProcess(FILE_MEMORY)
        self._reading = JobQueue("reading pictures", MAX_DRAWINGS, WAITING_MEMORY)
        self.queues = (self._drawings, self._files, self._reading)

    def start(self) -> None:
        """Start the processes, without waiting for them; those that are missing start when they are needed."""
        self._drawings.submit(0, self._drawing_decoder.start)
        self._files.submit(0, self._file_decoder.start)

    def close(self) -> None:
        """End the processes, and give up what waits."""
        decoders = (self._drawing_decoder, self._file_decoder)
        for decoder in decoders:
            decoder.give_up()
        for queue in self.queues:
            queue.close()
        for decoder in decoders:
            decoder.close()

    async def read(self, pad: OnPad, model: str | None, is_moving: bool = False) -> Prediction | NumberReading:
        """Return what the network `model` reads on a pad, a digit or a number.

        Args:
            pad: what is on it.
            model: as for `Networks.predictor`, which may raise; None for the best one.
            is_moving: more is about to be drawn; what has begun is not taken apart yet.
        """
        return await self._metrics.time(
            "drawing" if pad.picture is None else "picture", self._read(pad, model or self._networks.default, is_moving)
        )

    async def _read(self, pad: OnPad, network: str | None, is_moving: bool) -> Prediction | NumberReading:
        cuts = not is_moving
        if is_soon_read(pad):
            # Handing it on would take as long again.
            reading = self._networks.predictor(network).read_single(_prepare(pad, None), cuts)
            if reading is not None:
                return reading
        picture = await self._open(pad.picture)

        def read() -> Prediction | NumberReading:
            return self._networks.predictor(network).read(_prepare(pad, picture), cuts)

        return await self._reading.run(_size_of(picture), read)

    async def list_steps(self, pad: OnPad) -> list[Step]:
        """Return how what is on a pad becomes what a network sees."""
        picture = await self._open(pad.picture)
        return await self._reading.run(_size_of(picture), lambda: list_steps(_prepare(pad, picture)))

    async def predict(self, file: str | None, model: str | None) -> Prediction:
        """Return what a network reads in a picture file of one digit.

        Args:
            file: its path.
            model: as for `Networks.predictor`, which may raise; None for the best one.
        """
        return await self._metrics.time("predict", self._predict(file, model or self._networks.default))

    async def _predict(self, file: str | None, network: str | None) -> Prediction:
        picture = await self._open_file(file)
        return await self._reading.run(0, lambda: self._networks.predictor(network).predict(picture))

    async def read_number(self, file: str | None, model: str | None) -> NumberReading:
        """Return what a network reads in a picture file of a number; the arguments are those of `predict`."""
        return await self._metrics.time("read_number", self._read_number(file, model or self._networks.default))

    async def _read_number(self, file: str | None, network: str | None) -> NumberReading:
        picture = await self._open_file(file)
        return await self._reading.run(0, lambda: self._networks.predictor(network).read_number(picture))

    async def _open(self, content: bytes | None) -> PictureFile | None:
        if content is None:
            return None
        if len(content) <= MAX_DRAWING:
            with contextlib.suppress(ImageTooLargeError):  # a photo as the camera made it
                return await self._drawings.run(len(content), self._drawing_decoder.open, content, MAX_DRAWING_PIXELS)
        return await self._files.run(0, self._file_decoder.open, content, MAX_PIXELS)

    async def _open_file(self, file: str | None) -> PictureFile:
        if file is None:
            raise ImageError("image: expected a picture, found none")

        def open_file(path: Path) -> PictureFile:
            try:
                content = read_file(path)  # in its turn: until then it takes no memory
            except OSError as error:
                raise ImageError(f"the picture: cannot be read: {error.strerror}") from error
            except ImageTooLargeError as error:
                raise ImageTooLargeError(f"the picture: {error}") from error
            return self._file_decoder.open(content, MAX_PIXELS)

        return await self._files.run(0, open_file, Path(file))


def is_soon_read(pad: OnPad) -> bool:
    """Return whether what is on a pad may be read on the event loop: strokes of a digit or two."""
    if pad.picture is not None or pad.drawing is None:
        return False
    strokes = pad.drawing.strokes
    if sum(map(len, strokes)) > SOON_POINTS:
        return False
    return not strokes or math.prod(lay_out(pad.drawing).size) <= SOON_PIXELS


def _prepare(pad: OnPad, picture: PictureFile | None) -> Prepared:
    if pad.drawing is not None:
        return prepare_drawing(pad.drawing, picture)
    if picture is None:
        raise ImageError("the pad: expected a drawing or a picture, found none")
    return prepare(picture)


def _size_of(picture: PictureFile | None) -> int:
    """Return how many bytes wait for the thread that reads; those of strokes do not count."""
    return 0 if picture is None else picture.grey.size
