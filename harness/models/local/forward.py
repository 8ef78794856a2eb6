"""Forward passes that compute logits at chosen positions only, and a shared prefix once.

With 262,144 tokens the head costs more than the trunk. The model's own forward runs, with fewer
positions for its head: what a family does around the head (Gemma's soft-capping, Granite's and
Cohere's scaling, a LoRA on the head itself, 4-bit weights) stays as the family wrote it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import torch
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer

from harness.models.local.laid_out import current

if TYPE_CHECKING:
    from transformers.utils import ModelOutput

__all__ = [
    "MIN_SHARED",
    "KeysValues",
    "UnpackedPrefix",
    "common_prefix",
    "keeps_keys",
    "padded",
    "selected_logits",
    "selected_output",
    "shared_prefix",
    "inference_mode",
]

MIN_SHARED = (
    8  # A KV cache makes attention masks explicit: a shorter prefix costs more than it saves.
)

KeysValues = tuple[torch.Tensor, torch.Tensor]


def selected_logits(
    module: torch.nn.Module,  # a causal language model of transformers, wrapped by peft or not
    input_ids: torch.Tensor,  # [batch, length]
    # 1 where there is a token, [batch, length]; with a KV cache, of its length too. None where all
    # padding is on the right: no token sees what follows it.
    attention_mask: torch.Tensor | None,
    rows: torch.Tensor,  # of each position, [n]
    columns: torch.Tensor,  # of each position in ``input_ids``, [n]
    **forward: Any,  # further arguments of the model (``past_key_values``, ``use_cache``)
) -> torch.Tensor:
    """Returns logits ``[n, vocabulary]`` at chosen positions, as the whole forward pass gives them.

    Gradients flow as usual.
    """
    return selected_output(module, input_ids, attention_mask, rows, columns, **forward).logits


def selected_output(
    module: torch.nn.Module,
    input_ids: torch.Tensor,
    attention_mask: torch.Tensor | None,
    rows: torch.Tensor,
    columns: torch.Tensor,
    **forward: Any,
) -> ModelOutput:
    """Does what `selected_logits` does, and returns the model's whole output, KV cache included."""
    with _head_at(module, rows, columns) as reached:
        output = module(input_ids=input_ids, attention_mask=attention_mask, **forward)
    if reached:
        output.logits = output.logits[0]
    else:  # a head that isn't called as a layer: all logits are there, most are thrown away
        output.logits = output.logits[rows, columns]
    return output


@contextmanager
def _head_at(
    module: torch.nn.Module, rows: torch.Tensor, columns: torch.Tensor
) -> Iterator[list[bool]]:
    """Gives the head the chosen positions only; the yielded list is empty until the head runs."""
    reached: list[bool] = []

    def choose(
        layer: torch.nn.Module, inputs: tuple[torch.Tensor, ...]
    ) -> tuple[torch.Tensor, ...]:
        hidden = inputs[0]
        reached.append(True)
        return (hidden[rows, columns].unsqueeze(0), *inputs[1:])

    handle = module.get_output_embeddings().register_forward_pre_hook(choose)
    try:
        yield reached
    finally:
        handle.remove()


@contextmanager
def inference_mode(module: torch.nn.Module) -> Iterator[None]:
    """Switches dropout and gradients off inside, and takes weights that were laid out."""
    was_training, weights = module.training, current(module)
    module.eval()
    try:
        with torch.no_grad(), weights.used() if weights else nullcontext():
            yield
    finally:
        module.train(was_training)


def padded(rows: Sequence[Sequence[int]], pad_id: int, device: torch.device) -> torch.Tensor:
    """Puts token lists into one tensor ``[rows, longest]``, padded on the right."""
    width = max(len(row) for row in rows)
    return torch.tensor([[*row, *[pad_id] * (width - len(row))] for row in rows], device=device)


def common_prefix(rows: Sequence[list[int]]) -> list[int]:
    """Returns the tokens with which all rows begin."""
    least, greatest = min(rows), max(rows)  # all others stand between, so they share this prefix
    for place, (one, other) in enumerate(zip(least, greatest, strict=False)):
        if one != other:
            return list(least[:place])
    return list(least[: len(greatest)])


def shared_prefix(module: torch.nn.Module, rows: Sequence[list[int]], most: int) -> list[int]:
    """Returns the tokens that run once for all rows; a state beside the KV cache prevents it."""
    if len(rows) < 2 or not keeps_keys(module):
        return []
    common = common_prefix(rows)[:most]
    return common if len(common) >= MIN_SHARED else []


def keeps_keys(module: torch.nn.Module) -> bool:
    """Whether the only state between tokens is the KV cache, one entry for each token.

    Then sequences can share a prefix, be padded, moved and dropped. Recurrent layers can't.
    """
    known = {"full_attention", "sliding_attention"}
    config = module.config.get_text_config()
    if not set(getattr(config, "layer_types", None) or known) <= known:
        return False
    layers = DynamicCache(config=config).layers
    return all(type(layer) in (DynamicLayer, DynamicSlidingWindowLayer) for layer in layers)


class UnpackedPrefix:
    """The KV cache of a prefix that all sequences share, in the form that transformers takes.

    Layers with a sliding window keep all of it too: the window is in the attention mask, so that
    sequences of any length stay exact.
    """

    def __init__(self, module: torch.nn.Module, ids: Sequence[int], device: torch.device) -> None:
        self.length = len(ids)
        self._layers: list[KeysValues] = []
        if not ids:
            return
        cache = DynamicCache()  # without a configuration: no layer forgets what left its window
        one = torch.tensor([0], device=device)
        tokens = torch.tensor([list(ids)], device=device)
        selected_logits(module, tokens, None, one, one, past_key_values=cache, use_cache=True)
        self._layers = [(layer.keys, layer.values) for layer in cache.layers]

    def cache(self, rows: int) -> DynamicCache:
        """Returns a fresh KV cache in which each of so many rows has read the prefix."""
        cache = DynamicCache()
        for number, (keys, values) in enumerate(self._layers):
            cache.update(keys, values, number)
            layer = cache.layers[number]  # views: they are copied once, with the first new token
            layer.keys = layer.keys.expand(rows, -1, -1, -1)
            layer.values = layer.values.expand(rows, -1, -1, -1)
        return cache
