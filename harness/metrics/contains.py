"""The right answer somewhere in an answer: was it found, whatever else was written?"""

from __future__ import annotations

import re

from harness.metrics.answers.match import WINDOW, holds
from harness.metrics.metric import QA, Answered, Metric
from harness.metrics.parse import parse_answer

__all__ = ["METRICS"]


_NEXT = re.compile(r"\n\s*(?:질문|문제|question|q|###)\s*[:：#]", re.I)


def _contains(answered: Answered) -> float:
    example = answered.row.example
    if answered.scored.correct:
        return 1.0
    accepted = example.accepted or (example.target,)
    # A base model may go on with questions of its own.
    text = _NEXT.split(parse_answer(answered.output.text or "", stop_at_newline=False))[0]
    return float(holds(text, accepted, answered.row.question, cut=answered.cut))


METRICS = (
    Metric(
        "contains",
        f"share of answers that hold the right one in their first {WINDOW} words",
        QA,
        answer=_contains,
        needs=frozenset({"response", "reference"}),
        reads_cut=True,
    ),
)
