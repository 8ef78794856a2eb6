"""How far each configuration is behind the best, over the rows that both have."""

from __future__ import annotations

from dataclasses import dataclass

from harness.analysis.words import Language, Phrase, phrase, word
from harness.report.figures.canvas import Axes, legend, name_lines
from harness.report.figures.style import (
    GREY,
    FigureTable,
    Plot,
    axis,
    error_bars,
    plot,
    safe,
    scatter,
    tall,
)
from harness.report.format import points
from harness.report.values import TaskReport

__all__ = ["DifferenceInfo", "differences_figure", "differences_info", "paint_differences"]

COLOURS = {False: GREY, True: "#d55e00"}  # by whether a configuration is shown to differ
WORDS = {False: "not_shown", True: "differs"}


@dataclass(frozen=True, slots=True)
class Difference:
    """A configuration less the best one: the row's pair, seen from the other side."""

    label: str
    best: str
    difference: float  # 0 or less where the metric of rows agrees with the order
    low: float
    high: float
    p_value: float  # by Holm over all pairs
    n: int  # rows that both have
    differs: bool


@dataclass(frozen=True, slots=True)
class DifferenceInfo:
    """The chart's data."""

    metric: str  # what was compared, row by row
    unit: str  # of an amount of money; empty for a share
    rows: tuple[Difference, ...]  # the nearest to the best first
    finding: Phrase

    def table(self) -> FigureTable:
        """Returns the data as a table."""
        titles = ["strategy", "against", "difference", "low", "high", "p_holm", "n", "differs"]
        rows = [
            [d.label, d.best, d.difference, d.low, d.high, d.p_value, d.n, d.differs]
            for d in self.rows
        ]
        return titles, rows

    @property
    def scale(self) -> int:
        """By what differences are multiplied: those of shares are points."""
        return 1 if self.unit else 100

    def reaches(self, rows: list[Difference]) -> tuple[list[float], list[float]]:
        """Returns how far intervals go below and above, scaled."""
        below = [self.scale * (row.difference - row.low) for row in rows]
        return below, [self.scale * (row.high - row.difference) for row in rows]

    def title(self, language: Language) -> str:
        """Names the horizontal axis."""
        unit = self.unit or word("figure.points", language)
        return f"{word('figure.behind', language)}, {self.metric}, {unit}"


def differences_info(task: TaskReport) -> DifferenceInfo:
    """Returns each configuration's paired difference to the best one of its model."""
    rows = [
        Difference(p.b, p.a, -p.difference, -p.high, -p.low, p.p_value, p.n, p.differs)
        for row in task.ranked
        if (p := row.to_best) is not None
    ]
    rows.sort(key=lambda each: (-each.difference, each.label))
    metric = task.pairs[0].metric if task.pairs else task.metric
    return DifferenceInfo(metric, task.unit, tuple(rows), _finding(task, rows))


def _finding(task: TaskReport, rows: list[Difference]) -> Phrase:
    if not rows:
        return phrase("finding.differences.none")
    tied = [each for each in rows if not each.differs]
    counts = {"best": rows[0].best, "of": len(rows)}
    if not tied:
        least = points(-rows[0].difference, task)
        if len(rows) == 1:
            name = rows[0].label
            return phrase("finding.differences.one", best=rows[0].best, name=name, least=least)
        return phrase("finding.differences.all", **counts, least=least)
    widest = min(tied, key=lambda each: each.low)
    most = points(-widest.low, task)
    name = widest.label
    return phrase("finding.differences.some", **counts, tied=len(tied), name=name, most=most)


def differences_figure(info: DifferenceInfo, language: Language = "en") -> Plot:
    """Draws intervals beside the line of no difference, as plotly's JSON."""
    traces = []
    for differs, colour in COLOURS.items():
        rows = [each for each in reversed(info.rows) if each.differs == differs]
        trace = scatter(
            [info.scale * each.difference for each in rows],
            [safe(each.label) for each in rows],
            "markers",
            name=word(WORDS[differs], language),
            marker={"size": 9, "color": colour},
            error_x=error_bars(*info.reaches(rows), thickness=1.5, width=4),
            customdata=[[safe(each.best), f"{each.p_value:.3g}", each.n] for each in rows],
            hovertemplate="%{y}: %{x:.1f} · %{customdata[0]}<br>p (Holm) %{customdata[1]} · "
            "n %{customdata[2]}<extra></extra>",
        )
        traces.append(trace)
    order = [safe(each.label) for each in reversed(info.rows)]
    xaxis = axis(info.title(language), zeroline=True, zerolinecolor=GREY)
    yaxis = axis(showgrid=False, categoryorder="array", categoryarray=order)
    return plot(
        traces,
        120 + tall([each.label for each in info.rows], 28),
        xaxis,
        yaxis,
        margin=(20, 24, 16, 52),
    )


def paint_differences(axes: Axes, info: DifferenceInfo, language: Language) -> None:
    """Draws the same with matplotlib."""
    axes.axvline(0, color=GREY, lw=0.8)
    thin = {"fmt": "o", "markersize": 5, "elinewidth": 1.1, "capsize": 2}
    for differs, colour in COLOURS.items():
        places = [at for at, row in enumerate(info.rows) if row.differs == differs]
        rows = [info.rows[at] for at in places]
        if rows:
            x, xerr = [info.scale * row.difference for row in rows], info.reaches(rows)
            label = word(WORDS[differs], language)
            axes.errorbar(x, places, xerr=xerr, color=colour, label=label, **thin)
    name_lines(axes, [row.label for row in info.rows])
    axes.set_xlabel(info.title(language))
    legend(axes, 4, 0.4)
