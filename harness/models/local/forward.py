"""Forward passes that compute no more than is asked for.

Logits at chosen positions only: with 262,144 tokens the head costs more than the trunk. The
model's own forward runs, and its output head is handed fewer positions. So whatever a family
does around the head (Gemma's soft-capping, Granite's and Cohere's scaling, a LoRA on the head
itself, 4-bit weights) stays as the family wrote it.

And keys and values of a prefix that many rows begin with, computed once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch

__all__ = [
    "Prefix",
    "common_prefix",
    "keeps_keys",
    "output_head",
    "padded",
    "selected_logits",
    "selected_output",
    "serving",
    "uses_virtual_tokens",
]

MIN_SHARED = 8  # A cache makes attention masks explicit, which shorter prefixes don't pay for.


def output_head(module: Any) -> Any:
    """Returns the layer that turns hidden states into logits.

    Args:
        module: A causal language model of transformers, wrapped by peft or not.
    """
    return module.get_output_embeddings()


def selected_logits(
    module: Any,
    input_ids: torch.Tensor,
    attention_mask: Any,
    rows: torch.Tensor,
    columns: torch.Tensor,
    **forward: Any,
) -> torch.Tensor:
    """Runs the trunk over a batch and the output head at chosen positions.

    Gradients flow as through an ordinary forward pass.

    Args:
        module: A causal language model of transformers, wrapped by peft or not.
        input_ids: Tokens, ``[batch, length]``.
        attention_mask: 1 where there is a token, ``[batch, length]`` (with a cache: of its
            length too). None where all padding is on the right: no token sees what follows it.
        rows: Row of each position, ``[n]``.
        columns: Column of each position in ``input_ids``, ``[n]``. Virtual tokens that prompt
            tuning puts in front are not counted.
        forward: Further arguments of the model (``past_key_values``, ``use_cache``).

    Returns:
        Logits ``[n, vocabulary]``, equal to those of the whole forward pass at these positions.
    """
    output = selected_output(module, input_ids, attention_mask, rows, columns, **forward)
    logits: torch.Tensor = output.logits
    return logits


def selected_output(
    module: Any,
    input_ids: torch.Tensor,
    attention_mask: Any,
    rows: torch.Tensor,
    columns: torch.Tensor,
    **forward: Any,
) -> Any:
    """Does what `selected_logits` does, and returns the model's whole output, cache included."""
    with _head_at(module, rows, columns, input_ids.shape[1]) as reached:
        output = module(input_ids=input_ids, attention_mask=attention_mask, **forward)
    if reached:
        output.logits = output.logits[0]
    else:  # a head that isn't called as a layer: all logits are there, most are thrown away
        virtual = output.logits.shape[1] - input_ids.shape[1]
        output.logits = output.logits[rows, columns + virtual]
    return output


@contextmanager
def _head_at(
    module: Any, rows: torch.Tensor, columns: torch.Tensor, length: int
) -> Iterator[list[bool]]:
    """Hands the head the chosen positions only; what it yields tells whether it was called."""
    reached: list[bool] = []

    def choose(layer: Any, inputs: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        hidden = inputs[0]
        reached.append(True)
        virtual = hidden.shape[1] - length
        return (hidden[rows, columns + virtual].unsqueeze(0), *inputs[1:])

    handle = output_head(module).register_forward_pre_hook(choose)
    try:
        yield reached
    finally:
        handle.remove()


@contextmanager
def serving(module: Any) -> Iterator[None]:
    """Switches dropout and gradients off for a while."""
    was_training = module.training
    module.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        module.train(was_training)


def padded(rows: Sequence[Sequence[int]], pad_id: int, device: Any) -> torch.Tensor:
    """Puts token lists into one tensor ``[rows, longest]``, padded on the right."""
    width = max(len(row) for row in rows)
    return torch.tensor([[*row, *[pad_id] * (width - len(row))] for row in rows], device=device)


def common_prefix(rows: Sequence[list[int]]) -> list[int]:
    """Returns the tokens that all rows begin with."""
    least, greatest = min(rows), max(rows)  # all others lie between, and begin as both do
    for place, (one, other) in enumerate(zip(least, greatest, strict=False)):
        if one != other:
            return list(least[:place])
    return list(least[: len(greatest)])


def uses_virtual_tokens(module: Any) -> bool:
    """Whether an adapter puts learnt tokens before the text, as prompt tuning does."""
    config = getattr(module, "active_peft_config", None)
    return bool(getattr(config, "is_prompt_learning", False))


def keeps_keys(module: Any) -> bool:
    """Whether all state between tokens is keys and values, one of each for every token.

    Then rows can share a prefix, be padded, moved and dropped. Recurrent layers can't.
    """
    from transformers import DynamicCache
    from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer

    kind = getattr(getattr(module, "active_peft_config", None), "peft_type", "")
    if kind in ("PREFIX_TUNING", "CARTRIDGE"):
        return False  # such an adapter brings a cache of its own
    known = {"full_attention", "sliding_attention"}
    config = module.config.get_text_config()
    if not set(getattr(config, "layer_types", None) or known) <= known:
        return False
    layers = DynamicCache(config=config).layers
    return all(type(layer) in (DynamicLayer, DynamicSlidingWindowLayer) for layer in layers)


class Prefix:
    """Keys and values of the tokens that all rows begin with, computed once.

    Layers with a sliding window keep all of them too: the window is in the attention mask, so
    that rows of any length stay exact.

    Args:
        module: The model; its state between tokens must be keys and values only.
        ids: The shared tokens; may be empty.
        device: Where the model is.
    """

    def __init__(self, module: Any, ids: Sequence[int], device: Any) -> None:
        self.length = len(ids)
        self._layers: list[tuple[torch.Tensor, torch.Tensor]] = []
        if not ids:
            return
        cache = self._empty()
        one = torch.tensor([0], device=device)
        tokens = torch.tensor([list(ids)], device=device)
        selected_logits(module, tokens, None, one, one, past_key_values=cache, use_cache=True)
        self._layers = [(layer.keys, layer.values) for layer in cache.layers]

    @staticmethod
    def _empty() -> Any:
        from transformers import DynamicCache

        return DynamicCache()  # without a configuration: no layer forgets what left its window

    def cache(self, rows: int) -> Any:
        """Returns a fresh cache in which each of so many rows has read the prefix."""
        cache = self._empty()
        for number, (keys, values) in enumerate(self._layers):
            cache.update(keys, values, number)
            layer = cache.layers[number]  # views: they are copied once, with the first new token
            layer.keys = layer.keys.expand(rows, -1, -1, -1)
            layer.values = layer.values.expand(rows, -1, -1, -1)
        return cache
