"""A part of a trie in one sequence.

A token's position is the number of its ancestors, and it sees no other token: so each request gets
the logits that it would have alone ("tree attention": SpecInfer, arXiv 2305.09781).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from harness.models.local.packing import States
from harness.models.local.trie_attention import Block, Group, PrefixCache, grouped
from harness.models.local.tries import Node, Tree

__all__ = ["Layout"]


class Layout:
    """Some nodes of a trie in one sequence: a `harness.models.local.packing.Pack`."""

    def __init__(
        self,
        nodes: Sequence[Node],  # with all that is below them; or one, with `hold`
        trees: Sequence[Tree],
        held: PrefixCache,
        device: torch.device,
        *,
        hold: bool = False,  # whether the node's own tokens extend the prefix
    ) -> None:
        self.calls = 0  # how many layers took their attention from here
        self._held, self._trees, self._hold = held, trees, hold
        self._tokens: list[int] = []
        self._blocks: list[Block] = []
        self._rows: dict[int, int] = {}  # of a tree: where its first node would be
        for node in nodes:
            self._place(node, ())
        self.kept = PrefixCache(held.length + len(self._tokens) if hold else 0)
        self.ids = torch.tensor([self._tokens], device=device)  # [1, tokens]
        positions = np.concatenate([block.positions for block in self._blocks])
        self.positions = torch.from_numpy(positions)[None].to(device)  # ancestors, [1, tokens]
        self._groups = [Group(blocks, held.length, device) for blocks in grouped(self._blocks)]
        take = np.concatenate([group.take for group in self._groups])
        put = np.empty(len(positions), dtype=np.int64)
        put[take[::-1]] = np.arange(len(take))[::-1]  # padding repeats tokens: the first counts
        self._take, self._put = (torch.from_numpy(index).to(device) for index in (take, put))

    def __len__(self) -> int:
        return len(self._tokens)

    def _place(self, node: Node, before: tuple[tuple[int, int], ...]) -> None:
        row, tree = len(self._tokens), self._trees[node.trees[0]]
        positions, parents = np.arange(node.start, node.end), None
        self._tokens += tree.trunk[node.start : node.end]
        if not node.children:
            self._rows[node.trees[0]] = row - node.start
            if tree.tokens:
                self._tokens += tree.tokens
                depths, parents = _branches(tree, node.start)
                positions = np.concatenate([positions, depths])
        self._blocks.append(Block(row, positions, parents, before))
        if not self._hold:
            for child in node.children:
                self._place(child, (*before, (row, row + node.end - node.start)))

    def column(self, tree: int, node: int) -> int:
        """Returns the place of a request's node in the sequence."""
        return self._rows[tree] + node

    def attention(
        self, states: States, *, layer: int, scale: float, window: int | None
    ) -> torch.Tensor:
        """Computes the attention of one layer: see `harness.models.local.packing.Pack`."""
        queries, keys, values = states
        self.calls += 1
        held = self._held.layers[layer] if self._held.length else None
        padded = [part.index_select(0, self._take) for part in states]
        out = queries.new_empty(len(self._take), queries.shape[1], values.shape[2])
        share = queries.shape[1] // keys.shape[1]
        for head in range(keys.shape[1]):
            heads = slice(head * share, (head + 1) * share)
            at = 0
            for group in self._groups:
                rows = slice(at, at + len(group.take))
                group.attend(
                    padded[0][rows, heads],
                    (padded[1][rows, head], padded[2][rows, head]),
                    (keys[:, head], values[:, head]),
                    None if held is None else (held[0][:, head], held[1][:, head]),
                    out[rows, heads],
                    scale=scale,
                    window=window,
                )
                at += len(group.take)
        if self._hold:
            if held is not None:
                keys, values = torch.cat([held[0], keys]), torch.cat([held[1], values])
            self.kept.layers.append((keys.contiguous(), values.contiguous()))
        return out.index_select(0, self._put)


def _branches(tree: Tree, start: int) -> tuple[np.ndarray, list[int]]:
    """Returns the positions of a tree's branches, and the parents of a block from a node on."""
    depth = list(range(len(tree.trunk)))
    for parent in tree.parents:
        depth.append(depth[parent] + 1 if parent >= 0 else 0)
    trunk = range(-1, len(tree.trunk) - start - 1)
    parents = [*trunk, *(max(-1, parent - start) for parent in tree.parents)]
    return np.array(depth[len(tree.trunk) :]), parents
