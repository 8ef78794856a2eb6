"""Scoring with one text a row, padded, for models whose texts can't share a sequence.

Continuations whose input is the same share a row, and what all rows begin with runs once, where
the model's state between tokens is keys and values only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import torch

from harness.models.local.forward import (
    MIN_SHARED,
    Prefix,
    common_prefix,
    keeps_keys,
    padded,
    selected_logits,
    serving,
    uses_virtual_tokens,
)
from harness.models.local.readings import Divider, Results, distinct, read_tokens, readings
from harness.models.local.threads import settle
from harness.models.local.tries import Budget, Tree, grow
from harness.types import Scores

if TYPE_CHECKING:
    from harness.models.local.engine import Engine
    from harness.models.render import Encoded

__all__ = ["batches", "run"]


def run(
    model: Engine, encoded: Sequence[Sequence[Encoded]], budget: Budget, results: Results
) -> Iterator[Scores]:
    """Yields the scores of requests as batches finish.

    Args:
        model: Any.
        encoded: The continuations of each request.
        budget: Of a batch, padding included.
        results: Takes what is read.
    """
    trees = [tree for index, found in enumerate(encoded) for tree in _rows(index, found)]
    shared = _shared(model.module, trees)
    with serving(model.module):
        prefix = Prefix(model.module, shared, model.device.torch)
    results.charge([tree.request for tree in trees], prefix.length)

    def attempt(batch: Sequence[Tree]) -> None:
        settle(model.device.kind)
        with serving(model.module):
            logits, picks = _forward(model, prefix, batch)
        found = iter(readings(logits, picks))
        width = max(len(tree) for tree in batch) - prefix.length
        for tree in batch:
            results.keep(tree, found)
            results.charge([tree.request], width)

    divider = Divider(attempt, len, _halves)
    for batch in batches(trees, prefix.length, budget):
        divider(batch)
        yield from results.finished()


def _rows(request: int, encoded: Sequence[Encoded]) -> list[Tree]:
    """Makes a row of each input: where prompts merged with continuations, inputs differ."""
    groups: dict[tuple[int, ...], list[tuple[int, Encoded]]] = {}
    for number, each in enumerate(encoded):
        groups.setdefault(tuple(each.ids[:-1]), []).append((number, each))
    return [grow(request, group) for group in groups.values()]


def _shared(module: Any, trees: Sequence[Tree]) -> list[int]:
    """Returns the prefix that is run once: all that is common before the first reading."""
    if len(trees) < 2 or uses_virtual_tokens(module) or not keeps_keys(module):
        return []
    common = common_prefix([tree.trunk for tree in trees])
    common = common[: min(tree.first for tree in trees)]
    return common if len(common) >= MIN_SHARED else []


def batches(trees: Sequence[Tree], prefix: int, budget: Budget) -> Iterator[list[Tree]]:
    """Yields batches of rows, the longest first, so that a lack of memory shows at once.

    Args:
        trees: What there is to run.
        prefix: Tokens of each that have been run.
        budget: Of a batch, padding included.
    """
    batch: list[Tree] = []
    reads = 0
    for _, tree in sorted(enumerate(trees), key=lambda pair: (-len(pair[1]), pair[0])):
        width = len(batch[0] if batch else tree) - prefix
        nodes = len(tree.nodes)
        if batch and not budget.fits((len(batch) + 1) * width, reads + nodes):
            yield batch
            batch, reads = [], 0
        batch.append(tree)
        reads += nodes
    yield batch


def _halves(batch: Sequence[Tree]) -> tuple[Sequence[Tree], Sequence[Tree]] | None:
    half = len(batch) // 2
    return (batch[:half], batch[half:]) if half else None


def _forward(
    model: Engine, prefix: Prefix, trees: Sequence[Tree]
) -> tuple[torch.Tensor, list[tuple[int, int]]]:
    """Runs one batch.

    Returns:
        Logits, and for each token that is read its row in them and itself.
    """
    device, start = model.device.torch, prefix.length
    read = [
        ((row, node - start), token)
        for row, tree in enumerate(trees)
        for node, token in read_tokens(tree)
    ]
    numbers = distinct(place for place, _ in read)
    rows, columns = torch.tensor(list(numbers), device=device).T
    ids = padded([tree.trunk[start:] for tree in trees], model.pad_id, device)
    cache = prefix.cache(len(trees)) if start else None
    logits = selected_logits(
        model.module, ids, None, rows, columns, past_key_values=cache, use_cache=cache is not None
    )
    return logits, [(numbers[place], token) for place, token in read]
