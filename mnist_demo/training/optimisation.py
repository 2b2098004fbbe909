"""The optimizer, learning rate schedule and label smoothing of a run."""

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR

from mnist_demo.training.config import TrainConfig

WARM_UP = 0.15  # share of the steps in which a one-cycle schedule rises from a tenth of the learning rate to its peak


def build_optimizer(model: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    """Return the optimizer named in the settings."""
    # fused: one call per step instead of several per tensor, which dominate the time of small batches.
    rate, decay = config.learning_rate, config.weight_decay
    if config.optimizer == "adam":
        betas = (config.momentum, 0.999)
        return torch.optim.Adam(model.parameters(), rate, betas, weight_decay=decay, fused=True)
    # Nesterov momentum only with a schedule: the tutorials use plain momentum.
    nesterov = config.schedule == "one-cycle" and config.momentum > 0
    return torch.optim.SGD(model.parameters(), rate, config.momentum, weight_decay=decay, nesterov=nesterov, fused=True)


def build_schedule(optimizer: torch.optim.Optimizer, config: TrainConfig, steps: int) -> LRScheduler | None:
    """Return the learning rate schedule over `steps` steps; None for a constant rate."""
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
    """Change the learning rate; a schedule is scaled to its new peak."""
    for group in optimizer.param_groups:
        factor = rate / group.get("max_lr", group["lr"])
        for name in {"lr", "initial_lr", "max_lr", "min_lr"} & group.keys():
            group[name] *= factor


def smooth(loss: Tensor, logits: Tensor, share: float) -> Tensor:
    """Return the summed cross-entropy with label smoothing, given that without; `share` is spread over all classes."""
    if not share:
        return loss
    spread = -functional.log_softmax(logits, dim=1).mean(dim=1).sum()
    return (1 - share) * loss + share * spread
