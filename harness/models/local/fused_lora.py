"""LoRA's forward and backward pass in as few matrix products as possible.

peft's layer computes the update in float32, beside the 16-bit product, and keeps a float32 copy
of each input for the backward pass. Here the factors are rounded to the type of the frozen
weights once a pass (which is what automatic mixed precision does), the update is added in place,
and the only activations that stay are the layer's input and its r numbers a token.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch.autograd.function import FunctionCtx

__all__ = ["fused_adapters", "serve_fused"]


@contextmanager
def fused_adapters(module: torch.nn.Module) -> Iterator[int]:
    """Runs plain LoRA layers of a peft model fused inside, and yields their number."""
    changed = [layer for layer in module.modules() if _plain(layer)]
    for layer in changed:
        layer.forward = _Forward(layer)
    try:
        yield len(changed)
    finally:
        for layer in changed:
            del layer.forward


def serve_fused(module: torch.nn.Module) -> int:
    """Fuses plain LoRA layers of a peft model whose weights won't change; returns their number."""
    layers = [layer for layer in module.modules() if _plain(layer)]
    for layer in layers:
        layer.forward = _InferenceForward(layer)
    return len(layers)


def _plain(layer: torch.nn.Module) -> bool:
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
        and isinstance(layer.lora_A[name], torch.nn.Linear)  # not as AdaLoRA has it
        and name not in layer.lora_variant
        and isinstance(layer.lora_dropout[name], torch.nn.Identity)
        and not layer.lora_bias[name]
        and not layer.merged
        and not layer.disable_adapters
        and (type(base) is torch.nn.Linear or _packed(base))
    )


def _packed(base: torch.nn.Module) -> bool:
    """Whether a layer holds 4-bit weights and computes in 16 bits."""
    return type(base).__name__ == "Linear4bit" and base.weight.quant_state is not None


def _dense(base: torch.nn.Module) -> torch.Tensor:
    """Returns the weights that a layer computes with, unpacked where they are packed."""
    if not _packed(base):
        weight: torch.Tensor = base.weight
        return weight
    from bitsandbytes.functional import dequantize_4bit

    unpacked: torch.Tensor = dequantize_4bit(base.weight.t(), base.weight.quant_state).t()
    return unpacked


class _Forward:
    """Stands in for a layer's ``forward``."""

    def __init__(self, layer: torch.nn.Module) -> None:
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


class _InferenceForward(_Forward):
    """Without gradients it adds the update to the layer's own forward pass, which may be faster."""

    def __init__(self, layer: torch.nn.Module) -> None:
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
        ctx: FunctionCtx,
        inputs: torch.Tensor,
        down: torch.Tensor,
        up: torch.Tensor,
        bias: torch.Tensor | None,
        base: torch.nn.Module,
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
    def backward(ctx: FunctionCtx, gradient: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
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
