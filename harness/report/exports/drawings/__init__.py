"""The report's drawings as SVG and PDF, by matplotlib, from the infos that the page draws.

frame    fonts, settings, files with the same bytes each time
points   drawings with two axes of figures
bars     drawings with a line a setting
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from harness.analysis.words import Language
from harness.report.data import ReportData
from harness.report.exports.drawings import bars, points
from harness.report.exports.drawings.frame import FORMATS, draw
from harness.report.values import TaskReport

__all__ = ["FORMATS", "drawing_files"]

Paint = Callable[[Any], None]
LINE = 0.28
"""Inches of height that a setting takes in a drawing with a line a setting."""


def drawing_files(
    data: ReportData, forms: Sequence[str], language: Language = "en"
) -> Iterator[tuple[str, bytes]]:
    """Yields name and content of each drawing's file, ``1-quality_cost.svg``.

    Args:
        data: The report.
        forms: Of `FORMATS`.
        language: Of the axes.

    Raises:
        MissingDependency: matplotlib isn't installed.
        UsageError: There is no such format.
    """
    for number, task in enumerate(data.tasks, 1):
        for name, title, paint, height in _drawings(task, data, language):
            for form in forms:
                content = draw(paint, form, title=title, height=height)
                yield f"{number}-{name}.{form}", content


def _drawings(
    task: TaskReport, data: ReportData, language: Language
) -> Iterator[tuple[str, str, Paint, float]]:
    """Name, finding, painter and height of what there is data for."""
    from harness.report.drawn import infos_of

    infos = infos_of(task, data)

    def of(name: str, info: Any, paint: Callable[..., None], *more: Any, lines: int = 0) -> Any:
        height = 4.0 if not lines else 1.4 + LINE * max(3, lines)
        call = partial(paint, **{"info": info, "language": language})
        if more:
            call = partial(call, utilisation=more[0])
        return name, info.finding.say(language), call, height

    if infos["quality_cost"].points:
        yield of("quality_cost", infos["quality_cost"], points.quality_cost)
    for kind in ("cost_once", "cost_request"):
        stack = infos[kind]
        if any(bar.total for bar in stack.bars):
            yield of(kind, stack, bars.cost_stack, lines=len(stack.bars))
    even = infos["break_even"]
    for share in even.utilisations if even.series else ():
        yield of(f"break_even-{100 * share:.0f}", even, points.break_even, share)
    for info in infos["slices"]:
        if 0 < len(info.parts) <= 12:
            lines = len(info.labels) * max(1, len(info.parts) // 3)
            yield of(f"slices-{_plain(info.column)}", info, bars.slices, lines=lines)
    if infos["differences"].rows:
        rows = len(infos["differences"].rows)
        yield of("differences", infos["differences"], bars.differences, lines=rows)
    for kind in ("learning", "retrieval"):
        if infos[kind]:
            yield of(kind, infos[kind], points.curves)
    if infos["updates"]:
        yield of("updates", infos["updates"], bars.updates, lines=2 * len(infos["updates"].rows))
    if infos["predicted"] and any(r.predicted is not None for r in infos["predicted"].rows):
        yield of("predicted", infos["predicted"], points.predicted)


def _plain(text: str) -> str:
    """A name that any disk takes."""
    return "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in text)[:40]
