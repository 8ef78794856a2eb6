"""Tables of the page that are no drawing's: titles are keys of the catalogue, values are plain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harness.report.broken import broken_info
from harness.report.data import ReportData
from harness.report.figures.style import FigureTable
from harness.report.literature import literature_info
from harness.report.matches import matches_info
from harness.report.values import ConfigurationRow, TaskReport

__all__ = [
    "answers",
    "broken_info",
    "judges_table",
    "literature_info",
    "matches_info",
    "metrics_table",
    "models_table",
    "not_ok",
    "pairs_table",
    "prices_table",
    "runs_table",
]


def pairs_table(task: TaskReport) -> Sequence[Sequence[object]]:
    """Returns all pairs, the widest difference first."""
    return [
        [p.a, p.b, p.metric, p.difference, p.low, p.high, p.p_value, p.n, p.differs]
        for p in sorted(task.pairs, key=lambda p: (-p.difference, p.a, p.b))
    ]


def metrics_table(task: TaskReport) -> FigureTable:
    """Returns all metrics of all configurations."""
    names = list(dict.fromkeys(name for row in task.rows for name in row.metrics))
    return (
        ["strategy", "readout", *(f"={name}" for name in names)],
        [[row.label, row.readout, *map(row.metrics.get, names)] for row in task.rows],
    )


def models_table(data: ReportData) -> Sequence[Sequence[object]]:
    """Returns the models that others published."""
    return [[m.name, f"kind.{m.kind}", m.base, m.data, m.compute, m.date] for m in data.models]


def prices_table(data: ReportData) -> Sequence[Sequence[object]]:
    """Returns the rows of the price book that were applied."""
    uses = ("use.applied", "use.projected")
    return [
        [p.id, p.provider, p.region, p.usd_per_hour, p.date, uses[p.projected], p.source]
        for p in data.prices
    ]


def runs_table(data: ReportData) -> FigureTable:
    """Returns all runs with the versions and the commands that made them.

    A machine that all of them were on is named elsewhere, once.
    """
    titles = ["run", "task", "strategy", "seed", "n", "quality", "machine"]
    several = len(data.machines) > 1
    rows = []
    for r in data.runs:
        commit = f"{(r.commit or '–')[:9]}{'+' if r.dirty else ''}"
        finished = r.finished[:16].replace("T", " ")
        result = [r.seed, r.n, r.value, *([r.machine] if several else [])]
        rows.append([r.run_id, r.task, r.name, *result, commit, finished, r.command])
    return [*titles[: 6 + several], "commit", "finished", "command"], rows


def judges_table(data: ReportData) -> Sequence[Sequence[object]]:
    """Returns the judged runs: who judged, how far people agree with that one, and what it took."""
    return [
        [
            *(run.run_id, judge["name"], *_agreement(judge.get("measured") or {})),
            *(judge["failed"], judge["requests"], judge["usd"]),
        ]
        for run in data.runs
        if (judge := run.judge)
    ]


def _agreement(measured: Mapping[str, Any]) -> list[str | int | None]:
    """Agreement and kappa with their intervals, and the answers; None where nobody compared."""
    figures = [
        each and f"{each['value']:.2f} [{each['low']:.2f}, {each['high']:.2f}]"
        for each in (measured.get("agreement"), measured.get("kappa"))
    ]
    return [*figures, measured.get("n")]


def answers(row: ConfigurationRow) -> int:
    """Counts the answers of all runs; abstentions are counted as ``ok`` already."""
    return sum(n for name, n in row.outcomes.items() if name != "abstained")


def not_ok(row: ConfigurationRow) -> int:
    """Counts the answers that are no answer."""
    return sum(n for name, n in row.outcomes.items() if name not in ("ok", "abstained"))
