"""Makes figures with intervals out of scored rows."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import get_args

from harness.metrics.metric import Metric
from harness.metrics.registry import check_metrics, known
from harness.types import Estimate, Outcome, Scored

__all__ = ["aggregate", "outcomes", "row_value", "slices"]


def aggregate(
    scored: Sequence[Scored],
    *,
    kind: str,
    labels: Sequence[str],  # the task's, for F1
    metrics: Sequence[str],  # declared ones, or a plug-in's that left values in the rows
    seed: int = 0,
) -> dict[str, Estimate]:
    """Computes each metric with its 95 % interval; rows with an error are outside n.

    The interval is Wilson's where each cluster has one row and every value is 0 or 1, else
    clusters are resampled.

    Raises:
        UsageError: A name is unknown, or the metric is for another kind of task.
    """
    rows = _check(scored, kind, metrics)
    return {name: _estimate(name, rows, labels, seed) for name in metrics}


def _check(scored: Sequence[Scored], kind: str, metrics: Sequence[str]) -> list[Scored]:
    """Returns the rows that count; without any it isn't known which plug-ins there are."""
    rows = [row for row in scored if row.outcome != "error"]
    if rows:
        check_metrics(metrics, kind=kind, plugins={name for row in rows for name in row.values})
    return rows


def slices(
    scored: Sequence[Scored],
    columns: Sequence[str],
    *,
    kind: str,
    labels: Sequence[str],
    metrics: Sequence[str],
    seed: int = 0,
) -> dict[str, dict[str, Estimate]]:
    """Computes the metrics over the rows of each value of each column, by ``column=value``.

    A row without the column is in none of its slices.

    Raises:
        UsageError: As `aggregate` does.
    """
    rows = _check(scored, kind, metrics)
    groups: dict[str, list[Scored]] = {}
    for column in columns:
        values = sorted({row.columns[column] for row in scored if row.columns.get(column)})
        for value in values:
            chosen = [row for row in rows if row.columns.get(column) == value]
            groups[f"{column}={value}"] = chosen
    return {
        name: {metric: _estimate(metric, group, labels, seed) for metric in metrics}
        for name, group in groups.items()
    }


def outcomes(scored: Sequence[Scored]) -> dict[str, int]:
    """Counts rows by outcome, all five named, and ``abstained`` ones, which are ``ok`` as well."""
    counts = Counter(row.outcome for row in scored)
    named: dict[str, int] = {name: counts[name] for name in get_args(Outcome)}
    return {**named, "abstained": sum(row.abstained for row in scored)}


def _estimate(name: str, rows: Sequence[Scored], labels: Sequence[str], seed: int) -> Estimate:
    metric = known().get(name)
    if metric and metric.corpus:
        return _corpus(metric, rows, labels, seed)
    values = [(row, value) for row in rows if (value := row_value(name, row)) is not None]
    if not values:
        return _nothing("no rows")
    if metric and metric.money:
        return _money(values, metric.scale, seed)
    return _mean(values, seed)


def row_value(name: str, row: Scored) -> float | None:
    """Returns a row's value of a metric of rows; None where it isn't defined for the row."""
    metric = known().get(name)
    if metric and metric.row:
        return metric.row(row)
    value = row.values.get(name)
    return value if value is not None and math.isfinite(value) else None


def _clusters(rows: Sequence[Scored]) -> list[str]:
    """Returns each row's cluster; a row without one is its own."""
    return [row.cluster or f"\0{row.id}" for row in rows]


def _nothing(why: str, n: int = 0) -> Estimate:
    return Estimate(None, None, None, n, why)


def _mean(pairs: Sequence[tuple[Scored, float]], seed: int) -> Estimate:
    from harness.metrics.statistics.resampling import cluster_bootstrap, wilson

    values, n = [value for _, value in pairs], len(pairs)
    clusters = _clusters([row for row, _ in pairs])
    if len(set(clusters)) == n and set(values) <= {0.0, 1.0}:
        right = sum(values)
        return Estimate(right / n, *wilson(right, n), n, "wilson")
    mean = cluster_bootstrap(values, clusters, seed=seed)
    return Estimate(mean.value, mean.low, mean.high, n, mean.method)


def _money(pairs: Sequence[tuple[Scored, float]], scale: int, seed: int) -> Estimate:
    """A mean amount for so many rows. Its interval has no width where all rows cost the same."""
    from harness.metrics.statistics.resampling import cluster_bootstrap

    values, clusters = [value for _, value in pairs], _clusters([row for row, _ in pairs])
    mean = cluster_bootstrap(values, clusters, seed=seed, share=False)
    low, high = (None if end is None else end * scale for end in (mean.low, mean.high))
    return Estimate(mean.value * scale, low, high, len(values), mean.method)


def _corpus(metric: Metric, rows: Sequence[Scored], labels: Sequence[str], seed: int) -> Estimate:
    if not rows or metric.corpus is None:
        return _nothing("no rows")
    if "labels" in metric.needs and any(not row.target for row in rows):
        return _nothing("labels not stored", len(rows))
    value = metric.corpus(rows, labels)
    if metric.interval is None:
        return Estimate(value, None, None, len(rows), "no interval")
    interval = metric.interval(rows, _clusters(rows), seed)
    return Estimate(value, interval.low, interval.high, len(rows), interval.method)
