"""Answers that are numbers: right ones, near ones, and those that are off by a scale alone."""

from __future__ import annotations

from collections.abc import Iterator

from harness.metrics.answers.numbers import Number, is_off_by_scale, read_number, same_number
from harness.metrics.metric import Answered, Metric

__all__ = ["METRICS"]

NUMERIC = frozenset({"numeric_qa"})
CLOSE = 0.01


def _rights(answered: Answered) -> Iterator[Number]:
    example = answered.row.example
    numbers = map(read_number, example.accepted or (example.target,))
    return (number for number in numbers if number is not None)


def _given(answered: Answered) -> Number | None:
    return read_number(answered.scored.predicted or "")


def _is_near(answered: Answered) -> float:
    given, question = _given(answered), answered.row.question
    return float(
        answered.scored.correct
        or given is not None
        and any(same_number(right, given, question, CLOSE) for right in _rights(answered))
    )


def _is_off_by_scale(answered: Answered) -> float:
    given, question = _given(answered), answered.row.question
    if answered.scored.correct or given is None:
        return 0.0
    return float(any(is_off_by_scale(right, given, question) for right in _rights(answered)))


METRICS = (
    Metric(
        "numeric_accuracy",
        "share of right numbers: percent as a fraction of 1, rounded as the right one is",
        NUMERIC,
        answer=lambda answered: float(answered.scored.correct),
        needs=frozenset({"response", "reference"}),
    ),
    Metric(
        "within_1_percent",
        "share of numbers that are within 1 % of the right one",
        NUMERIC,
        answer=_is_near,
        needs=frozenset({"response", "reference"}),
    ),
    Metric(
        "scale_error",
        "share of wrong numbers that would be right in another scale: 15.3 for 0.153",
        NUMERIC,
        answer=_is_off_by_scale,
        higher_is_better=False,
        needs=frozenset({"reference"}),
    ),
)
