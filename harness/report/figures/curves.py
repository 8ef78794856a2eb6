"""Quality against labelled rows, and hits against the number of passages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harness.analysis.words import Language, Phrase, phrase, word
from harness.report.figures import style
from harness.report.figures.canvas import Axes, legend
from harness.report.figures.style import FigureTable, Plot
from harness.report.format import count, percent, points, quality
from harness.report.values import Curve, TaskReport

__all__ = ["CurveInfo", "curves_figure", "curves_info", "paint_curves"]

CurveKind = Literal["learning", "retrieval"]


@dataclass(frozen=True, slots=True)
class CurveInfo:
    """The chart's data."""

    kind: CurveKind
    metric: str  # on the vertical axis
    curves: tuple[Curve, ...]  # the highest at its end first
    finding: Phrase

    def table(self) -> FigureTable:
        """Returns the data as a table."""
        titles = ["strategy", "rows" if self.kind == "learning" else "k", "quality", "low", "high"]
        rows = [[c.name, p.x, p.value, p.low, p.high] for c in self.curves for p in c.points]
        return titles, rows

    def reaches(self, curve: Curve) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Returns how far the intervals of a curve go below and above its points."""
        below, above = zip(
            *(style.reach(p.value, p.low, p.high) for p in curve.points), strict=True
        )
        return below, above

    def title(self, language: Language) -> str:
        """Names the horizontal axis."""
        return word("figure.labelled" if self.kind == "learning" else "figure.passages", language)


def curves_info(task: TaskReport, kind: CurveKind) -> CurveInfo | None:
    """Returns the curves of a kind; None where the records have none."""
    curves = sorted(
        (each for each in task.curves if each.kind == kind),
        key=lambda each: (-each.points[-1].value, each.name),
    )
    if not curves:
        return None
    top = curves[0]
    first, last = top.points[0], top.points[-1]
    if kind == "learning":
        gain = points(abs(last.value - first.value), task)
        finding = phrase(
            "finding.learning",
            name=top.name,
            few=count(first.x),
            many=count(last.x),
            gain=gain,
            quality=quality(last.value, task.unit),
        )
    else:
        one, many = percent(first.value), percent(last.value)
        finding = phrase("finding.retrieval", name=top.name, k=count(last.x), one=one, many=many)
    return CurveInfo(kind, top.metric, tuple(curves), finding)


def curves_figure(info: CurveInfo, language: Language = "en") -> Plot:
    """Draws lines with intervals, as plotly's JSON."""
    traces = [
        style.scatter(
            [point.x for point in curve.points],
            [point.value for point in curve.points],
            "lines+markers",
            name=style.safe(curve.name),
            line={"color": colour, "width": 2},
            error_y=style.error_bars(*info.reaches(curve)),
            hovertemplate="%{x:,.0f}: %{y:.3f}<extra>%{fullData.name}</extra>",
        )
        for curve, colour in zip(info.curves, style.SERIES, strict=False)
    ]
    xaxis = style.axis(info.title(language), rangemode="tozero")
    return style.plot(traces, 360, xaxis, style.axis(info.metric, rangemode="tozero"))


def paint_curves(axes: Axes, info: CurveInfo, language: Language) -> None:
    """Draws the same with matplotlib."""
    thin = {"elinewidth": 0.8, "capsize": 2, "lw": 1.4, "markersize": 4}
    for curve, colour in zip(info.curves, style.SERIES, strict=False):
        x, y = [p.x for p in curve.points], [p.value for p in curve.points]
        label, yerr = style.short(curve.name), info.reaches(curve)
        axes.errorbar(x, y, yerr=yerr, fmt="o-", color=colour, label=label, **thin)
    axes.set_xlabel(info.title(language))
    axes.set_ylabel(info.metric)
    axes.set_ylim(bottom=0)
    legend(axes)
