"""What scoring and generation need of a model, and the prefix that all of its prompts share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import torch

from harness.devices import Device
from harness.models.local.forward import Prefix, selected_output
from harness.models.local.packed_rows import KeyStore, PackedRows, pack
from harness.models.local.packing import packing
from harness.models.local.trie_attention import Held
from harness.models.render import Encoded, Encoder
from harness.records.model import ModelInfo
from harness.types import Prompt

__all__ = ["Beginning", "Engine", "run_packed"]


class Engine(Protocol):
    """A model on a device, with its tokenizer.

    Attributes:
        module: The model of transformers.
        tokenizer: Its tokenizer.
        device: Where it is.
        info: What the record says about it.
        encoder: Renders and tokenises prompts.
        held: The prefix that requests share, where it was computed before them.
        pad_id: The token that fills a batch; no result depends on it.
        vocabulary: Rows of the output head.
        end_ids: Tokens that end an answer.
    """

    module: Any
    tokenizer: Any
    device: Device
    info: ModelInfo
    encoder: Encoder
    held: Beginning | None
    pad_id: int
    vocabulary: int
    end_ids: frozenset[int]

    def encode(self, prompt: Prompt, target: str | None = None, *, end: bool = True) -> Encoded:
        """Tokenises a prompt, with the answer that should follow it."""
        ...

    def check_length(self, request: str, tokens: int) -> None:
        """Raises `UsageError` where a request doesn't fit into the context."""
        ...


class Beginning:
    """What all rows begin with, run once; it serves any number of batches.

    Args:
        model: The model.
        ids: Its tokens; may be empty.
        packs: Whether the rows will be packed.
    """

    def __init__(self, model: Engine, ids: Sequence[int], *, packs: bool) -> None:
        self.ids, self.packs = list(ids), packs
        self.store = KeyStore()
        device = model.device.torch
        if not packs:
            self.prefix = Prefix(model.module, ids, device)
        elif ids:
            last = torch.tensor([len(ids) - 1], device=device)
            run_packed(model.module, pack([ids], 0, device, store=self.store), last)

    @property
    def length(self) -> int:
        """How many tokens it has."""
        return len(self.ids)

    def starts(self, prompt: Sequence[int]) -> bool:
        """Whether a prompt begins so, and goes on."""
        return len(prompt) > self.length and list(prompt[: self.length]) == self.ids

    def held(self) -> Held:
        """Returns keys and values as scoring takes them."""
        pairs = self.store.layers() if self.ids and self.packs else []
        return Held(
            len(pairs) and self.length,
            [(keys[0].transpose(0, 1), values[0].transpose(0, 1)) for keys, values in pairs],
        )


def run_packed(module: Any, packed: PackedRows, columns: torch.Tensor) -> torch.Tensor:
    """Runs packed rows, and returns the logits of shape (columns, vocabulary)."""
    with packing(module):
        logits: torch.Tensor = selected_output(
            module,
            packed.ids,
            None,
            torch.zeros_like(columns),
            columns,
            position_ids=packed.positions,
            pack=packed,
            use_cache=False,
        ).logits
    return logits
