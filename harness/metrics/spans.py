"""Answers that are pieces of a context."""

from __future__ import annotations

from harness.metrics.answers.spans import aligned_f1
from harness.metrics.lists import lines_in
from harness.metrics.metric import Answered, Metric

__all__ = ["METRICS"]


def _span_f1(answered: Answered) -> float:
    example = answered.row.example
    if answered.scored.correct:
        return 1.0
    given = lines_in(answered.scored.predicted or "")
    accepted = example.accepted or (example.target,)
    return max(aligned_f1(lines_in(each), given, answered.language) for each in accepted)


METRICS = (
    Metric(
        "span_f1",
        "word overlap with the right spans, each aligned with one of them (DROP)",
        frozenset({"spans"}),
        answer=_span_f1,
        needs=frozenset({"response", "reference"}),
    ),
)
