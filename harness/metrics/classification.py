"""Figures over all rows of a classification, by scikit-learn.

A row without a parsed label counts as wrong: it gets a prediction that is no label. Rows with an
error are outside n and are left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.types import Scored

__all__ = [
    "NONE",
    "accuracy",
    "answers",
    "confusion",
    "macro_f1",
    "mcc",
    "per_class",
    "present",
    "weighted_f1",
]

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


def accuracy(scored: Sequence[Scored]) -> float:
    """Returns the share of right answers, 0-1.

    Args:
        scored: At least one row without an error.
    """
    from sklearn.metrics import accuracy_score

    return float(accuracy_score(*answers(scored)))


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


def per_class(scored: Sequence[Scored], labels: Sequence[str]) -> dict[str, dict[str, float]]:
    """Makes the table of precision and recall.

    Args:
        scored: Rows.
        labels: The task's labels.

    Returns:
        ``precision``, ``recall``, ``f1`` (0 where undefined) and ``support`` (rows) by label.
    """
    from sklearn.metrics import precision_recall_fscore_support

    targets, predicted = answers(scored)
    names = [*labels, *(name for name in present(targets, labels) if name not in labels)]
    if not targets:
        return {
            name: dict.fromkeys(("precision", "recall", "f1", "support"), 0.0) for name in names
        }
    table = precision_recall_fscore_support(targets, predicted, labels=names, zero_division=0)
    return {
        name: dict(zip(("precision", "recall", "f1", "support"), map(float, column), strict=True))
        for name, column in zip(names, zip(*table, strict=True), strict=True)
    }


def confusion(scored: Sequence[Scored], labels: Sequence[str]) -> dict[str, dict[str, int]]:
    """Counts predictions by target.

    Args:
        scored: Rows.
        labels: The task's labels.

    Returns:
        Counts by target and prediction; rows without a parsed label stand under ``(none)``.
    """
    targets, predicted = answers(scored)
    columns = [*labels, NONE]
    counts = {label: dict.fromkeys(columns, 0) for label in labels}
    for target, answer in zip(targets, predicted, strict=True):
        line = counts.setdefault(target, dict.fromkeys(columns, 0))
        line[answer] = line.get(answer, 0) + 1
    return counts
