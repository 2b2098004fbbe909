"""From the settings of a run to its optimizer, to the learning rate of every step, and to what it aims at."""

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR

from mnist_demo.training.config import TrainConfig

WARM_UP = 0.15  # of the steps of a one-cycle schedule, from a tenth of the learning rate to all of it


def build_optimizer(model: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    """Return the optimizer that the settings name."""
    # fused: one call a step in place of a handful for every tensor, which is what small batches wait for.
    rate, decay = config.learning_rate, config.weight_decay
    if config.optimizer == "adam":
        betas = (config.momentum, 0.999)
        return torch.optim.Adam(model.parameters(), rate, betas, weight_decay=decay, fused=True)
    # Nesterov's form only with a schedule: the tutorials use the plain one.
    nesterov = config.schedule == "one-cycle" and config.momentum > 0
    return torch.optim.SGD(model.parameters(), rate, config.momentum, weight_decay=decay, nesterov=nesterov, fused=True)


def build_schedule(optimizer: torch.optim.Optimizer, config: TrainConfig, steps: int) -> LRScheduler | None:
    """Return what sets the learning rate after each of `steps` steps; None leaves it as it is."""
    if config.schedule == "constant":
        return None
    return OneCycleLR(
        optimizer,
        config.learning_rate,
        total_steps=steps + 1,
        pct_start=WARM_UP,
        cycle_momentum=False,
        div_factor=10,
        final_div_factor=1_000,
    )


def change_learning_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Take steps of another size from now on; a schedule goes on in proportion to its new highest rate."""
    for group in optimizer.param_groups:
        factor = rate / group.get("max_lr", group["lr"])
        for name in {"lr", "initial_lr", "max_lr", "min_lr"} & group.keys():
            group[name] *= factor


def smooth(loss: Tensor, logits: Tensor, share: float) -> Tensor:
    """Return the summed cross-entropy for labels of which a share is spread over all classes, given that without."""
    if not share:
        return loss
    spread = -functional.log_softmax(logits, dim=1).mean(dim=1).sum()
    return (1 - share) * loss + share * spread
