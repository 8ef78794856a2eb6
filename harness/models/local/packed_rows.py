"""Rows of any lengths in one sequence, without padding, and their shared prefix once.

    [ shared prefix | rest of row 0 | rest of row 1 | ... ]

Attention is ours: a token sees the prefix and its own row, never another row. Gradients flow into
the prefix from all rows, and are the sum of those that the rows would give apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Any

import torch
from torch.autograd.function import FunctionCtx

from harness.models.local.attention import attend, causal_bias
from harness.models.local.forward import KeysValues
from harness.models.local.packing import States

__all__ = ["KVCache", "PackedRows", "pack"]

GROWTH = 32  # columns by which a full cache grows


class KVCache:
    """Keys and values of rows that are read on.

    A token's column is its place in its row, so nothing is ever moved: a column that a row hasn't
    reached is hidden from it as a later token. `before` is the cache of one row with which all rows
    begin; it isn't copied for each of them.
    """

    def __init__(self, before: KVCache | None = None) -> None:
        self._before = before
        self._layers: dict[int, KeysValues] = {}
        self.start = 0 if before is None else before.columns

    @property
    def columns(self) -> int:
        """Number of columns, filled or not."""
        return next((keys.shape[2] for keys, _ in self._layers.values()), 0)

    def layers(self) -> list[KeysValues]:
        """Returns keys and values of all layers, ``[rows, key heads, columns, width]``."""
        return [self._layers[layer] for layer in sorted(self._layers)]

    def shared(self, layer: int) -> KeysValues | None:
        """Returns keys and values of the prefix, ``[key heads, columns, width]``."""
        if self._before is None or not self.start:
            return None
        keys, values = self._before._layers[layer]
        return keys[0], values[0]

    def reserve(self, columns: int) -> None:
        """Makes room for so many columns, and for some more where there is none."""
        more = columns - self.columns
        if more > 0:
            for layer, (keys, values) in self._layers.items():
                grown = keys.new_zeros(*keys.shape[:2], max(more, GROWTH), keys.shape[3])
                self._layers[layer] = torch.cat([keys, grown], 2), torch.cat([values, grown], 2)

    def update(self, layer: int, new: KeysValues, columns: torch.Tensor) -> KeysValues:
        """Adds keys and values of new tokens and returns all of the rows' own.

        Each is ``[rows, key heads, tokens, width]``, and `columns` is ``[rows, tokens]``.
        """
        if layer not in self._layers:
            self._layers[layer] = new
            return new
        rows = torch.arange(len(columns), device=columns.device)[:, None]
        for whole, part in zip(self._layers[layer], new, strict=True):
            whole[rows, :, columns] = part.transpose(1, 2)
        return self._layers[layer]

    def keep(self, rows: torch.Tensor) -> None:
        """Drops all rows but these."""
        for layer, (keys, values) in self._layers.items():
            self._layers[layer] = keys[rows], values[rows]


@dataclass
class PackedRows:
    """Rows in one sequence, for one forward pass: a `harness.models.local.packing.Pack`."""

    ids: torch.Tensor  # [1, tokens]
    positions: torch.Tensor  # place of each token in its row, [1, tokens]
    prefix: int
    take: torch.Tensor  # of each padded slot its token (padding: the row's last), [rows, width]
    put: torch.Tensor  # for each token after the prefix its slot, [tokens - prefix]
    begins: Sequence[int]  # for each row the place of its first token after the prefix
    store: KVCache | None = None  # read and extended; None where nothing is kept
    _biases: dict[Any, torch.Tensor] = field(default_factory=dict)

    def index(self, row: int, column: int) -> int:
        """Returns where in the sequence the token of a row and column is."""
        return self.begins[row] + column - self.prefix

    def attention(
        self, states: States, *, layer: int, scale: float, window: int | None
    ) -> torch.Tensor:
        """Computes the attention of one layer: see `harness.models.local.packing.Pack`."""
        queries, keys, values = states
        first = self.prefix
        padded, *new = (self._padded(part[first:]) for part in states)
        own = (new[0].transpose(1, 2), new[1].transpose(1, 2))
        shared: KeysValues | None = None
        if first:
            shared = (keys[:first].transpose(0, 1), values[:first].transpose(0, 1))
        elif self.store is not None:
            shared = self.store.shared(layer)
            own = self.store.update(layer, own, self._places - self.store.start)
        width = own[0].shape[2] + (0 if shared is None else shared[0].shape[1])
        bias = self._bias(self._places, width, window)
        out = attend(padded, own, shared, bias, scale)
        rest: torch.Tensor = _Put.apply(out.flatten(0, 1), self.take.flatten(), self.put)
        if not first:
            return rest
        assert shared is not None
        bias = self._bias(self.positions[:, :first], first, window)
        own = (shared[0][None], shared[1][None])
        whole = attend(queries[None, :first], own, None, bias, scale)
        return torch.cat([whole[0], rest])

    def _padded(self, tokens: torch.Tensor) -> torch.Tensor:
        slots: torch.Tensor = _Take.apply(tokens, self.take.flatten(), self.put)
        return slots.view(*self.take.shape, *tokens.shape[1:])

    @cached_property
    def _places(self) -> torch.Tensor:
        """Position of each slot, ``[rows, width]``; those of padding go on counting."""
        starts = self.positions[0, self.prefix + self.take[:, :1]]
        return starts + torch.arange(self.take.shape[1], device=starts.device)

    def _bias(self, places: torch.Tensor, keys: int, window: int | None) -> torch.Tensor:
        key = (places.shape, keys, window)
        if key not in self._biases:
            alike = places[:1] if bool((places == places[:1]).all()) else places
            self._biases[key] = causal_bias(alike, keys, window)
        return self._biases[key]


def pack(
    rows: Sequence[Sequence[int]],  # tokens of each, longer than the prefix
    prefix: int,  # how many of them are the same in all rows
    device: torch.device,
    *,
    starts: Sequence[int] | None = None,  # tokens of each row read before; None: none
    store: KVCache | None = None,  # the KV cache of those, which takes these too
) -> PackedRows:
    """Puts rows into one sequence."""
    rests = [len(row) - prefix for row in rows]
    width, number = max(rests), range(len(rows))
    ends = [*accumulate(rests)]
    before = starts or [0] * len(rows)
    ids = [*rows[0][:prefix], *(token for row in rows for token in row[prefix:])]
    places = [
        *range(prefix),
        *(before[row] + prefix + at for row in number for at in range(rests[row])),
    ]
    take = [[ends[row] - max(rests[row] - at, 1) for at in range(width)] for row in number]
    put = [row * width + at for row in number for at in range(rests[row])]
    tokens, positions, taken, slots = (
        torch.tensor(values, device=device) for values in ([ids], [places], take, put)
    )
    begins = [prefix + end - rest for end, rest in zip(ends, rests, strict=True)]
    return PackedRows(tokens, positions, prefix, taken, slots, begins, store)


class _Take(torch.autograd.Function):  # type: ignore[misc]
    """Spreads tokens over padded slots; no gradient flows back through padding."""

    @staticmethod
    def forward(
        ctx: FunctionCtx, tokens: torch.Tensor, take: torch.Tensor, put: torch.Tensor
    ) -> torch.Tensor:
        ctx.save_for_backward(put)
        return tokens.index_select(0, take)

    @staticmethod
    def backward(ctx: FunctionCtx, gradient: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        (put,) = ctx.saved_tensors
        return gradient.index_select(0, put), None, None


class _Put(torch.autograd.Function):  # type: ignore[misc]
    """Gathers tokens from padded slots."""

    @staticmethod
    def forward(
        ctx: FunctionCtx, slots: torch.Tensor, take: torch.Tensor, put: torch.Tensor
    ) -> torch.Tensor:
        ctx.save_for_backward(put)
        ctx.slots = len(take)
        return slots.index_select(0, put)

    @staticmethod
    def backward(ctx: FunctionCtx, gradient: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        (put,) = ctx.saved_tensors
        spread = gradient.new_zeros(ctx.slots, *gradient.shape[1:])
        return spread.index_copy_(0, put, gradient), None, None
