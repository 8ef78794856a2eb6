"""Attention of texts that share prefixes, when they stand in one sequence.

A token sees the cached prefix, blocks that it follows, and earlier tokens of its own block. Scores
against the first two are one matrix product for all blocks that follow the same ones; scores inside
a block are a small product a block, of blocks of about the same length. One softmax goes over all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
import torch

from harness.models.local.forward import KeysValues

__all__ = ["Block", "Group", "PrefixCache", "grouped"]

SCORES = 2**21  # scores that are computed together: they fit into a CPU cache
ROWS = 256  # queries that are computed together, of a block that is too long for that
FILL = 0.75  # the shortest of the blocks that are padded together, as a share of the longest


@dataclass
class PrefixCache:
    """Keys and values of a prefix."""

    length: int = 0
    layers: list[KeysValues] = field(default_factory=list)  # each ``[tokens, key heads, width]``


@dataclass
class Block:
    """Tokens of one text that stand together."""

    row: int  # place of the first one in the sequence
    positions: np.ndarray  # number of ancestors of each
    # For each the one that it follows, as a number in the block, -1 for none of them; None where
    # each follows the one before.
    parents: list[int] | None = None
    # The blocks that it follows, as places in the sequence: first, and past the last.
    before: tuple[tuple[int, int], ...] = ()

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def start(self) -> int:
        """Number of tokens before the block."""
        return int(self.positions[0])

    def seen(self, width: int) -> np.ndarray:
        """Returns which tokens of the block each one sees, padded to ``[width, width]``."""
        seen = np.tri(width, dtype=bool)  # padding sees all: the softmax of an empty row is NaN
        if self.parents is not None:
            for node, parent in enumerate(self.parents):
                seen[node] = seen[parent] if parent >= 0 else False
                seen[node, node] = True
        return seen


def grouped(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Yields blocks that follow the same ones and have about the same length, the longest first."""
    order = sorted(blocks, key=lambda block: (block.before, -len(block), block.row))
    for _, followers in groupby(order, key=lambda block: block.before):
        group: list[Block] = []
        for block in followers:
            if group and len(block) < FILL * len(group[0]):
                yield group
                group = []
            group.append(block)
        yield group


@dataclass(frozen=True)
class _View:
    first: int  # the first position that any token of the group sees
    # Added to scores of earlier blocks, [blocks, width * group, before]; None where all is seen.
    before: torch.Tensor | None
    own: torch.Tensor  # added to scores inside the blocks, [blocks or 1, width * group, width]


class Group:
    """Blocks that follow the same ones, padded to one width by repeating each one's last token."""

    def __init__(self, blocks: Sequence[Block], held: int, device: torch.device) -> None:
        self.start = blocks[0].start
        self._held, self._device = held, device
        self._blocks = blocks
        self._width = len(blocks[0])
        slots = np.arange(self._width)
        self.take = np.concatenate(
            [block.row + np.minimum(slots, len(block) - 1) for block in blocks]
        )
        self._positions = np.stack(
            [block.positions[np.minimum(slots, len(block) - 1)] for block in blocks]
        )
        self._views: dict[tuple[int | None, int, torch.dtype], _View] = {}

    def attend(
        self,
        queries: torch.Tensor,  # padded, [blocks * width, group, width of a head]
        own: KeysValues,  # of the blocks, padded, [blocks * width, width of a head]
        keys_values: KeysValues,  # of the whole sequence, [tokens, width of a head]
        held: KeysValues | None,  # of the cached prefix, [held, width of a head]
        out: torch.Tensor,  # what is written, as the queries
        *,
        scale: float,
        window: int | None,
    ) -> None:
        """Computes the attention of one key head."""
        blocks, width, group = len(self._blocks), self._width, queries.shape[1]
        view = self._view(window, group, queries.dtype)
        before = self._before(view.first, keys_values, held)
        shape = (blocks, width, group, -1)
        queries, out = queries.view(shape), out.view(shape)
        keys, values = (part.view(blocks, width, -1) for part in own)
        for a, b, top, end in self._tiles(group, self.start - view.first):
            queried = queries[a:b, top:end].reshape(b - a, (end - top) * group, -1)
            seen = slice(top * group, end * group)
            bias = view.own[a:b] if len(view.own) > 1 else view.own
            rows = _attend(
                queried,
                before,
                (keys[a:b, :end], values[a:b, :end]),
                None if view.before is None else view.before[a:b, seen],
                bias[:, seen, :end],
                scale,
            )
            out[a:b, top:end] = rows.view(b - a, end - top, group, -1)

    def _before(
        self, first: int, keys_values: KeysValues, held: KeysValues | None
    ) -> list[KeysValues]:
        """Returns keys and values of what stands before the blocks, from a position on."""
        parts: list[KeysValues] = []
        if held is not None and first < self._held:
            parts.append((held[0][first:], held[1][first:]))
        at = self._held
        for row, end in self._blocks[0].before:
            skipped = min(max(0, first - at), end - row)
            if skipped < end - row:
                parts.append(
                    (keys_values[0][row + skipped : end], keys_values[1][row + skipped : end])
                )
            at += end - row
        return parts

    def _tiles(self, group: int, before: int) -> Iterator[tuple[int, int, int, int]]:
        """Yields which blocks, and which of their rows, are computed together."""
        row = group * (before + self._width)
        together = max(1, SCORES // (row * self._width))
        height = self._width
        if together == 1 and row * self._width > SCORES:
            height = min(self._width, ROWS)
        for a in range(0, len(self._blocks), together):
            for top in range(0, self._width, height):
                yield a, min(a + together, len(self._blocks)), top, min(top + height, self._width)

    def _view(self, window: int | None, group: int, kind: torch.dtype) -> _View:
        if window is not None and self._positions.max() < window:
            window = None
        key = (window, group, kind)
        if key not in self._views:
            self._views[key] = self._look(window, group, kind)
        return self._views[key]

    def _look(self, window: int | None, group: int, kind: torch.dtype) -> _View:
        plain = all(block.parents is None for block in self._blocks)
        blocks = self._blocks[:1] if plain and window is None else self._blocks
        own = np.stack([block.seen(self._width) for block in blocks])
        if window is None:
            return _View(0, None, self._bias(own, group, kind))
        places = self._positions[:, :, None]
        near = own & (places - self._positions[:, None, :] < window)
        first = min(self.start, max(0, int(places.min()) - window + 1))
        before = places - np.arange(first, self.start) < window
        return _View(
            first,
            None if before.all() else self._bias(before, group, kind),
            self._bias(near, group, kind),
        )

    def _bias(self, seen: np.ndarray, group: int, kind: torch.dtype) -> torch.Tensor:
        hidden = torch.from_numpy(~seen).to(self._device).repeat_interleave(group, 1)
        return torch.zeros(hidden.shape, dtype=kind, device=self._device).masked_fill_(
            hidden, -torch.inf
        )


def _attend(
    queries: torch.Tensor,
    before: Sequence[KeysValues],
    own: KeysValues,
    before_bias: torch.Tensor | None,
    own_bias: torch.Tensor,
    scale: float,
) -> torch.Tensor:
    """Computes ``[blocks, queries, width]``: one softmax over earlier and own tokens."""
    blocks, rows, _ = queries.shape
    flat = queries.flatten(0, 1)
    columns = sum(len(keys) for keys, _ in before)
    scores = queries.new_empty(blocks * rows, columns + own[0].shape[1])
    at = 0
    for keys, _ in before:
        place = scores[:, at : at + len(keys)]
        torch.addmm(place, flat, keys.t(), beta=0, alpha=scale, out=place)
        at += len(keys)
    cube = scores.view(blocks, rows, -1)
    if before_bias is not None:
        cube[:, :, :columns] += before_bias
    bias = own_bias.expand(blocks, -1, -1)
    cube[:, :, columns:] = torch.baddbmm(bias, queries, own[0].transpose(1, 2), alpha=scale)
    weights = scores.softmax(-1)
    weighted = torch.bmm(weights.view(blocks, rows, -1)[:, :, columns:], own[1])
    at, out = 0, weighted.flatten(0, 1)
    for keys, values in before:
        out.addmm_(weights[:, at : at + len(keys)], values)
        at += len(keys)
    return weighted
