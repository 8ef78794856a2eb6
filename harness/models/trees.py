"""Continuations of one prompt as a tree of tokens: what they begin with is there once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from harness.models.forward import common_prefix
from harness.models.render import Encoded

__all__ = ["Tree", "grow"]


@dataclass
class Tree:
    """Tokens of one request: a prompt, and continuations that branch off.

    Attributes:
        request: Index of the request.
        trunk: The tokens before the first branching.
        tokens: The tokens after it, in an order in which parents come first.
        parents: For each of those, the node that it follows; nodes count from the trunk's start,
            and -1 is nothing.
        picks: For each continuation its index, and the nodes after which its tokens are read.
    """

    request: int
    trunk: list[int]
    tokens: list[int] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    picks: list[tuple[int, list[tuple[int, int]]]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.trunk) + len(self.tokens)

    @property
    def first(self) -> int:
        """The first node whose logits are read."""
        return min(node for _, read in self.picks for node, _ in read)

    @property
    def free(self) -> int:
        """How many tokens of the trunk come before all readings, its last one left out."""
        return max(0, min(self.first, len(self.trunk) - 1))

    @property
    def nodes(self) -> list[int]:
        """The nodes whose logits are read."""
        return sorted({node for _, read in self.picks for node, _ in read})


def grow(request: int, continuations: Sequence[tuple[int, Encoded]]) -> Tree:
    """Makes one tree of numbered continuations.

    The last token of a continuation is read, never fed: it is no node.
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
