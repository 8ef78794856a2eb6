"""Markdown: the advice and the main table of each task, for a pull request or a wiki."""

from __future__ import annotations

from collections.abc import Sequence

from harness.analysis.words import Language, word
from harness.report.data import ReportData
from harness.report.format import interval, memory, money, monthly, quality, seconds, volumes
from harness.report.values import Advice, ConfigurationRow, TaskReport
from harness.text import markdown

__all__ = ["markdown_text"]

COLUMNS = (
    *("strategy", "interval95", "letters", "seeds", "labels"),
    *("once", "a_month", "more_1k", "p95", "memory"),
)
"""Titles of the main table beside the metric's own name."""


def markdown_text(data: ReportData, language: Language = "en") -> str:
    """Returns the report as Markdown (GitHub's, for its tables)."""
    parts = [f"# {word('title', language)}", _head(data, language)]
    for task in data.tasks:
        parts.append(f"## {word('task', language)}: {markdown(task.name)}")
        parts += [_advice(advice, data, language) for advice in task.advice]
        parts.append(_main(task, data, language))
        parts += [f"> – {markdown(note.say(language))}" for note in task.notes]
    if data.left_out:
        rows = [[each.task, each.name, each.reason.say(language)] for each in data.left_out]
        titles = [word(key, language) for key in ("task", "strategy", "unranked")]
        parts += [f"## {word('unranked', language)}", _table(titles, rows)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(data: ReportData, language: Language) -> str:
    priced = "; ".join(f"{row.provider} {row.id}, {row.region}, {row.date}" for row in data.prices)
    lines = [
        f"adaptbench {data.version} · {data.made}",
        f"{word('measured_on', language)}: {'; '.join(data.machines)}",
        f"{word('prices', language)}: {priced}",
        word("gpu.ran" if data.gpu_ran else "gpu.none", language),
    ]
    return "  \n".join(markdown(line) for line in lines)


def _advice(advice: Advice, data: ReportData, language: Language) -> str:
    verdict = markdown(word(f"verdict.{advice.verdict}", language))
    parts = [f"**{verdict}**: {markdown(advice.sentence.say(language))}"]
    if advice.lines:
        titles = (word(key, language) for key in ("once", "monthly", "quality", "p95"))
        rows = []
        for line in advice.lines:
            prices = [
                money(getattr(line, field), data.money, language, least=field in line.least)
                for field in ("once_usd", "monthly_usd")
            ]
            name = f"{word(f'role.{line.role}', language)}: {line.name}"
            rows.append([name, *prices, f"{line.quality:,.4g}", seconds(line.p95_seconds)])
        parts.append(_table(["", *titles], rows))
    turns = (f"* {markdown(each.say(language))}" for each in advice.thresholds)
    return "\n\n".join([*parts, *turns])


def _main(task: TaskReport, data: ReportData, language: Language) -> str:
    metric = f"{task.metric}, {task.unit}" if task.unit else task.metric
    at = volumes(task.rows[0].months) if task.rows else ""
    titles = [word(key, language, volumes=at) for key in COLUMNS]
    rows = [_row(row, task, data, language) for row in task.rows]
    table = _table([titles[0], metric, *titles[1:]], rows)
    return f"{table}\n\n{markdown(word('export.how', language))}"


def _row(
    row: ConfigurationRow, task: TaskReport, data: ReportData, language: Language
) -> list[str]:
    mark = "" if row.seconds_compare else " †"
    return [
        row.label + ("" if row.ranked else f" ({word('unranked', language)})"),
        quality(row.quality.value, task.unit),
        interval(row.quality),
        row.letters,
        str(len(row.seeds)),
        f"{row.labelled_rows:,.0f}",
        money(row.development_usd, data.money, language, least=bool(row.unpriced)) + mark,
        monthly(row.months, data.money, language) + mark,
        money(row.usd_per_1k_requests, data.money, language) + mark,
        seconds(row.p95_seconds) + (mark if row.p95_seconds else ""),
        memory(row.peak_memory_bytes),
    ]


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(markdown(cell) for cell in cells)} |"

    rule = f"|{'|'.join(['---', *('---:' for _ in titles[1:])])}|"
    return "\n".join([line(titles), rule, *(line(row) for row in rows)])
