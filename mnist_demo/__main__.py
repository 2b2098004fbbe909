"""The command line: python -m mnist_demo serve|train|sweep|predict|evaluate."""

import argparse
import contextlib
import json
import os
import sys
from pathlib import Path

from mnist_demo.data.datasets import load_split
from mnist_demo.data.subject import Subject
from mnist_demo.errors import CheckpointError, ImageError, MnistDemoError
from mnist_demo.networks.checkpoints import save_checkpoint
from mnist_demo.networks.registry import DEFAULT_MODEL, MODELS, SPECS, build_model
from mnist_demo.reading.pictures import MAX_BYTES, open_picture
from mnist_demo.reading.predictions import NumberReading, Prediction
from mnist_demo.reading.predictor import Predictor
from mnist_demo.serving.encoding import describe_prediction
from mnist_demo.shell import Parser
from mnist_demo.sweep import add_sweep_command
from mnist_demo.training.config import TrainConfig
from mnist_demo.training.events import BatchReport, Ended, EpochEnded, Event, Started, to_json
from mnist_demo.training.loop import train
from mnist_demo.training.recipes import RECIPES, configure
from mnist_demo.ui.serve import add_options as add_serve_options

BAR = 30  # characters


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit status: 0 on success, 1 after an error message."""
    arguments = _build_parser().parse_args(argv)
    try:
        status: int = arguments.command(arguments)
        sys.stdout.flush()
        return status
    except MnistDemoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader has closed the pipe, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python would report it again at exit
        return 0
    except KeyboardInterrupt:
        return 130


def train_command(arguments: argparse.Namespace) -> int:
    """Train a network, print its progress, and save it if `--out` is given."""
    config = configure(
        arguments.recipe,
        epochs=arguments.epochs,
        seed=arguments.seed,
        batch_size=arguments.batch_size,
        learning_rate=arguments.learning_rate,
        momentum=arguments.momentum,
        sizes=arguments.sizes and tuple(arguments.sizes),
        device=arguments.device,
    )
    if arguments.out:
        _require_writable(arguments.out)
    model = build_model(config.model, config.seed, config.sizes)
    train_split, test_split = load_split(arguments.data, train=True), load_split(arguments.data, train=False)
    train_size = 0
    best: EpochEnded | None = None
    for event in train(model, train_split, test_split, config, run=config.recipe):
        if isinstance(event, Started):
            train_size = event.train_size
        if isinstance(event, EpochEnded) and (best is None or event.test_accuracy > best.test_accuracy):
            best = event
        if isinstance(event, Ended) and event.reason == "finished" and arguments.out:
            save_checkpoint(arguments.out, model, config.metadata(event.test_accuracy), train_split.subject)
            event = Ended(event.reason, event.message, str(arguments.out), event.train_accuracy, event.test_accuracy)
        if arguments.jsonl:
            print(to_json(event), flush=True)
        else:
            _print_event(event, config, train_size)
    if best and not arguments.jsonl:
        print(f"best: test {best.test_accuracy:.2%} after epoch {best.epoch}")
    return 0 if isinstance(event, Ended) and event.reason == "finished" else 1


def predict_command(arguments: argparse.Namespace) -> int:
    """Read the digit or number in each file; a file that cannot be read does not affect the others."""
    predictor = Predictor.load(arguments.model, arguments.device)
    status = 0
    for path in arguments.files:
        try:
            picture = open_picture(_read_stdin() if str(path) == "-" else path)
            is_single = arguments.digit or not predictor.subject.is_digits
            reading = predictor.predict(picture) if is_single else predictor.read(picture)
        except MnistDemoError as error:
            print(f"error: {error}", file=sys.stderr)
            status = 1
            continue
        if arguments.json:
            print(json.dumps({"file": str(path), **_to_dict(reading, predictor.subject)}))
        else:
            for line in _describe(reading, predictor.subject):
                print(f"{path}: {line}")
    return status


def _read_stdin() -> bytes:
    content = sys.stdin.buffer.read(MAX_BYTES + 1)
    if not content:
        raise ImageError("stdin: expected a picture file, found nothing")
    return content


def _to_dict(reading: Prediction | NumberReading, subject: Subject) -> dict[str, object]:
    """Return the JSON fields of a reading, all but the file name."""
    if isinstance(reading, NumberReading):
        pairs = zip(reading.predictions, reading.boxes, strict=True)
        digits = [{**describe_prediction(digit, subject), "box": box} for digit, box in pairs]
        return {"number": reading.text, "lines": reading.lines, "digits": digits}
    return describe_prediction(reading, subject)


def _describe(reading: Prediction | NumberReading, subject: Subject) -> list[str]:
    """Return the lines of a reading, each of a number with the confidence of its most doubtful digit."""
    if isinstance(reading, NumberReading):
        digits = iter(reading.predictions)
        return [
            f"{line} ({min(next(digits).confidence for mark in line if mark != ' '):.1%})" for line in reading.lines
        ]
    if reading.guess is None:
        return [f"rejected: {reading.reason}"]
    guess = subject.classes[reading.guess]
    if reading.digit is None:
        return [f"rejected: {reading.reason}; best guess {guess}"]
    return [f"{guess} ({reading.confidence:.1%})"]


def evaluate_command(arguments: argparse.Namespace) -> int:
    """Evaluate a network on the test split."""
    split = load_split(arguments.data, train=False)
    result = Predictor.load(arguments.model, arguments.device).evaluate(split)
    if arguments.json:
        values = {"loss": result.loss, "accuracy": result.accuracy}
        print(json.dumps({"model": str(arguments.model), "images": len(split), **values}))
    else:
        print(f"{arguments.model}: {result.accuracy:.2%} of {len(split):,} test images, loss {result.loss:.4f}")
    return 0


def _build_parser() -> Parser:
    parser = Parser(prog="python -m mnist_demo", description="Serve the demo; train and use MNIST networks.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("serve", help="start the demo, like mnist-demo and app.py")
    add_serve_options(command)

    command = commands.add_parser("train", help="train a network")
    command.add_argument("--recipe", required=True, choices=list(RECIPES), help="the settings to start from")
    own = "default: the recipe's"
    command.add_argument("--epochs", type=_number, help=f"passes over the training split; {own}")
    command.add_argument("--seed", type=_number, help="of the initial weights and the image order; default: 0")
    command.add_argument("--batch-size", type=_number, help=f"images per step; {own}")
    command.add_argument("--learning-rate", type=_number, help=own)
    command.add_argument("--momentum", type=_number, help=f"momentum of SGD, or beta1 of Adam; {own}")
    command.add_argument("--sizes", type=_number, nargs="+", metavar="N", help=f"of the layers; {own}, e.g. {_sizes()}")
    command.add_argument("--out", type=Path, metavar="FILE.safetensors", help="save the trained weights here")
    command.add_argument("--jsonl", action="store_true", help="print one JSON event per line")
    command.set_defaults(command=train_command)
    _add_shared(command)

    command = commands.add_parser("sweep", help="train with many values of one setting, and compare")
    add_sweep_command(command)
    _add_shared(command)

    model = f"one of {', '.join(MODELS)}, or a .safetensors file; default: {DEFAULT_MODEL}"
    command = commands.add_parser("predict", help="read the digits in picture files")
    command.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a picture file, or - for stdin")
    command.add_argument("--digit", action="store_true", help="read one digit; default: a number, if there are several")
    command.add_argument("--model", default=DEFAULT_MODEL, help=model)
    command.add_argument("--json", action="store_true", help="print one JSON object per file")
    command.set_defaults(command=predict_command)
    _add_shared(command, data=False)

    command = commands.add_parser("evaluate", help="evaluate a network on the test split")
    command.add_argument("--model", default=DEFAULT_MODEL, help=model)
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.set_defaults(command=evaluate_command)
    _add_shared(command)
    return parser


def _sizes() -> str:
    """Return the default sizes of every network whose layer sizes can be changed."""
    return ", ".join(f"{' '.join(map(str, spec.sizes.default))} ({name})" for name, spec in SPECS.items() if spec.sizes)


def _require_writable(path: Path) -> None:
    """Check before training that the weights can be saved there, and loaded again."""
    if path.suffix != ".safetensors":
        raise CheckpointError(f"{path}: expected a file name that ends in .safetensors")
    if path.is_dir() or not path.parent.is_dir():
        raise CheckpointError(f"{path}: {'is a folder' if path.is_dir() else f'there is no folder {path.parent}'}")


def _number(text: str) -> int | float | str:
    """Parse a number; other text is returned unchanged, for TrainConfig to reject with its own message."""
    for kind in (int, float):
        with contextlib.suppress(ValueError):
            return kind(text)
    return text


def _add_shared(command: argparse.ArgumentParser, data: bool = True) -> None:
    command.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps; default: auto")
    if data:
        command.add_argument("--data", type=Path, metavar="DIR", help="folder of IDX files; default: the bundled MNIST")


def _print_event(event: Event, config: TrainConfig, train_size: int) -> None:
    if isinstance(event, Started):
        print(f"{event.recipe}: {event.parameters:,} parameters, {event.train_size:,} images, on {event.device}")
    elif isinstance(event, BatchReport):
        done = event.examples_seen / (config.epochs * train_size)
        bar = "#" * round(BAR * done)
        line = f"[{bar:<{BAR}}] {done:4.0%}  loss {event.train_loss:.4f}  {event.examples_per_second:,.0f} images/s"
        print(f"\r{line}\033[K", end="", file=sys.stderr, flush=True)
    elif isinstance(event, EpochEnded):
        learned = f"train {event.train_loss:.4f} {event.train_accuracy:.2%}  " if event.epoch else "untrained  "
        tested = f"test {event.test_loss:.4f} {event.test_accuracy:.2%}"
        print("\r\033[K", end="", file=sys.stderr, flush=True)
        print(f"epoch {event.epoch:3}  {learned}{tested}  {event.seconds:.1f} s", flush=True)
    elif isinstance(event, Ended) and event.reason == "finished":
        print(f"finished: train {event.train_accuracy:.2%}, test {event.test_accuracy:.2%}")
    elif isinstance(event, Ended):
        print(f"{event.reason}: {event.message}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
