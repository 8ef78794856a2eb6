"""Seconds predicted by the other records, against measured ones."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from harness.analysis.words import Language, Phrase, phrase, word
from harness.report.figures.style import Table, layout, log_axis, safe
from harness.report.format import percent
from harness.report.values import PredictedRow, TaskReport

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["PredictedInfo", "predicted_figure", "predicted_info"]


@dataclass(frozen=True, slots=True)
class PredictedInfo:
    """The chart's data.

    Attributes:
        rows: Phases of records.
        finding: What the chart shows.
    """

    rows: tuple[PredictedRow, ...]
    finding: Phrase

    def table(self) -> Table:
        """Returns the data as a table."""
        titles = ["run", "strategy", "phase", "measured_seconds", "predicted_seconds", "error",
                  "others"]  # fmt: skip
        rows = [
            [r.run, r.strategy, f"phase.{r.phase}", r.measured, r.predicted,
             None if r.error is None else f"{r.error:+.0%}", r.others]
            for r in self.rows
        ]  # fmt: skip
        return titles, rows


def predicted_info(task: TaskReport) -> PredictedInfo | None:
    """Returns measured and predicted seconds; None where no work could be counted."""
    if not task.predicted:
        return None
    errors = [abs(row.error) for row in task.predicted if row.error is not None]
    if not errors:
        return PredictedInfo(task.predicted, phrase("finding.predicted.alone"))
    within = sum(error <= 0.2 for error in errors)
    finding = phrase("finding.predicted", middle=percent(median(errors)), worst=percent(max(errors)),
                  within=within, of=len(errors))  # fmt: skip
    return PredictedInfo(task.predicted, finding)


def predicted_figure(info: PredictedInfo, language: Language = "en") -> go.Figure | None:
    """Draws predicted against measured seconds; None without a prediction.

    Args:
        info: From `predicted_info`.
        language: Of the axes.
    """
    import plotly.graph_objects as go

    known = [row for row in info.rows if row.predicted is not None]
    if not known:
        return None
    figure = go.Figure()
    ends = [f([x for row in known for x in (row.measured, row.predicted or 0.0)]) * g
            for f, g in ((min, 0.8), (max, 1.25))]  # fmt: skip
    figure.add_trace(
        go.Scatter(x=ends, y=ends, mode="lines", hoverinfo="skip", showlegend=False,
                   line={"color": "#9aa3ad", "width": 1, "dash": "dot"})
    )  # fmt: skip
    for phase, colour, mark in (
        ("train", "#d55e00", "triangle-up"),
        ("serve", "#0072b2", "circle"),
    ):
        some = [row for row in known if row.phase == phase]
        if some:
            figure.add_trace(
                go.Scatter(
                    x=[row.measured for row in some], y=[row.predicted for row in some],
                    mode="markers", name=word(f"phase.{phase}", language),
                    marker={"size": 9, "color": colour, "symbol": mark},
                    text=[safe(row.run, 80) for row in some],
                    hovertemplate="%{text}<br>%{x:.1f} s → %{y:.1f} s<extra></extra>",
                )
            )  # fmt: skip
    figure.layout = (
        layout(
            380,
            log_axis(word("figure.measured_seconds", language), *ends),
            log_axis(word("figure.predicted_seconds", language), *ends),
        )
    )  # fmt: skip
    return figure
