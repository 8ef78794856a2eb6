"""When facts change: how right each strategy is before and after, and what catching up costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.analysis.words import Language, Phrase, phrase, word
from harness.report.figures.style import Table, axis, layout, safe
from harness.report.format import duration, money, quality
from harness.report.values import TaskReport, UpdateRow

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["UpdateInfo", "updates_figure", "updates_info"]

CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class UpdateInfo:
    """The chart's data.

    Attributes:
        metric: Primary metric.
        unit: Of an amount of money; empty for a share.
        rows: One a strategy; the best on changed facts after the update first.
        finding: What the chart shows.
    """

    metric: str
    unit: str
    rows: tuple[UpdateRow, ...]
    finding: Phrase

    def table(self) -> Table:
        """Returns the data as a table."""
        titles = ["strategy", "group", "before", "after", "update_usd", "update_seconds",
                  "rows_labelled"]  # fmt: skip
        rows = [
            [each.strategy, f"change.{group}", both.get("before"), both.get("after"), each.usd,
             each.seconds, each.rows_labelled]
            for each in self.rows
            for group, both in each.groups.items()
        ]  # fmt: skip
        return titles, rows


def _changed(row: UpdateRow, when: str) -> float:
    figure = row.groups.get(CHANGED, {}).get(when)
    return -1.0 if figure is None or figure.value is None else figure.value


def updates_info(task: TaskReport) -> UpdateInfo | None:
    """Returns what updates took; None where none was measured."""
    if not task.updates:
        return None
    rows = sorted(task.updates, key=lambda row: (-_changed(row, "after"), row.strategy))
    top = rows[0]
    finding = phrase(
        "finding.updates", name=top.strategy, before=quality(max(0.0, _changed(top, "before"))),
        after=quality(max(0.0, _changed(top, "after"))), seconds=duration(top.seconds),
        usd=money(top.usd),
    )  # fmt: skip
    return UpdateInfo(task.metric, task.unit, tuple(rows), finding)


def updates_figure(info: UpdateInfo, language: Language = "en") -> go.Figure:
    """Draws quality on changed facts, before and after.

    Args:
        info: From `updates_info`.
        language: Of the axes.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    rows = list(reversed(info.rows))
    for when, colour in (("before", "#b8bec6"), ("after", "#0072b2")):
        values = [max(0.0, _changed(row, when)) for row in rows]
        figure.add_trace(
            go.Bar(
                y=[safe(row.strategy) for row in rows], x=values, orientation="h",
                name=word(when, language), marker={"color": colour},
                text=[quality(value) for value in values], textposition="outside",
                hovertemplate="%{y}: %{x:.3f}<extra>%{fullData.name}</extra>", cliponaxis=False,
            )
        )  # fmt: skip
    figure.layout = layout(
        120 + 44 * max(2, len(rows)),
        axis(f"{info.metric} · {word('change.changed', language)}", rangemode="tozero"),
        axis(showgrid=False),
        barmode="group",
        margin={"l": 20, "r": 60, "t": 16, "b": 52},
    )
    return figure
