"""Colours, marks and the frame that all drawings share."""

from __future__ import annotations

from typing import Any

from harness.records.phases import PHASES

__all__ = [
    "COLOURS",
    "PARTS",
    "SERIES",
    "SYMBOLS",
    "Table",
    "axis",
    "layout",
    "log_axis",
    "safe",
    "short",
]

Table = tuple[list[str], list[list[Any]]]
"""Keys of the catalogue for the titles, and rows of values."""

COLOURS = {
    "baseline": "#7d8590", "prompting": "#0072b2", "retrieval": "#009e73", "tuning": "#d55e00",
    "tuning-retrieval": "#a2559c", "ceiling": "#b8bec6",
}  # fmt: skip
"""By family; after Okabe and Ito, told apart with colour blindness too."""
SYMBOLS = {
    "baseline": "circle", "prompting": "square", "retrieval": "diamond", "tuning": "triangle-up",
    "tuning-retrieval": "pentagon", "ceiling": "x",
}  # fmt: skip
"""By family, plotly's names."""
PARTS = {name: phase.colour for name, phase in PHASES.items()} | {
    "working": "#0072b2",
    "waiting": "#c3d4e2",
}
"""By phase of a ledger, or part of a request's price."""
SERIES = ("#0072b2", "#d55e00", "#009e73", "#a2559c", "#e0a100", "#56b4e9", "#7d8590", "#8c6d31")
FONT = "Inter, 'Segoe UI', 'Apple SD Gothic Neo', 'Noto Sans KR', 'Malgun Gothic', sans-serif"
GRID = "rgba(128,138,150,0.22)"


def short(label: str, most: int = 34) -> str:
    """Cuts a long name for an axis; the table has it whole."""
    return label if len(label) <= most else f"{label[: most - 1]}…"


def safe(label: str, most: int = 34) -> str:
    """Writes a name for plotly, which reads a few tags and entities: a name brings none."""
    return short(label, most).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def axis(title: str = "", **more: Any) -> dict[str, Any]:
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


def log_axis(title: str, low: float, high: float, **more: Any) -> dict[str, Any]:
    """Returns a logarithmic axis: a tick a decade, or 1, 2, 5 where there are few decades."""
    few = low > 0 and high / low < 50
    return axis(title, type="log", dtick="D2" if few else 1, minor={"showgrid": False}, **more)


def layout(
    height: int, xaxis: dict[str, Any], yaxis: dict[str, Any], **more: Any
) -> dict[str, Any]:
    """Returns a layout; colours of ink and paper are the page's, which knows the theme."""
    return {
        "template": None,
        "height": height,
        "margin": {"l": 64, "r": 24, "t": 16, "b": 56},
        "font": {"family": FONT, "size": 13},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "hoverlabel": {"font": {"family": FONT, "size": 13}, "align": "left"},
        "legend": {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom"},
        "xaxis": xaxis,
        "yaxis": yaxis,
    } | more
