"""Causal attention of rows that share a prefix.

Scores against the prefix are one matrix product for all rows, so that its keys are never copied
for each row. Of short rows the weights are kept for the backward pass: on a CPU that takes a fifth
of the time of torch's fused attention, which recomputes them. Long ones go through it.
"""

from __future__ import annotations

import torch
from torch.autograd.function import FunctionCtx

from harness.models.local.forward import KeysValues

__all__ = ["attend", "causal_bias"]

KEPT = 2**22  # weights of one layer that are kept: 8 MB in bf16


def causal_bias(places: torch.Tensor, keys: int, window: int | None) -> torch.Tensor:
    """Returns 0 where a query sees a key, else minus infinity: ``[rows, queries, keys]``, float32.

    Args:
        places: Positions of the queries, ``[rows, queries]``; one row where all are alike.
        keys: How many keys there are; key number n has position n.
        window: How many tokens back a token sees, itself counted; None for all.
    """
    distance = places[..., None] - torch.arange(keys, device=places.device)
    hidden = distance < 0
    if window is not None:
        hidden |= distance >= window
    return torch.zeros(hidden.shape, device=places.device).masked_fill_(hidden, -torch.inf)


def attend(
    queries: torch.Tensor,  # [rows, length, heads, width]
    own: KeysValues,  # of each row: [rows, key heads, own, width]
    shared: KeysValues | None,  # before each row's own: [key heads, shared, width]
    bias: torch.Tensor,  # added to scores: [rows or 1, length, shared + own], float32
    scale: float,
) -> torch.Tensor:
    """Computes attention, ``[rows, length, heads, width]``; heads may share keys, in groups."""
    keys, values = own
    rows, length, heads, width = queries.shape
    groups = heads // keys.shape[1]
    if rows * heads * length * bias.shape[-1] > KEPT and length > 1:
        return _fused(queries, own, shared, bias, scale)
    grouped = queries.view(rows, length, keys.shape[1], groups, width).permute(0, 2, 3, 1, 4)
    flat = grouped.reshape(rows, keys.shape[1], groups * length, width)
    before = shared or (None, None)
    out: torch.Tensor = _Attention.apply(flat, keys, values, *before, bias, scale)
    out = out.view(rows, keys.shape[1], groups, length, width).permute(0, 3, 1, 2, 4)
    return out.reshape(rows, length, heads, width)


def _fused(
    queries: torch.Tensor,
    own: KeysValues,
    shared: KeysValues | None,
    bias: torch.Tensor,
    scale: float,
) -> torch.Tensor:
    """Computes it with torch's own attention, with a copy of the shared keys for each row.

    With a mask, CUDA has no fused kernel for heads that share keys: there each head gets a copy.
    """
    keys, values = own
    if shared is not None:
        keys, values = (
            torch.cat([before.expand(len(part), -1, -1, -1), part], 2)
            for before, part in zip(shared, own, strict=True)
        )
    if queries.is_cuda:
        keys, values = (_a_copy_each(part, queries.shape[2]) for part in (keys, values))
    out = torch.nn.functional.scaled_dot_product_attention(
        queries.transpose(1, 2),
        keys,
        values,
        attn_mask=bias[:, None].to(queries.dtype),
        scale=scale,
        enable_gqa=True,
    )
    return out.transpose(1, 2)


def _a_copy_each(keys: torch.Tensor, heads: int) -> torch.Tensor:
    return keys.repeat_interleave(heads // keys.shape[1], 1)


def _scores(flat: torch.Tensor, keys: torch.Tensor, shared: torch.Tensor | None) -> torch.Tensor:
    """Returns products of queries and keys, the shared keys first: shapes as in `_Attention`."""
    own = flat @ keys.transpose(-1, -2)
    if shared is None:
        return own
    rows, heads, queries, _ = flat.shape
    before = _together(flat) @ shared.transpose(-1, -2)
    before = before.view(heads, rows, queries, -1).transpose(0, 1)
    return torch.cat([before, own], -1)


def _together(flat: torch.Tensor) -> torch.Tensor:
    """Joins the queries of all rows: ``[key heads, rows * queries, ...]``."""
    return flat.transpose(0, 1).reshape(flat.shape[1], -1, flat.shape[-1])


class _Attention(torch.autograd.Function):  # type: ignore[misc]
    """Softmax attention that keeps its weights in the type of its inputs.

    Queries are ``[rows, key heads, queries, width]``, keys ``[rows, key heads, own, width]``,
    shared keys ``[key heads, shared, width]``.
    """

    @staticmethod
    def forward(
        ctx: FunctionCtx,
        flat: torch.Tensor,
        keys: torch.Tensor,
        values: torch.Tensor,
        shared_keys: torch.Tensor | None,
        shared_values: torch.Tensor | None,
        bias: torch.Tensor,
        scale: float,
    ) -> torch.Tensor:
        rows, heads, queries, _ = flat.shape
        exact = torch.promote_types(flat.dtype, torch.float32)
        scores = _scores(flat, keys, shared_keys).to(exact)
        scores.view(rows, heads, -1, *bias.shape[1:]).mul_(scale).add_(bias[:, None, None])
        weights = scores.softmax(-1).to(flat.dtype)
        ctx.save_for_backward(flat, keys, values, shared_keys, shared_values, weights)
        ctx.scale = scale
        if shared_values is None:
            return weights @ values
        split = shared_values.shape[1]
        out = weights[..., split:] @ values
        before = _together(weights[..., :split]) @ shared_values
        return out.add_(before.view(heads, rows, queries, -1).transpose(0, 1))

    @staticmethod
    def backward(ctx: FunctionCtx, gradient: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        flat, keys, values, shared_keys, shared_values, weights = ctx.saved_tensors
        rows, heads, queries, _ = flat.shape
        exact = torch.promote_types(flat.dtype, torch.float32)
        slopes = _scores(gradient, values, shared_values).to(exact)
        slopes = slopes.sub_((slopes * weights).sum(-1, keepdim=True))
        slopes = slopes.mul_(weights).mul_(ctx.scale).to(flat.dtype)
        if shared_keys is None:
            by_values = weights.transpose(-1, -2) @ gradient
            by_keys = slopes.transpose(-1, -2) @ flat
            return slopes @ keys, by_keys, by_values, None, None, None, None
        split = shared_keys.shape[1]
        own, before = slopes[..., split:], _together(slopes[..., :split])
        by_queries = own @ keys
        by_queries += (before @ shared_keys).view(heads, rows, queries, -1).transpose(0, 1)
        return (
            by_queries,
            own.transpose(-1, -2) @ flat,
            weights[..., split:].transpose(-1, -2) @ gradient,
            before.transpose(-1, -2) @ _together(flat),
            _together(weights[..., :split]).transpose(-1, -2) @ _together(gradient),
            None,
            None,
        )
