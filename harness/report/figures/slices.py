"""Quality on parts of the test rows: seen and unseen facts, unanswerable questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.analysis.words import Language, Phrase, phrase, word
from harness.report.figures import style
from harness.report.figures.canvas import Axes, legend, name_lines
from harness.report.figures.style import FigureTable, Plot
from harness.report.format import points
from harness.report.values import Slice, TaskReport

__all__ = ["SliceInfo", "paint_slices", "slices_figure", "slices_info"]

MOST = 6  # values of a column, beyond which a chart in the page says nothing
SYMBOLS = ("circle", "diamond", "square", "triangle-up", "cross", "x")


@dataclass(frozen=True, slots=True)
class SliceInfo:
    """The chart's data."""

    column: str  # by which the rows are parted
    metric: str
    unit: str  # of an amount of money; empty for a share
    labels: tuple[str, ...]  # configurations, the best first
    parts: tuple[Slice, ...]  # one a value of the column
    finding: Phrase

    def table(self) -> FigureTable:
        """Returns the data as a table."""
        titles = ["strategy", *(f"={part.value}" for part in self.parts)]
        return titles, [
            [label, *(part.figures.get(label) for part in self.parts)] for label in self.labels
        ]

    def dots(self, part: Slice) -> list[tuple[int, float, float, float]]:
        """Returns place, value, and how far the interval goes below and above, by configuration."""
        figures = [(place, part.figures.get(label)) for place, label in enumerate(self.labels)]
        return [
            (place, figure.value, *style.reach(figure.value, figure.low, figure.high))
            for place, figure in figures
            if figure is not None and figure.value is not None
        ]

    def title(self, language: Language) -> str:
        """Names the horizontal axis."""
        unit = f", {self.unit}" if self.unit else ""
        return f"{self.metric}{unit} · {word('figure.interval', language)}"


def slices_info(task: TaskReport) -> list[SliceInfo]:
    """Returns one chart a column with several values, those with few values first."""
    labels = tuple(row.label for row in task.rows)
    infos = []
    for column in dict.fromkeys(each.column for each in task.slices):
        parts = tuple(each for each in task.slices if each.column == column)
        if len(parts) > 1:
            finding = _finding(task, parts)
            infos.append(SliceInfo(column, task.metric, task.unit, labels, parts, finding))
    return sorted(infos, key=lambda info: len(info.parts) > MOST)


def _finding(task: TaskReport, parts: Sequence[Slice]) -> Phrase:
    """The widest gap between two parts that one configuration has."""
    gaps = []
    for row in task.ranked:
        known = [
            (figure.value, part.value)
            for part in parts
            if (figure := part.figures.get(row.label)) and figure.value is not None
        ]
        if len(known) > 1:
            (low, worse), (high, better) = min(known), max(known)
            gaps.append((high - low, row.label, better, worse))
    if not gaps:
        return phrase("finding.slices.none")
    gap, name, better, worse = max(gaps, key=lambda each: each[0])
    return phrase("finding.slices", name=name, gap=points(gap, task), better=better, worse=worse)


def slices_figure(info: SliceInfo, language: Language = "en") -> Plot | None:
    """Draws a dot for each part and configuration, as plotly's JSON; None beyond `MOST` parts."""
    if len(info.parts) > MOST:
        return None
    form = ",.0f" if info.unit else ".3f"
    traces = []
    for part, colour, symbol in zip(info.parts, style.SERIES, SYMBOLS, strict=False):
        dots = info.dots(part)[::-1]
        trace = style.scatter(
            [value for _, value, _, _ in dots],
            [style.safe(info.labels[place]) for place, _, _, _ in dots],
            "markers",
            name=style.safe(part.value),
            marker={"size": 10, "color": colour, "symbol": symbol},
            error_x=style.error_bars((dot[2] for dot in dots), (dot[3] for dot in dots)),
            hovertemplate=f"%{{y}}: %{{x:{form}}}<extra>%{{fullData.name}}</extra>",
            cliponaxis=False,
        )
        traces.append(trace)
    order = [style.safe(label) for label in reversed(info.labels)]
    xaxis = style.axis(info.title(language), rangemode="tozero")
    yaxis = style.axis(categoryorder="array", categoryarray=order)
    return style.plot(
        traces, 120 + style.tall(info.labels, 30), xaxis, yaxis, margin=(20, 24, 16, 52)
    )


def paint_slices(axes: Axes, info: SliceInfo, language: Language) -> None:
    """Draws the same with matplotlib."""
    thin = {"fmt": "o", "markersize": 4, "elinewidth": 0.8, "capsize": 1.5}
    spread = 0.5 / max(1, len(info.parts))
    for number, part in enumerate(info.parts):
        colour = style.SERIES[number % len(style.SERIES)]
        for place, value, below, above in info.dots(part):
            at = place + (number - (len(info.parts) - 1) / 2) * spread
            axes.errorbar([value], [at], xerr=[[below], [above]], color=colour, **thin)
        axes.plot([], [], "o", color=colour, label=style.stacked(part.value, 20))
    name_lines(axes, info.labels)
    axes.set_xlabel(info.title(language))
    legend(axes, 5, 0.4)
