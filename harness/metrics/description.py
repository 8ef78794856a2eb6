"""Scores a description by the key facts that it says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from harness.metrics.korean import normalise, squash
from harness.metrics.metric import Metric

__all__ = ["METRICS", "key_fact_recall", "says"]


def key_fact_recall(predicted: str, key_facts: Sequence[Sequence[str]]) -> float:
    """Computes the share of key facts (each a list of wordings) that a description says, 0-1.

    Raises:
        ValueError: There is no key fact.
    """
    if not key_facts:
        raise ValueError("a description without key facts can't be scored")
    return sum(says(predicted, texts) for texts in key_facts) / len(key_facts)


def says(predicted: str, texts: Sequence[str]) -> bool:
    """Whether an answer holds one of the texts, case, spacing and punctuation aside.

    A number has to stand there whole: "5만원" does not stand in "15만원".
    """
    answer = squash(normalise(predicted))
    return any(_whole(text).search(answer) for text in texts if normalise(text))


@lru_cache(maxsize=4096)
def _whole(text: str) -> re.Pattern[str]:
    bare = squash(normalise(text))
    before = r"(?<![\d.])" if bare[0].isdigit() else r"(?<![a-z])" if bare[0].isascii() else ""
    after = r"(?![\d.]*\d)" if bare[-1].isdigit() else r"(?![a-z])" if bare[-1].isascii() else ""
    return re.compile(before + re.escape(bare) + after)


METRICS = (
    Metric(
        "key_fact_recall",
        "share of a description's key facts that are said",
        frozenset({"description"}),
        answer=lambda answered: key_fact_recall(
            answered.scored.predicted or "", answered.row.key_facts
        ),
        needs=frozenset({"response", "reference"}),
    ),
)
