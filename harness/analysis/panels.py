"""The rows that all configurations have in common, as a panel of the primary metric."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from harness.analysis.configurations import Configuration
from harness.analysis.losses import LOSS
from harness.analysis.rows import labels_of, values_of
from harness.analysis.trials import Trial
from harness.errors import UsageError
from harness.metrics.registry import known, sign_of
from harness.metrics.statistics.counts import METRICS, Metric
from harness.metrics.statistics.panel import Means, Panel, counted, means
from harness.metrics.statistics.resampling import wilson_of_error

__all__ = ["ScoreTable", "line_up", "make_table", "most_lost"]


@dataclass(frozen=True)
class ScoreTable:
    """Scores of configurations, higher is better."""

    panel: Panel  # of all runs
    groups: tuple[range, ...]  # positions of the runs of each configuration
    sign: float  # -1 where the metric itself is better when lower, and was turned round
    scale: float  # how far apart two values of a row can be; 1 for shares
    metric: str
    unit: str = ""  # of an amount, as the records have it; empty for shares
    rare: tuple[float, ...] = ()  # of amounts: most that a row of each configuration can lose
    top: float = 1.0  # best score that there can be
    seen: bool = False  # no record says how large a loss can be: the largest seen stands for it

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
        low, high = sorted(self.sign * (value + side * half) + 0.0 for side in (-1, 1))
        return low, high


def make_table(configurations: Sequence[Configuration], metric: str | None = None) -> ScoreTable:
    """Lines up the runs of all configurations over the rows that they have in common.

    `metric` is the primary one by default.

    Raises:
        UsageError: The labels aren't stored, or no row is common to all.
    """
    runs = [run for configuration in configurations for run in configuration.runs]
    metric = metric or runs[0].primary
    groups = _groups(configurations)
    if metric in METRICS:
        panel: Panel = _labels(runs, _clusters(runs), metric)
        return ScoreTable(panel, groups, 1.0, 1.0, metric)
    values = _common([values_of(run.rows, metric) for run in runs])
    flat = [value for each in values for value in each.values()]
    shares = min(flat) >= 0 and max(flat) <= 1
    sign = sign_of(metric)
    panel, groups = line_up(configurations, values, sign=sign)
    top = 1.0 if sign > 0 else 0.0
    if shares:
        return ScoreTable(panel, groups, sign, 1.0, metric, top=top)
    figure = runs[0].derived.metrics.get(metric)
    cases = known()[metric].scale if metric in known() else 1  # money is for 1,000 of them
    scale, rare, seen = most_lost(configurations, values, cases if metric == LOSS else 0)
    return ScoreTable(
        panel,
        groups,
        sign,
        scale,
        metric,
        figure.unit if figure else "",
        rare,
        top if sign < 0 and min(flat) >= 0 else math.inf,
        seen=seen,
    )


def line_up(
    configurations: Sequence[Configuration],
    values: Sequence[Mapping[str, float]],  # of each run in order, by row
    *,
    sign: float = 1.0,
    top: float = 0.0,
) -> tuple[Means, tuple[range, ...]]:
    """Makes a panel of scores, ``top`` plus the value with its sign, and places of each one's runs.

    Raises:
        UsageError: No row is common to all.
    """
    runs = [run for each in configurations for run in each.runs]
    turned = [
        {name: top + sign * value for name, value in each.items()} for each in _common(values)
    ]
    return means(turned, _clusters(runs)), _groups(configurations)


def most_lost(
    configurations: Sequence[Configuration], values: Sequence[Mapping[str, float]], cases: int
) -> tuple[float, tuple[float, ...], bool]:
    """Returns how far apart two losses of a row can be, and the most that each may lose unseen.

    Tasks declare it for one case, values are of so many; 0: no task declares it. Nothing is unseen
    where one answer by design costs the same on every row. The third says that the largest loss
    that was seen stands in, as not every record declares one.
    """
    runs = [run for each in configurations for run in each.runs]
    declared = [run.record.task.largest_loss if cases else None for run in runs]
    flat = [value for each in values for value in each.values()]
    scale = max([max(flat) - min(flat), *(cases * each for each in declared if each is not None)])
    rare = tuple(
        0.0
        if _is_constant(each) and len({v for k in places for v in values[k].values()}) == 1
        else scale
        for each, places in zip(configurations, _groups(configurations), strict=True)
    )
    return scale, rare, None in declared


def _groups(configurations: Sequence[Configuration]) -> tuple[range, ...]:
    ends = list(accumulate((len(each.runs) for each in configurations), initial=0))
    return tuple(map(range, ends, ends[1:]))


def _clusters(runs: Sequence[Trial]) -> dict[str, str]:
    return {
        name: unit for run in runs for name, unit in zip(run.rows.ids, run.rows.units, strict=True)
    }


def _common(values: Sequence[Mapping[str, float]]) -> list[dict[str, float]]:
    common = set.intersection(*(set(each) for each in values))
    if not common:
        raise UsageError("no row is common to all runs", "`list runs` shows how many each has.")
    return [{name: each[name] for name in common} for each in values]


def _is_constant(configuration: Configuration) -> bool:
    """Whether a strategy gives one answer by design; an older record shows it by what it gave."""
    said = configuration.record.strategy.constant
    if said is not None:
        return said
    found = [run.derived.one_answer for run in configuration.runs if run.model is None]
    return len(found) == len(configuration.runs) and all(
        same is not None and same.count == same.n for same in found
    )


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
