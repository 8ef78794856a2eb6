"""A batch of prompts that is read and then continued token by token, in one of two ways.

In packs where the model can: prompts run without padding, their shared prefix is cached once for
all rows, and a step's tokens stand in one sequence. Elsewhere the rows are padded on the right,
and their KV cache is shifted so that all end in the same column.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import torch

from harness.models.local.engine import Engine, SharedPrefix
from harness.models.local.forward import keeps_keys, padded, selected_output
from harness.models.local.packed_rows import KVCache, pack
from harness.models.local.packing import packed_logits

__all__ = ["Decoder", "KVCache", "decoder"]


class Decoder(Protocol):
    """Rows that are continued; `widths` are the positions that each prompt took, with padding."""

    widths: Sequence[int]

    def read(self) -> torch.Tensor:
        """Runs the prompts, and returns the logits of each row's first token."""

    def step(self, tokens: Sequence[int]) -> torch.Tensor:
        """Feeds one token to each row, and returns the logits of the next."""

    def keep(self, alive: Sequence[int]) -> None:
        """Drops all rows but these."""


def decoder(model: Engine, prefix: SharedPrefix, prompts: Sequence[list[int]]) -> Decoder:
    """Returns what continues prompts (all tokens of each, the prefix included) after a prefix."""
    if prefix.packs:
        return _PackedDecoder(model, prefix, prompts)
    return _PaddedDecoder(model, prefix, prompts)


class _PackedDecoder:
    """Rows in packs."""

    def __init__(self, model: Engine, prefix: SharedPrefix, prompts: Sequence[list[int]]) -> None:
        self._module, self._device = model.module, model.device.torch
        self._start = prefix.length
        self._store = KVCache(prefix.store)
        self._rests = [prompt[self._start :] for prompt in prompts]
        self._lengths = [len(prompt) for prompt in prompts]
        self.widths: Sequence[int] = [len(rest) for rest in self._rests]

    def read(self) -> torch.Tensor:
        starts = [self._start] * len(self._rests)
        packed = pack(self._rests, 0, self._device, starts=starts, store=self._store)
        ends = torch.tensor(self.widths, device=self._device).cumsum(0) - 1
        return packed_logits(self._module, packed, ends)

    def step(self, tokens: Sequence[int]) -> torch.Tensor:
        self._store.reserve(max(self._lengths) + 1 - self._start)
        rows = [[token] for token in tokens]
        packed = pack(rows, 0, self._device, starts=self._lengths, store=self._store)
        self._lengths = [length + 1 for length in self._lengths]
        return packed_logits(self._module, packed, torch.arange(len(rows), device=self._device))

    def keep(self, alive: Sequence[int]) -> None:
        self._lengths = [self._lengths[number] for number in alive]
        self._store.keep(torch.tensor(alive, device=self._device))


class _PaddedDecoder:
    """Rows with padding, in a KV cache of transformers."""

    def __init__(self, model: Engine, prefix: SharedPrefix, prompts: Sequence[list[int]]) -> None:
        self._module, self._device = model.module, model.device.torch
        self._movable = keeps_keys(self._module)
        self._cache: Any = prefix.prefix.cache(len(prompts)) if self._movable else None
        rests = [prompt[prefix.length :] for prompt in prompts]
        self._lengths = torch.tensor([len(rest) for rest in rests])
        self._ids = padded(rests, model.pad_id, self._device)
        self._mask: torch.Tensor | None = None  # [rows, columns], False before a row begins
        self._next: torch.Tensor | None = None  # [rows], position of the next token
        self.widths: Sequence[int] = [self._ids.shape[1]] * len(prompts)

    def read(self) -> torch.Tensor:
        output = selected_output(
            self._module,
            self._ids,
            None,
            torch.arange(len(self._ids), device=self._device),
            (self._lengths - 1).to(self._device),
            past_key_values=self._cache,
            use_cache=True,
        )
        self._cache = output.past_key_values
        if self._movable:
            self._align(self._ids.shape[1] - self._lengths)
        logits: torch.Tensor = output.logits
        return logits

    def _align(self, padding: torch.Tensor) -> None:
        """Moves each row to the right by its padding, so that all rows end together."""
        columns = self._cache.get_seq_length()
        self._next = (columns - padding).to(self._device)
        if not padding.any():
            return
        moved = (torch.arange(columns) - padding[:, None]) % columns
        index = moved.to(self._device)[:, None, :, None]
        for layer in self._cache.layers:
            if layer.get_seq_length():
                layer.keys = layer.keys.take_along_dim(index, 2)
                layer.values = layer.values.take_along_dim(index, 2)
        self._mask = (torch.arange(columns) >= padding[:, None]).to(self._device)

    def step(self, tokens: Sequence[int]) -> torch.Tensor:
        if self._mask is not None:
            new = self._mask.new_ones(len(tokens), 1)
            self._mask = torch.cat([self._mask, new], 1)
        positions = {}
        if self._next is not None:
            positions["position_ids"] = self._next[:, None]
            self._next = self._next + 1
        logits: torch.Tensor = self._module(
            input_ids=torch.tensor(tokens, device=self._device)[:, None],
            attention_mask=self._mask,
            past_key_values=self._cache,
            use_cache=True,
            **positions,
        ).logits[:, -1]
        return logits

    def keep(self, alive: Sequence[int]) -> None:
        """Drops also the columns that only the other rows needed."""
        index = torch.tensor(alive, device=self._device)
        first = 0
        if self._next is not None:
            self._next = self._next[index]
        if self._mask is not None:
            self._mask = self._mask[index]
            first = int(self._mask.int().argmax(1).min())
            self._mask = self._mask[:, first:]
        for layer in self._cache.layers:
            if layer.get_seq_length():
                layer.keys = layer.keys[index, :, first:]
                layer.values = layer.values[index, :, first:]
