"""Scoring in packs: parts of the trie of all requests, each in one sequence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import torch

from harness.models.local import tries
from harness.models.local.forward import inference_mode
from harness.models.local.fused_mlp import FusedMlps
from harness.models.local.layouts import Layout
from harness.models.local.packing import packed_logits
from harness.models.local.threads import settle
from harness.models.local.token_scores import (
    Divider,
    ScoreCollector,
    numbered,
    read_tokens,
    token_scores,
)
from harness.models.local.trie_attention import PrefixCache
from harness.models.local.tries import BatchLimits, Node, RunBatch, RunPrefix, Tree, grow
from harness.types import Scores

if TYPE_CHECKING:
    from harness.models.local.engine import Engine
    from harness.models.render import Encoded

__all__ = ["WarmPrefix", "run"]


@dataclass
class WarmPrefix:
    """A prefix with its keys and values, kept from one call for the next."""

    tokens: list[int] = field(default_factory=list)
    held: PrefixCache | None = None

    def begins(self, tree: Tree) -> bool:
        """Whether a request begins with it, before anything is read."""
        length = len(self.tokens)
        return length <= tree.free and tree.trunk[:length] == self.tokens


def run(
    model: Engine,  # `packing.can_pack` holds for it
    encoded: Sequence[Sequence[Encoded]],
    limits: BatchLimits,
    scores: ScoreCollector,
    warm: WarmPrefix | None = None,  # keeps the prefix for another call with the same weights
) -> Iterator[Scores]:
    """Yields the scores of requests as batches finish."""
    trees = [
        grow(index, list(enumerate(continuations))) for index, continuations in enumerate(encoded)
    ]
    held = warm if warm and warm.held else _warm(model)
    work = _Work(model, trees, scores, held if warm is None or held.held else warm)
    divider = Divider(work.run, _tokens, _halves)
    roots = tries.trie(trees, work.start)
    for step in tries.plan(roots, limits, hold=warm is not None):
        if isinstance(step, RunPrefix):
            work.hold(step.node)
        elif isinstance(step, RunBatch):
            divider(step.nodes)
            yield from scores.finished()
        else:
            work.release()


def _warm(model: Engine) -> WarmPrefix:
    """Returns the prefix that was computed before any request, as a server's cache has it."""
    if model.prefix is None or not model.prefix.packs:
        return WarmPrefix()
    return WarmPrefix(list(model.prefix.ids), model.prefix.held())


class _Work:
    """Runs the steps of a plan, each after the prefix that is kept."""

    def __init__(
        self, model: Engine, trees: Sequence[Tree], scores: ScoreCollector, warm: WarmPrefix
    ) -> None:
        self._model, self._trees, self._scores, self._warm = model, trees, scores, warm
        self._held = [PrefixCache()]
        self._mlps = FusedMlps(model.module)
        if len(trees) == 1 and warm.held and warm.begins(trees[0]):
            self._held = [warm.held]

    @property
    def start(self) -> int:
        """Number of tokens that an earlier call cached; 0 unless there is a single request."""
        return self._held[0].length

    def hold(self, node: Node) -> None:
        """Runs the tokens of a node itself, and keeps their keys and values."""
        tokens = self._trees[node.trees[0]].trunk[: node.end]
        if node.start or self._warm.tokens != tokens or self._warm.held is None:
            layout = self._layout([node], hold=True)
            self._forward(layout, [0])
            self._scores.charge(self._requests(node), len(layout))
            self._held.append(layout.kept)
        else:
            self._held.append(self._warm.held)
        if not node.start:
            self._warm.tokens, self._warm.held = tokens, self._held[-1]

    def release(self) -> None:
        """Drops the keys and values that were kept last."""
        self._held.pop()

    def run(self, nodes: Sequence[Node]) -> None:
        """Runs nodes with all that is below them, and scores their continuations."""
        layout = self._layout(nodes)
        leaves = [leaf.trees[0] for node in nodes for leaf in node.leaves()]
        pairs = [
            (layout.column(index, node), token)
            for index in leaves
            for node, token in read_tokens(self._trees[index])
        ]
        columns = numbered(column for column, _ in pairs)
        logits = self._forward(layout, list(columns))
        remaining = iter(
            token_scores(logits, [(columns[column], token) for column, token in pairs])
        )
        for index in leaves:
            self._scores.keep(self._trees[index], remaining)
        for node in nodes:
            self._charge(node)

    def _layout(self, nodes: Sequence[Node], *, hold: bool = False) -> Layout:
        device = self._model.device.torch
        return Layout(nodes, self._trees, self._held[-1], device, hold=hold)

    def _forward(self, layout: Layout, columns: list[int]) -> torch.Tensor:
        settle(self._model.device.kind)
        places = torch.tensor(columns, device=layout.ids.device)
        with inference_mode(self._model.module), self._mlps.fused():
            return packed_logits(self._model.module, layout, places)

    def _charge(self, node: Node) -> None:
        if not node.children:
            self._scores.charge(self._requests(node), node.tokens)
            return
        self._scores.charge(self._requests(node), node.end - node.start)
        for child in node.children:
            self._charge(child)

    def _requests(self, node: Node) -> list[int]:
        return [self._trees[index].request for index in node.trees]


def _tokens(nodes: Sequence[Node]) -> int:
    return sum(node.tokens for node in nodes)


def _halves(nodes: Sequence[Node]) -> tuple[Sequence[Node], Sequence[Node]] | None:
    """Halves a batch; the prefix of both halves runs twice then."""
    half = len(nodes) // 2
    if half:
        return nodes[:half], nodes[half:]
    (node,) = nodes
    half = len(node.children) // 2
    if not half:
        return None
    return [_with(node, node.children[:half])], [_with(node, node.children[half:])]


def _with(node: Node, children: list[Node]) -> Node:
    """Returns a node with some of its children."""
    own = node.end - node.start
    return replace(
        node,
        trees=[index for child in children for index in child.trees],
        children=children,
        tokens=own + sum(child.tokens for child in children),
        reads=sum(child.reads for child in children),
    )
