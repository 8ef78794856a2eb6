"""How far each setting is behind the best, over the rows that both have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.analysis.words import Language, Phrase, phrase, word
from harness.report.figures.style import Table, axis, layout, safe
from harness.report.format import points
from harness.report.values import TaskReport

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["Difference", "DifferenceInfo", "differences_figure", "differences_info"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A setting less the best one.

    Attributes:
        label: Of the setting.
        best: Of the best one.
        difference: 0 or less where the metric of rows agrees with the order.
        low: Lower end of its 95 % interval.
        high: Upper end.
        p_value: By Holm over all pairs.
        n: Rows that both have.
        differs: Whether it is shown to differ.
    """

    label: str
    best: str
    difference: float
    low: float
    high: float
    p_value: float
    n: int
    differs: bool


@dataclass(frozen=True, slots=True)
class DifferenceInfo:
    """The chart's data.

    Attributes:
        metric: What was compared, row by row.
        unit: Of an amount of money; empty for a share.
        rows: The nearest to the best first.
        finding: What the chart shows.
    """

    metric: str
    unit: str
    rows: tuple[Difference, ...]
    finding: Phrase

    def table(self) -> Table:
        """Returns the data as a table."""
        titles = ["strategy", "against", "difference", "low", "high", "p_holm", "n", "differs"]
        rows = [
            [d.label, d.best, d.difference, d.low, d.high, d.p_value, d.n, d.differs]
            for d in self.rows
        ]
        return titles, rows


def differences_info(task: TaskReport) -> DifferenceInfo:
    """Returns each setting's paired difference to the best one of its model."""
    found = [
        Difference(p.b, p.a, -p.difference, -p.high, -p.low, p.p_value, p.n, p.differs)
        for row in task.ranked
        if (p := row.to_best) is not None
    ]
    found.sort(key=lambda each: (-each.difference, each.label))
    metric = task.pairs[0].metric if task.pairs else task.metric
    return DifferenceInfo(metric, task.unit, tuple(found), _finding(task, found))


def _finding(task: TaskReport, found: list[Difference]) -> Phrase:
    if not found:
        return phrase("finding.differences.none")
    tied = [each for each in found if not each.differs]
    best = found[0].best
    if not tied:
        return phrase("finding.differences.all", best=best, of=len(found),
                   least=points(-found[0].difference, task))  # fmt: skip
    widest = min(tied, key=lambda each: each.low)
    return phrase("finding.differences.some", best=best, tied=len(tied), of=len(found),
               name=widest.label, most=points(-widest.low, task))  # fmt: skip


def differences_figure(info: DifferenceInfo, language: Language = "en") -> go.Figure:
    """Draws intervals beside the line of no difference.

    Args:
        info: From `differences_info`.
        language: Of the axes.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    scale = 1 if info.unit else 100
    for differs in (False, True):
        some = [each for each in reversed(info.rows) if each.differs == differs]
        colour = "#d55e00" if differs else "#7d8590"
        figure.add_trace(
            go.Scatter(
                x=[scale * each.difference for each in some], y=[safe(each.label) for each in some],
                mode="markers", name=word("differs" if differs else "not_shown", language),
                marker={"size": 9, "color": colour},
                error_x={
                    "type": "data", "symmetric": False, "thickness": 1.5, "width": 4,
                    "array": [scale * (each.high - each.difference) for each in some],
                    "arrayminus": [scale * (each.difference - each.low) for each in some],
                },
                customdata=[[safe(each.best), f"{each.p_value:.3g}", each.n] for each in some],
                hovertemplate="%{y}: %{x:.1f} · %{customdata[0]}<br>p (Holm) %{customdata[1]} · "
                "n %{customdata[2]}<extra></extra>",
            )
        )  # fmt: skip
    order = [safe(each.label) for each in reversed(info.rows)]
    unit = info.unit or word("figure.points", language)
    figure.layout = (
        layout(
            120 + 28 * max(3, len(info.rows)),
            axis(f"{word('figure.behind', language)}, {info.metric}, {unit}", zeroline=True,
                 zerolinecolor="#7d8590"),
            axis(showgrid=False, categoryorder="array", categoryarray=order),
            margin={"l": 20, "r": 24, "t": 16, "b": 52},
        )
    )  # fmt: skip
    return figure
