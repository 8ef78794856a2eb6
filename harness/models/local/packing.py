"""Many texts in one sequence: a model's layers ask a pack for their attention.

All but attention treats tokens one by one, so a sequence that holds the tokens of many texts
costs exactly these tokens, without padding. The pack decides which tokens see which.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import torch
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from harness.models.local.forward import keeps_keys, selected_logits

__all__ = ["Pack", "can_pack", "States", "packed_logits", "packing", "why_not"]

NAME = "adaptbench_packed"
# Arguments of transformers' attention that change nothing here; any other one would be lost.
IGNORED = frozenset({"position_ids", "cache_position", "use_cache", "dropout", "is_causal"})

UNUSUAL = (
    "attention_dropout",
    "attn_logit_softcapping",
    "num_kv_shared_layers",
    "use_bidirectional_attention",
)


States = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


class Pack(Protocol):
    """Texts in one sequence: tokens and positions are ``[1, tokens]``."""

    ids: torch.Tensor
    positions: torch.Tensor

    def attention(
        self, states: States, *, layer: int, scale: float, window: int | None
    ) -> torch.Tensor:
        """Computes the attention of one layer, ``[tokens, heads, width]``.

        States are queries ``[tokens, heads, width]``; keys, values ``[tokens, key heads, width]``.
        A token sees `window` tokens back, itself counted; None for all.
        """


class Replaces(Protocol):
    """Keys and values that stand in the place of some that layers compute."""

    def put(
        self, layer: int, keys: torch.Tensor, values: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Returns a layer's keys and values, ``[1, key heads, tokens, width]``, with these."""


def can_pack(module: torch.nn.Module) -> bool:
    """Whether texts of a model may share a sequence, see `why_not`."""
    return not why_not(module)


def why_not(module: torch.nn.Module) -> str:
    """Says why texts of a model can't share a sequence; empty where they can.

    Its layers have to get their attention from transformers' registry, be causal, without dropout
    in it, and take given positions.
    """
    config = module.config.get_text_config()
    base = module.get_base_model() if hasattr(module, "get_base_model") else module
    unusual = [name for name in UNUSUAL if getattr(config, name, None)]
    if not keeps_keys(module):
        return "its layers keep more than keys and values from one token to the next"
    if not (getattr(config, "rope_parameters", None) or getattr(config, "rope_theta", None)):
        return "its positions aren't rotary"
    if unusual:
        return f"its attention is unusual ({', '.join(unusual)})"
    known = config._attn_implementation in ("sdpa", "eager", NAME)
    asks = all(
        getattr(base, name, False) for name in ("_supports_sdpa", "_supports_attention_backend")
    )
    return "" if known and asks else "its layers compute attention in their own way"


@contextmanager
def packing(module: torch.nn.Module) -> Iterator[None]:
    """Gives a model's layers the attention of ``module(..., pack=pack)`` inside."""

    ALL_ATTENTION_FUNCTIONS.register(NAME, _layer)
    config = module.config.get_text_config()
    before = config._attn_implementation
    config._attn_implementation = NAME
    try:
        yield
    finally:
        config._attn_implementation = before


def packed_logits(module: torch.nn.Module, pack: Pack, columns: torch.Tensor) -> torch.Tensor:
    """Runs a pack, and returns the logits at columns of its sequence, ``[columns, vocabulary]``."""
    rows = torch.zeros_like(columns)
    options = {"position_ids": pack.positions, "pack": pack, "use_cache": False}
    with packing(module):
        return selected_logits(module, pack.ids, None, rows, columns, **options)


def _layer(
    layer: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    pack: Pack,
    learnt: Replaces | None = None,
    scaling: float | None = None,
    sliding_window: int | None = None,
    **options: Any,
) -> tuple[torch.Tensor, None]:
    """Has the signature that transformers expects; tensors are ``[1, heads, tokens, width]``."""
    strange = {name for name, value in options.items() if value is not None} - IGNORED
    if strange:
        raise NotImplementedError(f"attention with {', '.join(sorted(strange))} can't be packed")
    if learnt is not None:
        key, value = learnt.put(layer.layer_idx, key, value)
    out = pack.attention(
        (query[0].transpose(0, 1), key[0].transpose(0, 1), value[0].transpose(0, 1)),
        layer=layer.layer_idx,
        scale=query.shape[-1] ** -0.5 if scaling is None else scaling,
        window=sliding_window,
    )
    return out[None], None
