"""Who beats whom on each task, with letters for ties, and wins over tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.analysis.runs import read_runs
from harness.analysis.settings import row_metric, row_values_of, settings_of
from harness.metrics.statistics.multiple import AllPairs, Record, all_pairs, wins_ties_losses
from harness.records.reading import records_of

__all__ = ["Standing", "Standings", "standings"]


@dataclass(frozen=True)
class Standing:
    """The settings of one model on one task.

    Attributes:
        task: Name of the task.
        model: Name of the model; None where only baselines were run.
        metric: What was compared, row by row: the primary metric, or ``correct`` where that is a
            figure of all rows together. Turned round where lower is better.
        pairs: Every pair, by Holm over the pairs of the task.
    """

    task: str
    model: str | None
    metric: str
    pairs: AllPairs


@dataclass(frozen=True)
class Standings:
    """All tasks, and what is shown over them.

    Attributes:
        tasks: By task and model.
        records: By model and setting: wins, ties and losses over the tasks. Metrics of different
            tasks are never averaged.
    """

    tasks: tuple[Standing, ...]
    records: Mapping[str | None, Mapping[str, Record]]


def standings(results: Path, *, alpha: float = 0.05) -> Standings:
    """Compares every pair of settings on every task of a folder.

    Args:
        results: Folder of the records.
        alpha: Level over all pairs of a task.

    Raises:
        UsageError: A task has no run that counts.
    """
    names = sorted({record.task.name for _, record in records_of(results)})
    by_task = [each for name in names for each in _of_task(results, name, alpha)]
    models = dict.fromkeys(each.model for each in by_task)
    records = {
        model: wins_ties_losses([each.pairs for each in by_task if each.model == model])
        for model in models
    }
    return Standings(tuple(by_task), records)


def _of_task(results: Path, task: str, alpha: float) -> list[Standing]:
    runs, _ = read_runs(results, task)
    models: list[Any] = sorted({run.model for run in runs if run.model}) or [None]
    metric = row_metric(runs[0])
    compared = []
    for model in models:
        settings = settings_of([run for run in runs if run.model in (model, None)])
        if len(settings) < 2:
            continue
        clusters = {row.id: row.cluster for run in runs for row in run.rows.values()}
        values = {setting.name: row_values_of(setting, metric) for setting in settings}
        compared.append(Standing(task, model, metric, all_pairs(values, clusters, alpha=alpha)))
    return compared
