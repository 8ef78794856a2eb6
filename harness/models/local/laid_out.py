"""Weights of linear layers in the layout that oneDNN computes with, on a CPU in bfloat16.

torch gives oneDNN the weights as they are stored, which is not the order in which the processor's
units take them. A decoding step has few tokens for all the weights: laid out beforehand, its
products took two thirds of the time, and gave the same numbers (but for the rounding of a bias).
Scoring hundreds of tokens at once gained nothing. It takes the weights' memory once more, so it is
left where that isn't free.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

from harness.devices import Device, cpu_has_bf16, free_memory_bytes

__all__ = ["LaidOut", "current", "laid_out"]

SMALLEST = 2**16  # weights of a layer; a smaller one gains nothing
MEMORY_SHARE = 3 / 4  # of what is free, that the copy may take

Forward = Callable[[torch.Tensor], torch.Tensor]


class LaidOut:
    """A model's weights as they were when it was made: who changes them drops it first."""

    def __init__(self, module: torch.nn.Module) -> None:
        self._forwards: dict[torch.nn.Module, Forward] = {}
        layers = [layer for layer in module.modules() if _suits(layer)]
        self._stood = [(layer, _state(layer)) for layer in layers]
        most = MEMORY_SHARE * free_memory_bytes(Device("cpu"))
        if sum(layer.weight.nbytes for layer in layers) > most:
            return
        for layer in layers:
            copy = torch.ops.mkldnn._reorder_linear_weight(layer.weight.detach())
            self._forwards[layer] = _product(copy, layer.bias)

    def __len__(self) -> int:
        return len(self._forwards)

    def fresh(self) -> bool:
        """Whether no layer got other weights by an operation that torch counts."""
        return all(_state(layer) == stood for layer, stood in self._stood)

    @contextmanager
    def used(self) -> Iterator[None]:
        """Computes with them inside, where no gradients are wanted."""
        changed = []
        for layer, forward in self._forwards.items():
            if "forward" not in vars(layer):
                layer.forward = forward
                changed.append(layer)
        try:
            yield
        finally:
            for layer in changed:
                del layer.forward


_current: weakref.WeakKeyDictionary[torch.nn.Module, weakref.ref[LaidOut]]
_current = weakref.WeakKeyDictionary()


def laid_out(module: torch.nn.Module) -> LaidOut:
    """Returns a model's weights laid out, for as long as the caller keeps them.

    Whoever asks meanwhile gets the same ones, and every forward pass without gradients uses them.
    """
    kept = current(module)
    if kept is None:
        kept = LaidOut(module)
        _current[module] = weakref.ref(kept)
    return kept


def current(module: torch.nn.Module) -> LaidOut | None:
    """Returns a model's laid-out weights, if somebody keeps them and they are still its own."""
    reference = _current.get(module)
    kept = reference() if reference else None
    return kept if kept is not None and kept.fresh() else None


def _suits(layer: torch.nn.Module) -> bool:
    return (
        type(layer) is torch.nn.Linear
        and layer.weight.device.type == "cpu"
        and layer.weight.dtype == torch.bfloat16
        and layer.weight.numel() >= SMALLEST
        and "forward" not in vars(layer)
        and hasattr(torch.ops.mkldnn, "_reorder_linear_weight")
        and cpu_has_bf16()
    )


def _state(layer: torch.nn.Module) -> tuple[int, int]:
    return layer.weight.data_ptr(), layer.weight._version


def _product(weight: torch.Tensor, bias: torch.Tensor | None) -> Forward:
    product = torch.ops.mkldnn._linear_pointwise

    def forward(inputs: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = product(inputs, weight, bias, "none", [], "")
        return result

    return forward
