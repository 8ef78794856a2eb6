"""Logits at chosen positions only: with 262,144 tokens the head costs more than the trunk.

The model's own forward runs, and its output head is handed fewer positions. So whatever a
family does around the head (Gemma's soft-capping, Granite's and Cohere's scaling, a LoRA on the
head itself, 4-bit weights) stays as the family wrote it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

__all__ = ["output_head", "selected_logits"]


def output_head(module: Any) -> Any:
    """Returns the layer that turns hidden states into logits.

    Args:
        module: A causal language model of transformers, wrapped by peft or not.
    """
    return module.get_output_embeddings()


def selected_logits(
    module: Any,
    input_ids: torch.Tensor,
    attention_mask: torch.Tensor | None,
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
    with _head_at(module, rows, columns, input_ids.shape[1]) as reached:
        output = module(input_ids=input_ids, attention_mask=attention_mask, **forward)
    logits: torch.Tensor = output.logits
    if reached:
        return logits[0]
    # A head that isn't called as a layer: all logits are there, and most are thrown away.
    return logits[rows, columns + (logits.shape[1] - input_ids.shape[1])]


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
