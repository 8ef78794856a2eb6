"""Quality against the cost of 1,000 requests: the frontier, and what it dominates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from harness.analysis.words import Language, Phrase, phrase, word
from harness.report.figures.style import COLOURS, SYMBOLS, Table, axis, layout, safe, short
from harness.report.format import money, points, quality
from harness.report.values import FAMILIES, Row, TaskReport

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["QualityCost", "QualityCostPoint", "quality_cost_figure", "quality_cost_info"]

PLACES = ("middle right", "middle left", "top right", "bottom right", "top left", "bottom left",
          "top center", "bottom center")  # fmt: skip
WIDTH, HEIGHT = 860.0, 380.0  # of the area that labels are set for, in pixels


@dataclass(frozen=True, slots=True)
class QualityCostPoint:
    """A setting in the chart.

    Attributes:
        label: Of the setting.
        family: One of `FAMILIES`; decides shape and colour.
        usd: Dollars for 1,000 requests.
        value: Primary metric.
        low: Lower end of its interval; the value where there is none.
        high: Upper end.
        n: Rows.
        frontier: Whether no other is both cheaper and better; others are drawn hollow.
        advised: Whether the recommendation takes it.
        compares: Whether its cost compares with the others'.
        place: Where its name stands (plotly's ``textposition``), so that names don't collide.
    """

    label: str
    family: str
    usd: float
    value: float
    low: float
    high: float
    n: int
    frontier: bool
    advised: bool
    compares: bool
    place: str = "middle right"


@dataclass(frozen=True, slots=True)
class QualityCost:
    """The chart's data.

    Attributes:
        metric: On the vertical axis.
        unit: Of an amount of money; empty for a share.
        higher_is_better: Direction.
        points: All priced settings, ceilings too.
        frontier: Labels from the cheapest to the best.
        left_out: Labels without price or value.
        finding: What the chart shows.
    """

    metric: str
    unit: str
    higher_is_better: bool
    points: tuple[QualityCostPoint, ...]
    frontier: tuple[str, ...]
    left_out: tuple[str, ...]
    finding: Phrase

    def table(self) -> Table:
        """Returns the data as a table."""
        titles = ["strategy", "family", "usd_1k", "quality", "low", "high", "n", "frontier"]
        rows = [
            [p.label, p.family, p.usd, p.value, p.low, p.high, p.n, p.frontier] for p in self.points
        ]
        return titles, rows


def quality_cost_info(task: TaskReport) -> QualityCost:
    """Returns the points; a setting without price or value has none.

    Args:
        task: The task.
    """
    advised = {line.name for a in task.advice for line in a.lines if line.role in
               ("advice", "leaning")}  # fmt: skip
    found = [_point(row, advised) for row in task.rows]
    made = [point for point in found if point is not None]
    chosen = sorted((p for p in made if p.frontier), key=lambda p: p.usd)
    names = {point.label for point in made}
    return QualityCost(
        task.metric,
        task.unit,
        task.higher_is_better,
        tuple(_placed(made)),
        tuple(point.label for point in chosen),
        tuple(row.label for row in task.rows if row.label not in names),
        _finding(task, chosen, made),
    )


def _point(row: Row, advised: set[str]) -> QualityCostPoint | None:
    figure, usd = row.quality, row.usd_per_1k_requests
    if usd is None or figure.value is None or usd <= 0:
        return None
    low, high = (figure.value if end is None else end for end in (figure.low, figure.high))
    return QualityCostPoint(
        row.label, row.family, usd, figure.value, low, high, figure.n, row.frontier,
        row.name in advised and row.ranked, row.seconds_compare,
    )  # fmt: skip


def _finding(
    task: TaskReport, frontier: Sequence[QualityCostPoint], made: Sequence[QualityCostPoint]
) -> Phrase:
    if not frontier:
        return phrase("finding.quality_cost.none")
    cheapest, best = frontier[0], frontier[-1]
    dominated = sum(not p.frontier and p.family != "ceiling" for p in made)
    if cheapest.label == best.label:
        return phrase("finding.quality_cost.one", name=best.label, usd=money(best.usd),
                   quality=quality(best.value, task.unit), dominated=dominated)  # fmt: skip
    ratio = best.usd / cheapest.usd
    gain = points(abs(best.value - cheapest.value), task)
    return phrase(
        "finding.quality_cost", best=best.label, cheapest=cheapest.label, gain=gain,
        ratio=f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:,.1f}",
        best_usd=money(best.usd), cheapest_usd=money(cheapest.usd), on=len(frontier),
        dominated=dominated,
    )  # fmt: skip


def _placed(made: Sequence[QualityCostPoint]) -> list[QualityCostPoint]:
    """Sets each name where it covers no point and no other name, the advised ones first."""
    if not made:
        return []
    logs = [math.log10(point.usd) for point in made]
    wide = max(max(logs) - min(logs), 0.5)
    high = max(max(p.high for p in made) - min(p.low for p in made), 1e-9)
    spots = {
        point.label: (
            (x - min(logs)) / wide * WIDTH, (point.value - min(p.low for p in made)) / high * HEIGHT
        )
        for x, point in zip(logs, made, strict=True)
    }  # fmt: skip
    taken = [(x - 9, y - 9, x + 9, y + 9) for x, y in spots.values()]
    found: dict[str, str] = {}
    for point in sorted(made, key=lambda p: (not p.advised, not p.frontier, p.label)):
        costs = []
        for rank, place in enumerate(PLACES):
            box = _box(spots[point.label], place, short(point.label))
            costs.append((sum(_overlap(box, other) for other in taken), rank, place, box))
        _, _, place, box = min(costs)
        found[point.label] = place
        taken.append(box)
    return [replace(point, place=found[point.label]) for point in made]


_Box = tuple[float, float, float, float]


def _box(spot: tuple[float, float], place: str, text: str) -> _Box:
    width = sum(12.0 if ord(letter) > 0x1100 else 6.6 for letter in text)
    vertical, _, side = place.partition(" ")
    x = {"left": spot[0] - 10 - width, "right": spot[0] + 10}.get(side, spot[0] - width / 2)
    y = spot[1] + {"top": 10.0, "bottom": -24.0}.get(vertical, -7.0)
    return (x, y, x + width, y + 14)


def _overlap(a: _Box, b: _Box) -> float:
    """The area that two boxes share, and a little for what sticks out of the chart."""
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    outside = max(0.0, -40 - a[0]) + max(0.0, a[2] - WIDTH - 60)
    return (wide * high if wide > 0 and high > 0 else 0.0) + outside


def quality_cost_figure(info: QualityCost, language: Language = "en") -> go.Figure:
    """Draws the chart.

    Args:
        info: From `quality_cost_info`.
        language: Of the axes.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    line = sorted((p for p in info.points if p.frontier), key=lambda p: p.usd)
    figure.add_trace(
        go.Scatter(
            x=[p.usd for p in line], y=[p.value for p in line], mode="lines", hoverinfo="skip",
            line={"color": "#9aa3ad", "width": 1.5, "dash": "dot"},
            name=word("figure.frontier", language), showlegend=len(line) > 1,
        )
    )  # fmt: skip
    for family in FAMILIES:
        some = [p for p in info.points if p.family == family]
        if some:
            figure.add_trace(_trace(some, family, info, language))
    better = word("higher" if info.higher_is_better else "lower", language)
    title = f"{info.metric}, {info.unit} · {better}" if info.unit else f"{info.metric} · {better}"
    figure.layout = (
        layout(
            470,
            axis(word("figure.usd_1k", language), type="log", tickprefix="$", dtick=1,
                 exponentformat="none", minor={"showgrid": False}),
            axis(title),
        )
    )  # fmt: skip
    return figure


def _trace(some: Sequence[QualityCostPoint], family: str, info: QualityCost, language: Language) -> Any:  # fmt: skip
    import plotly.graph_objects as go

    colour, mark = COLOURS[family], SYMBOLS[family]
    form = ",.0f" if info.unit else ".3f"
    return go.Scatter(
        x=[p.usd for p in some],
        y=[p.value for p in some],
        error_y={
            "type": "data", "symmetric": False, "thickness": 1, "width": 3,
            "array": [p.high - p.value for p in some],
            "arrayminus": [p.value - p.low for p in some],
        },
        mode="markers+text",
        text=[f"<b>{safe(p.label)}</b>" if p.advised else safe(p.label) for p in some],
        textposition=[p.place for p in some],
        textfont={"size": 12},
        name=word(f"family.{family}", language),
        marker={
            "size": [15 if p.advised else 11 for p in some],
            "color": colour,
            "opacity": 1,
            "symbol": [mark if p.frontier else f"{mark}-open" for p in some],
            "line": {"width": 2, "color": colour},
        },
        customdata=[
            [safe(p.label, 200), f"{p.value:{form}}", f"{p.low:{form}}", f"{p.high:{form}}", p.n,
             money(p.usd)]
            for p in some
        ],
        hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]} [%{customdata[2]}, "
        "%{customdata[3]}] · n %{customdata[4]}<br>%{customdata[5]} / 1k<extra></extra>",
        cliponaxis=False,
    )  # fmt: skip
