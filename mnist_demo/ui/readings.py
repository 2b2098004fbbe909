"""What networks read in the pictures of visitors: no picture holds up the server, or others, for long.

    a file -> a process that opens it -> grey levels -> the thread that reads

Files come from anybody, so they are opened in two processes, with limits to their time and memory: one for what pads
send, one for the files of programs, which may be twenty times as large. What waits is limited in number and bytes, so
memory is as well. The event loop only reads simple drawings, in less than 10 ms, and waits for everything else.
"""

from pathlib import Path

import numpy as np

from mnist_demo.decoder_process import DecoderProcess
from mnist_demo.errors import ImageError, ImageTooLargeError
from mnist_demo.inference import NumberReading, Prediction
from mnist_demo.job_queue import JobQueue
from mnist_demo.picture_structure import is_plain_drawing
from mnist_demo.pictures import MAX_PIXELS, PictureFile, open_picture, read_file
from mnist_demo.preprocessing import Step, list_steps
from mnist_demo.ui.networks import Networks

MAX_DRAWING_PIXELS = 1_000_000  # the pad sends at most 840 x 840
# Bytes: what the processes may grow by, and what drawings may take that wait for them; 300 MB in all.
DRAWING_MEMORY, FILE_MEMORY, WAITING_MEMORY = 45_000_000, 220_000_000, 32_000_000
MAX_DRAWINGS = 100  # that wait at once: a room of as many, each with one under way
# What is read on the event loop: a usual drawing has one to three parts side by side, and an outline of one to three
# times the width and height of the pad; a page full of dots or noise has ten times as much.
SIMPLE_PARTS, SIMPLE_OUTLINE = 3, 6
INK = 127  # of 255: what is brighter was drawn, on the pad's black
MAX_FILES = 50  # that wait at once; those take no memory meanwhile


class Readings:
    """Opens pictures and lets networks read them, in turn.

    Every method but `start` and `close` may raise a BusyError if too many are waiting, and an ImageError if the picture
    cannot be opened.

    Args:
        networks: which there are.
    """

    def __init__(self, networks: Networks) -> None:
        self._networks = networks
        self._drawings = JobQueue("opening drawings", MAX_DRAWINGS, WAITING_MEMORY)
        self._drawing_decoder = DecoderProcess(DRAWING_MEMORY)
        self._files = JobQueue("opening pictures", MAX_FILES, retry_after=5)
        self._file_decoder = DecoderProcess(FILE_MEMORY)
        self._reading = JobQueue("reading pictures", MAX_DRAWINGS, WAITING_MEMORY)

    def start(self) -> None:
        """Start the processes, without waiting for them; those that are missing start when they are needed."""
        self._drawings.submit(0, self._drawing_decoder.start)
        self._files.submit(0, self._file_decoder.start)

    def close(self) -> None:
        """End the processes, and give up what waits."""
        decoders = (self._drawing_decoder, self._file_decoder)
        for decoder in decoders:
            decoder.give_up()
        for queue in (self._drawings, self._files, self._reading):
            queue.close()
        for decoder in decoders:
            decoder.close()

    async def read(self, content: bytes, model: str | None, is_moving: bool = False) -> Prediction | NumberReading:
        """Return what the network `model` reads on a pad, a digit or a number.

        Args:
            content: a picture file.
            model: as for `Networks.predictor`, which may raise.
            is_moving: more is about to be drawn; what has begun is not taken apart yet.
        """

        def read(drawing: bytes | PictureFile) -> Prediction | NumberReading:
            return self._networks.predictor(model).read(_opened(drawing), cuts=not is_moving)

        drawing = await self._open_drawing(content)
        if isinstance(drawing, bytes) and is_simple(picture := _opened(drawing), is_moving):
            return read(picture)  # some milliseconds, and handing it on would take as long again
        return await self._reading.run(len(content), read, drawing)

    async def list_steps(self, content: bytes) -> list[Step]:
        """Return how a drawing becomes what a network sees; `content` is a picture file."""

        def steps(drawing: bytes | PictureFile) -> list[Step]:
            return list_steps(_opened(drawing))

        drawing = await self._open_drawing(content)
        return await self._reading.run(len(content), steps, drawing)

    async def predict(self, file: str | None, model: str | None) -> Prediction:
        """Return what a network reads in a picture file of one digit.

        Args:
            file: its path.
            model: as for `Networks.predictor`, which may raise; None for the best one.
        """
        picture = await self._open_file(file)
        return await self._reading.run(
            0, lambda: self._networks.predictor(model or self._networks.default).predict(picture)
        )

    async def read_number(self, file: str | None, model: str | None) -> NumberReading:
        """Return what a network reads in a picture file of a number; the arguments are those of `predict`."""
        picture = await self._open_file(file)
        return await self._reading.run(
            0, lambda: self._networks.predictor(model or self._networks.default).read_number(picture)
        )

    async def _open_drawing(self, content: bytes) -> bytes | PictureFile:
        # What the pad sends of strokes is opened where it is read: that takes no longer than to hand it on.
        if is_plain_drawing(content):
            return content
        return await self._drawings.run(len(content), self._drawing_decoder.open, content, MAX_DRAWING_PIXELS)

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


def is_simple(picture: PictureFile, is_moving: bool) -> bool:
    """Return whether a drawing is soon read: few parts, and a short outline.

    Args:
        picture: what was drawn, bright on dark.
        is_moving: joined digits are not looked for; else only what is no wider than high counts as simple.
    """
    ink = picture.grey > INK
    columns, rows = np.logical_or.reduce(ink, axis=0), np.logical_or.reduce(ink, axis=1)
    parts = np.count_nonzero(columns[1:] & ~columns[:-1]) + bool(columns[0])
    edges = np.count_nonzero(ink[:, 1:] != ink[:, :-1]) + np.count_nonzero(ink[1:] != ink[:-1])
    if edges > SIMPLE_OUTLINE * sum(ink.shape):
        return False
    return bool(
        parts <= SIMPLE_PARTS if is_moving else np.count_nonzero(columns) <= np.count_nonzero(rows) and parts <= 1
    )


def _opened(drawing: bytes | PictureFile) -> PictureFile:
    return open_picture(drawing, MAX_DRAWING_PIXELS) if isinstance(drawing, bytes) else drawing
