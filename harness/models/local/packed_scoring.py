"""Scoring in packs: parts of the trie of all requests, each in one sequence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import torch

from harness.models.local.forward import selected_logits, serving
from harness.models.local.fused_mlp import Gates
from harness.models.local.layouts import Held, Layout
from harness.models.local.packing import packing
from harness.models.local.readings import Divider, Results, distinct, read_tokens, readings
from harness.models.local.threads import settle
from harness.models.local.tries import Budget, Hold, Node, Run, Tree, grow, plan, trie
from harness.types import Scores

if TYPE_CHECKING:
    from harness.models.local.engine import Engine
    from harness.models.render import Encoded

__all__ = ["Memory", "run"]


@dataclass
class Memory:
    """What the requests of one call began with, for the next.

    Attributes:
        tokens: The beginning.
        held: Its keys and values.
    """

    tokens: list[int] = field(default_factory=list)
    held: Held | None = None

    def begins(self, tree: Tree) -> bool:
        """Whether a request begins like that, before anything is read."""
        length = len(self.tokens)
        return length <= tree.free and tree.trunk[:length] == self.tokens


def run(
    model: Engine,
    encoded: Sequence[Sequence[Encoded]],
    budget: Budget,
    results: Results,
    memory: Memory | None = None,
) -> Iterator[Scores]:
    """Yields the scores of requests as batches finish.

    Args:
        model: One that `harness.models.local.packing.can_pack`.
        encoded: The continuations of each request.
        budget: Of a batch.
        results: Takes what is read.
        memory: Where what all requests begin with stays for another call with the same weights.
    """
    trees = [grow(index, list(enumerate(found))) for index, found in enumerate(encoded)]
    held = memory if memory and memory.held else _warm(model)
    work = _Work(model, trees, results, held if memory is None or held.held else memory)
    divider = Divider(work.run, _tokens, _halves)
    for step in plan(trie(trees, work.start), budget, hold=memory is not None):
        if isinstance(step, Hold):
            work.hold(step.node)
        elif isinstance(step, Run):
            divider(step.nodes)
            yield from results.finished()
        else:
            work.release()


def _warm(model: Engine) -> Memory:
    """Returns what was computed before any request, as a server's prefix cache has it."""
    if model.held is None or not model.held.packs:
        return Memory()
    return Memory(list(model.held.ids), model.held.held())


class _Work:
    """Runs steps, after what is held."""

    def __init__(
        self, model: Engine, trees: Sequence[Tree], results: Results, memory: Memory
    ) -> None:
        self._model, self._trees, self._results, self._memory = model, trees, results, memory
        self._held = [Held()]
        self._gates = Gates(model.module)
        if len(trees) == 1 and memory.held and memory.begins(trees[0]):
            self._held = [memory.held]

    @property
    def start(self) -> int:
        """How many tokens are held from an earlier call: for a single request, all that are."""
        return self._held[0].length

    def hold(self, node: Node) -> None:
        """Runs the tokens of a node itself, and holds their keys and values."""
        tokens = self._trees[node.trees[0]].trunk[: node.end]
        if node.start or self._memory.tokens != tokens or self._memory.held is None:
            layout = self._layout([node], hold=True)
            self._forward(layout, [0])
            self._results.charge(self._requests(node), len(layout))
            self._held.append(layout.kept)
        else:
            self._held.append(self._memory.held)
        if not node.start:
            self._memory.tokens, self._memory.held = tokens, self._held[-1]

    def release(self) -> None:
        """Lets go what was held last."""
        self._held.pop()

    def run(self, nodes: Sequence[Node]) -> None:
        """Runs nodes with all that is below them, and reads what is to be read."""
        layout = self._layout(nodes)
        leaves = [leaf.trees[0] for node in nodes for leaf in node.leaves()]
        read = [
            (layout.column(index, node), token)
            for index in leaves
            for node, token in read_tokens(self._trees[index])
        ]
        columns = distinct(column for column, _ in read)
        logits = self._forward(layout, list(columns))
        found = iter(readings(logits, [(columns[column], token) for column, token in read]))
        for index in leaves:
            self._results.keep(self._trees[index], found)
        for node in nodes:
            self._charge(node)

    def _layout(self, nodes: Sequence[Node], *, hold: bool = False) -> Layout:
        device = self._model.device.torch
        return Layout(nodes, self._trees, self._held[-1], device, hold=hold)

    def _forward(self, layout: Layout, columns: list[int]) -> torch.Tensor:
        module = self._model.module
        settle(self._model.device.kind)
        at = torch.tensor(columns, device=layout.ids.device)
        with serving(module), packing(module), self._gates.fused():
            return selected_logits(
                module,
                layout.ids,
                None,
                torch.zeros_like(at),
                at,
                position_ids=layout.positions,
                pack=layout,
                use_cache=False,
            )

    def _charge(self, node: Node) -> None:
        if not node.children:
            self._results.charge(self._requests(node), node.tokens)
            return
        self._results.charge(self._requests(node), node.end - node.start)
        for child in node.children:
            self._charge(child)

    def _requests(self, node: Node) -> list[int]:
        return [self._trees[index].request for index in node.trees]


def _tokens(nodes: Sequence[Node]) -> int:
    return sum(node.tokens for node in nodes)


def _halves(nodes: Sequence[Node]) -> tuple[Sequence[Node], Sequence[Node]] | None:
    """Divides a batch; what both halves begin with runs twice then."""
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
