"""What visitors may do with runs: each action by name, with who may.

All of it is decided here, and done before the book of runs is let go: between the check and the act no run begins, ends
or changes hands.
"""

from collections.abc import Callable
from typing import Any

from mnist_demo.checks import whole_number
from mnist_demo.errors import SettingsError
from mnist_demo.runs.rights import MAX_QUEUED, Limits, Visitor
from mnist_demo.runs.run import Run
from mnist_demo.runs.trainer import BackgroundTrainer

Action = Callable[[BackgroundTrainer, Run, Any, Visitor], None]

STOPPED_BY_INSTRUCTOR = "The instructor stopped the run."


def _stop(trainer: BackgroundTrainer, run: Run, _value: object, visitor: Visitor) -> None:
    """End a run. One that somebody else has queued, and that has not begun, can be restored for a moment."""
    if trainer.rights.owns(run, visitor):
        trainer.stop(run.id)
    elif run.state == "queued" and run.epoch is None:
        trainer.book.set_aside(run)
    else:
        trainer.stop(run.id, STOPPED_BY_INSTRUCTOR)


def _resume(trainer: BackgroundTrainer, run: Run, _value: object, visitor: Visitor) -> None:
    """Queue a cut run again, which is a start, too."""
    trainer.rights.require_start(run.config, visitor, trainer.book.queue)
    trainer.book.resume(run, not trainer.rights.is_instructor(visitor), visitor.network)


# Whoever has started the run, and the instructor:
OWNERS: dict[str, Action] = {
    "stop": _stop,
    "pause": lambda trainer, run, *_: trainer.go(run.id, "here"),
    "go-on": lambda trainer, run, *_: trainer.go(run.id, "end"),
    "step-batch": lambda trainer, run, *_: trainer.go(run.id, "batch"),
    "step-epoch": lambda trainer, run, *_: trainer.go(run.id, "epoch"),
    "learning-rate": lambda trainer, run, value, _: trainer.set_learning_rate(run.id, value),
    "resume": _resume,
}
# The instructor alone:
INSTRUCTORS: dict[str, Action] = {
    "remove": lambda trainer, run, *_: trainer.book.set_aside(run),
    "move": lambda trainer, run, value, _: trainer.book.move(run, whole_number("place", value, 0, MAX_QUEUED)),
}
RESTORE = "restore"  # likewise, with a run that was removed a moment ago


def steer(trainer: BackgroundTrainer, run_id: str, action: object, value: object, visitor: Visitor) -> None:
    """Do something with a run.

    Args:
        trainer: what has the run.
        run_id: which one.
        action: a key of OWNERS or INSTRUCTORS, or RESTORE.
        value: what goes with it: the learning rate, or the place to move to.
        visitor: who wants it.

    Raises:
        NotFoundError: there is no such run.
        SettingsError: there is no such action, or the value is out of its range.
        StateError: the run is not in a state for it.
        RightsError: the visitor may not do this.
        LimitError: the visitor starts too many runs, or has tried too many wrong keys.
    """
    name = action if isinstance(action, str) else ""
    with trainer.book.changed:
        if name == RESTORE:
            trainer.rights.require_instructor(visitor)
            trainer.book.restore(run_id)
            return
        run = trainer.book.run(run_id)
        if name in OWNERS:
            trainer.rights.require_control(run, visitor)
            OWNERS[name](trainer, run, value, visitor)
        elif name in INSTRUCTORS:
            trainer.rights.require_instructor(visitor)
            INSTRUCTORS[name](trainer, run, value, visitor)
        else:
            expected = ", ".join([*OWNERS, *INSTRUCTORS, RESTORE])
            raise SettingsError(f"action: expected one of {expected}, found {action!r:.50}")


def clear(trainer: BackgroundTrainer, visitor: Visitor) -> int:
    """Remove all runs that are over, at once and for good, and return how many; others are answered meanwhile.

    Raises:
        RightsError: the visitor is not the instructor.
        LimitError: the visitor has tried too many wrong keys.
    """
    trainer.rights.require_instructor(visitor)
    return trainer.book.clear()


def set_limits(trainer: BackgroundTrainer, limits: object, visitor: Visitor) -> None:
    """Let visitors do less, or more, from now on.

    Args:
        trainer: whose runs are limited.
        limits: a dictionary of the fields of Limits.
        visitor: who wants it.

    Raises:
        SettingsError: these are no limits, or one is out of its range.
        RightsError: the visitor is not the instructor.
        LimitError: the visitor has tried too many wrong keys.
    """
    trainer.rights.require_instructor(visitor)
    trainer.set_limits(Limits.from_dict(limits))
