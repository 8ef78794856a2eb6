"""Drawings with two axes of figures: quality against cost, break-even, curves, predictions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from harness.analysis.words import Language, word
from harness.report.exports.drawings.frame import Axes, dollars, plain
from harness.report.figures import BreakEven, CurveInfo, PredictedInfo, QualityCost
from harness.report.figures.style import COLOURS, SERIES, short
from harness.report.values import FAMILIES

__all__ = ["break_even", "curves", "predicted", "quality_cost"]

MARKS = {
    "baseline": "o", "prompting": "s", "retrieval": "D", "tuning": "^", "tuning-retrieval": "p",
    "ceiling": "x",
}  # fmt: skip
"""By family; the page has the same shapes."""
PLACES = {"middle": (0.0, "center"), "top": (5.0, "bottom"), "bottom": (-5.0, "top")}
SIDES = {"right": (7.0, "left"), "left": (-7.0, "right"), "center": (0.0, "center")}


def quality_cost(axes: Axes, info: QualityCost, language: Language) -> None:
    """Draws settings by price and quality; those that are dominated are hollow."""
    line = sorted((p for p in info.points if p.frontier), key=lambda p: p.usd)
    if len(line) > 1:
        axes.plot([p.usd for p in line], [p.value for p in line], ":", color="#9aa3ad", lw=1.2,
                  label=word("figure.frontier", language), zorder=1)  # fmt: skip
    for family in FAMILIES:
        some = [p for p in info.points if p.family == family]
        for number, p in enumerate(some):
            colour, mark = COLOURS[family], MARKS[family]
            axes.errorbar(
                [p.usd], [p.value], yerr=[[p.value - p.low], [p.high - p.value]], fmt=mark,
                color=colour, markersize=8 if p.advised else 6, elinewidth=0.9, capsize=2,
                markerfacecolor=colour if p.frontier else "none",
                label=word(f"family.{family}", language) if not number else None,
            )  # fmt: skip
            vertical, _, side = p.place.partition(" ")
            dy, valign = PLACES[vertical]
            dx, align = SIDES[side]
            axes.annotate(
                short(p.label), (p.usd, p.value), (dx, dy), textcoords="offset points", ha=align,
                va=valign, fontsize=8, fontweight="bold" if p.advised else "normal",
            )  # fmt: skip
    axes.set_xscale("log")
    _ticks(axes.xaxis, [p.usd for p in info.points], dollars)
    axes.set_xlabel(word("figure.usd_1k", language))
    better = word("higher" if info.higher_is_better else "lower", language)
    unit = f", {info.unit}" if info.unit else ""
    axes.set_ylabel(f"{info.metric}{unit} · {better}")
    axes.margins(x=0.18)
    _legend(axes)


def _ticks(axis: Any, values: Sequence[float], write: Callable[[float, int], str]) -> None:
    """Writes the decades of a logarithmic axis; within a decade what lies between, too."""
    few = max(values, default=1) < 10 * min(values, default=1)
    axis.set_major_formatter(write)
    axis.set_minor_formatter(write if few else lambda value, position: "")


def _legend(axes: Axes) -> None:
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        axes.legend(handles, labels, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3,
                    fontsize=8)  # fmt: skip


def break_even(axes: Axes, info: BreakEven, utilisation: float, language: Language) -> None:
    """Draws dollars a month against requests a month at one utilisation."""
    for number, label in enumerate(info.labels):
        for each in info.series:
            if each.label == label and each.utilisation == utilisation:
                axes.plot(each.requests, each.usd, color=SERIES[number % len(SERIES)],
                          lw=1.8 if number == 0 else 1.1, label=short(label))  # fmt: skip
    some = [cross for cross in info.crossings if cross.utilisation == utilisation]
    axes.plot([c.requests for c in some], [c.usd for c in some], "o", color="#7d8590",
              markerfacecolor="none", markersize=5)  # fmt: skip
    axes.set_xscale("log")
    _ticks(axes.xaxis, [1e3, 1e7], plain)
    paid = [usd for each in info.series for usd in each.usd if usd > 0]
    if paid:
        axes.set_yscale("log")
        _ticks(axes.yaxis, paid, dollars)
    axes.set_xlabel(word("figure.volume", language))
    axes.set_ylabel(word("figure.monthly", language))
    _legend(axes)


def curves(axes: Axes, info: CurveInfo, language: Language) -> None:
    """Draws lines with intervals."""
    for number, curve in enumerate(info.curves[: len(SERIES)]):
        found = curve.points
        below = [p.value - (p.value if p.low is None else p.low) for p in found]
        above = [(p.value if p.high is None else p.high) - p.value for p in found]
        axes.errorbar([p.x for p in found], [p.value for p in found], yerr=[below, above], fmt="o-",
                      color=SERIES[number], lw=1.4, markersize=4, elinewidth=0.8, capsize=2,
                      label=short(curve.name))  # fmt: skip
    axes.set_xlabel(
        word("figure.labelled" if info.kind == "learning" else "figure.passages", language)
    )
    axes.set_ylabel(info.metric)
    axes.set_ylim(bottom=0)
    _legend(axes)


def predicted(axes: Axes, info: PredictedInfo, language: Language) -> None:
    """Draws predicted seconds against measured ones."""
    known: Sequence[Any] = [row for row in info.rows if row.predicted is not None]
    values = [x for row in known for x in (row.measured, row.predicted)]
    ends = [min(values) * 0.8, max(values) * 1.25]
    axes.plot(ends, ends, ":", color="#9aa3ad", lw=1)
    for phase, colour, mark in (("train", "#d55e00", "^"), ("serve", "#0072b2", "o")):
        some = [row for row in known if row.phase == phase]
        if some:
            axes.plot([r.measured for r in some], [r.predicted for r in some], mark, color=colour,
                      markersize=6, label=word(f"phase.{phase}", language))  # fmt: skip
    axes.set_xscale("log")
    axes.set_yscale("log")
    for axis in (axes.xaxis, axes.yaxis):
        _ticks(axis, ends, plain)
    axes.set_xlabel(word("figure.measured_seconds", language))
    axes.set_ylabel(word("figure.predicted_seconds", language))
    _legend(axes)
