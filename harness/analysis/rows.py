"""What a record's rows say: one figure a row, or its right and its predicted label."""

from __future__ import annotations

from math import isfinite

from harness.errors import UsageError, nearest
from harness.metrics.aggregate import row_values
from harness.metrics.classification import answers
from harness.metrics.registry import known
from harness.metrics.scored_rows import ScoredRows
from harness.metrics.statistics.resampling import Floats

__all__ = ["by_id", "clusters_of", "labels_of", "values_of"]


def labels_of(rows: ScoredRows) -> tuple[dict[str, str], dict[str, str]]:
    """Returns right and predicted labels by id, an answer that is none of them by its own name."""
    targets, predicted = answers(rows)
    ids = rows.ids
    return dict(zip(ids, targets, strict=True)), dict(zip(ids, predicted, strict=True))


def clusters_of(rows: ScoredRows) -> dict[str, str]:
    """Returns each row's cluster by id; an empty one where it has none."""
    return dict(zip(rows.ids, rows.clusters.texts(), strict=True))


def values_of(rows: ScoredRows, metric: str | None) -> dict[str, float]:
    """Returns one figure a row by id, where the metric is defined; money for 1,000 cases.

    None or ``correct`` stands for the task's own rule for a row.

    Raises:
        UsageError: No row has the metric.
    """
    if metric is None or metric == "correct":
        return dict(zip(rows.ids, rows.shares(rows.correct).tolist(), strict=True))
    names = {name for name, each in known().items() if each.row} | rows.values.keys()
    if metric not in names:
        raise UsageError(f"{metric!r} is no row metric", nearest(metric, names))
    values = row_values(metric, rows)
    if metric in known():
        values = known()[metric].scale * values
    return by_id(rows, values)


def by_id(rows: ScoredRows, values: Floats) -> dict[str, float]:
    """Returns the values of rows by id, where they are known."""
    pairs = zip(rows.ids, values.tolist(), strict=True)
    return {name: value for name, value in pairs if isfinite(value)}
