"""A run as a plain PyTorch script that reproduces its numbers without this package."""

import ast
import inspect
import sys
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from torch import nn

from mnist_demo.data.batches import to_input
from mnist_demo.errors import SettingsError
from mnist_demo.networks.evaluation import MAX_FORWARD
from mnist_demo.networks.registry import MODELS
from mnist_demo.training.config import TrainConfig
from mnist_demo.training.optimisation import WARM_UP

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def write_script(config: TrainConfig, file_name: str) -> str:
    """Return a script that trains the network of `config` as `train` does, and prints the same losses and accuracies.

    The threshold of a network that rejects is not fitted: none of the printed losses and accuracies depends on it.

    Args:
        config: the settings of the run.
        file_name: the name of the script, for its usage message.

    Raises:
        SettingsError: the run uses augmentation, which does not fit in a short script.
    """
    if config.augmentation != "none":
        raise SettingsError(f"augmentation: only runs without it can be exported, found {config.augmentation!r}")
    network = MODELS[config.model]
    return TEMPLATES.get_template("script.py.jinja").render(
        vars(config),
        file_name=file_name,
        network=f"{network.__name__}({config.sizes or ''})",
        network_class=network.__name__,
        definitions=f"{_source(network)}\n\n\n{inspect.getsource(to_input).rstrip()}",
        nesterov=config.schedule == "one-cycle" and config.momentum > 0,
        warm_up=WARM_UP,
        max_forward=MAX_FORWARD,
        backward=f"({'smooth(loss, logits)' if config.label_smoothing else 'loss'} / len(batch)).backward()",
    )


def _source(network: type[nn.Module]) -> str:
    """Return the source of a network and its dependencies within its module, with the original spacing."""
    definitions = _definitions(inspect.getsource(sys.modules[network.__module__]))
    needed, new = set(), {network.__name__}
    while new:
        needed |= new
        nodes = (node for found in new for node in ast.walk(ast.parse(definitions[found])))
        new = {node.id for node in nodes if isinstance(node, ast.Name)} & definitions.keys() - needed
    return "\n".join(text for found, text in definitions.items() if found in needed)


def _definitions(source: str) -> dict[str, str]:
    """Return the functions, classes and constants of a module, each with the blank lines and comments above it."""
    statements, lines = ast.parse(source).body, source.splitlines()
    starts = [0, *(statement.end_lineno for statement in statements)]
    definitions = {}
    for statement, start in zip(statements, starts, strict=False):
        match statement:
            case ast.FunctionDef(name) | ast.ClassDef(name) | ast.Assign([ast.Name(name)]):
                definitions[name] = "\n".join(lines[start : statement.end_lineno])
    return definitions
