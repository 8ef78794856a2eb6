"""Many texts in one sequence: a model's layers ask a pack for their attention.

All but attention treats tokens one by one, so a sequence that holds the tokens of many texts
costs exactly these tokens, without padding. What sees what is the pack's business.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import torch

from harness.models.local.forward import keeps_keys, uses_virtual_tokens

__all__ = ["Pack", "can_pack", "packing", "why_not"]

NAME = "adaptbench_packed"
# What a layer may hand to its attention besides what a pack is given; all else means something.
IGNORED = frozenset({"position_ids", "cache_position", "use_cache", "dropout", "is_causal"})

UNUSUAL = (
    "attention_dropout",
    "attn_logit_softcapping",
    "num_kv_shared_layers",
    "use_bidirectional_attention",
)


class Pack(Protocol):
    """Texts in one sequence."""

    def attention(
        self,
        queries: torch.Tensor,
        keys: torch.Tensor,
        values: torch.Tensor,
        *,
        layer: int,
        scale: float,
        window: int | None,
    ) -> torch.Tensor:
        """Computes the attention of one layer.

        Args:
            queries: ``[tokens, heads, width]``.
            keys: ``[tokens, key heads, width]``.
            values: As the keys.
            layer: Number of the layer.
            scale: What scores are multiplied with.
            window: How many tokens back a token sees, itself counted; None for all.

        Returns:
            ``[tokens, heads, width]``.
        """
        ...


def can_pack(module: Any) -> bool:
    """Whether texts of a model may share a sequence: see `why_not`.

    Args:
        module: A causal language model of transformers, wrapped by peft or not.
    """
    return not why_not(module)


def why_not(module: Any) -> str:
    """Says what keeps texts of a model from sharing a sequence; nothing where they may.

    Its layers have to ask transformers for their attention, be causal, without dropout in it, and
    take positions as they are told. Learnt tokens before the text fit into no pack.

    Args:
        module: A causal language model of transformers, wrapped by peft or not.
    """
    config = module.config.get_text_config()
    base = module.get_base_model() if hasattr(module, "get_base_model") else module
    unusual = [name for name in UNUSUAL if getattr(config, name, None)]
    if uses_virtual_tokens(module):
        return "its adapter puts learnt tokens before the text"
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
def packing(module: Any) -> Iterator[None]:
    """Lets a model's layers take their attention from the pack that a forward pass is given.

    Args:
        module: A model that `can_pack`; ``module(..., pack=pack)`` works inside.
    """
    from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

    ALL_ATTENTION_FUNCTIONS.register(NAME, _layer)
    config = module.config.get_text_config()
    before = config._attn_implementation
    config._attn_implementation = NAME
    try:
        yield
    finally:
        config._attn_implementation = before


def _layer(
    layer: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: Any,
    *,
    pack: Pack,
    scaling: float | None = None,
    sliding_window: int | None = None,
    **options: Any,
) -> tuple[torch.Tensor, None]:
    """Has the signature that transformers asks for; tensors are ``[1, heads, tokens, width]``."""
    strange = {name for name, value in options.items() if value is not None} - IGNORED
    if strange:
        raise NotImplementedError(f"attention with {', '.join(sorted(strange))} can't be packed")
    found = pack.attention(
        *(each[0].transpose(0, 1) for each in (query, key, value)),
        layer=layer.layer_idx,
        scale=query.shape[-1] ** -0.5 if scaling is None else scaling,
        window=sliding_window,
    )
    return found[None], None
