"""Figures over all rows of a classification, by scikit-learn; rows with an error are left out.

A row without a parsed label counts as wrong: it gets a prediction that is no label.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from harness.metrics.metric import CHOICE, DECISION, QA, Metric, Need
from harness.types import Scored

if TYPE_CHECKING:
    from harness.metrics.statistics.counts import Metric as Figure
    from harness.metrics.statistics.resampling import Interval

__all__ = ["METRICS", "NONE", "answers", "macro_f1", "mcc", "present", "weighted_f1"]

NONE = " (none)"  # with a blank, since a label has none around it
"""The prediction of a row that has none."""


def answers(scored: Sequence[Scored]) -> tuple[list[str], list[str]]:
    """Splits rows into targets and predictions."""
    rows = [row for row in scored if row.outcome != "error"]
    predicted = [NONE if row.predicted is None else row.predicted for row in rows]
    return [row.target for row in rows], predicted


def present(targets: Sequence[str], labels: Sequence[str]) -> list[str]:
    """Lists the labels that occur among targets, in the task's order; others come last."""
    seen = set(targets)
    known = [label for label in labels if label in seen]
    return known + sorted(seen.difference(known))


def macro_f1(scored: Sequence[Scored], labels: Sequence[str]) -> float:
    """Returns F1 averaged over the labels that occur among the targets, 0-1; needs one row."""
    return _f1(scored, labels, "macro")


def weighted_f1(scored: Sequence[Scored], labels: Sequence[str]) -> float:
    """Returns F1 averaged over labels, each weighted by its targets, 0-1; needs one row."""
    return _f1(scored, labels, "weighted")


def _f1(scored: Sequence[Scored], labels: Sequence[str], average: str) -> float:
    from sklearn.metrics import f1_score

    targets, predicted = answers(scored)
    there = present(targets, labels)
    return float(f1_score(targets, predicted, labels=there, average=average, zero_division=0))


def mcc(scored: Sequence[Scored]) -> float:
    """Returns Matthews' correlation coefficient, -1 to 1; 0 where one class alone occurs."""
    from sklearn.metrics import matthews_corrcoef

    targets, predicted = answers(scored)
    if len({*targets, *predicted}) == 1:  # scikit-learn says 0 as well, with a warning.
        return 0.0
    return float(matthews_corrcoef(targets, predicted))


def _corpus(
    name: Figure, summary: str, figure: Callable[[Sequence[Scored], Sequence[str]], float]
) -> Metric:
    def interval(rows: Sequence[Scored], clusters: Sequence[str], seed: int) -> Interval:
        from harness.metrics.statistics.counts import cluster_bootstrap_counts

        return cluster_bootstrap_counts(*answers(rows), clusters, metric=name, seed=seed)

    needs: frozenset[Need] = frozenset({"labels"})
    return Metric(name, summary, CHOICE, corpus=figure, interval=interval, needs=needs)


METRICS = (
    Metric(
        "accuracy",
        "share of right answers",
        CHOICE | QA | DECISION,
        # in the record where it is all that there is; elsewhere it follows from the row
        answer=lambda answered: float(answered.scored.correct) if answered.kind in CHOICE else None,
        row=lambda scored: float(scored.correct),
    ),
    _corpus("macro_f1", "F1, the mean over the labels that occur", macro_f1),
    _corpus("weighted_f1", "F1, labels weighted by their rows", weighted_f1),
    _corpus("mcc", "Matthews' correlation coefficient", lambda rows, labels: mcc(rows)),
)
