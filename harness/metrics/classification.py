"""Figures over all rows of a classification, by scikit-learn.

A row without a parsed label counts as wrong: it gets a prediction that is no label. Rows with an
error are outside n and are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from harness.metrics.metric import CHOICE, DECISION, QA, Metric
from harness.metrics.statistics.counts import Metric as Figure
from harness.metrics.statistics.counts import cluster_bootstrap_counts
from harness.metrics.statistics.resampling import Interval
from harness.types import Scored

__all__ = ["METRICS", "NONE", "answers", "macro_f1", "mcc", "present", "weighted_f1"]

NONE = "(none)"
"""The prediction of a row that has none."""


def answers(scored: Sequence[Scored]) -> tuple[list[str], list[str]]:
    """Splits rows into targets and predictions.

    Args:
        scored: Rows; those with an error are left out.

    Returns:
        Targets and predictions, of equal length.
    """
    rows = [row for row in scored if row.outcome != "error"]
    predicted = [NONE if row.predicted is None else row.predicted for row in rows]
    return [row.target for row in rows], predicted


def present(targets: Sequence[str], labels: Sequence[str]) -> list[str]:
    """Lists the labels that occur among targets, in the task's order.

    Args:
        targets: The right labels.
        labels: The task's labels; one that is missing here goes to the end.
    """
    seen = set(targets)
    known = [label for label in labels if label in seen]
    return known + sorted(seen.difference(known))


def macro_f1(scored: Sequence[Scored], labels: Sequence[str]) -> float:
    """Returns F1 averaged over the labels that occur among the targets, 0-1.

    Args:
        scored: At least one row without an error.
        labels: The task's labels.
    """
    return _f1(scored, labels, "macro")


def weighted_f1(scored: Sequence[Scored], labels: Sequence[str]) -> float:
    """Returns F1 averaged over labels, each weighted by its targets, 0-1.

    Args:
        scored: At least one row without an error.
        labels: The task's labels.
    """
    return _f1(scored, labels, "weighted")


def _f1(scored: Sequence[Scored], labels: Sequence[str], average: str) -> float:
    from sklearn.metrics import f1_score

    targets, predicted = answers(scored)
    counted = present(targets, labels)
    value = f1_score(targets, predicted, labels=counted, average=average, zero_division=0)
    return float(value)


def mcc(scored: Sequence[Scored]) -> float:
    """Returns Matthews' correlation coefficient, -1 to 1; 0 where one class alone occurs.

    Args:
        scored: At least one row without an error.
    """
    from sklearn.metrics import matthews_corrcoef

    targets, predicted = answers(scored)
    if len({*targets, *predicted}) == 1:  # scikit-learn says 0 as well, with a warning.
        return 0.0
    return float(matthews_corrcoef(targets, predicted))


def _interval(figure: Figure) -> Callable[[Sequence[Scored], Sequence[str], int], Interval]:
    def interval(rows: Sequence[Scored], clusters: Sequence[str], seed: int) -> Interval:
        return cluster_bootstrap_counts(*answers(rows), clusters, metric=figure, seed=seed)

    return interval


METRICS = (
    Metric(
        "accuracy",
        "share of right answers",
        CHOICE | QA | DECISION,
        # in the record where it is all that there is; elsewhere it follows from the row
        answer=lambda answered: float(answered.scored.correct) if answered.kind in CHOICE else None,
        row=lambda scored: float(scored.correct),
    ),
    Metric(
        "macro_f1",
        "F1, the mean over the labels that occur",
        CHOICE,
        corpus=macro_f1,
        interval=_interval("macro_f1"),
        needs=frozenset({"labels"}),
    ),
    Metric(
        "weighted_f1",
        "F1, labels weighted by their rows",
        CHOICE,
        corpus=weighted_f1,
        interval=_interval("weighted_f1"),
        needs=frozenset({"labels"}),
    ),
    Metric(
        "mcc",
        "Matthews' correlation coefficient",
        CHOICE,
        corpus=lambda rows, labels: mcc(rows),
        interval=_interval("mcc"),
        needs=frozenset({"labels"}),
    ),
)
