"""Gated feed-forward blocks on a CPU: oneDNN applies activation and gate inside the products.

``down(act(gate(x)) * up(x))`` is half of a small model's time, and a fifth of that goes into
reading and writing the activations between the products. Each kind of block is first compared with
its own forward pass on random numbers; a kind that differs stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

__all__ = ["FusedMlps"]

Activation = tuple[str, list[float], str]
"""An activation as oneDNN names it: kind, parameters, algorithm."""

ACTIVATIONS: tuple[Activation, ...] = (
    ("swish", [], ""),
    ("gelu", [], "tanh"),
    ("gelu", [], "none"),
    ("relu", [], ""),
)
# How far a block may be from its own forward pass, as a share of its largest number.
TOLERANCE = {torch.float32: 1e-5, torch.bfloat16: 2e-2}


class FusedMlps:
    """The blocks of a model that can run fused; adapters or packed weights prevent it."""

    def __init__(self, module: torch.nn.Module) -> None:
        activations: dict[tuple[type, type, torch.dtype], Activation | None] = {}
        self._blocks: list[tuple[torch.nn.Module, Callable[[torch.Tensor], torch.Tensor]]] = []
        for block in filter(_plain, module.modules()):
            kind = (type(block), type(block.act_fn), block.gate_proj.weight.dtype)
            if kind not in activations:
                activations[kind] = _activation(block)
            if (activation := activations[kind]) is not None:
                self._blocks.append((block, _fused(block, activation)))

    def __len__(self) -> int:
        return len(self._blocks)

    @contextmanager
    def fused(self) -> Iterator[None]:
        """Runs them fused, without gradients, inside."""
        for block, forward in self._blocks:
            block.forward = forward
        try:
            yield
        finally:
            for block, _ in self._blocks:
                del block.forward


def _plain(block: torch.nn.Module) -> bool:
    """Whether a block has three linear layers that are only that, on the CPU."""
    if not hasattr(torch.ops.mkldnn, "_linear_pointwise") or "forward" in vars(block):
        return False
    layers: list[torch.nn.Module] = [
        getattr(block, name, None) for name in ("gate_proj", "up_proj", "down_proj")
    ]
    return hasattr(block, "act_fn") and all(
        type(layer) is torch.nn.Linear
        and layer.weight.device.type == "cpu"
        and layer.weight.dtype in TOLERANCE
        and not layer._forward_hooks
        and not layer._forward_pre_hooks
        for layer in layers
    )


def _fused(
    block: torch.nn.Module, activation: Activation
) -> Callable[[torch.Tensor], torch.Tensor]:
    product = torch.ops.mkldnn._linear_pointwise
    gate, up, down = block.gate_proj, block.up_proj, block.down_proj

    def forward(inputs: torch.Tensor) -> torch.Tensor:
        opened = product(inputs, gate.weight, gate.bias, *activation)
        raised = product(inputs, opened, up.weight, up.bias, "mul")
        return torch.nn.functional.linear(raised, down.weight, down.bias)

    return forward


def _activation(block: torch.nn.Module) -> Activation | None:
    """Returns the activation with which a fused block computes what the block does."""
    kind, width = block.gate_proj.weight.dtype, block.gate_proj.in_features
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(1, 3, width, generator=generator).to(kind)
    with torch.no_grad():
        expected = block.forward(inputs).float()  # without what hooks add to it
        for activation in ACTIVATIONS:
            try:
                result = _fused(block, activation)(inputs).float()
            except RuntimeError:  # this build of oneDNN can't do it
                return None
            if (result - expected).abs().max() <= TOLERANCE[kind] * expected.abs().max():
                return activation
    return None
