"""Which tokens of which requests run together, and once: a pure function of the requests.

A node of the trie holds tokens of a shared prefix, a leaf the rest of one request. What fits into
a batch runs in one sequence; otherwise the prefix runs first, and its keys and values are kept
while the rest runs in batches: instructions for all requests, a document for its questions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from harness.models.local.forward import common_prefix
from harness.models.render import Encoded

__all__ = [
    "BatchLimits",
    "DropPrefix",
    "Node",
    "RunBatch",
    "RunPrefix",
    "Tree",
    "grow",
    "plan",
    "trie",
]

MIN_SHARED = 8  # tokens of a prefix; a shorter one costs more in attention than it saves
MIN_SAVED = 32  # tokens that sharing inside a batch has to save


@dataclass
class Tree:
    """Tokens of one request: a prompt, and continuations that branch off."""

    request: int
    trunk: list[int]  # before the first branching
    tokens: list[int] = field(default_factory=list)  # those after it, parents first
    # For each of those the node that it follows, counted from the trunk's start; -1 is none.
    parents: list[int] = field(default_factory=list)
    # For each continuation its index, and each of its tokens with the node before it.
    picks: list[tuple[int, list[tuple[int, int]]]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.trunk) + len(self.tokens)

    @property
    def first(self) -> int:
        """The first node whose logits are read."""
        return min(node for _, read in self.picks for node, _ in read)

    @property
    def free(self) -> int:
        """Number of trunk tokens before all readings, the trunk's last one left out."""
        return max(0, min(self.first, len(self.trunk) - 1))

    @property
    def nodes(self) -> list[int]:
        """The nodes whose logits are read."""
        return sorted({node for _, read in self.picks for node, _ in read})


def grow(request: int, continuations: Sequence[tuple[int, Encoded]]) -> Tree:
    """Makes one tree of numbered continuations.

    The last token of a continuation is scored, never fed: it is no node.
    """
    inputs = [encoded.ids[:-1] for _, encoded in continuations]
    tree = Tree(request, common_prefix(inputs))
    children: dict[tuple[int, int], int] = {}
    for number, encoded in continuations:
        path = list(range(len(tree.trunk)))
        for token in encoded.ids[len(tree.trunk) : -1]:
            parent = path[-1] if path else -1
            node = children.setdefault((parent, token), len(tree))
            if node == len(tree):
                tree.tokens.append(token)
                tree.parents.append(parent)
            path.append(node)
        start = encoded.prompt_length
        tree.picks.append((number, list(zip(path[start - 1 :], encoded.ids[start:], strict=True))))
    return tree


@dataclass(slots=True)
class Node:
    """Tokens that some requests share, or the rest of one request."""

    trees: list[int]  # the requests below, as indices
    start: int  # number of its first token, in each of them
    end: int  # number past its last one; a leaf's is that of its trunk
    children: list[Node] = field(default_factory=list)
    tokens: int = 0  # number of them in it and below
    reads: int = 0  # positions below whose logits are read

    def leaves(self) -> Iterator[Node]:
        """Yields the leaves below."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """How many positions, and how many positions whose logits are read, a batch may have."""

    tokens: int
    reads: int

    def fits(self, tokens: int, reads: int) -> bool:
        """Whether a batch may have so many."""
        return tokens <= self.tokens and reads <= self.reads


@dataclass(frozen=True, slots=True)
class RunPrefix:
    """Run tokens that all trees of a node share, and keep their keys and values."""

    node: Node


@dataclass(frozen=True, slots=True)
class RunBatch:
    """Run nodes with all that is below them, after the prefixes that are kept."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class DropPrefix:
    """Drop the keys and values that were kept last."""


Step = RunPrefix | RunBatch | DropPrefix


def trie(trees: Sequence[Tree], start: int = 0) -> list[Node]:
    """Returns the roots of what requests share after `start` cached tokens, in order.

    Nothing is shared from the first position on whose logits are read: it stays in the leaf.
    """
    keys = [np.array(tree.trunk[: tree.free], dtype=">u4") for tree in trees]
    order = sorted(range(len(trees)), key=lambda i: (keys[i].tobytes(), len(trees[i]), i))
    common = [0, *(_common(keys[a], keys[b]) for a, b in zip(order, order[1:], strict=False))]
    return _Builder(trees, order, np.array(common)).nodes(0, len(order), start)


def _common(one: np.ndarray, other: np.ndarray) -> int:
    length = min(len(one), len(other))
    different = one[:length] != other[:length]
    return int(different.argmax()) if different.any() else length


class _Builder:
    """Makes nodes of neighbours; `common` counts what each place shares with the one before."""

    def __init__(self, trees: Sequence[Tree], order: list[int], common: np.ndarray) -> None:
        self._trees, self._order, self._shared = trees, order, common

    def nodes(self, low: int, high: int, start: int) -> list[Node]:
        """Returns the nodes of places ``low`` to ``high``; earlier tokens are in a node above."""
        inner = self._shared[low + 1 : high]
        cuts = (np.flatnonzero(inner < start + MIN_SHARED) + low + 1).tolist()
        nodes = []
        for a, b in zip([low, *cuts], [*cuts, high], strict=True):
            nodes += [self._leaf(a, start)] if b - a == 1 else self._cluster(a, b, start)
        return nodes

    def _leaf(self, place: int, start: int) -> Node:
        index = self._order[place]
        tree = self._trees[index]
        return Node([index], start, len(tree.trunk), [], len(tree) - start, reads=len(tree.nodes))

    def _cluster(self, low: int, high: int, start: int) -> list[Node]:
        end = int(self._shared[low + 1 : high].min())
        if (end - start) * (high - low - 1) < MIN_SAVED:
            cuts = np.flatnonzero(self._shared[low + 1 : high] == end) + low + 1
            edges = [low, *cuts.tolist(), high]
            parts = [self.nodes(a, b, start) for a, b in zip(edges, edges[1:], strict=False)]
            return [node for part in parts for node in part]
        children = self.nodes(low, high, end)
        tokens = end - start + sum(child.tokens for child in children)
        reads = sum(child.reads for child in children)
        return [Node(self._order[low:high], start, end, children, tokens, reads)]


def plan(nodes: Sequence[Node], limits: BatchLimits, *, hold: bool = False) -> Iterator[Step]:
    """Yields what to run, in order, for the roots of a trie or the children of a prefix.

    A request that is larger than the limits runs alone. With `hold`, the prefix that all requests
    share is kept even if one batch takes them all.
    """
    batch: list[Node] = []
    tokens = reads = 0
    for node in nodes:
        large = bool(node.children) and (
            not limits.fits(node.tokens, node.reads) or (hold and len(nodes) == 1)
        )
        if batch and (large or not limits.fits(tokens + node.tokens, reads + node.reads)):
            yield RunBatch(tuple(batch))
            batch, tokens, reads = [], 0, 0
        if large:
            yield RunPrefix(node)
            yield from plan(node.children, limits)
            yield DropPrefix()
        else:
            batch.append(node)
            tokens += node.tokens
            reads += node.reads
    if batch:
        yield RunBatch(tuple(batch))
