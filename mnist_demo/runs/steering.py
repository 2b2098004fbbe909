"""The actions on runs by name, and who may perform them.

Checks and actions happen under the lock of the book: no run can begin, end or change hands in between.
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
    """Stop a run. If it is somebody else's and has not begun, it can be restored for a moment."""
    if trainer.rights.owns(run, visitor):
        trainer.stop(run.id)
    elif run.state == "queued" and run.epoch is None:
        trainer.book.set_aside(run)
    else:
        trainer.stop(run.id, STOPPED_BY_INSTRUCTOR)


def _resume(trainer: BackgroundTrainer, run: Run, _value: object, visitor: Visitor) -> None:
    """Queue an interrupted run again, which counts as a start."""
    trainer.rights.require_start(run.config, visitor, trainer.book.queue)
    trainer.book.resume(run, not trainer.rights.is_instructor(visitor), visitor.network)


# The owner of the run, and the instructor:
OWNERS: dict[str, Action] = {
    "stop": _stop,
    "pause": lambda trainer, run, *_: trainer.go(run.id, "here"),
    "go-on": lambda trainer, run, *_: trainer.go(run.id, "end"),
    "step-batch": lambda trainer, run, *_: trainer.go(run.id, "batch"),
    "step-epoch": lambda trainer, run, *_: trainer.go(run.id, "epoch"),
    "learning-rate": lambda trainer, run, value, _: trainer.set_learning_rate(run.id, value),
    "resume": _resume,
}
# The instructor only:
INSTRUCTORS: dict[str, Action] = {
    "remove": lambda trainer, run, *_: trainer.book.set_aside(run),
    "move": lambda trainer, run, value, _: trainer.book.move(run, whole_number("place", value, 0, MAX_QUEUED)),
}
RESTORE = "restore"  # likewise, for a run that was removed a moment ago


def steer(trainer: BackgroundTrainer, run_id: str, action: object, value: object, visitor: Visitor) -> None:
    """Perform an action on a run.

    Args:
        trainer: the trainer of the run.
        run_id: which one.
        action: a key of OWNERS or INSTRUCTORS, or RESTORE.
        value: its argument: the learning rate, or the place to move to.
        visitor: who requests it.

    Raises:
        NotFoundError: there is no such run.
        SettingsError: there is no such action, or the value is out of range.
        StateError: the run is not in a state that allows it.
        RightsError: the visitor may not do this.
        LimitError: the visitor has started too many runs, or tried too many wrong keys.
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
    """Remove all completed runs permanently, and return how many; other requests are served meanwhile.

    Raises:
        RightsError: the visitor is not the instructor.
        LimitError: the visitor has tried too many wrong keys.
    """
    trainer.rights.require_instructor(visitor)
    return trainer.book.clear()


def set_limits(trainer: BackgroundTrainer, limits: object, visitor: Visitor) -> None:
    """Change the limits for visitors.

    Args:
        trainer: whose runs are limited.
        limits: a dictionary of the fields of Limits.
        visitor: who requests it.

    Raises:
        SettingsError: these are not limits, or one is out of range.
        RightsError: the visitor is not the instructor.
        LimitError: the visitor has tried too many wrong keys.
    """
    trainer.rights.require_instructor(visitor)
    trainer.set_limits(Limits.from_dict(limits))
