"""Quality against the cost of 1,000 more requests: the frontier, and what it dominates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.analysis.words import Language, Phrase, phrase, word
from harness.report.figures import style
from harness.report.figures.canvas import Axes, dollars, legend, log_ticks
from harness.report.figures.style import FigureTable, Plot, Trace
from harness.report.format import money, points, quality
from harness.report.values import GROUPS, ConfigurationRow, TaskReport

__all__ = ["QualityCostInfo", "paint_quality_cost", "quality_cost_figure", "quality_cost_info"]

PLACES = [  # where a name may stand, the preferred first
    "middle right",
    "middle left",
    "top right",
    "bottom right",
    "top left",
    "bottom left",
    "top center",
    "bottom center",
]
WIDTH, HEIGHT = 860.0, 380.0  # of the area that labels are set for, in pixels
HEIGHTS = {"middle": (0.0, "center"), "top": (5.0, "bottom"), "bottom": (-5.0, "top")}
"""Shift in points and alignment of a name in a file, by the first word of its place."""
SIDES = {"right": (7.0, "left"), "left": (-7.0, "right"), "center": (0.0, "center")}


@dataclass(frozen=True, slots=True)
class QualityCostPoint:
    """A configuration in the chart."""

    label: str
    group: str  # one of `GROUPS`; decides shape and colour
    usd: float  # for 1,000 more requests
    value: float  # of the primary metric
    low: float  # of its interval; the value where there is none
    high: float
    n: int  # rows
    frontier: bool  # no other is both cheaper and better; others are drawn hollow
    advised: bool  # the recommendation takes it
    compares: bool  # its cost compares with the others'
    place: str = "middle right"  # of its name (plotly's ``textposition``), away from other names


@dataclass(frozen=True, slots=True)
class QualityCostInfo:
    """The chart's data."""

    metric: str  # on the vertical axis
    unit: str  # of an amount of money; empty for a share
    higher_is_better: bool
    points: tuple[QualityCostPoint, ...]  # all priced configurations, ceilings too
    frontier: tuple[str, ...]  # labels from the cheapest to the best
    left_out: tuple[str, ...]  # labels without price or value
    finding: Phrase

    def table(self) -> FigureTable:
        """Returns the data as a table."""
        titles = ["strategy", "kind_of", "usd_1k", "quality", "low", "high", "n", "frontier"]
        return titles, [
            [p.label, p.group, p.usd, p.value, p.low, p.high, p.n, p.frontier] for p in self.points
        ]

    def line(self) -> tuple[list[float], list[float]]:
        """Returns prices and qualities along the frontier."""
        ordered = _frontier(self.points)
        return [p.usd for p in ordered], [p.value for p in ordered]

    def title(self, language: Language) -> str:
        """Names the vertical axis."""
        unit = f", {self.unit}" if self.unit else ""
        better = word("higher" if self.higher_is_better else "lower", language)
        return f"{self.metric}{unit} · {better}"


def quality_cost_info(task: TaskReport) -> QualityCostInfo:
    """Returns the points; a configuration without price or value has none."""
    advised = {
        line.name
        for advice in task.advice
        for line in advice.lines
        if line.role in ("advice", "leaning")
    }
    priced = [point for row in task.rows if (point := _point(row, advised)) is not None]
    frontier, labels = _frontier(priced), {point.label for point in priced}
    return QualityCostInfo(
        task.metric,
        task.unit,
        task.higher_is_better,
        tuple(_placed(priced)),
        tuple(point.label for point in frontier),
        tuple(row.label for row in task.rows if row.label not in labels),
        _finding(task, frontier, priced),
    )


def _frontier(priced: Sequence[QualityCostPoint]) -> list[QualityCostPoint]:
    return sorted((point for point in priced if point.frontier), key=lambda point: point.usd)


def _point(row: ConfigurationRow, advised: set[str]) -> QualityCostPoint | None:
    figure, usd = row.quality, row.usd_per_1k_requests
    if usd is None or figure.value is None or usd <= 0:
        return None
    return QualityCostPoint(
        row.label,
        row.group,
        usd,
        figure.value,
        figure.value if figure.low is None else figure.low,
        figure.value if figure.high is None else figure.high,
        figure.n,
        row.frontier,
        row.label in advised and row.ranked,
        row.seconds_compare,
    )


def _finding(
    task: TaskReport, frontier: Sequence[QualityCostPoint], priced: Sequence[QualityCostPoint]
) -> Phrase:
    if not frontier:
        return phrase("finding.quality_cost.none")
    cheapest, best = frontier[0], frontier[-1]
    dominated = sum(not p.frontier and p.group != "ceiling" for p in priced)
    if cheapest.label == best.label:
        return phrase(
            "finding.quality_cost.one",
            name=best.label,
            usd=money(best.usd),
            quality=quality(best.value, task.unit),
            dominated=dominated,
        )
    ratio = best.usd / cheapest.usd
    return phrase(
        "finding.quality_cost",
        best=best.label,
        cheapest=cheapest.label,
        gain=points(abs(best.value - cheapest.value), task),
        ratio=f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:,.1f}",
        best_usd=money(best.usd),
        cheapest_usd=money(cheapest.usd),
        on=len(frontier),
        dominated=dominated,
    )


def _placed(priced: Sequence[QualityCostPoint]) -> list[QualityCostPoint]:
    """Sets each name where it covers no point and no other name, the advised ones first."""
    if not priced:
        return []
    logs = [math.log10(point.usd) for point in priced]
    left, wide = min(logs), max(max(logs) - min(logs), 0.5)
    lowest = min(p.low for p in priced)
    high = max(max(p.high for p in priced) - lowest, 1e-9)
    spots = {
        p.label: ((x - left) / wide * WIDTH, (p.value - lowest) / high * HEIGHT)
        for x, p in zip(logs, priced, strict=True)
    }
    taken = [(x - 9, y - 9, x + 9, y + 9) for x, y in spots.values()]
    for point in priced:  # a name stands on no interval either
        low, end = ((y - lowest) / high * HEIGHT for y in (point.low, point.high))
        x, _ = spots[point.label]
        taken.append((x - 3, low, x + 3, end))
    places: dict[str, str] = {}
    for point in sorted(priced, key=lambda p: (not p.advised, not p.frontier, p.label)):
        costs = []
        for rank, place in enumerate(PLACES):
            box = _box(spots[point.label], place, style.lines(point.label))
            costs.append((sum(_overlap(box, other) for other in taken), rank, place, box))
        _, _, places[point.label], box = min(costs)
        taken.append(box)
    return [replace(point, place=places[point.label]) for point in priced]


_Box = tuple[float, float, float, float]


def _box(spot: tuple[float, float], place: str, lines: Sequence[str]) -> _Box:
    widths = (sum(12.0 if ord(letter) > 0x1100 else 6.6 for letter in line) for line in lines)
    width, height = max(widths), 14.0 * len(lines)
    vertical, _, side = place.partition(" ")
    x = {"left": spot[0] - 10 - width, "right": spot[0] + 10}.get(side, spot[0] - width / 2)
    y = spot[1] + {"top": 10.0, "bottom": -10.0 - height}.get(vertical, -height / 2)
    return (x, y, x + width, y + height)


def _overlap(a: _Box, b: _Box) -> float:
    """The area that two boxes share, and a little for what sticks out of the chart."""
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    outside = max(0.0, -40 - a[0]) + max(0.0, a[2] - WIDTH - 60)
    return (wide * high if wide > 0 and high > 0 else 0.0) + outside


def quality_cost_figure(info: QualityCostInfo, language: Language = "en") -> Plot:
    """Draws the chart, as plotly's JSON."""
    x, y = info.line()
    frontier = style.scatter(
        x,
        y,
        "lines",
        hoverinfo="skip",
        line={"color": "#9aa3ad", "width": 1.5, "dash": "dot"},
        name=word("figure.frontier", language),
        showlegend=len(x) > 1,
    )
    families = [
        _trace(configurations, group, info, language)
        for group in GROUPS
        if (configurations := [p for p in info.points if p.group == group])
    ]
    usd = word("figure.usd_1k", language)
    prices = [point.usd for point in info.points]
    xaxis = style.log_axis(usd, min(prices), max(prices), "$")
    return style.plot([frontier, *families], 470, xaxis, style.axis(info.title(language)))


def _trace(
    configurations: Sequence[QualityCostPoint],
    group: str,
    info: QualityCostInfo,
    language: Language,
) -> Trace:
    colour, symbol, _ = style.GROUP_STYLES[group]
    form = ",.0f" if info.unit else ".3f"
    return style.scatter(
        [p.usd for p in configurations],
        [p.value for p in configurations],
        "markers+text",
        error_y=style.error_bars(
            (p.value - p.low for p in configurations), (p.high - p.value for p in configurations)
        ),
        text=[
            f"<b>{style.safe(p.label)}</b>" if p.advised else style.safe(p.label)
            for p in configurations
        ],
        textposition=[p.place for p in configurations],
        textfont={"size": 12},
        name=word(f"group.{group}", language),
        marker={
            "size": [15 if p.advised else 11 for p in configurations],
            "color": colour,
            "opacity": 1,
            "symbol": [symbol if p.frontier else f"{symbol}-open" for p in configurations],
            "line": {"width": 2, "color": colour},
        },
        customdata=[
            [
                style.safe(p.label, 200),
                *(f"{x:{form}}" for x in (p.value, p.low, p.high)),
                p.n,
                money(p.usd),
            ]
            for p in configurations
        ],
        hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]} [%{customdata[2]}, "
        "%{customdata[3]}] · n %{customdata[4]}<br>%{customdata[5]} / 1k<extra></extra>",
        cliponaxis=False,
    )


def paint_quality_cost(axes: Axes, info: QualityCostInfo, language: Language) -> None:
    """Draws the same with matplotlib."""
    usd, values = info.line()
    if len(usd) > 1:
        label = word("figure.frontier", language)
        axes.plot(usd, values, ":", color="#9aa3ad", lw=1.2, label=label, zorder=1)
    for group in GROUPS:
        configurations = [p for p in info.points if p.group == group]
        for number, point in enumerate(configurations):
            _paint_point(axes, point, "" if number else word(f"group.{group}", language))
    axes.set_xscale("log")
    log_ticks(axes.xaxis, [p.usd for p in info.points], dollars)
    axes.set_xlabel(word("figure.usd_1k", language))
    axes.set_ylabel(info.title(language))
    axes.margins(x=0.18)
    legend(axes)


def _paint_point(axes: Axes, point: QualityCostPoint, label: str) -> None:
    """Paints a configuration with its name; the first one of a group names it in the legend."""
    colour, _, marker = style.GROUP_STYLES[point.group]
    axes.errorbar(
        [point.usd],
        [point.value],
        yerr=[[point.value - point.low], [point.high - point.value]],
        fmt=marker,
        color=colour,
        markersize=8 if point.advised else 6,
        elinewidth=0.9,
        capsize=2,
        markerfacecolor=colour if point.frontier else "none",
        label=label or None,
    )
    vertical, _, side = point.place.partition(" ")
    (dy, va), (dx, ha) = HEIGHTS[vertical], SIDES[side]
    weight = "bold" if point.advised else "normal"
    text = {"textcoords": "offset points", "ha": ha, "va": va, "fontsize": 8, "fontweight": weight}
    axes.annotate(style.stacked(point.label), (point.usd, point.value), (dx, dy), **text)
