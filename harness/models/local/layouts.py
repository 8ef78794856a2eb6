"""A part of a trie in one sequence.

A token stands as deep as it has ancestors, and sees no others: so each request gets the logits
that it would have alone. (In speculative decoding this is called tree attention: SpecInfer, arXiv
2305.09781.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from harness.models.local.trie_attention import Block, Group, Held, grouped
from harness.models.local.tries import Node, Tree

__all__ = ["Held", "Layout"]


class Layout:
    """Some nodes of a trie, as a `harness.models.local.packing.Pack`.

    Args:
        nodes: With all that is below them; or one, of which the own tokens are to be held.
        trees: All requests.
        held: What the nodes follow.
        device: Where the model is.
        hold: Whether the node's own tokens are put behind what is held.

    Attributes:
        ids: Tokens, ``[1, tokens]``.
        positions: How deep each stands, ``[1, tokens]``.
        kept: What is held after the pass, if it is to be.
        asked: How many layers asked for their attention.
    """

    def __init__(
        self,
        nodes: Sequence[Node],
        trees: Sequence[Tree],
        held: Held,
        device: Any,
        *,
        hold: bool = False,
    ) -> None:
        self.asked = 0
        self._held, self._trees, self._hold = held, trees, hold
        self._tokens: list[int] = []
        self._blocks: list[Block] = []
        self._rows: dict[int, int] = {}  # of a tree: where its first node would be
        for node in nodes:
            self._place(node, ())
        self.kept = Held(held.length + len(self._tokens) if hold else 0)
        self.ids = torch.tensor([self._tokens], device=device)
        positions = np.concatenate([block.positions for block in self._blocks])
        self.positions = torch.from_numpy(positions)[None].to(device)
        self._groups = [Group(each, held.length, device) for each in grouped(self._blocks)]
        take = np.concatenate([group.take for group in self._groups])
        put = np.empty(len(positions), dtype=np.int64)
        put[take[::-1]] = np.arange(len(take))[::-1]  # padding repeats tokens: the first counts
        self._take, self._put = (torch.from_numpy(each).to(device) for each in (take, put))

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
        """Returns where in the sequence a node of a request is."""
        return self._rows[tree] + node

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
        """Computes the attention of one layer: see `harness.models.local.packing.Pack`."""
        self.asked += 1
        held = self._held.layers[layer] if self._held.length else None
        padded = [each.index_select(0, self._take) for each in (queries, keys, values)]
        out = queries.new_empty(len(self._take), queries.shape[1], values.shape[2])
        share = queries.shape[1] // keys.shape[1]
        for head in range(keys.shape[1]):
            asking = slice(head * share, (head + 1) * share)
            at = 0
            for group in self._groups:
                rows = slice(at, at + len(group.take))
                group.attend(
                    padded[0][rows, asking],
                    (padded[1][rows, head], padded[2][rows, head]),
                    (keys[:, head], values[:, head]),
                    None if held is None else (held[0][:, head], held[1][:, head]),
                    out[rows, asking],
                    scale=scale,
                    window=window,
                )
                at += len(group.take)
        if self._hold:
            new = (keys, values) if held is None else _joined(held, (keys, values))
            self.kept.layers.append((new[0].contiguous(), new[1].contiguous()))
        return out.index_select(0, self._put)


def _joined(one: Any, other: Any) -> tuple[torch.Tensor, ...]:
    return tuple(torch.cat(pair) for pair in zip(one, other, strict=True))


def _branches(tree: Tree, start: int) -> tuple[np.ndarray, list[int]]:
    """Returns how deep a tree's branches stand, and the parents of a block from a node on."""
    depth = list(range(len(tree.trunk)))
    for parent in tree.parents:
        depth.append(depth[parent] + 1 if parent >= 0 else 0)
    trunk = range(-1, len(tree.trunk) - start - 1)
    parents = [*trunk, *(max(-1, parent - start) for parent in tree.parents)]
    return np.array(depth[len(tree.trunk) :]), parents
