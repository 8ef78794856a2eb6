"""Scores short answers: exact match under normalisation, and overlap of words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.metrics.korean import bare_ending, normalise, squash, token_f1
from harness.metrics.metric import DECISION, QA, TEXT, Answered, Metric

__all__ = ["METRICS", "exact_match"]

_PARTS = re.compile(r",(?!\d)|[()（）;\n]|\.(?=\s)|(?<=^[네예])\s|(?<=^아니[요오])\s")


def exact_match(predicted: str, accepted: Sequence[str]) -> bool:
    """Says whether an answer is one of the accepted ones.

    Case, spacing, punctuation and a Korean sentence ending ("2년입니다") are no difference; another
    particle or a further word ("2년 이내") is one. An answer that says the same thing twice
    ("네, 가능합니다", "2년(24개월)") is right where each of its parts is accepted.
    """
    right = {_bare(answer) for answer in accepted} - {""}
    if _is_one_of(predicted, right):
        return True
    parts = [part for part in _PARTS.split(predicted) if normalise(part)]
    return len(parts) > 1 and all(_is_one_of(part, right) for part in parts)


def _bare(text: str) -> str:
    return squash(normalise(text).removeprefix("the "))


def _is_one_of(text: str, right: set[str]) -> bool:
    bare = _bare(text)
    return bare in right or bare_ending(bare) in right


def _token_f1(answered: Answered) -> float:
    if answered.kind == "qa" and answered.scored.correct:  # an equal text needs no tokens
        return 1.0
    example = answered.row.example
    accepted = example.accepted or (example.target,)
    return token_f1(answered.scored.predicted or "", accepted, answered.language)


METRICS = (
    Metric(
        "exact_match",
        "share of answers that are an accepted one; of decisions, with the right amount",
        QA | DECISION,
        answer=lambda answered: float(answered.scored.correct),
        needs=frozenset({"response", "reference"}),
    ),
    Metric(
        "token_f1",
        "word overlap with the closest accepted answer",
        TEXT,
        answer=_token_f1,
        needs=frozenset({"response", "reference"}),
    ),
)
