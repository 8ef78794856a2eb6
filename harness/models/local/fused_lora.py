"""LoRA's forward and backward pass in as few matrix products as it takes.

peft's layer computes the update in float32, beside the 16-bit product, and keeps a float32 copy
of each input for the backward pass. Here the factors are rounded to the type of the frozen
weights once a pass (which is what automatic mixed precision does), the update is added in place,
and the only activations that stay are the layer's input and its r numbers a token.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

__all__ = ["fused_adapters", "serve_fused"]


@contextmanager
def fused_adapters(module: Any) -> Iterator[int]:
    """Runs plain LoRA layers fused, as long as it lasts; others stay as peft has them.

    Args:
        module: A peft model.

    Returns:
        How many layers are fused.
    """
    changed = [layer for layer in module.modules() if _plain(layer)]
    for layer in changed:
        layer.forward = _Forward(layer)
    try:
        yield len(changed)
    finally:
        for layer in changed:
            del layer.forward


def serve_fused(module: Any) -> int:
    """Lets plain LoRA layers of a model that serves add their update in place, for good.

    Args:
        module: A peft model whose weights won't change.

    Returns:
        How many layers do so; others stay as peft has them.
    """
    layers = [layer for layer in module.modules() if _plain(layer)]
    for layer in layers:
        layer.forward = _Serving(layer)
    return len(layers)


def _plain(layer: Any) -> bool:
    """Whether a layer is one adapter on a linear layer, without dropout or another variant."""
    try:
        from peft.tuners.lora import LoraLayer
    except ImportError:
        return False
    if not isinstance(layer, LoraLayer) or len(layer.active_adapters) != 1:
        return False
    (name,) = layer.active_adapters
    base = layer.get_base_layer()
    return (
        name in layer.lora_A
        and name not in layer.lora_variant
        and isinstance(layer.lora_dropout[name], torch.nn.Identity)
        and not layer.lora_bias[name]
        and not layer.merged
        and not layer.disable_adapters
        and (type(base) is torch.nn.Linear or _packed(base))
    )


def _packed(base: Any) -> bool:
    """Whether a layer holds 4-bit weights that are computed with in 16 bits."""
    return type(base).__name__ == "Linear4bit" and base.weight.quant_state is not None


def _dense(base: Any) -> torch.Tensor:
    """Returns a layer's weights as they are computed with; packed ones are unpacked for a while."""
    if not _packed(base):
        weight: torch.Tensor = base.weight
        return weight
    from bitsandbytes.functional import dequantize_4bit

    unpacked: torch.Tensor = dequantize_4bit(base.weight.t(), base.weight.quant_state).t()
    return unpacked


class _Forward:
    """Stands in for a layer's ``forward``."""

    def __init__(self, layer: Any) -> None:
        (name,) = layer.active_adapters
        self._base = layer.get_base_layer()
        self._down, self._up = layer.lora_A[name].weight, layer.lora_B[name].weight
        self._scale = float(layer.scaling[name])

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        flat = inputs.flatten(0, -2)
        out: torch.Tensor = _Lora.apply(
            flat, self._down, self._up, self._base.bias, self._base, self._scale
        )
        return out.view(*inputs.shape[:-1], -1)


class _Serving(_Forward):
    """Does so without gradients: the layer's own forward pass may know faster ways."""

    def __init__(self, layer: Any) -> None:
        super().__init__(layer)
        self._factors: tuple[torch.Tensor, torch.Tensor] | None = None

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        if torch.is_grad_enabled():
            return super().__call__(inputs)
        if self._factors is None or self._factors[0].dtype != inputs.dtype:
            kind = inputs.dtype
            self._factors = self._down.detach().to(kind).t(), self._up.detach().to(kind).t()
        down, up = self._factors
        out: torch.Tensor = self._base(inputs)
        out.flatten(0, -2).addmm_(inputs.flatten(0, -2) @ down, up, alpha=self._scale)
        return out


class _Lora(torch.autograd.Function):  # type: ignore[misc]
    """``x W' + bias + scale (x A') B'``; W is frozen."""

    @staticmethod
    def forward(
        ctx: Any,
        inputs: torch.Tensor,
        down: torch.Tensor,
        up: torch.Tensor,
        bias: torch.Tensor | None,
        base: Any,
        scale: float,
    ) -> torch.Tensor:
        kind = inputs.dtype
        out = torch.nn.functional.linear(
            inputs, _dense(base).to(kind), None if bias is None else bias.to(kind)
        )
        small = inputs @ down.to(kind).t()
        out.addmm_(small, up.to(kind).t(), alpha=scale)
        ctx.save_for_backward(inputs, small, down, up, bias)
        ctx.base, ctx.scale = base, scale
        return out

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        inputs, small, down, up, bias = ctx.saved_tensors
        kind = gradient.dtype
        behind = (gradient @ up.to(kind)).mul_(ctx.scale)
        by_down = (behind.t() @ inputs).to(down.dtype)
        by_up = (small.t() @ gradient).t().to(up.dtype).mul(ctx.scale)
        by_inputs = None
        if ctx.needs_input_grad[0]:
            by_inputs = gradient @ _dense(ctx.base).to(kind)
            by_inputs.addmm_(behind, down.to(kind))
        by_bias = gradient.sum(0) if bias is not None and ctx.needs_input_grad[3] else None
        return by_inputs, by_down, by_up, by_bias, None, None
