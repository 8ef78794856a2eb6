"""The rows that all configurations have in common, as a panel of the primary metric."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from harness.analysis.configurations import Configuration
from harness.analysis.rows import labels_of, values_of
from harness.analysis.trials import Trial
from harness.errors import UsageError
from harness.metrics.registry import sign_of
from harness.metrics.statistics.counts import METRICS, Metric
from harness.metrics.statistics.panel import Panel, counted, means
from harness.metrics.statistics.resampling import wilson_of_error

__all__ = ["ScoreTable", "make_table"]


@dataclass(frozen=True)
class ScoreTable:
    """Scores of configurations, higher is better."""

    panel: Panel  # of all runs
    groups: tuple[range, ...]  # positions of the runs of each configuration
    sign: float  # -1 where the metric itself is better when lower, and was turned round
    scale: float  # how far apart two values of a row can be; 1 for shares
    metric: str
    unit: str = ""  # of an amount, as the records have it; empty for shares

    @property
    def share(self) -> bool:
        """Whether the metric is a share, so that differences are points."""
        return self.scale == 1.0

    def interval(
        self, value: float, variance: float, clusters: int, quantile: float
    ) -> tuple[float, float]:
        """Returns the ends of a score's interval, in the direction of the metric itself."""
        if self.share and self.sign > 0 and 0 <= value <= 1:
            return wilson_of_error(value, variance, clusters, quantile)
        half = quantile * math.sqrt(variance)
        low, high = sorted(self.sign * (value + side * half) for side in (-1, 1))
        return low, high


def make_table(configurations: Sequence[Configuration], metric: str | None = None) -> ScoreTable:
    """Lines up the runs of all configurations over the rows that they have in common.

    `metric` is the primary one by default.

    Raises:
        UsageError: The labels aren't stored, or no row is common to all.
    """
    runs = [run for configuration in configurations for run in configuration.runs]
    metric = metric or runs[0].primary
    clusters = {
        name: unit for run in runs for name, unit in zip(run.rows.ids, run.rows.units, strict=True)
    }
    ends = list(accumulate((len(each.runs) for each in configurations), initial=0))
    groups = tuple(map(range, ends, ends[1:]))
    if metric in METRICS:
        panel: Panel = _labels(runs, clusters, metric)
        return ScoreTable(panel, groups, 1.0, 1.0, metric)
    values = [values_of(run.rows, metric) for run in runs]
    common = set.intersection(*(set(each) for each in values))
    if not common:
        raise UsageError("no row is common to all runs", "`list runs` shows how many each has.")
    flat = [each[name] for each in values for name in common]
    shares = min(flat) >= 0 and max(flat) <= 1
    sign = sign_of(metric)
    turned = [{name: sign * each[name] for name in common} for each in values]
    scale = 1.0 if shares else max(flat) - min(flat)
    figure = runs[0].derived.metrics.get(metric)
    unit = "" if shares or figure is None else figure.unit
    return ScoreTable(means(turned, clusters), groups, sign, scale, metric, unit)


def _labels(runs: Sequence[Trial], clusters: dict[str, str], metric: Metric) -> Panel:
    labels_by_run = [labels_of(run.rows) for run in runs]
    common = set.intersection(*(set(targets) for targets, _ in labels_by_run))
    if not common or any(not labels_by_run[0][0][name] for name in common):
        raise UsageError(
            f"{metric} needs the right labels of common rows, which the records don't have",
            "Run with --store-text full or masked.",
        )
    predicted = [{name: labels[name] for name in common} for _, labels in labels_by_run]
    return counted(predicted, labels_by_run[0][0], clusters, metric)
