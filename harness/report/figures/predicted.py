"""Seconds predicted by the other records, against measured ones."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from harness.analysis.words import Language, Phrase, phrase, word
from harness.report.figures.canvas import Axes, legend, log_ticks, plain
from harness.report.figures.style import FigureTable, Plot, log_axis, plot, safe, scatter
from harness.report.format import percent
from harness.report.values import PredictedRow, TaskReport

__all__ = ["PredictedInfo", "paint_predicted", "predicted_figure", "predicted_info"]

PHASES = (("train", "#d55e00", "triangle-up", "^"), ("serve", "#0072b2", "circle", "o"))
"""Colour, plotly's symbol and matplotlib's marker."""


@dataclass(frozen=True, slots=True)
class PredictedInfo:
    """The chart's data."""

    rows: tuple[PredictedRow, ...]  # phases of records
    finding: Phrase

    def table(self) -> FigureTable:
        """Returns the data as a table."""
        titles = ["run", "strategy", "phase"]
        titles += ["measured_seconds", "predicted_seconds", "error", "others"]
        rows = [
            [
                *(row.run, row.strategy, f"phase.{row.phase}", row.measured, row.predicted),
                None if row.error is None else f"{row.error:+.0%}",
                row.others,
            ]
            for row in self.rows
        ]
        return titles, rows

    def pairs(self, phase: str = "") -> list[tuple[float, float, str]]:
        """Returns measured and predicted seconds and the run, where there is a prediction."""
        return [
            (row.measured, row.predicted, row.run)
            for row in self.rows
            if row.predicted is not None and phase in ("", row.phase)
        ]

    def ends(self) -> list[float]:
        """Returns where both axes begin and end."""
        seconds = [each for pair in self.pairs() for each in pair[:2]]
        return [min(seconds) * 0.8, max(seconds) * 1.25]


def predicted_info(task: TaskReport) -> PredictedInfo | None:
    """Returns measured and predicted seconds; None where no work could be counted."""
    if not task.predicted:
        return None
    errors = [abs(row.error) for row in task.predicted if row.error is not None]
    if not errors:
        return PredictedInfo(task.predicted, phrase("finding.predicted.alone"))
    finding = phrase(
        "finding.predicted",
        middle=percent(median(errors)),
        worst=percent(max(errors)),
        within=sum(error <= 0.2 for error in errors),
        of=len(errors),
    )
    return PredictedInfo(task.predicted, finding)


def predicted_figure(info: PredictedInfo, language: Language = "en") -> Plot:
    """Draws predicted against measured seconds, as plotly's JSON."""
    ends = info.ends()
    line = {"color": "#9aa3ad", "width": 1, "dash": "dot"}
    traces = [scatter(ends, ends, "lines", hoverinfo="skip", showlegend=False, line=line)]
    for phase, colour, symbol, _ in PHASES:
        pairs = info.pairs(phase)
        if pairs:
            trace = scatter(
                [measured for measured, _, _ in pairs],
                [predicted for _, predicted, _ in pairs],
                "markers",
                name=word(f"phase.{phase}", language),
                marker={"size": 9, "color": colour, "symbol": symbol},
                text=[safe(run, 80) for _, _, run in pairs],
                hovertemplate="%{text}<br>%{x:.1f} s → %{y:.1f} s<extra></extra>",
            )
            traces.append(trace)
    keys = ("figure.measured_seconds", "figure.predicted_seconds")
    return plot(traces, 380, *(log_axis(word(key, language), min(ends), max(ends)) for key in keys))


def paint_predicted(axes: Axes, info: PredictedInfo, language: Language) -> None:
    """Draws the same with matplotlib."""
    ends = info.ends()
    axes.plot(ends, ends, ":", color="#9aa3ad", lw=1)
    for phase, colour, _, marker in PHASES:
        pairs = info.pairs(phase)
        if pairs:
            x, y, _ = zip(*pairs, strict=True)
            name = word(f"phase.{phase}", language)
            axes.plot(x, y, marker, color=colour, markersize=6, label=name)
    axes.set_xscale("log")
    axes.set_yscale("log")
    for each in (axes.xaxis, axes.yaxis):
        log_ticks(each, ends, plain)
    axes.set_xlabel(word("figure.measured_seconds", language))
    axes.set_ylabel(word("figure.predicted_seconds", language))
    legend(axes)
