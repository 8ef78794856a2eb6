"""A report as plain tables with stable names and columns: what CSV, XLSX and JSON readers get.

Money is in US dollars without tax, times are in seconds, shares are shares. What isn't known is
None: an empty cell, never 0. Column names are the fields of `harness.report.data`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any

from harness.analysis.words import Language, Phrase
from harness.report.data import ReportData
from harness.report.values import Figure, Row, TaskReport

__all__ = ["Cell", "Sheet", "sheets_of"]

Cell = str | float | int | bool | None
FIGURE = ("value", "low", "high", "n", "method", "unit")
SPLIT = ("quality", "to_best", "metrics", "outcomes", "once", "per_request", "notes")
"""Fields of a setting that have columns or a sheet of their own."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table.

    Attributes:
        name: Of the file or the sheet.
        columns: Names.
        rows: As many cells each as there are columns.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def sheets_of(data: ReportData, language: Language = "en") -> list[Sheet]:
    """Returns all tables of a report that have a row.

    Args:
        data: The report.
        language: Of sentences and reasons.
    """
    made = [
        _about(data, language),
        _recommendations(data, language),
        _settings(data, language),
        *_parts(data),
        _comparisons(data),
        _curves(data),
        _updates(data),
        *_whole(data, language),
    ]
    return [sheet for sheet in made if sheet.rows]


def _sheet(name: str, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> Sheet:
    return Sheet(name, tuple(columns), tuple(tuple(map(_cell, row)) for row in rows))


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, (list, tuple)) and all(isinstance(each, (str, int)) for each in value):
        return ", ".join(map(str, value))
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _figure(figure: Figure) -> list[Any]:
    return [getattr(figure, name) for name in FIGURE]


def _about(data: ReportData, language: Language) -> Sheet:
    values: dict[str, Any] = {
        "program": f"adaptbench {data.version}", "made": data.made, "command": data.command,
        "machines": data.machines, "gpu_ran": data.gpu_ran, "survey": data.source,
    }  # fmt: skip
    values |= {f.name: getattr(data.asked, f.name) for f in fields(data.asked)}
    values |= {f"exchange_{f.name}": getattr(data.money, f.name) for f in fields(data.money)}
    return _sheet("about", ("what", "value"), values.items())


def _recommendations(data: ReportData, language: Language) -> Sheet:
    columns = ("once_usd", "monthly_usd", "usd_per_1k", "total_usd", "quality", "low", "high",
               "behind", "p95_seconds")  # fmt: skip
    badged = ("once_usd", "monthly_usd", "usd_per_1k", "quality", "p95_seconds")
    rows = [
        [task.name, advice.model, advice.verdict, line.role, line.name,
         *(getattr(line, name) for name in columns),
         *(line.badges.get(name) for name in badged), advice.sentence.say(language)]
        for task in data.tasks for advice in task.advice for line in advice.lines
    ]  # fmt: skip
    head = ("task", "model", "verdict", "role", "setting")
    return _sheet("recommendations", (*head, *columns, *(f"{b}_is" for b in badged), "sentence"),
                  rows)  # fmt: skip


def _settings(data: ReportData, language: Language) -> Sheet:
    names = [f.name for f in fields(Row) if f.name not in SPLIT]

    def values(task: TaskReport, row: Row) -> Iterator[Any]:
        yield from (task.name, task.metric, *_figure(row.quality))
        for name in names:
            value = getattr(row, name)
            yield value.say(language) if isinstance(value, Phrase) else value

    rows = [values(task, row) for task in data.tasks for row in task.rows]
    return _sheet("settings", ("task", "metric", *FIGURE, *names), rows)


def _parts(data: ReportData) -> list[Sheet]:
    """What a setting has several of."""
    each = [(task, row) for task in data.tasks for row in task.rows]
    head = ("task", "setting")
    metrics = [[t.name, r.label, name, *_figure(figure)] for t, r in each
               for name, figure in r.metrics.items()]  # fmt: skip
    outcomes = [[t.name, r.label, name, n] for t, r in each for name, n in r.outcomes.items()]
    once = [[t.name, r.label, name, usd] for t, r in each for name, usd in r.once.items()]
    notes = [[t.name, r.label, name, note] for t, r in each for name, note in r.notes.items()]
    return [
        _sheet("metrics", (*head, "metric", *FIGURE), metrics),
        _sheet("outcomes", (*head, "outcome", "answers"), outcomes),
        _sheet("once", (*head, "phase", "usd"), once),
        _sheet("limits", (*head, "figure", "note"), notes),
        _sheet(
            "slices",
            ("task", "column", "part", "setting", *FIGURE),
            [[t.name, s.column, s.value, label, *_figure(figure)] for t in data.tasks
             for s in t.slices for label, figure in s.figures.items()],
        ),
    ]  # fmt: skip


def _comparisons(data: ReportData) -> Sheet:
    columns = ("a", "b", "metric", "difference", "low", "high", "p_value", "n", "differs")
    rows = [
        [task.name, *(getattr(pair, name) for name in columns)]
        for task in data.tasks
        for pair in task.pairs
    ]
    return _sheet("pairs", ("task", *columns), rows)


def _curves(data: ReportData) -> Sheet:
    rows = [
        [task.name, curve.kind, curve.name, curve.metric, p.x, p.value, p.low, p.high]
        for task in data.tasks
        for curve in task.curves
        for p in curve.points
    ]
    return _sheet(
        "curves", ("task", "kind", "setting", "metric", "x", "value", "low", "high"), rows
    )


def _updates(data: ReportData) -> Sheet:
    plain = ("strategy", "model", "old", "new", "metric", "first_usd", "usd", "first_seconds",
             "seconds", "rows_labelled")  # fmt: skip
    rows = [
        [task.name, *(getattr(row, name) for name in plain), group, when, *_figure(figure)]
        for task in data.tasks
        for row in task.updates
        for group, both in row.groups.items()
        for when, figure in both.items()
    ]
    return _sheet("updates", ("task", *plain, "group", "when", *FIGURE), rows)


def _whole(data: ReportData, language: Language) -> list[Sheet]:
    """What isn't of one task, or of one run."""

    def plain(name: str, items: Iterable[Any], columns: tuple[str, ...]) -> Sheet:
        def value(item: Any, column: str) -> Any:
            found = getattr(item, column)
            return found.say(language) if isinstance(found, Phrase) else found

        return _sheet(name, columns, ([value(item, c) for c in columns] for item in items))

    predicted = ("run", "strategy", "phase", "others", "measured", "predicted", "error")
    tallies = [[t.model, t.name, t.wins, t.ties, t.losses] for t in data.records]
    return [
        _sheet("predicted", ("task", *predicted), [
            [task.name, *(getattr(row, name) for name in predicted)]
            for task in data.tasks for row in task.predicted
        ]),
        _sheet("over_tasks", ("model", "setting", "wins", "ties", "losses"), tallies),
        plain("prices", data.prices, ("id", "provider", "region", "usd_per_hour", "date", "source",
                                      "second_hand", "projected")),
        plain("survey", data.survey, ("option", "development", "data", "deployment")),
        plain("methods", data.methods, ("method", "compute", "gpus", "example")),
        plain("models", data.models, ("name", "kind", "base", "data", "compute", "date")),
        plain("runs", data.runs, ("run_id", "task", "name", "seed", "n", "value", "device",
                                  "machine", "harness", "commit", "dirty", "started", "finished",
                                  "wall_seconds", "command")),
        plain("left_out", data.left_out, ("task", "name", "reason")),
    ]  # fmt: skip
