"""The tokens' log-probabilities that logits give, and the scores of requests made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Generic, TypeVar

import torch

from harness.devices import out_of_memory
from harness.models.local.tries import Tree
from harness.models.render import Encoded
from harness.types import Scores, Usage

__all__ = [
    "Divider",
    "ScoreCollector",
    "TokenRequest",
    "TokenScore",
    "numbered",
    "read_tokens",
    "token_scores",
]

TokenScore = tuple[float, bool]
"""A token's log-probability, and whether it is the most likely one."""
TokenRequest = tuple[str, int, Sequence[Encoded]]
"""A request's id, the length of its prompt, and its continuations."""

T = TypeVar("T")
TOGETHER = 2**20  # logits whose exponentials are computed together: they fit into a CPU cache


def token_scores(logits: torch.Tensor, picks: Sequence[tuple[int, int]]) -> list[TokenScore]:
    """Returns the log-probabilities of chosen tokens.

    Logits are ``[positions, vocabulary]``; a pick is a token's row in them, and the token.
    """
    rows, tokens = torch.tensor(picks, device=logits.device).T
    pairs = [_norms(part) for part in logits.split(max(1, TOGETHER // logits.shape[1]))]
    norms, best = (torch.cat(parts) for parts in zip(*pairs, strict=True))
    logprobs = logits[rows, tokens].float() - norms[rows]
    return list(zip(logprobs.tolist(), (best[rows] == tokens).tolist(), strict=True))


def _norms(logits: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns the log of the summed exponentials and the likeliest token, each ``[positions]``."""
    exact = logits.float()
    top, best = exact.max(-1, keepdim=True)
    rest = exact.sub(top) if exact is logits else exact.sub_(top)
    return rest.exp_().sum(-1).log() + top[:, 0], best[:, 0]


class Divider(Generic[T]):
    """Runs batches, and halves those for which memory doesn't suffice.

    A size that didn't fit isn't tried again: later batches of that size are halved at once. A run
    that fails has to leave nothing behind; `halves` gives None for what can't be halved.
    """

    def __init__(
        self,
        run: Callable[[Sequence[T]], None],
        size: Callable[[Sequence[T]], int],
        halves: Callable[[Sequence[T]], tuple[Sequence[T], Sequence[T]] | None],
    ) -> None:
        self._run, self._size, self._halves = run, size, halves
        self._limit: int | None = None

    def __call__(self, batch: Sequence[T]) -> None:
        """Runs a batch."""
        size = self._size(batch)
        parts = self._halves(batch)
        if parts is None or self._limit is None or size < self._limit:
            try:
                self._run(batch)
                return
            except Exception as error:
                if parts is None or not out_of_memory(error):
                    raise
            self._limit = size
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
        for part in parts:
            self(part)


class ScoreCollector:
    """Puts the token scores of requests together, and counts the tokens that they took."""

    def __init__(self, requests: Sequence[TokenRequest]) -> None:
        self._requests = requests
        self._usage = [Usage(input_tokens=length) for _, length, _ in requests]
        self._scores: list[dict[int, tuple[float, int, bool]]] = [{} for _ in requests]
        self._waiting: dict[int, None] = {}

    def charge(self, requests: Sequence[int], positions: int) -> None:
        """Divides positions that ran for several requests among them, in whole tokens."""
        share, rest = divmod(positions, len(requests))
        for number, request in enumerate(requests):
            self._usage[request].computed_tokens += share + (number < rest)

    def keep(self, tree: Tree, scores: Iterable[TokenScore]) -> None:
        """Takes the token scores of a tree, in the order of its picks."""
        remaining = iter(scores)
        for number, picks in tree.picks:
            picked = [next(remaining) for _ in picks]
            total = sum(value for value, _ in picked)
            self._scores[tree.request][number] = (
                total,
                len(picks),
                all(best for _, best in picked),
            )
        self._usage[tree.request].scored_positions += len(tree.nodes)
        self._waiting[tree.request] = None

    def finished(self) -> Iterator[Scores]:
        """Yields the requests that have become complete since the last call."""
        for number in list(self._waiting):
            (id_, _, asked), continuations = self._requests[number], self._scores[number]
            del self._waiting[number]
            if len(continuations) == len(asked):
                logprobs, tokens, greedy = zip(
                    *(continuations[n] for n in sorted(continuations)), strict=True
                )
                continuations.clear()
                yield Scores(id_, logprobs, tokens, greedy, self._usage[number])


def read_tokens(tree: Tree) -> list[tuple[int, int]]:
    """Returns for each token of a tree that is scored the node before it, and the token."""
    return [pair for _, read in tree.picks for pair in read]


def numbered(places: Iterable[T]) -> dict[T, int]:
    """Numbers things in the order in which they come first."""
    return {place: number for number, place in enumerate(dict.fromkeys(places))}
