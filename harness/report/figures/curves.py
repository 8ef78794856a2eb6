"""Quality against labelled rows, and hits against the number of passages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from harness.analysis.words import Language, Phrase, phrase, word
from harness.report.figures.style import SERIES, Table, axis, layout, safe
from harness.report.format import count, percent, points, quality
from harness.report.values import Curve, TaskReport

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["CurveInfo", "curves_figure", "curves_info"]

Kind = Literal["learning", "retrieval"]


@dataclass(frozen=True, slots=True)
class CurveInfo:
    """The chart's data.

    Attributes:
        kind: ``learning`` or ``retrieval``.
        metric: On the vertical axis.
        curves: The highest at its end first.
        finding: What the chart shows.
    """

    kind: Kind
    metric: str
    curves: tuple[Curve, ...]
    finding: Phrase

    def table(self) -> Table:
        """Returns the data as a table."""
        titles = ["strategy", "rows" if self.kind == "learning" else "k", "quality", "low", "high"]
        rows = [[c.name, p.x, p.value, p.low, p.high] for c in self.curves for p in c.points]
        return titles, rows


def curves_info(task: TaskReport, kind: Kind) -> CurveInfo | None:
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
        finding = phrase("finding.learning", name=top.name, few=count(first.x), many=count(last.x),
                      gain=points(abs(last.value - first.value), task),
                      quality=quality(last.value, task.unit))  # fmt: skip
    else:
        finding = phrase("finding.retrieval", name=top.name, k=count(last.x),
                      one=percent(first.value), many=percent(last.value))  # fmt: skip
    return CurveInfo(kind, top.metric, tuple(curves), finding)


def curves_figure(info: CurveInfo, language: Language = "en") -> go.Figure:
    """Draws lines with intervals.

    Args:
        info: From `curves_info`.
        language: Of the axes.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    for number, curve in enumerate(info.curves[: len(SERIES)]):
        points_ = curve.points
        figure.add_trace(
            go.Scatter(
                x=[p.x for p in points_], y=[p.value for p in points_], mode="lines+markers",
                name=safe(curve.name), line={"color": SERIES[number], "width": 2},
                error_y={
                    "type": "data", "symmetric": False, "thickness": 1, "width": 3,
                    "array": [(p.value if p.high is None else p.high) - p.value for p in points_],
                    "arrayminus": [p.value - (p.value if p.low is None else p.low)
                                   for p in points_],
                },
                hovertemplate="%{x:,.0f}: %{y:.3f}<extra>%{fullData.name}</extra>",
            )
        )  # fmt: skip
    title = word("figure.labelled" if info.kind == "learning" else "figure.passages", language)
    figure.layout = layout(
        360, axis(title, rangemode="tozero"), axis(info.metric, rangemode="tozero")
    )
    return figure
