"""Log-likelihoods of continuations, sharing what requests and continuations have in common.

All requests of a call are listed first. What all prompts begin with (instructions, examples)
runs once. The continuations of a request hang on its prompt as a tree, and each tree is a row:
77 labels of three tokens cost 150 positions instead of 77 prompts, and labels of one token cost
nothing beside the prompt. The head is applied only where a continuation is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import torch

from harness.devices import out_of_memory
from harness.errors import UsageError
from harness.models.forward import (
    MIN_SHARED,
    Prefix,
    common_prefix,
    keeps_keys,
    padded,
    selected_logits,
    serving,
    uses_virtual_tokens,
)
from harness.models.trees import Tree, attention, can_branch, grow
from harness.types import ScoreRequest, Scores, Usage

if TYPE_CHECKING:
    from harness.models.local import LocalModel
    from harness.models.render import Encoded

__all__ = ["TOKEN_BUDGET", "score"]

# Positions of a batch, padding included. More gains nothing on a CPU, and spoils its caches.
TOKEN_BUDGET = {"cpu": 2048, "mps": 4096, "cuda": 32768}
LOGIT_BUDGET = 2**27  # Logits of a batch: 0.5 GB in float32, 512 positions of Gemma's head.


def score(model: LocalModel, requests: Sequence[ScoreRequest]) -> Iterator[Scores]:
    """Yields the log-likelihood of each request's continuations, as batches finish.

    Args:
        model: The model.
        requests: All of them: the batches are a function of the list.

    Raises:
        UsageError: A request is longer than the model's context.
    """
    if not requests:
        return
    encoded = model.encoder.encode_all((r.prompt, r.continuations) for r in requests)
    for request, (length, found) in zip(requests, encoded, strict=True):
        model.check_length(request.id, max([length, *[len(e.ids) for e in found]]))
        if not found:
            raise UsageError(f"Request {request.id} has no continuations to score")
    trees = _trees(model.module, [found for _, found in encoded])
    shared = _shared(model.module, trees)
    work = _Work(model, requests, [length for length, _ in encoded], trees)
    with serving(model.module):
        prefix = Prefix(model.module, shared, model.device.torch)
    budget = TOKEN_BUDGET[model.device.kind]
    for batch in plan(trees, prefix.length, budget, LOGIT_BUDGET // model.vocabulary):
        yield from work.run(prefix, batch)


def _trees(module: Any, encoded: Sequence[Sequence[Encoded]]) -> list[Tree]:
    """Makes a tree of each request; or of each continuation, where rows can't branch."""
    together = can_branch(module)
    trees = []
    for request, found in enumerate(encoded):
        numbered = list(enumerate(found))
        if together or all(len(e.ids) - e.prompt_length == 1 for e in found):
            # One token each: where the prompts merged with them differently, they differ.
            groups = [numbered] if together else _same_input(numbered)
        else:
            groups = [[one] for one in numbered]
        trees += [grow(request, group) for group in groups]
    return trees


def _same_input(numbered: list[tuple[int, Encoded]]) -> list[list[tuple[int, Encoded]]]:
    groups: dict[tuple[int, ...], list[tuple[int, Encoded]]] = {}
    for number, encoded in numbered:
        groups.setdefault(tuple(encoded.ids[:-1]), []).append((number, encoded))
    return list(groups.values())


def _shared(module: Any, trees: Sequence[Tree]) -> list[int]:
    """Returns the prefix that is run once: all that is common before the first reading."""
    if len(trees) < 2 or uses_virtual_tokens(module) or not keeps_keys(module):
        return []
    common = common_prefix([tree.trunk for tree in trees])
    common = common[: min(tree.first for tree in trees)]
    return common if len(common) >= MIN_SHARED else []


def plan(trees: Sequence[Tree], prefix: int, tokens: int, logits: int) -> Iterator[list[int]]:
    """Yields batches of trees, the longest first, so that a lack of memory shows at once.

    Args:
        trees: What there is to run.
        prefix: Tokens of each tree that have been run.
        tokens: Most positions of a batch, padding included.
        logits: Most positions of a batch whose logits are read.
    """
    order = sorted(range(len(trees)), key=lambda i: (-len(trees[i]), trees[i].request, i))
    batch: list[int] = []
    read = 0
    for index in order:
        width = len(trees[batch[0] if batch else index]) - prefix
        nodes = len(trees[index].nodes)
        if batch and ((len(batch) + 1) * width > tokens or read + nodes > logits):
            yield batch
            batch, read = [], 0
        batch.append(index)
        read += nodes
    yield batch


class _Work:
    """Runs batches, and puts the continuations of a request together again."""

    def __init__(
        self,
        model: LocalModel,
        requests: Sequence[ScoreRequest],
        lengths: Sequence[int],
        trees: Sequence[Tree],
    ) -> None:
        self._model = model
        self._requests = requests
        self._trees = trees
        self._usage = [Usage(input_tokens=length) for length in lengths]
        self._found: list[dict[int, tuple[float, int, bool]]] = [{} for _ in requests]
        self._prefix_left = len(trees)  # trees that the shared prefix isn't charged to yet

    def run(self, prefix: Prefix, batch: list[int]) -> Iterator[Scores]:
        trees = [self._trees[index] for index in batch]
        self._attempt(prefix, trees)
        for request in dict.fromkeys(tree.request for tree in trees):
            if len(self._found[request]) == len(self._requests[request].continuations):
                yield self._result(request)

    def _attempt(self, prefix: Prefix, trees: list[Tree]) -> None:
        """Runs a batch, in halves where memory runs out."""
        try:
            with serving(self._model.module):
                logprobs, best = _read(self._model, prefix, trees)
        except Exception as error:
            if len(trees) == 1 or not out_of_memory(error):
                raise
        else:
            self._keep(prefix, trees, logprobs, best)
            return
        if self._model.device.kind == "cuda":
            torch.cuda.empty_cache()
        half = len(trees) // 2
        self._attempt(prefix, trees[:half])
        self._attempt(prefix, trees[half:])

    def _keep(
        self, prefix: Prefix, trees: list[Tree], logprobs: list[float], best: list[bool]
    ) -> None:
        values = iter(zip(logprobs, best, strict=True))
        width = max(len(tree) for tree in trees) - prefix.length
        for tree in trees:
            for number, read in tree.picks:
                pairs = [next(values) for _ in read]
                total = sum(value for value, _ in pairs)
                self._found[tree.request][number] = (total, len(read), all(g for _, g in pairs))
            usage = self._usage[tree.request]
            usage.computed_tokens += width + self._share(prefix.length)
            usage.scored_positions += len(tree.nodes)

    def _share(self, length: int) -> int:
        """Charges the prefix to all trees alike, in whole tokens; the first ones pay the rest."""
        self._prefix_left -= 1
        extra = len(self._trees) - self._prefix_left <= length % len(self._trees)
        return length // len(self._trees) + extra

    def _result(self, request: int) -> Scores:
        found = [self._found[request][number] for number in sorted(self._found[request])]
        logprobs, tokens, greedy = zip(*found, strict=True)
        return Scores(self._requests[request].id, logprobs, tokens, greedy, self._usage[request])


def _read(model: LocalModel, prefix: Prefix, trees: list[Tree]) -> tuple[list[float], list[bool]]:
    """Runs one batch.

    Returns:
        For each token of each continuation, in order, its log-probability, and whether it is the
        most likely one.
    """
    device = model.device.torch
    start = prefix.length
    nodes = [(row, node - start) for row, tree in enumerate(trees) for node in tree.nodes]
    place = {node: index for index, node in enumerate(nodes)}
    rows, columns = torch.tensor(nodes, device=device).T
    ids = padded([[*t.trunk[start:], *t.tokens] for t in trees], model.pad_id, device)
    mask, positions = attention(model.module, trees, start, device)
    cache = prefix.cache(len(trees)) if start else None
    logits = selected_logits(
        model.module,
        ids,
        mask,
        rows,
        columns,
        position_ids=positions,
        past_key_values=cache,
        use_cache=cache is not None,
    )
    picks = [
        (place[row, node - start], token)
        for row, tree in enumerate(trees)
        for _, read in tree.picks
        for node, token in read
    ]
    at, tokens = torch.tensor(picks, device=device).T
    logits = logits.float()
    logprobs = logits[at, tokens] - logits.logsumexp(-1)[at]
    return logprobs.tolist(), (logits.argmax(-1)[at] == tokens).tolist()
