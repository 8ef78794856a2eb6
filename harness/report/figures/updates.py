"""When facts change: how right each strategy is before and after, and what catching up costs."""

from __future__ import annotations

from dataclasses import dataclass

from harness.analysis.words import Language, Phrase, phrase, word
from harness.report.figures.canvas import Axes, legend, name_lines
from harness.report.figures.style import FigureTable, Plot, axis, bars, plot, safe
from harness.report.format import duration, money, quality
from harness.report.values import TaskReport, UpdateRow

__all__ = ["UpdateInfo", "paint_updates", "updates_figure", "updates_info"]

COLOURS = {"before": "#b8bec6", "after": "#0072b2"}


@dataclass(frozen=True, slots=True)
class UpdateInfo:
    """The chart's data."""

    metric: str
    unit: str  # of an amount of money; empty for a share
    rows: tuple[UpdateRow, ...]  # the best on changed facts after the update first
    finding: Phrase

    def table(self) -> FigureTable:
        """Returns the data as a table."""
        titles = ["strategy", "group", "before", "after"]
        titles += ["update_usd", "update_seconds", "rows_labelled"]
        rows = [
            [
                *(row.strategy, f"change.{group}", both.get("before"), both.get("after")),
                *(row.usd, row.seconds, row.rows_labelled),
            ]
            for row in self.rows
            for group, both in row.groups.items()
        ]
        return titles, rows

    def title(self, language: Language) -> str:
        """Names the horizontal axis."""
        return f"{self.metric} · {word('change.changed', language)}"


def _changed(row: UpdateRow, when: str) -> float | None:
    figure = row.groups.get("changed", {}).get(when)
    return None if figure is None else figure.value


def updates_info(task: TaskReport) -> UpdateInfo | None:
    """Returns what updates took; None where none was measured."""
    if not task.updates:
        return None

    def order(row: UpdateRow) -> tuple[float, str]:
        after = _changed(row, "after")
        return 1.0 if after is None else -after, row.strategy

    rows = sorted(task.updates, key=order)
    top = rows[0]
    finding = phrase(
        "finding.updates",
        name=top.strategy,
        before=quality(_changed(top, "before") or 0.0),
        after=quality(_changed(top, "after") or 0.0),
        seconds=duration(top.seconds),
        usd=money(top.usd),
    )
    return UpdateInfo(task.metric, task.unit, tuple(rows), finding)


def updates_figure(info: UpdateInfo, language: Language = "en") -> Plot:
    """Draws quality on changed facts before and after, as plotly's JSON."""
    rows = list(reversed(info.rows))
    traces = []
    for when, colour in COLOURS.items():
        values = [_changed(row, when) for row in rows]
        trace = bars(
            [value or 0.0 for value in values],
            [safe(row.strategy) for row in rows],
            name=word(when, language),
            marker={"color": colour},
            text=[quality(value) for value in values],
            textposition="outside",
            hovertemplate="%{y}: %{x:.3f}<extra>%{fullData.name}</extra>",
            cliponaxis=False,
        )
        traces.append(trace)
    xaxis, margin = axis(info.title(language), rangemode="tozero"), (20, 60, 16, 52)
    height = 120 + 44 * max(2, len(rows))
    return plot(traces, height, xaxis, axis(showgrid=False), margin=margin, barmode="group")


def paint_updates(axes: Axes, info: UpdateInfo, language: Language) -> None:
    """Draws the same with matplotlib."""
    for when, shift in (("before", -0.19), ("after", 0.19)):
        places = [at + shift for at in range(len(info.rows))]
        values = [_changed(row, when) or 0.0 for row in info.rows]
        axes.barh(places, values, height=0.36, color=COLOURS[when], label=word(when, language))
    name_lines(axes, [row.strategy for row in info.rows])
    axes.set_xlabel(info.title(language))
    legend(axes, 4, 0.4)
