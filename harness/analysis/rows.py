"""What a record's rows say: one figure a row, or its right and its predicted label."""

from __future__ import annotations

from collections.abc import Sequence

from harness.errors import UsageError, nearest
from harness.metrics.aggregate import row_value
from harness.metrics.classification import answers
from harness.metrics.registry import known
from harness.types import Scored

__all__ = ["labels_of", "row_values"]


def labels_of(rows: Sequence[Scored]) -> tuple[dict[str, str], dict[str, str]]:
    """Returns right and predicted labels by id, an answer that is none of them by its own name."""
    targets, predicted = answers(rows)
    ids = [row.id for row in rows]
    return dict(zip(ids, targets, strict=True)), dict(zip(ids, predicted, strict=True))


def row_values(rows: Sequence[Scored], metric: str | None) -> dict[str, float]:
    """Returns one figure a row by id, where the metric is defined; money for 1,000 cases.

    None or ``correct`` stands for the task's own rule for a row.

    Raises:
        UsageError: No row has the metric.
    """
    if metric in (None, "correct"):
        return {row.id: float(row.correct) for row in rows}
    following = (name for name, each in known().items() if each.row)
    names = {*following, *(name for row in rows for name in row.values)}
    if metric not in names:
        raise UsageError(f"{metric!r} is no row metric", nearest(str(metric), names))
    values = {row.id: row_value(str(metric), row) for row in rows}
    scale = known()[str(metric)].scale if metric in known() else 1
    return {name: scale * value for name, value in values.items() if value is not None}
