"""The report's drawings as SVG and PDF, by matplotlib, from the data that the page draws."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from harness.analysis.words import Language
from harness.report.data import ReportData
from harness.report.drawn import drawings, infos_of
from harness.report.figures.canvas import draw
from harness.report.shown import shown

__all__ = ["drawing_files"]

HEIGHT = 4.0  # inches of a drawing with two axes of figures
LINE = 0.28  # inches of height that a configuration takes in a drawing with a line a configuration


def drawing_files(
    data: ReportData, forms: Sequence[str], language: Language = "en"
) -> Iterator[tuple[str, bytes]]:
    """Yields name and content of each drawing's file, ``1-quality_cost.svg``.

    Raises:
        MissingDependency: matplotlib isn't installed.
        UsageError: There is no such format.
    """
    for number, task in enumerate(shown(data).tasks, 1):
        for each in drawings(infos_of(task, data)):
            height = 1.4 + LINE * max(3, each.lines) if each.lines else HEIGHT
            paint = partial(each.paint, language=language)
            for form in forms:
                content = draw(paint, form, title=each.finding.say(language), height=height)
                yield f"{number}-{each.file}.{form}", content
