"""What adapting broke, as a table: changes of what a model can do beside its task, over-fitting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.analysis.forgetting import Change
from harness.report.figures.style import FigureTable
from harness.report.values import ConfigurationRow, TaskReport

__all__ = ["BrokenCell", "BrokenInfo", "broken_info"]

COLUMNS: Mapping[tuple[str, str], str] = {  # titles by what was looked at, and the metric
    ("general-text-en", "bits_per_byte"): "probes.text_en",
    ("general-text-ko", "bits_per_byte"): "probes.text_ko",
    ("general-choice-en", "accuracy"): "probes.choice_en",
    ("general-choice-ko", "accuracy"): "probes.choice_ko",
    ("general-choice-en", "brier"): "probes.brier_en",
    ("general-choice-ko", "brier"): "probes.brier_ko",
    ("instructions-en", "obeyed"): "probes.obeyed_en",
    ("instructions-ko", "obeyed"): "probes.obeyed_ko",
}


@dataclass(frozen=True, slots=True)
class BrokenCell:
    """A change as it is written: points of a share, per cent of bits a byte, else the figure."""

    value: float
    change: str
    interval: str
    before: str
    after: str
    verdict: str  # ``noise``, ``worse`` or ``better``


@dataclass(frozen=True, slots=True)
class BrokenInfo:
    """The table's data."""

    titles: Sequence[str]  # keys of the catalogue
    rows: Sequence[tuple[ConfigurationRow, Sequence[BrokenCell | None], BrokenCell | None]]
    others: FigureTable  # all other changes, of other tasks
    overfits: bool  # whether rows that were trained on were asked


def broken_info(task: TaskReport) -> BrokenInfo | None:
    """Returns what there is; None where no record has looked for it."""
    rows = [row for row in task.rows if row.changes or row.gap or row.weights_kept]
    if not rows:
        return None
    there = {(each.name, each.metric) for row in rows for each in row.changes}
    names = [name for name in COLUMNS if name in there]
    table = []
    for row in rows:
        changes = {(each.name, each.metric): each for each in row.changes}
        cells = [_cell(changes[name]) if name in changes else None for name in names]
        table.append((row, cells, _gap(row)))
    titles, overfits = [COLUMNS[name] for name in names], any(gap for _, _, gap in table)
    return BrokenInfo(titles, table, _others(rows), overfits)


def _others(rows: Sequence[ConfigurationRow]) -> FigureTable:
    titles = ["strategy", "probes.item", "metric", "n", "probes.before", "probes.after"]
    return [*titles, "difference", "low", "high"], [
        [row.label, c.name, c.metric, c.n, c.before, c.after, c.change, c.low, c.high]
        for row in rows
        for c in row.changes
        if (c.name, c.metric) not in COLUMNS
    ]


def _cell(change: Change) -> BrokenCell:
    scale, form, unit = 100.0, "+.1f", ""
    if change.metric == "bits_per_byte":
        scale, unit = 100 / change.before, " %"
    elif change.metric == "brier":
        scale, form = 1.0, "+.2f"
    value, low, high = (scale * each for each in (change.change, change.low, change.high))
    return BrokenCell(
        value,
        f"{value:{form}}{unit}",
        f"[{low:{form}}, {high:{form}}]",
        f"{change.before:.3f}",
        f"{change.after:.3f}",
        change.verdict,
    )


def _gap(row: ConfigurationRow) -> BrokenCell | None:
    gap = row.gap
    if gap is None:
        return None
    verdict = "worse" if gap.low > 0 else "noise"
    value, low, high = (100 * each for each in (gap.difference, gap.low, gap.high))
    ends = f"[{low:+.1f}, {high:+.1f}]"
    learned, tested = gap.values["train"], gap.values["test"]
    return BrokenCell(value, f"{value:+.1f}", ends, f"{learned:.3f}", f"{tested:.3f}", verdict)
