"""Makes figures with intervals out of scored rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, get_args

from harness.metrics.metric import Metric
from harness.metrics.registry import check_metrics, known
from harness.metrics.scored_rows import ScoredRows, by_column
from harness.types import Estimate, Outcome, Scored

if TYPE_CHECKING:
    from harness.metrics.scored_rows import Floats, Integers

__all__ = ["aggregate", "outcomes", "row_values", "slices"]


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


def _check(scored: Sequence[Scored], kind: str, metrics: Sequence[str]) -> ScoredRows:
    """Returns the rows that count; without any it isn't known which plug-ins there are."""
    rows = by_column(scored).answered
    if rows:
        check_metrics(metrics, kind=kind, plugins=rows.values)
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
    scored = by_column(scored)
    rows = _check(scored, kind, metrics)
    groups = {
        f"{column}={value}": rows.where(rows.columns[column].equal(value))
        for column in columns
        if column in scored.columns
        for value in filter(None, scored.columns[column].there())
    }
    return {
        name: {metric: _estimate(metric, group, labels, seed) for metric in metrics}
        for name, group in groups.items()
    }


def outcomes(scored: Sequence[Scored]) -> dict[str, int]:
    """Counts rows by outcome, all five named, and ``abstained`` ones, which are ``ok`` as well."""
    rows = by_column(scored)
    named: dict[str, int] = {
        name: int(rows.outcomes.equal(name).sum()) for name in get_args(Outcome)
    }
    return {**named, "abstained": int(rows.abstained.sum())}


def _estimate(name: str, rows: ScoredRows, labels: Sequence[str], seed: int) -> Estimate:
    import numpy as np

    metric = known().get(name)
    if metric and metric.corpus:
        return _corpus(metric, rows, labels, seed)
    values = row_values(name, rows)
    there = np.isfinite(values)
    if not there.any():
        return _nothing("no rows")
    clusters = rows.unit_codes
    if not there.all():
        values, clusters = values[there], np.unique(clusters[there], return_inverse=True)[1]
    if metric and metric.money:
        return _money(values, clusters, metric.scale, seed)
    return _mean(values, clusters, seed)


def row_values(name: str, rows: ScoredRows) -> Floats:
    """Returns each row's value of a metric of rows; not a number where it isn't defined."""
    import numpy as np

    metric = known().get(name)
    if metric and metric.row:
        return metric.row(rows)
    return rows.values.get(name, np.full(len(rows), np.nan))


def _nothing(why: str, n: int = 0) -> Estimate:
    return Estimate(None, None, None, n, why)


def _mean(values: Floats, clusters: Integers, seed: int) -> Estimate:
    from harness.metrics.statistics.resampling import cluster_bootstrap, wilson

    n = len(values)
    if clusters.max() + 1 == n and ((values == 0) | (values == 1)).all():
        right = float(values.sum())
        return Estimate(right / n, *wilson(right, n), n, "wilson")
    mean = cluster_bootstrap(values, clusters, seed=seed)
    return Estimate(mean.value, mean.low, mean.high, n, mean.method)


def _money(values: Floats, clusters: Integers, scale: int, seed: int) -> Estimate:
    """A mean amount for so many rows. Its interval has no width where all rows cost the same."""
    from harness.metrics.statistics.resampling import cluster_bootstrap

    mean = cluster_bootstrap(values, clusters, seed=seed, share=False)
    low, high = (None if end is None else end * scale for end in (mean.low, mean.high))
    return Estimate(mean.value * scale, low, high, len(values), mean.method)


def _corpus(metric: Metric, rows: ScoredRows, labels: Sequence[str], seed: int) -> Estimate:
    if not rows or metric.corpus is None:
        return _nothing("no rows")
    if "labels" in metric.needs and rows.targets.equal("").any():
        return _nothing("labels not stored", len(rows))
    value = metric.corpus(rows, labels)
    if value != value:  # no row has what it needs
        return _nothing("no rows")
    if metric.interval is None:
        return Estimate(value, None, None, len(rows), "no interval")
    interval = metric.interval(rows, rows.unit_codes, seed)
    return Estimate(value, interval.low, interval.high, len(rows), interval.method)
