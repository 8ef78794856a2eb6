"""The right value or name in an answer of any form: format aside, is it known?"""

from __future__ import annotations

from harness.metrics.answers.match import says
from harness.metrics.metric import QA, Answered, Metric

__all__ = ["METRICS"]


def _value_match(answered: Answered) -> float:
    example = answered.row.example
    accepted = example.accepted or (example.target,)
    if answered.scored.correct:
        return 1.0
    return float(says(answered.scored.predicted or "", accepted, answered.row.question))


METRICS = (
    Metric(
        "value_match",
        "share of answers whose only value is the right one, whatever sentence is around it",
        QA,
        answer=_value_match,
        needs=frozenset({"response", "reference"}),
    ),
)
