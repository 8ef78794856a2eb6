"""What the page has of a report with very many configurations: the best, and it says so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from harness.analysis.words import phrase
from harness.report.data import Ours, ReportData
from harness.report.values import TaskReport

__all__ = ["MOST", "shown"]

MOST = 60
"""Configurations of a task that the page has; a reader finds nothing among more, and each takes
some 20 kB of it."""
UNRANKED = 20  # that are shown beside them


def shown(data: ReportData) -> ReportData:
    """Returns the report without what is left out of the page; the same where nothing is."""
    tasks = tuple(map(_shown, data.tasks))
    if all(few is all_ for few, all_ in zip(tasks, data.tasks, strict=True)):
        return data
    kept = {(task.name, row.label) for task in tasks for row in task.rows}
    names = {name for task in tasks for row in task.rows for name in (row.name, row.strategy)}

    def ours(rows: Iterable[Ours]) -> tuple[Ours, ...]:
        return tuple(each for each in rows if (each.task, each.row.label) in kept)

    return replace(
        data,
        tasks=tasks,
        records=tuple(each for each in data.records if each.name in names),
        survey=tuple(replace(each, ours=ours(each.ours)) for each in data.survey),
        methods=tuple(replace(each, ours=ours(each.ours)) for each in data.methods),
        runs=tuple(run for run in data.runs if (run.task, run.name) in kept),
    )


def _shown(task: TaskReport) -> TaskReport:
    """A task with what is advised, its best rows, and some of those that aren't ranked."""
    advised = {line.name for advice in task.advice for line in advice.lines}
    ranked = [row for row in task.rows if row.ranked]
    first = [row for row in ranked if row.label in advised]
    chosen = set(list(dict.fromkeys(row.label for row in first + ranked))[:MOST])
    chosen |= {row.label for row in [row for row in task.rows if not row.ranked][:UNRANKED]}
    if len(chosen) == len(task.rows):
        return task
    rows = tuple(row for row in task.rows if row.label in chosen)
    labels, runs = {row.label for row in task.rows}, {run for row in rows for run in row.runs}
    note = phrase("note.shown", shown=f"{len(rows):,}", total=f"{len(task.rows):,}")
    return replace(
        task,
        rows=rows,
        pairs=tuple(pair for pair in task.pairs if {pair.a, pair.b} <= chosen),
        slices=tuple(
            replace(each, figures={k: v for k, v in each.figures.items() if k in chosen})
            for each in task.slices
        ),
        curves=tuple(
            each for each in task.curves if each.name in chosen or each.name not in labels
        ),
        predicted=tuple(each for each in task.predicted if each.run in runs),
        deployments={k: v for k, v in task.deployments.items() if k in chosen},
        notes=(note, *task.notes),
    )
