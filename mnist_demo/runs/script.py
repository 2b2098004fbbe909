"""A run as a script in plain PyTorch, which prints the numbers of the run without this package.

script.txt is the script with all that it can hold. A line "#? FEATURE" begins lines for a feature of the
settings, "#?" alone begins lines for all of them, and $NAME stands for a value.
"""

import ast
import inspect
import sys
from pathlib import Path
from string import Template
from types import ModuleType

from mnist_demo.data.batches import to_input
from mnist_demo.errors import SettingsError
from mnist_demo.networks.evaluation import MAX_FORWARD
from mnist_demo.networks.registry import MODELS
from mnist_demo.training.config import TrainConfig
from mnist_demo.training.optimisation import WARM_UP

TEMPLATE = Path(__file__).with_name("script.txt")


def write_script(config: TrainConfig) -> str:
    """Return a script that trains the network of `config` as `train` does, and prints the same losses and accuracies.

    Temperature and threshold of DigitNet are not fitted: no loss or accuracy that is printed hangs on them.

    Raises:
        SettingsError: the pictures are to be augmented, which takes more than a short script.
    """
    if config.augmentation != "none":
        raise SettingsError(f"augmentation: only a run with none can be had as a script, found {config.augmentation!r}")
    network_class = MODELS[config.model]
    network = network_class.__name__
    module = sys.modules[network_class.__module__]
    text = _select(TEMPLATE.read_text(encoding="utf-8"), _features(config))
    return Template(text).substitute(
        vars(config),
        network=f"{network}({config.sizes or ''})",
        network_class=network,
        definitions=f"{_source(module, network)}\n\n\n{inspect.getsource(to_input).rstrip()}",
        nesterov=config.schedule == "one-cycle" and config.momentum > 0,
        warm_up=WARM_UP,
        max_forward=MAX_FORWARD,
        backward=f"({'smooth(loss, logits)' if config.label_smoothing else 'loss'} / len(batch)).backward()",
    )


def _features(config: TrainConfig) -> set[str]:
    """Return what the lines of the template are chosen by."""
    features = {config.device, config.optimizer, config.schedule}
    features.add("several passes" if config.batch_size > config.pass_size else "one pass")
    if config.label_smoothing:
        features.add("smoothed")
    if config.cores:
        features.add("some cores")
    if config.validation_size:
        features.add("held out")
    return features


def _select(template: str, features: set[str]) -> str:
    """Return the lines of `template` that are for all settings or for one of `features`."""
    chosen = []
    feature = ""
    for line in template.splitlines(keepends=True):
        if line.lstrip().startswith("#?"):
            feature = line.partition("#?")[2].strip()
        elif not feature or feature in features:
            chosen.append(line)
    return "".join(chosen)


def _source(module: ModuleType, name: str) -> str:
    """Return the source of a definition and of all others in its module that it needs, spaced as they stand there."""
    definitions = _definitions(inspect.getsource(module))
    needed, new = set(), {name}
    while new:
        needed |= new
        nodes = (node for found in new for node in ast.walk(ast.parse(definitions[found])))
        new = {node.id for node in nodes if isinstance(node, ast.Name)} & definitions.keys() - needed
    return "\n".join(text for found, text in definitions.items() if found in needed)


def _definitions(source: str) -> dict[str, str]:
    """Return the functions, classes and constants of a module, each with the free lines and comments above it."""
    statements, lines = ast.parse(source).body, source.splitlines()
    starts = [0, *(statement.end_lineno for statement in statements)]
    definitions = {}
    for statement, start in zip(statements, starts, strict=False):
        match statement:
            case ast.FunctionDef(name) | ast.ClassDef(name) | ast.Assign([ast.Name(name)]):
                definitions[name] = "\n".join(lines[start : statement.end_lineno])
    return definitions
