"""What visitors may do with runs over plain routes: each action by name, with who may."""

from collections.abc import Callable
from typing import Any

from mnist_demo.checks import whole_number
from mnist_demo.errors import SettingsError
from mnist_demo.runs.rights import MAX_QUEUED, Visitor
from mnist_demo.runs.run import Run
from mnist_demo.runs.trainer import BackgroundTrainer

Action = Callable[[BackgroundTrainer, Run, Any], None]

RESUME = "resume"  # is a start, too

# Whoever has started the run, and the instructor:
OWNERS: dict[str, Action] = {
    "stop": lambda trainer, run, _: trainer.stop(run.id),
    "pause": lambda trainer, run, _: trainer.go(run.id, "here"),
    "go-on": lambda trainer, run, _: trainer.go(run.id, "end"),
    "step-batch": lambda trainer, run, _: trainer.go(run.id, "batch"),
    "step-epoch": lambda trainer, run, _: trainer.go(run.id, "epoch"),
    "learning-rate": lambda trainer, run, value: trainer.set_learning_rate(run.id, value),
}
# The instructor alone:
INSTRUCTORS: dict[str, Action] = {
    "remove": lambda trainer, run, _: trainer.book.remove(run),
    "move": lambda trainer, run, value: trainer.book.move(run, whole_number("place", value, 0, MAX_QUEUED)),
}


def steer(trainer: BackgroundTrainer, run_id: str, action: object, value: object, visitor: Visitor) -> None:
    """Do something with a run.

    Args:
        trainer: what has the run.
        run_id: which one.
        action: a key of OWNERS or INSTRUCTORS, or RESUME.
        value: what goes with it: the learning rate, or the place to move to.
        visitor: who wants it.

    Raises:
        NotFoundError: there is no such run.
        SettingsError: there is no such action, or the value is out of its range.
        StateError: the run is not in a state for it.
        RightsError: the visitor may not do this.
        LimitError: the visitor starts too many runs, or has tried too many wrong keys.
    """
    run = trainer.book.run(run_id)
    name = action if isinstance(action, str) else ""
    if name == RESUME:
        trainer.rights.require_control(run, visitor)
        trainer.rights.require_start(run.config, visitor, trainer.book.queue)
        trainer.book.resume(run, not trainer.rights.is_instructor(visitor), visitor.network)
    elif name in OWNERS:
        trainer.rights.require_control(run, visitor)
        OWNERS[name](trainer, run, value)
    elif name in INSTRUCTORS:
        trainer.rights.require_instructor(visitor)
        INSTRUCTORS[name](trainer, run, value)
    else:
        expected = ", ".join([*OWNERS, RESUME, *INSTRUCTORS])
        raise SettingsError(f"action: expected one of {expected}, found {action!r:.50}")
