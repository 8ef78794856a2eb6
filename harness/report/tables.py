"""Tables of the page that are no drawing's: titles are keys of the catalogue, values are plain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.report.data import ReportData
from harness.report.figures.style import Table
from harness.report.values import Advice, AdviceLine, Row, TaskReport

__all__ = [
    "answers_table",
    "metrics_table",
    "models_table",
    "not_ok",
    "pairs_table",
    "prices_table",
    "runs_table",
]


def answers_table(data: ReportData) -> list[tuple[TaskReport, Advice, AdviceLine | None]]:
    """Returns what is recommended for each task and model."""
    return [
        (task, advice, advice.lines[0] if advice.lines else None)
        for task in data.tasks
        for advice in task.advice
    ]


def pairs_table(task: TaskReport) -> list[list[Any]]:
    """Returns all pairs, the widest difference first."""
    return [
        [p.a, p.b, p.metric, p.difference, p.low, p.high, p.p_value, p.n, p.differs]
        for p in sorted(task.pairs, key=lambda p: (-p.difference, p.a, p.b))
    ]


def metrics_table(task: TaskReport) -> Table:
    """Returns all metrics of all settings."""
    names = list(dict.fromkeys(name for row in task.rows for name in row.metrics))
    return (
        ["strategy", "readout", *(f"={name}" for name in names)],
        [[row.label, row.readout, *(row.metrics.get(name) for name in names)] for row in task.rows],
    )


def models_table(data: ReportData) -> list[list[Any]]:
    """Returns the models that others published."""
    return [[m.name, f"kind.{m.kind}", m.base, m.data, m.compute, m.date] for m in data.models]


def prices_table(data: ReportData) -> list[list[Any]]:
    """Returns the rows of the price book that were applied."""
    return [
        [p.id, p.provider, p.region, p.usd_per_hour, p.date,
         "use.projected" if p.projected else "use.applied", p.source]
        for p in data.prices
    ]  # fmt: skip


def runs_table(data: ReportData) -> list[list[Any]]:
    """Returns all runs with what made them."""
    return [
        [r.run_id, r.task, r.name, r.seed, r.n, r.value, r.machine,
         f"{(r.commit or '–')[:9]}{'+' if r.dirty else ''}", r.finished[:16].replace("T", " "),
         r.command]
        for r in data.runs
    ]  # fmt: skip


def judges_table(data: ReportData) -> list[list[Any]]:
    """Returns the judged runs: who judged, how far people agree with that one, and what it took."""
    return [
        [r.run_id, r.judge["name"], *_agrees(r.judge.get("measured") or {}), r.judge["failed"],
         r.judge["requests"], r.judge["usd"]]
        for r in data.runs
        if r.judge
    ]  # fmt: skip


def _agrees(measured: Mapping[str, Any]) -> list[str | int | None]:
    """Agreement and kappa with their intervals, and the answers; nothing where nobody looked."""
    told = [measured.get(name) for name in ("agreement", "kappa")]
    figures = [
        each and f"{each['value']:.2f} [{each['low']:.2f}, {each['high']:.2f}]" for each in told
    ]
    return [*figures, measured.get("n")]


def not_ok(row: Row) -> int:
    """Counts the answers that are no answer."""
    return sum(n for name, n in row.outcomes.items() if name not in ("ok", "abstained"))
