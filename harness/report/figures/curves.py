"""Quality against labelled rows, and hits against the number of passages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Literal

from harness.analysis.words import Language, Phrase, phrase, word
from harness.report.figures import style
from harness.report.figures.canvas import Axes, legend, log_ticks, plain
from harness.report.figures.style import FigureTable, Plot
from harness.report.format import count, percent, points, quality
from harness.report.values import Curve, CurvePoint, TaskReport

__all__ = ["CurveInfo", "crossings", "curves_figure", "curves_info", "paint_curves"]

CurveKind = Literal["learning", "retrieval"]
WIDE = 10


@dataclass(frozen=True, slots=True)
class CurveInfo:
    """The chart's data."""

    kind: CurveKind
    metric: str  # on the vertical axis
    curves: tuple[Curve, ...]  # the highest at its end first
    finding: Phrase

    def table(self) -> FigureTable:
        """Returns the data as a table."""
        each = [(curve, point) for curve in self.curves for point in curve.points]
        rows = [[c.name, p.x, p.value, p.low, p.high] for c, p in each]
        if self.kind == "retrieval":
            return ["strategy", "k", "quality", "low", "high"], rows
        more = [[*row, p.rows, p.label_usd] for row, (_, p) in zip(rows, each, strict=True)]
        return ["strategy", "rows", "quality", "low", "high", "training rows", "labels $"], more

    @property
    def log(self) -> bool:
        """Whether rows go over so wide a range that they are drawn by their logarithm."""
        rows = self.places
        return self.kind == "learning" and min(rows) > 0 and max(rows) >= WIDE * min(rows)

    @property
    def places(self) -> list[float]:
        """Where the points of all curves are on the horizontal axis."""
        return sorted({point.x for curve in self.curves for point in curve.points})

    def reaches(self, curve: Curve) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Returns how far the intervals of a curve go below and above its points."""
        below, above = zip(
            *(style.reach(p.value, p.low, p.high) for p in curve.points), strict=True
        )
        return below, above

    def title(self, language: Language) -> str:
        """Names the horizontal axis."""
        if self.kind == "retrieval":
            return word("figure.passages", language)
        priced = [p for curve in self.curves for p in curve.points if p.label_usd and p.x]
        title = word("figure.labelled", language)
        if not priced:
            return title
        one = f"{(priced[0].label_usd or 0) / priced[0].x:.3g}"
        return f"{title} ({word('figure.label_usd', language, usd=one)})"


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
        said = [finding, *crossings(curves[: len(style.SERIES)], higher=task.higher_is_better)]
        finding = Phrase(*(" ".join(each.say(name) for each in said) for name in ("en", "ko")))
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
    if info.log:
        xaxis = style.log_axis(info.title(language), info.places[0], info.places[-1])
    elif info.kind == "retrieval":
        xaxis |= {"tickvals": info.places}
    return style.plot(
        traces, 360, xaxis, style.axis(info.metric, rangemode="tozero"), showlegend=True
    )


def paint_curves(axes: Axes, info: CurveInfo, language: Language) -> None:
    """Draws the same with matplotlib."""
    thin = {"elinewidth": 0.8, "capsize": 2, "lw": 1.4, "markersize": 4}
    for curve, colour in zip(info.curves, style.SERIES, strict=False):
        x, y = [p.x for p in curve.points], [p.value for p in curve.points]
        label, yerr = style.stacked(curve.name), info.reaches(curve)
        axes.errorbar(x, y, yerr=yerr, fmt="o-", color=colour, label=label, **thin)
    axes.set_xlabel(info.title(language))
    axes.set_ylabel(info.metric)
    axes.set_ylim(bottom=0)
    if info.log:
        axes.set_xscale("log")
        log_ticks(axes.xaxis, info.places, plain)
    legend(axes)


MOST = 3  # crossings that are named


def crossings(curves: Sequence[Curve], *, higher: bool) -> list[Phrase]:
    """Returns a sentence for each crossing that is shown, or one that none is.

    Curves are compared where both had as many training rows. One is shown to lead where the 95 %
    intervals are apart, and they cross between two such places with unlike leaders.
    """
    compared, found = False, list[Phrase]()
    for one, other in combinations(curves, 2):
        leads = list(_leads(one, other, higher=higher))
        compared = compared or len(leads) > 1
        shown = [(rows, lead) for rows, lead in leads if lead]
        for (few, before), (many, after) in pairwise(shown):
            if before != after:
                values = {"first": before, "few": count(few), "then": after, "many": count(many)}
                found.append(phrase("finding.crossing", **values))
    if found or not compared:
        return found[:MOST]
    return [phrase("finding.crossing.none")]


def _leads(one: Curve, other: Curve, *, higher: bool) -> Iterator[tuple[float, str]]:
    """Yields each common number of training rows with the name of who is shown to lead there."""
    points = {point.rows: point for point in other.points}
    for point in sorted(one.points, key=lambda each: each.rows):
        if (against := points.get(point.rows)) is not None:
            above, below = _above(point, against), _above(against, point)
            names = (one.name, other.name) if higher else (other.name, one.name)
            yield point.rows, names[0] if above else names[1] if below else ""


def _above(point: CurvePoint, other: CurvePoint) -> bool:
    return point.low is not None and other.high is not None and point.low > other.high
