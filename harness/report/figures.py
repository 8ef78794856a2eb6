"""Figures in two steps: ``*_info`` gives pure data, ``*_figure`` draws it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.report.data import TaskReport

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["Point", "quality_cost_figure", "quality_cost_info"]

COLOURS = (
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#8c6d31",
)  # fmt: skip  # Okabe and Ito's palette: tells apart with colour blindness too
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star", "pentagon")


@dataclass(frozen=True)
class Point:
    """A run in the chart.

    Attributes:
        name: Strategy, with model and seed where runs would else look alike.
        cost: Dollars for 1,000 requests.
        value: Primary metric.
        low: Lower end of its interval; the value where there is none.
        high: Upper end of its interval; the value where there is none.
        n: Rows.
        development: Dollars before the first request, priced part; None where unknown.
        money: Whether the metric is an amount, else a share.
    """

    name: str
    cost: float
    value: float
    low: float
    high: float
    n: int
    development: float | None
    money: bool = False


def quality_cost_info(task: TaskReport) -> list[Point]:
    """Returns the points of the chart; a run without price or value has none."""
    points = []
    names = [run["label"] for run in task.runs]
    for run in task.runs:
        figure, cost = run["metrics"][task.primary], run["cost"]["usd_per_1k_requests"]
        if cost is None or figure["value"] is None:
            continue
        name = run["label"]
        if names.count(name) > 1:
            name = f"{name} · {run['model'] or 'no model'} · seed {run['seed']} · n {run['n']}"
        value = figure["value"]
        low, high = (value if figure[end] is None else figure[end] for end in ("low", "high"))
        points.append(
            Point(
                name, cost, value, low, high, figure["n"], run["cost"]["development_usd"],
                bool(figure.get("unit")),
            )
        )  # fmt: skip
    return points


def quality_cost_figure(points: list[Point], metric: str) -> go.Figure:
    """Draws quality against the cost of 1,000 requests, with 95 % intervals.

    Args:
        points: From `quality_cost_info`.
        metric: Name of the metric, for the axis; with its unit where it is money.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    for number, point in enumerate(points):
        figure.add_trace(_trace(point, number))
    figure.update_layout(
        template="plotly_white",
        height=460,
        margin={"l": 60, "r": 20, "t": 20, "b": 60},
        font={"family": "system-ui, sans-serif", "size": 13},
        legend={"orientation": "v"},
        xaxis={
            "title": {"text": "$ per 1,000 requests (log scale)"},
            "type": "log",
            "dtick": 1,
            "tickprefix": "$",
            "exponentformat": "power",
            "minor": {"showgrid": False},
        },
        yaxis={
            "title": {"text": f"{metric}, 95 % interval"},
            **({"rangemode": "tozero"} if points and points[0].money else {"range": [0, 1.02]}),
        },
    )
    return figure


def _trace(point: Point, number: int) -> Any:
    import plotly.graph_objects as go

    form = ",.0f" if point.money else ".3f"
    spent = "unpriced" if point.development is None else f"${point.development:.4f}"
    return go.Scatter(
        x=[point.cost],
        y=[point.value],
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [point.high - point.value],
            "arrayminus": [point.value - point.low],
        },
        mode="markers",
        name=point.name,
        marker={
            "size": 12,
            "color": COLOURS[number % len(COLOURS)],
            "symbol": SYMBOLS[number % len(SYMBOLS)],
        },
        hovertemplate=(
            f"<b>{point.name}</b><br>{point.value:{form}} [{point.low:{form}}, "
            f"{point.high:{form}}], n {point.n}<br>${point.cost:.3g} per 1,000 requests<br>"
            f"development, priced part: {spent}<extra></extra>"
        ),
    )
