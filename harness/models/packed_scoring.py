"""Scoring in packs: parts of the trie of all requests, each in one sequence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import torch

from harness.models.forward import selected_logits, serving
from harness.models.gates import Gates
from harness.models.layouts import Held, Layout
from harness.models.packs import packing
from harness.models.readings import Results, distinct, halving, read_tokens, readings
from harness.models.trees import Tree, grow
from harness.models.tries import Budget, Hold, Node, Run, plan, trie
from harness.types import Scores

if TYPE_CHECKING:
    from harness.models.decoding import Beginning
    from harness.models.local import LocalModel
    from harness.models.render import Encoded

__all__ = ["run"]


def run(
    model: LocalModel, encoded: Sequence[Sequence[Encoded]], budget: Budget, results: Results
) -> Iterator[Scores]:
    """Yields the scores of requests as batches finish.

    Args:
        model: One that `harness.models.packs.can_pack`.
        encoded: The continuations of each request.
        budget: Of a batch.
        results: Takes what is read.
    """
    trees = [grow(index, list(enumerate(found))) for index, found in enumerate(encoded)]
    nodes, held = _after(model.held, trees, trie(trees))
    work = _Work(model, trees, results, held)
    for step in plan(nodes, budget):
        if isinstance(step, Hold):
            work.hold(step.node)
        elif isinstance(step, Run):
            halving(step.nodes, work.run, _halves)
            yield from results.finished()
        else:
            work.release()


def _after(
    beginning: Beginning | None, trees: Sequence[Tree], nodes: list[Node]
) -> tuple[list[Node], Held]:
    """Leaves out what is held already, where a single request begins so."""
    if beginning is None or len(trees) > 1 or not beginning.starts(trees[0].trunk[: trees[0].free]):
        return nodes, Held()
    held = beginning.held()
    (node,) = nodes
    return [replace(node, start=held.length, tokens=node.tokens - held.length)], held


class _Work:
    """Runs steps, after what is held."""

    def __init__(
        self, model: LocalModel, trees: Sequence[Tree], results: Results, held: Held
    ) -> None:
        self._model, self._trees, self._results = model, trees, results
        self._held = [held]
        self._gates = Gates(model.module)

    def hold(self, node: Node) -> None:
        """Runs the tokens of a node itself, and holds their keys and values."""
        layout = self._layout([node], hold=True)
        self._forward(layout, [0])
        self._held.append(layout.kept)
        self._results.charge(self._requests(node), len(layout))

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
