"""Quality on parts of the test rows: seen and unseen facts, unanswerable questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.analysis.words import Language, Phrase, phrase, word
from harness.report.figures.style import SERIES, Table, axis, layout, safe
from harness.report.format import points
from harness.report.values import Figure, Slice, TaskReport

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["SliceInfo", "slices_figure", "slices_info"]

MOST = 6  # values of a column, beyond which a chart says nothing


@dataclass(frozen=True, slots=True)
class SliceInfo:
    """The chart's data.

    Attributes:
        column: What the rows are parted by.
        metric: Primary metric.
        unit: Of an amount of money; empty for a share.
        labels: Settings, the best first.
        parts: One a value of the column: rows, and figures by label.
        finding: What the chart shows.
    """

    column: str
    metric: str
    unit: str
    labels: tuple[str, ...]
    parts: tuple[Slice, ...]
    finding: Phrase

    def table(self) -> Table:
        """Returns the data as a table."""
        titles = ["strategy", *(f"={part.value}" for part in self.parts)]
        return titles, [
            [label, *(part.figures.get(label) for part in self.parts)] for label in self.labels
        ]


def slices_info(task: TaskReport) -> list[SliceInfo]:
    """Returns one chart a column with several values, those with few values first."""
    columns = dict.fromkeys(each.column for each in task.slices)
    labels = tuple(row.label for row in task.rows)
    made = []
    for column in columns:
        parts = tuple(each for each in task.slices if each.column == column)
        if len(parts) > 1:
            finding = _finding(task, parts)
            made.append(SliceInfo(column, task.metric, task.unit, labels, parts, finding))
    return sorted(made, key=lambda info: len(info.parts) > MOST)


def _finding(task: TaskReport, parts: Sequence[Slice]) -> Phrase:
    """The widest gap between two parts that one setting has."""
    best: tuple[float, str, str, str] | None = None
    for row in task.ranked:
        known = [
            (figure.value, part.value)
            for part in parts
            if (figure := part.figures.get(row.label)) and figure.value is not None
        ]
        if len(known) > 1:
            (low, worse), (high, better) = min(known), max(known)
            gap = (high - low, row.label, better, worse)
            best = gap if best is None or gap[0] > best[0] else best
    if best is None:
        return phrase("finding.slices.none")
    gap_, name, better, worse = best
    return phrase("finding.slices", name=name, gap=points(gap_, task), better=better, worse=worse)


def slices_figure(info: SliceInfo, language: Language = "en") -> go.Figure | None:
    """Draws a dot a part and setting; None where there are too many parts.

    Args:
        info: From `slices_info`.
        language: Of the axes.
    """
    import plotly.graph_objects as go

    if len(info.parts) > MOST:
        return None
    figure = go.Figure()
    for number, part in enumerate(info.parts):
        some = [(label, part.figures[label]) for label in reversed(info.labels)
                if label in part.figures and part.figures[label].value is not None]  # fmt: skip
        figure.add_trace(_dots(some, number, part.value, info.unit))
    order = [safe(label) for label in reversed(info.labels)]
    figure.layout = (
        layout(
            120 + 30 * max(3, len(info.labels)),
            axis(f"{info.metric}{', ' + info.unit if info.unit else ''} · "
                 f"{word('figure.interval', language)}", rangemode="tozero"),
            axis(categoryorder="array", categoryarray=order),
            margin={"l": 20, "r": 24, "t": 16, "b": 52},
        )
    )  # fmt: skip
    return figure


def _dots(some: Sequence[tuple[str, Figure]], number: int, name: str, unit: str) -> object:
    import plotly.graph_objects as go

    values = [figure.value or 0.0 for _, figure in some]
    form = ",.0f" if unit else ".3f"
    return go.Scatter(
        cliponaxis=False,
        x=values, y=[safe(label) for label, _ in some], mode="markers", name=safe(name),
        marker={"size": 10, "color": SERIES[number % len(SERIES)],
                "symbol": ("circle", "diamond", "square", "triangle-up", "cross", "x")[number % 6]},
        error_x={
            "type": "data", "symmetric": False, "thickness": 1, "width": 3,
            "array": [(value if f.high is None else f.high) - value
                      for value, (_, f) in zip(values, some, strict=True)],
            "arrayminus": [value - (value if f.low is None else f.low)
                           for value, (_, f) in zip(values, some, strict=True)],
        },
        hovertemplate=f"%{{y}}: %{{x:{form}}}<extra>%{{fullData.name}}</extra>",
    )  # fmt: skip
