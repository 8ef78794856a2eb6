"""What is read from logits, and how the readings of a request come together again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

import torch

from harness.devices import out_of_memory
from harness.models.local.tries import Tree
from harness.types import ScoreRequest, Scores, Usage

__all__ = ["Divider", "Reading", "Results", "distinct", "read_tokens", "readings"]

Reading = tuple[float, bool]
"""A token's log-probability, and whether it is the most likely one."""

T = TypeVar("T")
TOGETHER = 2**20  # logits whose exponentials are taken together: they should stay in a cache


def readings(logits: torch.Tensor, picks: Sequence[tuple[int, int]]) -> list[Reading]:
    """Reads tokens off logits.

    Args:
        logits: ``[positions, vocabulary]``.
        picks: Number of a position, and the token to read there.
    """
    at, tokens = torch.tensor(picks, device=logits.device).T
    parts = [_norms(part) for part in logits.split(max(1, TOGETHER // logits.shape[1]))]
    norms, best = (torch.cat(each) for each in zip(*parts, strict=True))
    logprobs = logits[at, tokens].float() - norms[at]
    return list(zip(logprobs.tolist(), (best[at] == tokens).tolist(), strict=True))


def _norms(logits: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns the logarithm of the sum of exponentials, and the likeliest token."""
    exact = logits.float()
    top, best = exact.max(-1, keepdim=True)
    rest = exact.sub(top) if exact is logits else exact.sub_(top)
    return rest.exp_().sum(-1).log() + top[:, 0], best[:, 0]


class Divider(Generic[T]):
    """Runs batches, and divides those for which memory doesn't suffice.

    What didn't fit once isn't tried again: later batches of that size are divided at once.

    Args:
        run: Runs a batch; one that fails leaves nothing behind.
        size: Says how large a batch is.
        halves: Divides it; None where it can't be divided.
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


class Results:
    """Puts the readings of requests together, and counts what they took.

    Args:
        requests: All of them.
        lengths: Tokens of each prompt.
    """

    def __init__(self, requests: Sequence[ScoreRequest], lengths: Sequence[int]) -> None:
        self._requests = requests
        self._usage = [Usage(input_tokens=length) for length in lengths]
        self._found: list[dict[int, tuple[float, int, bool]]] = [{} for _ in requests]
        self._waiting: dict[int, None] = {}

    def charge(self, requests: Sequence[int], positions: int) -> None:
        """Charges positions that ran for all of some requests, to each alike in whole tokens."""
        share, rest = divmod(positions, len(requests))
        for number, request in enumerate(requests):
            self._usage[request].computed_tokens += share + (number < rest)

    def keep(self, tree: Tree, found: Iterable[Reading]) -> None:
        """Takes the readings of a tree, in the order of its picks."""
        values = iter(found)
        for number, read in tree.picks:
            pairs = [next(values) for _ in read]
            total = sum(value for value, _ in pairs)
            self._found[tree.request][number] = (total, len(read), all(best for _, best in pairs))
        self._usage[tree.request].scored_positions += len(tree.nodes)
        self._waiting[tree.request] = None

    def finished(self) -> Iterator[Scores]:
        """Yields the requests that are whole since the last call."""
        for request in list(self._waiting):
            asked, found = self._requests[request], self._found[request]
            del self._waiting[request]
            if len(found) == len(asked.continuations):
                logprobs, tokens, greedy = zip(*(found[n] for n in sorted(found)), strict=True)
                found.clear()
                yield Scores(asked.id, logprobs, tokens, greedy, self._usage[request])


def read_tokens(tree: Tree) -> Iterator[tuple[int, int]]:
    """Yields for each token that is read the node after which, and the token."""
    for _, read in tree.picks:
        yield from read


def distinct(found: Iterable[Any]) -> dict[Any, int]:
    """Numbers things in the order in which they come first."""
    numbers: dict[Any, int] = {}
    for each in found:
        numbers.setdefault(each, len(numbers))
    return numbers
