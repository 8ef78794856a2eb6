"""Colours, marks, axes and error bars that all drawings share; a drawing is plotly's JSON."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import Any, NamedTuple

from harness.records.phases import GREY, PHASES

__all__ = [
    "COLOURS",
    "GREY",
    "GROUP_STYLES",
    "PARTS",
    "SERIES",
    "Plot",
    "FigureTable",
    "Trace",
    "axis",
    "bars",
    "error_bars",
    "lines",
    "log_axis",
    "plot",
    "reach",
    "safe",
    "scatter",
    "stacked",
    "tall",
]

Plot = dict[str, Any]  # a drawing as plotly's JSON: ``data`` and ``layout``
Trace = dict[str, object]
FigureTable = tuple[list[str], Sequence[Sequence[object]]]  # keys of the titles, and rows of values


class GroupStyle(NamedTuple):
    """How the configurations of a group are drawn."""

    colour: str
    symbol: str  # of plotly
    marker: str  # the same shape of matplotlib


GROUP_STYLES = {  # colours after Okabe and Ito, distinct with colour blindness too
    "baseline": GroupStyle("#7d8590", "circle", "o"),
    "encoder": GroupStyle("#56b4e9", "star", "*"),
    "prompting": GroupStyle("#0072b2", "square", "s"),
    "retrieval": GroupStyle("#009e73", "diamond", "D"),
    "tuning": GroupStyle("#d55e00", "triangle-up", "^"),
    "tuning-retrieval": GroupStyle("#a2559c", "pentagon", "p"),
    "ceiling": GroupStyle("#b8bec6", "x", "x"),
}
COLOURS = {group: style.colour for group, style in GROUP_STYLES.items()}
PARTS = {name: phase.colour for name, phase in PHASES.items()} | {
    "working": "#0072b2",
    "waiting": "#c3d4e2",
}
"""By phase of a ledger, or part of a request's price."""
SERIES = ("#0072b2", "#d55e00", "#009e73", "#a2559c", "#e0a100", "#56b4e9", "#7d8590", "#8c6d31")
FONT = "Inter, 'Segoe UI', 'Apple SD Gothic Neo', 'Noto Sans KR', 'Malgun Gothic', sans-serif"
WIDE = 34  # letters of a line of a name
GRID = "rgba(128,138,150,0.22)"


def lines(label: str, most: int = WIDE) -> list[str]:
    """Breaks a long name into lines: it stays whole, but for what is left of a third one."""
    return wrap(label, most, break_on_hyphens=False, max_lines=3, placeholder=" …") or [label]


def stacked(label: str, most: int = WIDE) -> str:
    """Writes a name's lines below each other, as matplotlib takes them."""
    return "\n".join(lines(label, most))


def safe(label: str, most: int = WIDE) -> str:
    """Escapes a name for plotly, which reads a few tags and entities."""
    escaped = (html.escape(line, quote=False) for line in lines(label, most))
    return "<br>".join(escaped)


def tall(labels: Sequence[str], each: int) -> int:
    """Returns the pixels that rows with these names take; one of a single line takes `each`."""
    most = max((len(lines(label)) for label in labels), default=1)
    return max(3, len(labels)) * (each + 12 * (most - 1))


def reach(value: float, low: float | None, high: float | None) -> tuple[float, float]:
    """Returns how far an interval goes below and above its value; 0 where an end isn't known."""
    return value - (value if low is None else low), (value if high is None else high) - value


def error_bars(
    below: Iterable[float], above: Iterable[float], thickness: float = 1, width: float = 3
) -> Trace:
    """Returns error bars of different lengths to both sides."""
    return {
        "type": "data",
        "symmetric": False,
        "thickness": thickness,
        "width": width,
        "array": list(above),
        "arrayminus": list(below),
    }


def scatter(x: Iterable[float], y: Iterable[float | str], mode: str, **more: object) -> Trace:
    """Returns points, lines or texts."""
    return {"type": "scatter", "x": list(x), "y": list(y), "mode": mode} | more


def bars(x: Iterable[float], y: Iterable[str], **more: object) -> Trace:
    """Returns horizontal bars."""
    return {"type": "bar", "x": list(x), "y": list(y), "orientation": "h"} | more


def axis(title: str = "", **more: object) -> Trace:
    """Returns an axis with few lines."""
    return {
        "title": {"text": title, "standoff": 10, "font": {"size": 12.5}},
        "tickfont": {"size": 12},
        "gridcolor": GRID,
        "linecolor": GRID,
        "zeroline": False,
        "ticks": "",
        "automargin": True,
        "fixedrange": False,
    } | more


def log_axis(title: str, low: float, high: float, prefix: str = "", **more: object) -> Trace:
    """Returns a logarithmic axis: a tick a decade, or 1, 2, 5 where there are few decades.

    Each tick is written out (10, 20, 50, 100): plotly's own writes 2 and 5 between decades.
    """
    marks = (1, 2, 5) if low > 0 and high / low < 100 else (1,)
    powers = range(math.floor(math.log10(low or 1e-9)) - 1, math.ceil(math.log10(high or 1.0)) + 2)
    ticks = [(mark * 10.0**power, mark, power) for power in powers for mark in marks]
    return axis(
        title,
        type="log",
        tickmode="array",
        tickvals=[value for value, _, _ in ticks],
        ticktext=[prefix + _tick(*each) for each in ticks],
        minor={"showgrid": False},
        **more,
    )


def _tick(value: float, mark: int, power: int) -> str:
    for size, letter in ((9, "B"), (6, "M")):
        if power >= size:
            return f"{mark * 10 ** (power - size)}{letter}"
    if power >= 4:
        return f"{mark * 10 ** (power - 3)}k"
    return f"{value:,.0f}" if power >= 0 else f"{value:.{-power}f}"


def plot(
    traces: Sequence[Trace],
    height: int,  # pixels
    xaxis: Trace,
    yaxis: Trace,
    *,
    margin: tuple[int, int, int, int] = (64, 24, 16, 56),  # pixels: left, right, above, below
    **more: object,  # further settings of plotly's layout
) -> Plot:
    """Returns a drawing; colours of ink and paper are the page's, which knows the theme."""
    layout = {
        "height": height,
        "margin": dict(zip("lrtb", margin, strict=True)),
        "font": {"family": FONT, "size": 13},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "hoverlabel": {"font": {"family": FONT, "size": 13}, "align": "left"},
        "legend": {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom"},
        "xaxis": xaxis,
        "yaxis": yaxis,
    }
    return {"data": list(traces), "layout": layout | more}
