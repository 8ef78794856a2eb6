"""A report as plain tables with stable names and columns: what CSV, XLSX and JSON readers get.

Money is in US dollars without tax, times are in seconds, shares are shares. What isn't known is
None: an empty cell, never 0. Column names are the fields of `harness.report.data` and `values`.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from harness import text
from harness.analysis.words import Language, Phrase
from harness.records.files import encoded
from harness.report import data as report
from harness.report.data import ReportData
from harness.report.values import (
    AdviceLine,
    ConfigurationRow,
    Figure,
    PairedDifference,
    PredictedRow,
    UpdateRow,
)

__all__ = ["CellValue", "Sheet", "csv_bytes", "defused", "sheets_of"]

CellValue = str | float | int | bool | None
FIGURE = ("value", "low", "high", "n", "method", "unit")
SPLIT = ("quality", "to_best", "metrics", "outcomes", "once", "months", "notes")
"""Fields of a configuration that have columns or a sheet of their own."""
NOT_LINE = ("name", "strategy", "parameters", "seeds", "badges", "prices", "role")
"""Fields of a line of a recommendation that have no column, or another one."""
BADGED = ("once_usd", "monthly_usd", "quality", "p95_seconds")
"""Fields of which it is said whether they are measured."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table."""

    name: str  # of the file or the sheet
    columns: tuple[str, ...]
    rows: tuple[tuple[CellValue, ...], ...]
    wrapped: bool = False  # long texts are read in the sheet, over several lines


def sheets_of(data: ReportData, language: Language = "en") -> list[Sheet]:
    """Returns all tables of a report that have a row."""
    tables = [
        _about(data),
        _recommendations(data),
        *_configurations(data),
        *_results(data),
        *_whole(data),
    ]
    return [
        Sheet(name, columns, tuple(tuple(_cell(each, language) for each in row) for row in rows))
        for name, columns, rows in tables
        if rows
    ]


RawSheet = tuple[str, tuple[str, ...], list[list[object]]]


def _sheet(name: str, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> RawSheet:
    return name, tuple(columns), [list(row) for row in rows]


def _cell(value: object, language: Language) -> CellValue:
    if isinstance(value, Phrase):
        return value.say(language)
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, (list, tuple)) and all(isinstance(each, (str, int)) for each in value):
        return ", ".join(map(str, value))
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _names(kind: type, without: Sequence[str] = ()) -> list[str]:
    return [each.name for each in fields(kind) if each.name not in without]


def _values(item: object, names: Iterable[str]) -> list[object]:
    return [getattr(item, name) for name in names]


def _figure(figure: Figure) -> list[object]:
    return _values(figure, FIGURE)


def _about(data: ReportData) -> RawSheet:
    values = {
        "program": f"adaptbench {data.version}",
        "made": data.made,
        "command": data.command,
        "machines": data.machines,
        "gpu_ran": data.gpu_ran,
        "survey": data.source,
    }
    values |= {f.name: getattr(data.asked, f.name) for f in fields(data.asked)}
    values |= {f"exchange_{f.name}": getattr(data.money, f.name) for f in fields(data.money)}
    return _sheet("about", ("what", "value"), values.items())


def _recommendations(data: ReportData) -> RawSheet:
    head = ("task", "model", "verdict", "role", "setting")
    names = _names(AdviceLine, NOT_LINE)
    rows = [
        [
            *(task.name, advice.model, advice.verdict, line.role, line.name),
            *_values(line, names),
            *map(line.badges.get, BADGED),
            advice.sentence,
        ]
        for task in data.tasks
        for advice in task.advice
        for line in advice.lines
    ]
    columns = (*head, *names, *(f"{name}_is" for name in BADGED), "sentence")
    return _sheet("recommendations", columns, rows)


def _configurations(data: ReportData) -> list[RawSheet]:
    """The configurations, and sheets of what a configuration has several of."""
    configurations = [
        (task, row, (task.name, row.label)) for task in data.tasks for row in task.rows
    ]
    head, names = ("task", "setting"), _names(ConfigurationRow, SPLIT)
    main = [
        (t.name, t.metric, *_figure(r.quality), *_values(r, names)) for t, r, _ in configurations
    ]
    metrics = [
        (*a, name, *_figure(x)) for _, r, a in configurations for name, x in r.metrics.items()
    ]
    outcomes = [(*a, *item) for _, r, a in configurations for item in r.outcomes.items()]
    once = [(*a, *item) for _, r, a in configurations for item in r.once.items()]
    months = [(*a, m.requests, m.usd) for _, r, a in configurations for m in r.months]
    notes = [(*a, *item) for _, r, a in configurations for item in r.notes.items()]
    return [
        _sheet("settings", ("task", "metric", *FIGURE, *names), main),
        _sheet("metrics", (*head, "metric", *FIGURE), metrics),
        _sheet("outcomes", (*head, "outcome", "answers"), outcomes),
        _sheet("once", (*head, "phase", "usd"), once),
        _sheet("months", (*head, "requests_per_month", "usd"), months),
        _sheet("limits", (*head, "figure", "note"), notes),
    ]


def _results(data: ReportData) -> list[RawSheet]:
    """What a task has beside its configurations."""
    tasks, predicted, pairs = data.tasks, _names(PredictedRow), _names(PairedDifference)
    update = _names(UpdateRow, ["groups", "seconds", "rows_labelled"])
    update += ["seconds", "rows_labelled"]
    slices = [
        (task.name, part.column, part.value, label, *_figure(figure))
        for task in tasks
        for part in task.slices
        for label, figure in part.figures.items()
    ]
    curves = [
        (task.name, curve.kind, curve.name, curve.metric, p.x, p.value, p.low, p.high)
        for task in tasks
        for curve in task.curves
        for p in curve.points
    ]
    updates = [
        (task.name, *_values(row, update), group, when, *_figure(figure))
        for task in tasks
        for row in task.updates
        for group, both in row.groups.items()
        for when, figure in both.items()
    ]
    compared = [(task.name, *_values(pair, pairs)) for task in tasks for pair in task.pairs]
    seconds = [(task.name, *_values(row, predicted)) for task in tasks for row in task.predicted]
    curve = ("kind", "setting", "metric", "x", "value", "low", "high")
    return [
        _sheet("slices", ("task", "column", "part", "setting", *FIGURE), slices),
        _sheet("pairs", ("task", *pairs), compared),
        _sheet("curves", ("task", *curve), curves),
        _sheet("updates", ("task", *update, "group", "when", *FIGURE), updates),
        _sheet("predicted", ("task", *predicted), seconds),
    ]


def _whole(data: ReportData) -> list[RawSheet]:
    """What isn't of one task."""

    def plain(name: str, kind: type, items: Iterable[object], *without: str) -> RawSheet:
        names = _names(kind, without)
        return _sheet(name, names, [_values(item, names) for item in items])

    tallies = [(t.model, t.name, t.wins, t.ties, t.losses) for t in data.records]
    return [
        _sheet("over_tasks", ("model", "setting", "wins", "ties", "losses"), tallies),
        plain("prices", report.PriceRow, data.prices),
        plain("survey", report.SurveyRow, data.survey, "ours"),
        plain("methods", report.MethodRow, data.methods, "ours"),
        plain("models", report.ModelRow, data.models),
        plain("runs", report.RunReport, data.runs, "details", "judge"),
        plain("left_out", report.LeftOut, data.left_out),
    ]


BOM = b"\xef\xbb\xbf"  # by which spreadsheets know UTF-8


def defused(value: CellValue) -> CellValue:
    """Defuses a text; figures stay figures."""
    return text.defused(value) if isinstance(value, str) else value


def csv_bytes(sheet: Sheet) -> bytes:
    """Returns a table as RFC 4180 has it, UTF-8 with a byte order mark."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(sheet.columns)
    writer.writerows([_plain(value) for value in row] for row in sheet.rows)
    return BOM + encoded(out.getvalue())


def _plain(value: CellValue) -> CellValue:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else defused(value)
