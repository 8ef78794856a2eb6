"""Which drawings a task has, and all of them as plotly's JSON, packed for the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from harness.analysis.words import LANGUAGES, Language, Phrase
from harness.report.data import ReportData
from harness.report.figures import (
    break_even,
    cost_stacks,
    curves,
    differences,
    predicted,
    quality_cost,
    slices,
    updates,
)
from harness.report.figures.canvas import Axes
from harness.report.figures.style import Plot
from harness.report.format import json_values, packed
from harness.report.values import TaskReport

__all__ = ["Drawing", "anchors_of", "draw", "drawings", "infos_of"]

Infos = dict[str, Any]  # the data of a task's drawings by name; None where the records have none


class Info(Protocol):
    """The data of a drawing."""

    @property
    def finding(self) -> Phrase:
        """What the drawing shows, in a sentence."""


FUNCTIONS: Mapping[str, tuple[Callable[..., Plot | None], Callable[..., None]]] = {
    "quality_cost": (quality_cost.quality_cost_figure, quality_cost.paint_quality_cost),
    "cost": (cost_stacks.cost_stack_figure, cost_stacks.paint_cost_stack),
    "break_even": (break_even.break_even_figure, break_even.paint_break_even),
    "slices": (slices.slices_figure, slices.paint_slices),
    "differences": (differences.differences_figure, differences.paint_differences),
    "curves": (curves.curves_figure, curves.paint_curves),
    "updates": (updates.updates_figure, updates.paint_updates),
    "predicted": (predicted.predicted_figure, predicted.paint_predicted),
}
MOST_PARTS = 12  # parts of the test rows that a drawing shows; its table has them all


@dataclass(frozen=True)
class Drawing:
    """A drawing that there is data for."""

    name: str  # in the page
    file: str  # beside the page, without its ending
    finding: Phrase
    figure: Callable[..., Plot | None]  # of a language; None where only a file has it
    paint: Callable[..., None]  # of axes and a language
    lines: int = 0  # that configurations take, where each has one


def anchors_of(data: ReportData) -> dict[str, str]:
    """Returns what each task is called in an address: a name may hold anything."""
    return {task.name: f"t{number}" for number, task in enumerate(data.tasks)}


def infos_of(task: TaskReport, data: ReportData) -> Infos:
    """Returns the data of all of a task's drawings, by name; None where records have none."""
    return {
        "quality_cost": quality_cost.quality_cost_info(task),
        "cost_once": cost_stacks.cost_once_info(task),
        "cost_month": cost_stacks.cost_month_info(task, data.asked.requests_per_month),
        "break_even": break_even.break_even_info(task, data.asked),
        "slices": slices.slices_info(task),
        "differences": differences.differences_info(task),
        "learning": curves.curves_info(task, "learning"),
        "retrieval": curves.curves_info(task, "retrieval"),
        "updates": updates.updates_info(task),
        "predicted": predicted.predicted_info(task),
    }


def drawings(infos: Infos) -> Iterator[Drawing]:
    """Yields the drawings of a task, from `infos_of`, that there is data for."""
    scatter = infos["quality_cost"]
    if scatter.points:
        yield _drawing("quality_cost", scatter, "quality_cost")
    for kind in ("cost_once", "cost_month"):
        stack = infos[kind]
        if any(bar.total for bar in stack.bars):
            yield _drawing(kind, stack, "cost", lines=len(stack.bars))
    even = infos["break_even"]
    for number, share in enumerate(even.utilisations if even.series else ()):
        file = f"break_even-{100 * share:.0f}"
        yield _drawing(f"break_even-{number}", even, "break_even", file=file, utilisation=share)
    for number, parts in enumerate(infos["slices"]):
        if len(parts.parts) <= MOST_PARTS:
            lines = len(parts.labels) * max(1, len(parts.parts) // 3)
            file = f"slices-{_plain(parts.column)}"
            yield _drawing(f"slices-{number}", parts, "slices", file=file, lines=lines)
    if rows := infos["differences"].rows:
        yield _drawing("differences", infos["differences"], "differences", lines=len(rows))
    for kind in ("learning", "retrieval"):
        if infos[kind]:
            yield _drawing(kind, infos[kind], "curves")
    if info := infos["updates"]:
        yield _drawing("updates", info, "updates", lines=2 * len(info.rows))
    if infos["predicted"] and infos["predicted"].pairs():
        yield _drawing("predicted", infos["predicted"], "predicted")


def _drawing(
    name: str, info: Info, kind: str, *, file: str = "", lines: int = 0, **panel: float
) -> Drawing:
    figure, paint = FUNCTIONS[kind]

    def painted(axes: Axes, language: Language) -> None:
        paint(axes, info, language, **panel)

    return Drawing(name, file or name, info.finding, partial(figure, info, **panel), painted, lines)


def draw(data: ReportData, infos: Mapping[str, Infos]) -> tuple[str, dict[str, int]]:
    """Draws everything: plotly's JSON by drawing and language, packed, and each one's height."""
    plots: dict[str, dict[Language, Plot | None]] = {}
    heights = {}
    for name, place in anchors_of(data).items():
        for drawing in drawings(infos[name]):
            by_language = {lang: drawing.figure(language=lang) for lang in LANGUAGES}
            if (plot := by_language["en"]) is not None:
                plots[f"{place}-{drawing.name}"] = by_language
                heights[f"{place}-{drawing.name}"] = int(plot["layout"]["height"])
    return packed(json_values(plots)), heights


def _plain(text: str) -> str:
    """A name that any disk takes."""
    return "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in text)[:40]
