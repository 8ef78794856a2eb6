"""Scoring with one text a row, padded, for models whose texts can't share a sequence.

Continuations whose input is the same share a row. The prefix of all rows runs once, where a KV
cache is the model's only state between tokens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import torch

from harness.models.local.forward import (
    UnpackedPrefix,
    inference_mode,
    padded,
    selected_logits,
    shared_prefix,
)
from harness.models.local.threads import settle
from harness.models.local.token_scores import (
    Divider,
    ScoreCollector,
    numbered,
    read_tokens,
    token_scores,
)
from harness.models.local.tries import BatchLimits, Tree, grow
from harness.types import Scores

if TYPE_CHECKING:
    from harness.models.local.engine import Engine
    from harness.models.render import Encoded

__all__ = ["batches", "run"]


def run(
    model: Engine, encoded: Sequence[Sequence[Encoded]], limits: BatchLimits, scores: ScoreCollector
) -> Iterator[Scores]:
    """Yields the scores of requests as batches finish."""
    trees = [
        tree for index, continuations in enumerate(encoded) for tree in _rows(index, continuations)
    ]
    # What all rows share before the first reading runs once.
    first = min(tree.first for tree in trees)
    shared = shared_prefix(model.module, [tree.trunk for tree in trees], first)
    with inference_mode(model.module):
        prefix = UnpackedPrefix(model.module, shared, model.device.torch)
    scores.charge([tree.request for tree in trees], prefix.length)

    def attempt(batch: Sequence[Tree]) -> None:
        settle(model.device.kind)
        with inference_mode(model.module):
            logits, picks = _forward(model, prefix, batch)
        read = iter(token_scores(logits, picks))
        width = max(len(tree) for tree in batch) - prefix.length
        for tree in batch:
            scores.keep(tree, read)
            scores.charge([tree.request], width)

    divider = Divider(attempt, len, _halves)
    for batch in batches(trees, prefix.length, limits):
        divider(batch)
        yield from scores.finished()


def _rows(request: int, encoded: Sequence[Encoded]) -> list[Tree]:
    """Makes a row of each input; inputs differ where tokens of prompt and continuation merged."""
    groups: dict[tuple[int, ...], list[tuple[int, Encoded]]] = {}
    for number, continuation in enumerate(encoded):
        groups.setdefault(tuple(continuation.ids[:-1]), []).append((number, continuation))
    return [grow(request, group) for group in groups.values()]


def batches(trees: Sequence[Tree], prefix: int, limits: BatchLimits) -> Iterator[list[Tree]]:
    """Yields batches of rows, the longest first; `prefix` tokens of each have been run."""
    batch: list[Tree] = []
    reads = 0
    for _, tree in sorted(enumerate(trees), key=lambda pair: (-len(pair[1]), pair[0])):
        width = len(batch[0] if batch else tree) - prefix
        nodes = len(tree.nodes)
        if batch and not limits.fits((len(batch) + 1) * width, reads + nodes):
            yield batch
            batch, reads = [], 0
        batch.append(tree)
        reads += nodes
    yield batch


def _halves(batch: Sequence[Tree]) -> tuple[Sequence[Tree], Sequence[Tree]] | None:
    half = len(batch) // 2
    return (batch[:half], batch[half:]) if half else None


def _forward(
    model: Engine, prefix: UnpackedPrefix, trees: Sequence[Tree]
) -> tuple[torch.Tensor, list[tuple[int, int]]]:
    """Runs one batch; returns its logits, and for each scored token its row in them and itself."""
    device, start = model.device.torch, prefix.length
    pairs = [
        ((row, node - start), token)
        for row, tree in enumerate(trees)
        for node, token in read_tokens(tree)
    ]
    order = numbered(place for place, _ in pairs)
    rows, columns = torch.tensor(list(order), device=device).T
    ids = padded([tree.trunk[start:] for tree in trees], model.pad_id, device)
    cache = prefix.cache(len(trees)) if start else None
    logits = selected_logits(
        model.module, ids, None, rows, columns, past_key_values=cache, use_cache=cache is not None
    )
    return logits, [(order[place], token) for place, token in pairs]
