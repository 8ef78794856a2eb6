"""Figures over all rows of a classification, by scikit-learn; rows with an error are left out.

A row without a parsed label counts as wrong: it gets a prediction that is no label.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from harness.metrics.lists import UNREAD
from harness.metrics.metric import CHOICE, DECISION, QA, Metric, Need
from harness.metrics.scored_rows import by_column
from harness.types import Scored

if TYPE_CHECKING:
    from harness.metrics.scored_rows import Integers, ScoredRows
    from harness.metrics.statistics.counts import Metric as Figure
    from harness.metrics.statistics.resampling import Interval

__all__ = [
    "METRICS",
    "NONE",
    "answers",
    "figure_metric",
    "macro_f1",
    "mcc",
    "present",
    "weighted_f1",
]

NONE = UNREAD
"""The prediction of a row that has none."""


def answers(scored: Sequence[Scored]) -> tuple[list[str], list[str]]:
    """Splits rows into targets and predictions."""
    rows = by_column(scored).answered
    return rows.targets.texts(), rows.predicted.texts(NONE)


def present(targets: Iterable[str], labels: Sequence[str]) -> list[str]:
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


def _numbered(scored: Sequence[Scored]) -> tuple[list[str], Integers, Integers]:
    """Returns all labels in their order, and the rows' targets and predictions as numbers."""
    rows = by_column(scored).answered
    names = sorted({*rows.targets.there(), *rows.predicted.there(), NONE})
    return names, rows.targets.numbered(names), rows.predicted.numbered(names, NONE)


def _f1(scored: Sequence[Scored], labels: Sequence[str], average: str) -> float:
    from sklearn.metrics import f1_score

    names, targets, predicted = _numbered(scored)
    there = present((names[code] for code in set(targets.tolist())), labels)
    among = [names.index(label) for label in there]
    return float(f1_score(targets, predicted, labels=among, average=average, zero_division=0))


def mcc(scored: Sequence[Scored]) -> float:
    """Returns Matthews' correlation coefficient, -1 to 1; 0 where one class alone occurs."""
    from sklearn.metrics import matthews_corrcoef

    _, targets, predicted = _numbered(scored)
    if len({*targets.tolist(), *predicted.tolist()}) == 1:  # scikit-learn says 0, with a warning
        return 0.0
    return float(matthews_corrcoef(targets, predicted))


def figure_metric(
    name: Figure,
    summary: str,
    kinds: frozenset[str],
    figure: Callable[[Sequence[Scored], Sequence[str]], float],  # of rows and labels
) -> Metric:
    """Declares a figure of all rows together, whose interval resamples clusters of counts."""

    def interval(rows: ScoredRows, clusters: Integers, seed: int) -> Interval:
        from harness.metrics.statistics.counts import cluster_bootstrap_counts

        return cluster_bootstrap_counts(*answers(rows), clusters, metric=name, seed=seed)

    needs: frozenset[Need] = frozenset({"labels"})
    return Metric(name, summary, kinds, corpus=figure, interval=interval, needs=needs)


METRICS = (
    Metric(
        "accuracy",
        "share of right answers",
        CHOICE | QA | DECISION,
        # in the record where it is all that there is; elsewhere it follows from the row
        answer=lambda answered: (
            float(answered.scored.correct) if answered.kind.among(CHOICE) else None
        ),
        row=lambda rows: rows.shares(rows.correct),
    ),
    figure_metric("macro_f1", "F1, the mean over the labels that occur", CHOICE, macro_f1),
    figure_metric("weighted_f1", "F1, labels weighted by their rows", CHOICE, weighted_f1),
    figure_metric(
        "mcc", "Matthews' correlation coefficient", CHOICE, lambda rows, labels: mcc(rows)
    ),
)
