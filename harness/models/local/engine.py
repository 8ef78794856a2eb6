"""What scoring and generation need of a model, and the prefix that all of its prompts share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import torch

from harness.devices import Device
from harness.models.local.forward import UnpackedPrefix
from harness.models.local.packed_rows import KVCache, pack
from harness.models.local.packing import packed_logits
from harness.models.local.trie_attention import PrefixCache
from harness.models.render import Encoded, Encoder
from harness.records.model import ModelInfo
from harness.types import Prompt

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

__all__ = ["Engine", "SharedPrefix"]


class Engine(Protocol):
    """A model on a device, with its tokenizer."""

    module: torch.nn.Module
    tokenizer: PreTrainedTokenizerBase
    device: Device
    info: ModelInfo
    encoder: Encoder
    prefix: SharedPrefix | None  # the requests' common one, if computed before them
    pad_id: int  # fills a batch; no result depends on it
    vocabulary: int  # rows of the output head
    end_ids: frozenset[int]  # tokens that end an answer

    def encode(self, prompt: Prompt, target: str | None = None, *, end: bool = True) -> Encoded:
        """Tokenises a prompt, with the answer that should follow it."""

    def check_length(self, request: str, tokens: int) -> None:
        """Raises `TooLong` where a request doesn't fit into the context."""


class SharedPrefix:
    """The tokens with which all prompts begin, run once; it serves any number of batches."""

    def __init__(self, model: Engine, ids: Sequence[int], *, packs: bool) -> None:
        self.ids, self.packs = list(ids), packs
        self.store = KVCache()
        device = model.device.torch
        if not packs:
            self.prefix = UnpackedPrefix(model.module, ids, device)
        elif ids:
            last = torch.tensor([len(ids) - 1], device=device)
            packed_logits(model.module, pack([ids], 0, device, store=self.store), last)

    @property
    def length(self) -> int:
        """Number of its tokens."""
        return len(self.ids)

    def starts(self, prompt: Sequence[int]) -> bool:
        """Whether a prompt begins with it, and goes on."""
        return len(prompt) > self.length and list(prompt[: self.length]) == self.ids

    def held(self) -> PrefixCache:
        """Returns its keys and values as scoring takes them."""
        pairs = self.store.layers() if self.ids and self.packs else []
        return PrefixCache(
            len(pairs) and self.length,
            [(keys[0].transpose(0, 1), values[0].transpose(0, 1)) for keys, values in pairs],
        )
