"""What networks read in the pictures of visitors: no picture holds up the server, or others, for long.

    a file -> a process that opens it -> grey levels -> the thread that reads

Files come from anybody, so they are opened in two processes, with limits to their time and memory: one for what pads
send, one for the files of programs, which may be twenty times as large. What waits is limited in number and bytes, so
memory is as well. The event loop reads only what takes one pass of the network, about 6 ms, and waits for everything
else.
"""

import contextlib
from pathlib import Path

import numpy as np

from mnist_demo.errors import ImageError, ImageTooLargeError
from mnist_demo.job_queue import JobQueue
from mnist_demo.reading.connected import find_components
from mnist_demo.reading.decoder_process import DecoderProcess
from mnist_demo.reading.picture_structure import SMALL_PIXELS, is_plain_drawing
from mnist_demo.reading.pictures import MAX_PIXELS, Grey, PictureFile, open_picture, read_file
from mnist_demo.reading.predictions import NumberReading, Prediction
from mnist_demo.reading.preparation import Prepared, Step, list_steps, prepare
from mnist_demo.serving.predictors import Networks

MAX_DRAWING_PIXELS = 1_000_000  # the pad sends at most 840 x 840
MAX_DRAWING = 4_000_000  # bytes, of which the pad sends at most 400,000
# Bytes: what the processes may grow by, and what drawings may take that wait for them; 300 MB in all.
DRAWING_MEMORY, FILE_MEMORY, WAITING_MEMORY = 45_000_000, 220_000_000, 32_000_000
MAX_DRAWINGS = 100  # that wait at once: a room of as many, each with one under way
# Of what is read on the event loop, to its width and height together: a digit has one to three, a page full of dots or
# noise ten times as much.
MAX_OUTLINE = 6
LEAST_SIDE = 0.25  # of the picture's side: the largest thing in it; a closer look at dots takes ten times as long
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
        """Return what the network `model` reads in a picture, as from a pad, a digit or a number.

        Args:
            content: a picture file.
            model: as for `Networks.predictor`, which may raise; None for the best one.
            is_moving: more is about to be drawn; what has begun is not taken apart yet.
        """
        cuts = not is_moving
        network = model or self._networks.default

        def read(picture: Prepared) -> Prediction | NumberReading:
            return self._networks.predictor(network).read(picture, cuts)

        picture = prepare(await self._open_drawing(content))
        if picture.grey.size <= SMALL_PIXELS and is_soon_read(picture.grey):
            # Some milliseconds; handing it on would take as long again.
            reading = self._networks.predictor(network).read_single(picture, cuts)
            if reading is not None:
                return reading
        return await self._reading.run(picture.grey.size, read, picture)

    async def list_steps(self, content: bytes) -> list[Step]:
        """Return how a drawing becomes what a network sees; `content` is a picture file."""
        picture = await self._open_drawing(content)
        return await self._reading.run(picture.grey.size, list_steps, picture)

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

    async def _open_drawing(self, content: bytes) -> PictureFile:
        # What the pad sends of strokes is opened at once: that takes no longer than to hand it on.
        if is_plain_drawing(content):
            return open_picture(content, MAX_DRAWING_PIXELS)
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


def is_soon_read(grey: Grey) -> bool:
    """Return whether a (H, W) picture takes only some milliseconds, as drawings do, judged by its levels alone.

    The time goes with the length of the outline, and small things are looked at again from closer.
    """
    mask = grey > (int(grey.min()) + int(grey.max())) / 2
    outline = np.count_nonzero(mask[:, 1:] != mask[:, :-1]) + np.count_nonzero(mask[1:] != mask[:-1])
    if outline > MAX_OUTLINE * sum(grey.shape):
        return False
    boxes = find_components(mask if mask.mean() < 0.5 else ~mask).boxes
    sides = boxes[:, 2:] - boxes[:, :2]
    return not sides.size or bool(sides.max() >= LEAST_SIDE * max(grey.shape))
