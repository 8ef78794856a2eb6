"""Whether a run gave one answer for every row, which a score alone doesn't show."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from harness.metrics.scored_rows import NONE, Coded, by_column
from harness.types import Scored

__all__ = ["OneAnswer", "one_answer"]

SHARE = 0.95
"""Of all answers, from which one answer counts as the only one."""
CHANCE = 0.01
"""So rarely would so few rows get another answer, if as many got one as have one."""


@dataclass(frozen=True, slots=True)
class OneAnswer:
    """The answer that nearly all rows got."""

    answer: str
    count: int  # rows that got it
    n: int  # rows whose answer could be read
    others: int  # of these, rows for which another answer is right


def one_answer(rows: Sequence[Scored], labels: Sequence[str] = ()) -> OneAnswer | None:
    """Returns the answer that nearly every row got, though many rows have another; else None.

    A decision with an amount counts as the one of the labels that it begins with.
    """
    table = by_column(rows)
    table = table.where(table.outcomes.equal("ok") & (table.predicted.codes != NONE))
    if not table:
        return None
    sides = (_labels(table.predicted, labels), _labels(table.targets, labels))
    read = list(zip(*sides, table.correct.tolist(), strict=True))
    answer, count = Counter(given for given, _, _ in read).most_common(1)[0]
    others = sum(
        right != answer and not (correct and given == answer) for given, right, correct in read
    )
    n = len(read)
    if count < SHARE * n or not others or _at_most(n - count, n, others / n) >= CHANCE:
        return None
    return OneAnswer(answer, count, n, others)


def _labels(texts: Coded, labels: Sequence[str]) -> list[str]:
    return Coded(tuple(_label(name, labels) for name in texts.names), texts.codes).texts()


def _label(text: str, labels: Sequence[str]) -> str:
    begun = [label for label in labels if text.startswith(label)]
    return max(begun, key=len, default=text)


def _at_most(k: int, n: int, share: float) -> float:
    """Returns the probability of k or fewer of n, each with a probability of ``share``."""
    if share >= 1.0:
        return float(k >= n)

    def log_of(at: int) -> float:
        ways = math.lgamma(n + 1) - math.lgamma(at + 1) - math.lgamma(n - at + 1)
        return ways + at * math.log(share) + (n - at) * math.log1p(-share)

    return math.fsum(math.exp(log_of(at)) for at in range(k + 1))
