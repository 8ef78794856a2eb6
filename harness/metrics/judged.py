"""Metrics that a judge gives to the answers of a finished run; `ragas` has those that a run gets."""

from __future__ import annotations

from harness.metrics.metric import TEXT, Metric, Need

__all__ = ["CRITERION", "METRICS"]

CRITERION = "rubric."
"""Begins the name of the values of a rubric's criterion: 1 where an answer meets it, else 0."""

NEEDS: frozenset[Need] = frozenset(["response", "reference", "judge"])
METRICS = (
    Metric("judged_rubric", "share of a rubric's points that the judge gives", TEXT, needs=NEEDS),
    Metric(
        "judged_preference",
        "share of answers that the judge prefers to another run's; a tie counts half",
        TEXT,
        needs=NEEDS,
    ),
)
