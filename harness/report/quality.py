"""Quality: means over seeds with intervals, pairs with letters, slices, curves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from statistics import fmean

from harness.analysis.configurations import (
    Configuration,
    mean_of_all,
    row_metric,
    row_values_of,
    versions_of,
)
from harness.analysis.panels import make_table
from harness.analysis.rows import clusters_of, values_of
from harness.errors import UsageError
from harness.metrics.metric import MATCHES
from harness.metrics.registry import known
from harness.metrics.retrieval import DEFAULT_KS
from harness.metrics.statistics.counts import METRICS as OF_LABELS
from harness.metrics.statistics.multiple import all_pairs
from harness.metrics.statistics.seeds import Crossed, crossed, satterthwaite, seed_spread, student
from harness.records.schema import Figure as Recorded
from harness.records.schema import RunRecord
from harness.report.collect import NamedConfiguration, TaskRuns
from harness.report.values import Curve, CurvePoint, Figure, PairedDifference, Slice

__all__ = ["PAIRED", "curves_of", "mean_figures", "pairs_of", "quality_of", "rank", "slices_of"]

PAIRED = 20
"""Configurations of a model that are compared in pairs, the best."""


def _figure(of: Recorded) -> Figure:
    return Figure(of.value, of.low, of.high, of.n, of.method, of.unit, of.higher_is_better)


def rank(figure: Figure) -> tuple[bool, float]:
    """Sorts the best first; what is undefined goes last."""
    value = figure.value
    signed = 0.0 if value is None else value if figure.higher_is_better is False else -value
    return value is None, signed


def quality_of(configuration: Configuration) -> Figure:
    """Returns the primary metric; of several seeds the mean, seeds and items crossed."""
    primary = configuration.runs[0].primary
    first = _figure(configuration.runs[0].derived.metrics[primary])
    if len(configuration.runs) == 1 and first.value is not None:
        return first
    try:
        return _crossed_figure(configuration, first, primary)
    except UsageError:  # labels that aren't stored: the runs' own figures, without an interval
        return mean_figures(configuration)[primary]


def _crossed_figure(configuration: Configuration, first: Figure, metric: str) -> Figure:
    table = make_table([configuration], metric)
    panel = table.panel
    moments = panel.observed
    value = float(moments.values[0].mean())
    items = max(0.0, float(moments.covariance[0].mean()))
    spread = seed_spread(moments, range(len(configuration.runs)))
    quantile = student(0.95, satterthwaite(items, panel.clusters, [spread]))
    low, high = table.interval(value, items + spread.variance, panel.clusters, quantile)
    how = "t, seeds crossed with items" if len(configuration.runs) > 1 else "t on clusters"
    info = known().get(metric)
    better = first.higher_is_better if info is None else info.higher_is_better
    return Figure(table.sign * value, low, high, panel.rows, how, first.unit, better)


def mean_figures(configuration: Configuration) -> dict[str, Figure]:
    """Returns all metrics; of several runs the mean, with an interval for `MATCHES` alone."""
    derived = [run.derived.metrics for run in configuration.runs]
    figures = {name: _figure(figure) for name, figure in derived[0].items()}
    if len(derived) == 1:
        return figures
    primary = configuration.runs[0].primary
    for name, figure in figures.items():
        mean = mean_of_all([each[name].value if name in each else None for each in derived])
        figures[name] = _without_interval(figure, mean, len(derived))
        if name in MATCHES and name != primary and mean is not None:  # each answer has a value
            figures[name] = _crossed_figure(configuration, figure, name)
    return figures


def _without_interval(figure: Figure, mean: float | None, runs: int) -> Figure:
    return replace(figure, value=mean, low=None, high=None, method=f"mean of {runs} runs")


def pairs_of(
    task_runs: TaskRuns, quality: Mapping[str, Figure]
) -> tuple[list[PairedDifference], dict[str, str]]:
    """Compares all pairs of configurations of each model; baselines take part in each.

    Of more than `PAIRED` only the best: pairs, and the draws that a small p-value needs, grow with
    the square. Returns the pairs, p-values by Holm within task and model, and letters by label.
    """
    pairs: dict[tuple[str, str], PairedDifference] = {}
    letters: dict[str, str] = {}
    for model in task_runs.models:
        configurations = task_runs.of(model)
        if len(configurations) > PAIRED:
            configurations = sorted(configurations, key=lambda e: rank(quality[e.label]))[:PAIRED]
        if len(configurations) < 2:
            continue
        metric = row_metric(configurations[0].first)
        values = {each.label: row_values_of(each.configuration, metric) for each in configurations}
        runs = [run for each in configurations for run in each.configuration.runs]
        clusters = {name: text for run in runs for name, text in clusters_of(run.rows).items()}
        compared = all_pairs(values, clusters)
        letters = {**compared.letters, **letters}
        for (a, b), pair in compared.pairs.items():
            ends = (pair.low, pair.high, pair.p_value, pair.n)
            differs = pair.p_value <= compared.alpha
            pairs.setdefault(
                (a, b), PairedDifference(a, b, metric, pair.difference, *ends, differs)
            )
    return list(pairs.values()), letters


def slices_of(task_runs: TaskRuns) -> list[Slice]:
    """Returns the primary metric by slice."""
    names = dict.fromkeys(name for run in task_runs.runs for name in run.derived.slices)
    slices = []
    for name in names:
        column, _, value = name.partition("=")
        figures = {
            each.label: figure
            for each in task_runs.configurations
            if (figure := _slice(each.configuration, column, value)) is not None
        }
        slices.append(Slice(column, value, figures))
    return slices


def _slice(configuration: Configuration, column: str, value: str) -> Figure | None:
    primary = configuration.runs[0].primary
    name = f"{column}={value}"
    runs = [run.derived.slices.get(name, {}).get(primary) for run in configuration.runs]
    figures = [_figure(each) for each in runs if each is not None]
    if len(figures) < 2:
        return figures[0] if figures else None
    values = [each.value for each in figures if each.value is not None]
    mean = _without_interval(figures[0], fmean(values) if values else None, len(figures))
    if primary in OF_LABELS or mean.unit:
        return mean
    interval = _crossed_slice(configuration, primary, column, value)
    if interval is None:
        return mean
    return replace(mean, low=interval.low, high=interval.high, method=interval.method)


def _crossed_slice(
    configuration: Configuration, metric: str, column: str, value: str
) -> Crossed | None:
    """The interval of a share over the rows of a slice; None where rows give no shares."""
    rows = [
        run.rows.where(run.rows.columns[column].equal(value))
        for run in configuration.runs
        if column in run.rows.columns
    ]
    if len(rows) < len(configuration.runs):
        return None
    try:
        values = [values_of(each, metric) for each in rows]
    except UsageError:
        return None
    common = set.intersection(*map(set, values))
    if not common or not all(0 <= each[name] <= 1 for each in values for name in common):
        return None
    shared = [{name: each[name] for name in common} for each in values]
    return crossed(shared, clusters_of(rows[0]))


def curves_of(
    task_runs: TaskRuns,
    quality: Mapping[str, Figure],
    labelled: Mapping[str, float],  # labels that each configuration read
    label_usd: Mapping[str, float | None],  # what they cost
) -> Iterator[Curve]:
    """Yields quality against labelled rows, and hits against the number of passages.

    Parameters that hang on the number of rows, or that were searched for, don't part a curve.
    """
    groups: dict[tuple[str | None, str, str], list[NamedConfiguration]] = {}
    for each in task_runs.ranked:
        key = (each.model, *_curve_key(each.configuration.record))
        groups.setdefault(key, []).append(each)
    for (model, strategy, _), configurations in groups.items():
        points = [
            CurvePoint(
                labelled[each.label],
                figure.value,
                figure.low,
                figure.high,
                each.configuration.record.task.rows.train,
                label_usd[each.label],
            )
            for each in configurations
            if (figure := quality[each.label]).value is not None
        ]
        if len({point.x for point in points}) > 1:
            name = f"{strategy} · {model}" if len(task_runs.models) > 1 and model else strategy
            primary = configurations[0].first.primary
            yield Curve("learning", name, primary, tuple(sorted(points, key=lambda p: p.x)))
    for each in task_runs.ranked:
        hits = list(_hits(each.configuration))
        while len(hits) > 1 and hits[-1].value == hits[-2].value:
            hits.pop()  # most likely no further passage was asked for
        if len(hits) > 1:
            yield Curve("retrieval", each.label, "hit@k", tuple(hits))


def _curve_key(record: RunRecord) -> tuple[str, str]:
    """Returns what runs of one curve share beside the model: their label, and their work."""
    model = record.model and [record.model.digest, record.model.dtype]
    work = [record.readout, record.device.device_class, model, versions_of(record)]
    return record.label, str(work)


def _hits(configuration: Configuration) -> Iterator[CurvePoint]:
    """The share of questions with their gold passage among the first k, where there is one."""
    clusters = clusters_of(configuration.runs[0].rows)
    for k in DEFAULT_KS:
        name = f"hit@{k}"
        if any(name not in run.rows.values for run in configuration.runs):
            continue
        runs = [values_of(run.rows, name) for run in configuration.runs]
        common = set.intersection(*map(set, runs))
        if common:
            share = crossed([{key: run[key] for key in common} for run in runs], clusters)
            yield CurvePoint(k, share.value, share.low, share.high)
