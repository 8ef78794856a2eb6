"""The optimizer, its learning rate, and float32 masters of 16-bit weights."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import torch

from harness.training.recipe import Recipe

__all__ = ["Masters", "learning_rate", "make_optimizer"]


class Masters:
    """The weights that the optimizer changes, in float32 whatever the model computes with.

    An update is smaller than the steps of bfloat16, and would be lost. So narrower weights that
    learn get a float32 master; gradients move to it as they come, and the model gets its values
    back, rounded, after each step: it trains with the weights that it will answer with.
    """

    def __init__(self, module: torch.nn.Module) -> None:
        self.weights: dict[str, torch.Tensor] = {}  # by name: a master, or the model's own
        self._narrow: list[tuple[torch.Tensor, torch.Tensor]] = []
        for name, weight in module.named_parameters():
            if not weight.requires_grad:
                continue
            if weight.dtype == torch.float32:
                self.weights[name] = weight
                continue
            master = weight.detach().float()
            self.weights[name] = master
            self._narrow.append((weight, master))
            weight.register_post_accumulate_grad_hook(_handing_over(master))

    def publish(self) -> None:
        """Copies the masters' values into the model."""
        with torch.no_grad():
            for weight, master in self._narrow:
                weight.copy_(master)


def _handing_over(master: torch.Tensor) -> Callable[[torch.Tensor], None]:
    def hand_over(weight: torch.Tensor) -> None:
        assert weight.grad is not None
        if master.grad is None:
            master.grad = weight.grad.float()
        else:
            master.grad += weight.grad
        weight.grad = None

    return hand_over


def learning_rate(step: int, steps: int, recipe: Recipe) -> float:
    """Returns the learning rate of a step (from 0): a linear warm-up, then the schedule."""
    warmup = math.ceil(recipe.warmup_ratio * steps)
    if step < warmup:
        return recipe.peak * (step + 1) / warmup
    left = (step - warmup) / max(1, steps - warmup)
    factor = {
        "constant": 1.0,
        "linear": 1.0 - left,
        "cosine": 0.5 * (1.0 + math.cos(math.pi * left)),
    }[recipe.schedule]
    return recipe.peak * factor


def make_optimizer(
    weights: Mapping[str, torch.Tensor], recipe: Recipe
) -> tuple[torch.optim.Optimizer, str]:
    """Returns the optimizer and its name; torch's AdamW runs as one kernel where it can."""
    parameters = list(weights.values())
    options = {"lr": recipe.peak, "weight_decay": recipe.weight_decay}
    if recipe.optimizer == "adamw":
        fused = all(weight.device.type in ("cpu", "cuda") for weight in parameters)
        return torch.optim.AdamW(parameters, fused=fused, **options), "adamw"
    import bitsandbytes

    kinds = {
        "paged_adamw_32bit": bitsandbytes.optim.PagedAdamW32bit,
        "adamw_8bit": bitsandbytes.optim.AdamW8bit,
    }
    return kinds[recipe.optimizer](parameters, **options), recipe.optimizer
