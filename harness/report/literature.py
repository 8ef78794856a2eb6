"""Results that others published on a task, with those that were measured here on the same rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.analysis.words import Phrase, phrase
from harness.metrics.registry import known
from harness.records.published import TEST, Published
from harness.records.schema import RunRecord
from harness.report.collect import TaskRuns
from harness.report.quality import rank
from harness.report.values import ConfigurationRow, Figure, PublishedRow, TaskReport

__all__ = ["LiteratureInfo", "LiteratureLine", "literature_info", "published_of"]


@dataclass(frozen=True, slots=True)
class LiteratureLine:
    """A line of the table: a published result, or a configuration that was measured here."""

    name: str
    metric: str
    figure: Figure
    rows: Phrase
    source: str  # with its year; empty for what was measured here
    note: str = ""

    @property
    def measured(self) -> bool:
        """Whether it was measured here."""
        return not self.source


@dataclass(frozen=True, slots=True)
class LiteratureInfo:
    """The table's data: by metric, on the test rows the best first, then on other rows."""

    lines: Sequence[LiteratureLine]
    beside: Phrase | None  # why nothing that was measured here stands in it


def published_of(task_runs: TaskRuns) -> tuple[PublishedRow, ...]:
    """Returns what the records quote, each with the configurations that answered the same rows.

    Of several records the one that finished last says what is published.
    """
    records = sorted((run.record for run in task_runs.runs), key=lambda each: each.finished or "")
    quoted = [record.task.published for record in records if record.task.published]
    return tuple(_row(each, task_runs) for each in (quoted[-1] if quoted else ()))


def _row(result: Published, task_runs: TaskRuns) -> PublishedRow:
    beside = {
        each.label: max(_leaked(run.record) for run in each.configuration.runs)
        for each in task_runs.configurations
        if result.rows == TEST
        and all(run.record.task.rows.test == result.n for run in each.configuration.runs)
    }
    return PublishedRow(result, beside)


def _leaked(record: RunRecord) -> int:
    """Counts the test rows that stand in train or dev, too."""
    leaks = record.data.leaks if record.data else ()
    return sum(leak.rows for leak in leaks if leak.split == "test")


def literature_info(task: TaskReport) -> LiteratureInfo | None:
    """Returns the table; None where nothing is published."""
    if not task.published:
        return None
    names = dict.fromkeys([task.metric, *(each.result.metric for each in task.published)])
    lines = [line for name in names for line in _lines(task, name)]
    on_the_test = any(each.result.rows == TEST for each in task.published)
    alone = on_the_test and not any(line.measured for line in lines)
    return LiteratureInfo(lines, phrase("literature.none") if alone else None)


def _lines(task: TaskReport, metric: str) -> list[LiteratureLine]:
    quoted = [each for each in task.published if each.result.metric == metric]
    results = [each.result for each in quoted]
    same = [_quoted(each) for each in results if each.rows == TEST]
    count = next((each.n for each in results if each.rows == TEST), None)
    beside = {label: leaked for each in quoted for label, leaked in each.beside.items()}
    ours = [
        LiteratureLine(row.label, metric, row.metrics[metric], _here(row, count, beside), "")
        for row in task.rows
        if row.label in beside and row.group != "ceiling" and metric in row.metrics
    ]
    others = [_quoted(each) for each in results if each.rows != TEST]
    return [*sorted((*same, *ours), key=lambda line: rank(line.figure)), *others]


def _here(row: ConfigurationRow, count: int | None, leaked: Mapping[str, int]) -> Phrase:
    """Names the rows of what was measured here, and how many of them it may have learnt from."""
    if row.labelled_rows and leaked[row.label]:
        return phrase("literature.leaked", n=f"{count or 0:,}", leaked=f"{leaked[row.label]:,}")
    return phrase("literature.same", n=f"{count or 0:,}")


def _quoted(result: Published) -> LiteratureLine:
    better = known()[result.metric].higher_is_better if result.metric in known() else None
    figure = Figure(result.value, None, None, result.n or 0, "quoted", "", better)
    rows = phrase("literature.other", rows=result.rows)
    if result.rows == TEST:
        rows = phrase("literature.same", n=f"{result.n:,}")
    return LiteratureLine(
        *(result.system, result.metric, figure, rows),
        *(f"{result.source} ({result.year})", result.note),
    )
