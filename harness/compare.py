"""Two runs over the rows that both have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from harness.errors import UsageError, nearest
from harness.metrics.aggregate import KNOWN
from harness.metrics.statistics import paired_difference
from harness.results import scored_rows
from harness.store import FINISHED, METRICS, RUN, read_json
from harness.types import Scored

__all__ = ["compare_runs"]


def compare_runs(
    a: Path, b: Path, *, metric: str | None = None, slice_: str | None = None
) -> dict[str, Any]:
    """Computes the paired difference a minus b, clusters resampled.

    Args:
        a: Folder of a run.
        b: Folder of the run to compare it with.
        metric: A row metric; by default the primary one where that is money, else ``correct``, the
            task's own rule.
        slice_: Only rows of this slice, ``column=value``.

    Returns:
        The difference with its interval, of money for 1,000 cases, with the ``unit`` and whether
        ``higher_is_better``: a positive difference is good for a only where it is.

    Raises:
        UsageError: Other tasks, an unknown metric or slice, or no row in common.
    """
    records = [read_json(folder / RUN) for folder in (a, b)]
    for folder, record in zip((a, b), records, strict=True):
        if record["status"] != FINISHED:
            raise UsageError(
                f"{folder.name} is {record['status']}, not finished", "Its own command goes on."
            )
    tasks = [record["task"]["name"] for record in records]
    if tasks[0] != tasks[1]:
        raise UsageError(
            f"{tasks[0]} and {tasks[1]} are different tasks", "Compare two runs of one task."
        )
    derived = read_json(a / METRICS)
    primary = derived["primary"]
    if metric is None and primary in KNOWN and KNOWN[primary].money:
        metric = primary
    info = KNOWN.get(metric or "accuracy")
    scale = info.scale if info else 1
    left, right = (_values(folder, metric, slice_, scale) for folder in (a, b))
    clusters = {row.id: row.cluster or row.id for row in scored_rows(a) if row.id in left}
    paired = paired_difference(left, right, clusters, share=scale == 1)
    warnings = []
    readouts = [record["readout"] for record in records]
    if readouts[0] != readouts[1]:
        warnings.append(f"the readouts differ: {readouts[0]} and {readouts[1]}")
    if records[0]["task"]["digest"] != records[1]["task"]["digest"]:
        warnings.append("the task was declared differently in the two runs")
    if len(left) != len(right) or paired.n < len(left):
        warnings.append(f"{paired.n} rows are common to both, of {len(left)} and {len(right)}")
    return {
        "a": a.name,
        "b": b.name,
        "metric": metric or "correct",
        "slice": slice_,
        "unit": derived["metrics"].get(metric, {}).get("unit", ""),
        "higher_is_better": info.higher_is_better if info else None,
        **asdict(paired),
        "warnings": warnings,
    }


def _values(
    folder: Path, metric: str | None, slice_: str | None, scale: int
) -> Mapping[str, float]:
    """One figure a row; a row with an error, or for which the metric isn't defined, has none."""
    rows = [row for row in scored_rows(folder) if row.outcome != "error"]
    if slice_ is not None:
        column, _, value = slice_.partition("=")
        known = {f"{name}={text}" for row in rows for name, text in row.columns.items()}
        if slice_ not in known:
            raise UsageError(f"there is no slice {slice_!r}", nearest(slice_, known))
        rows = [row for row in rows if row.columns.get(column) == value]
    if metric is not None and not any(metric in row.values for row in rows):
        known = {name for row in rows for name in row.values}
        raise UsageError(f"{metric!r} is no row metric", nearest(metric, known))
    found = {row.id: _value(row, metric) for row in rows}
    return {name: scale * value for name, value in found.items() if value is not None}


def _value(row: Scored, metric: str | None) -> float | None:
    return float(row.correct) if metric is None else row.values.get(metric)
