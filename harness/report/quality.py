"""Quality of settings: means over seeds with intervals, pairs with letters, slices, curves."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean
from typing import Any

import numpy as np

from harness.analysis.panels import make_table
from harness.analysis.rows import row_values
from harness.analysis.settings import Setting, row_metric, row_values_of
from harness.errors import UsageError
from harness.metrics.registry import known
from harness.metrics.retrieval import DEFAULT_KS
from harness.metrics.statistics.counts import METRICS as OF_LABELS
from harness.metrics.statistics.multiple import all_pairs
from harness.metrics.statistics.resampling import wilson_of_error
from harness.metrics.statistics.seeds import crossed, satterthwaite, seed_spread, student
from harness.records.schema import Figure as Recorded
from harness.report.collect import Found, Named
from harness.report.values import Curve, CurvePoint, Figure, Pair, Slice
from harness.types import Scored

__all__ = ["curves_of", "mean_figures", "pairs_of", "quality_of", "slices_of"]


def _figure(of: Recorded) -> Figure:
    return Figure(of.value, of.low, of.high, of.n, of.method, of.unit, of.higher_is_better)


def quality_of(setting: Setting) -> Figure:
    """Returns the primary metric of a setting; of several seeds the mean, seeds and items crossed.

    Args:
        setting: Runs that differ by seed alone.
    """
    primary = setting.runs[0].primary
    told = _figure(setting.runs[0].derived.metrics[primary])
    if len(setting.runs) == 1 and told.value is not None:
        return told
    try:
        table = make_table([setting])
    except UsageError:  # labels that aren't stored: the runs' own figures, without an interval
        return mean_figures(setting)[primary]
    panel = table.panel
    moments = panel.moments(np.ones((1, panel.clusters)))
    group = range(len(setting.runs))
    value = float(moments.values[0].mean())
    items, spread = float(moments.covariance[0].mean()), seed_spread(moments, group)
    variance = max(0.0, items) + spread.variance
    reach = student(0.95, satterthwaite(max(0.0, items), panel.clusters, [spread]))
    if table.share and table.sign > 0 and 0 <= value <= 1:
        low, high = wilson_of_error(value, variance, panel.clusters, reach)
    else:
        half = reach * math.sqrt(variance)
        low, high = sorted(table.sign * (value + side * half) for side in (-1, 1))
    how = "t, seeds crossed with items" if len(setting.runs) > 1 else "t on clusters"
    info = known().get(primary)
    better = told.higher_is_better if info is None else info.higher_is_better
    return Figure(table.sign * value, low, high, panel.rows, how, told.unit, better)


def mean_figures(setting: Setting) -> dict[str, Figure]:
    """Returns all metrics; of several runs the mean, without an interval.

    Args:
        setting: Runs that differ by seed alone.
    """
    derived = [run.derived for run in setting.runs]
    first = {name: _figure(figure) for name, figure in derived[0].metrics.items()}
    if len(derived) == 1:
        return first
    found = {}
    for name, figure in first.items():
        values = [each.metrics[name].value if name in each.metrics else None for each in derived]
        known = [value for value in values if value is not None]
        mean = fmean(known) if len(known) == len(values) else None
        found[name] = Figure(mean, None, None, figure.n, f"mean of {len(values)} runs",
                             figure.unit, figure.higher_is_better)  # fmt: skip
    return found


def pairs_of(found: Found) -> tuple[list[Pair], dict[str, str]]:
    """Compares all pairs of settings of each model; baselines take part in each.

    Args:
        found: The settings of a task.

    Returns:
        The pairs, p-values by Holm within task and model, and letters by label.
    """
    pairs: dict[tuple[str, str], Pair] = {}
    letters: dict[str, str] = {}
    for model in found.models:
        some = [each for each in found.ranked if each.model in (model, None)]
        if len(some) < 2:
            continue
        metric = row_metric(some[0].setting.runs[0])
        values = {each.label: row_values_of(each.setting, metric) for each in some}
        made = all_pairs(values, _clusters(some))
        letters = {**made.letters, **letters}
        for (a, b), pair in made.pairs.items():
            told = Pair(a, b, metric, pair.difference, pair.low, pair.high, pair.p_value, pair.n,
                        pair.p_value <= made.alpha)  # fmt: skip
            pairs.setdefault((a, b), told)
    return list(pairs.values()), letters


def _clusters(some: Sequence[Named]) -> dict[str, str]:
    runs = (run for each in some for run in each.setting.runs)
    return {row.id: row.cluster for run in runs for row in run.rows.values()}


def slices_of(found: Found) -> list[Slice]:
    """Returns the primary metric by slice.

    Args:
        found: The settings of a task.
    """
    names = list(dict.fromkeys(name for run in found.runs for name in run.derived.slices))
    table = []
    for name in names:
        column, _, value = name.partition("=")
        figures = {
            each.label: figure
            for each in found.settings
            if (figure := _slice(each.setting, column, value)) is not None
        }
        table.append(Slice(column, value, figures))
    return table


def _slice(setting: Setting, column: str, value: str) -> Figure | None:
    primary, name = setting.runs[0].primary, f"{column}={value}"
    told = [run.derived.slices.get(name, {}).get(primary) for run in setting.runs]
    known = [_figure(each) for each in told if each is not None]
    if not known:
        return None
    first = known[0]
    if len(known) == 1:
        return first
    values = [each.value for each in known if each.value is not None]
    mean = fmean(values) if values else None
    low, high, how = None, None, f"mean of {len(known)} runs"
    if primary not in OF_LABELS and not first.unit:
        made = _crossed_slice(setting, primary, column, value)
        if made is not None:
            low, high, how = made
    return Figure(mean, low, high, first.n, how, first.unit, first.higher_is_better)


def _crossed_slice(
    setting: Setting, metric: str, column: str, value: str
) -> tuple[float, float, str] | None:
    rows: list[list[Scored]] = [
        [row for row in run.rows.values() if row.columns.get(column) == value]
        for run in setting.runs
    ]
    try:
        values = [row_values(some, metric) for some in rows]
    except UsageError:
        return None
    common = set.intersection(*(set(each) for each in values))
    if not common or not all(0 <= each[name] <= 1 for each in values for name in common):
        return None
    made = crossed(
        [{name: each[name] for name in common} for each in values],
        {row.id: row.cluster for row in rows[0]},
    )
    return made.low, made.high, made.method


def curves_of(
    found: Found, quality: Mapping[str, Figure], labelled: Mapping[str, float]
) -> Iterator[Curve]:
    """Yields quality against labelled rows, and hits against the number of passages.

    Args:
        found: The settings of a task.
        quality: By label: the primary metric.
        labelled: By label: labelled rows.
    """
    groups: dict[tuple[Any, ...], list[Named]] = {}
    for each in found.ranked:
        parameters = sorted(each.setting.record.strategy.parameters.items(), key=str)
        groups.setdefault((each.model, each.setting.strategy, str(parameters)), []).append(each)
    for (model, strategy, _), some in groups.items():
        points = [
            CurvePoint(labelled[each.label], figure.value, figure.low, figure.high)
            for each in some
            if (figure := quality[each.label]).value is not None
        ]
        if len({point.x for point in points}) > 1:
            name = f"{strategy} · {model}" if len(found.models) > 1 and model else strategy
            primary = some[0].setting.runs[0].primary
            yield Curve("learning", name, primary, tuple(sorted(points, key=lambda p: p.x)))
    for each in found.ranked:
        hits = list(_hits(each.setting))
        while len(hits) > 1 and hits[-1].value == hits[-2].value:
            hits.pop()  # most likely no further passage was asked for
        if len(hits) > 1:
            yield Curve("retrieval", each.label, "hit@k", tuple(hits))


def _hits(setting: Setting) -> Iterator[CurvePoint]:
    """The share of questions whose gold passage is among the first k, over the rows that have one."""
    clusters = {row.id: row.cluster for row in setting.runs[0].rows.values()}
    for k in DEFAULT_KS:
        name = f"hit@{k}"
        runs = [
            {row.id: row.values[name] for row in run.rows.values() if name in row.values}
            for run in setting.runs
        ]
        common = set.intersection(*(set(run) for run in runs))
        if common:
            made = crossed([{key: run[key] for key in common} for run in runs], clusters)
            yield CurvePoint(k, made.value, made.low, made.high)
