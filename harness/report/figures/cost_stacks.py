"""What a configuration costs once, by phase, and a month, by part: never mixed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from harness.analysis.words import LANGUAGES, Language, Phrase, phrase, word
from harness.records.phases import GREY
from harness.report.figures.canvas import Axes, dollars, legend, name_lines
from harness.report.figures.style import (
    PARTS,
    FigureTable,
    Plot,
    axis,
    bars,
    plot,
    safe,
    scatter,
    tall,
)
from harness.report.format import count, money, percent
from harness.report.values import ConfigurationRow, TaskReport

__all__ = [
    "CostStackInfo",
    "cost_once_info",
    "cost_month_info",
    "cost_stack_figure",
    "paint_cost_stack",
]


@dataclass(frozen=True, slots=True)
class CostBar:
    """A configuration's bar."""

    label: str
    parts: Mapping[str, float]  # dollars, the priced ones
    total: float
    unpriced: tuple[str, ...] = ()  # parts without a price

    def written(self, language: Language) -> str:
        """Writes the sum, and that something isn't in it."""
        if self.unpriced and not self.total:
            return word("unpriced", language)
        return money(self.total, language=language, least=bool(self.unpriced))


@dataclass(frozen=True, slots=True)
class CostStackInfo:
    """The chart's data."""

    kind: Literal["once", "month"]
    parts: tuple[str, ...]  # in the order of the stack
    bars: tuple[CostBar, ...]  # the dearest first
    finding: Phrase
    requests: float = 0.0  # of the month

    def title(self, language: Language) -> str:
        """Names the axis."""
        return word(f"figure.{self.kind}", language, requests=f"{self.requests:,.0f}")

    def table(self) -> FigureTable:
        """Returns the data as a table."""
        titles = ["strategy", *(f"phase.{part}" for part in self.parts), "sum", "unpriced_parts"]
        return titles, [
            [bar.label, *map(bar.parts.get, self.parts), bar.total, ", ".join(bar.unpriced)]
            for bar in self.bars
        ]


def cost_once_info(task: TaskReport) -> CostStackInfo:
    """Returns development by phase: labels, index, search, training, validation, saving."""
    stacks = []
    for row in task.ranked:
        parts = {name: usd for name, usd in row.once.items() if usd}
        stacks.append(CostBar(row.label, parts, sum(parts.values()), row.unpriced))
    return _stack("once", stacks, task)


def cost_month_info(task: TaskReport, requests: float) -> CostStackInfo:
    """Returns the price of a month: seconds of work, and the rest of whole machines."""
    stacks = []
    for row in task.ranked:
        usd = next((month.usd for month in row.months if month.requests == requests), None)
        each = row.usd_per_1k_requests
        if usd is None or each is None:
            continue
        working = min(usd, requests * each / 1000)
        parts = {"working": working, "waiting": usd - working}
        stacks.append(CostBar(row.label, {name: part for name, part in parts.items() if part}, usd))
    return replace(_stack("month", stacks, task), requests=requests)


def _stack(
    kind: Literal["once", "month"], stacks: list[CostBar], task: TaskReport
) -> CostStackInfo:
    stacks.sort(key=lambda bar: (-bar.total, bar.label))
    names = {part for bar in stacks for part in bar.parts}
    parts = tuple(part for part in PARTS if part in names) + tuple(sorted(names - PARTS.keys()))
    rows = {row.label: row for row in task.ranked}
    finding = _once(stacks, rows) if kind == "once" else _month(stacks)
    return CostStackInfo(kind, parts, tuple(stacks), finding)


def _once(stacks: list[CostBar], rows: Mapping[str, ConfigurationRow]) -> Phrase:
    finding = phrase("finding.cost_once.none")
    if not stacks:
        return finding
    top = stacks[0]
    if top.total:
        part = max(top.parts, key=lambda name: top.parts[name])
        finding = phrase(
            "finding.cost_once",
            name=top.label,
            usd=Phrase(*(top.written(language) for language in LANGUAGES)),
            part=phrase(f"phase.{part}"),
            share=percent(top.parts[part] / top.total),
        )
    if free := sum(not bar.total and not bar.unpriced for bar in stacks):
        finding = phrase("finding.cost_once.free", start=finding, free=free, of=len(stacks))
    labels = [rows[bar.label].labelled_rows for bar in stacks if "label" in bar.unpriced]
    if labels:
        most = count(max(labels))
        return phrase("finding.cost_once.labels", start=finding, most=most, of=len(labels))
    return finding


def _month(stacks: list[CostBar]) -> Phrase:
    if not stacks:
        return phrase("finding.cost_month.none")
    top, low = stacks[0], stacks[-1]
    waiting = max(bar.parts.get("waiting", 0.0) / bar.total for bar in stacks if bar.total)
    values: dict[str, Any] = {"dear": top.label, "dear_usd": money(top.total)}
    values |= {"waiting": percent(waiting)}
    if len(stacks) == 1 or top.total == low.total:
        return phrase("finding.cost_month.one", **values)
    return phrase("finding.cost_month", cheap=low.label, cheap_usd=money(low.total), **values)


def cost_stack_figure(info: CostStackInfo, language: Language = "en") -> Plot:
    """Draws horizontal stacks, as plotly's JSON."""
    stacks = list(reversed(info.bars))
    names = [safe(bar.label) for bar in stacks]
    traces = []
    for part in info.parts:
        values = [bar.parts.get(part, 0.0) for bar in stacks]
        title = word(f"phase.{part}", language)
        trace = bars(
            values,
            names,
            name=title,
            marker={"color": PARTS.get(part, GREY), "line": {"width": 0}},
            customdata=[money(value) for value in values],
            hovertemplate=f"{title}: %{{customdata}}<extra>%{{y}}</extra>",
        )
        traces.append(trace)
    totals = scatter(
        [bar.total for bar in stacks],
        names,
        "text",
        text=[f" {bar.written(language)}" for bar in stacks],
        showlegend=False,
        textposition="middle right",
        hoverinfo="skip",
        cliponaxis=False,
    )
    title, rising = info.title(language), {"rangemode": "tozero", "nticks": 6}
    drawing = plot(
        [*traces, totals],
        110 + tall([bar.label for bar in stacks], 30),
        axis(title, tickprefix="$", exponentformat="none", separatethousands=True, **rising),
        axis(showgrid=False),
        margin=(20, 110, 16, 52),
        barmode="stack",
        bargap=0.38,
    )
    drawing["layout"]["legend"]["traceorder"] = "normal"
    return drawing


def paint_cost_stack(axes: Axes, info: CostStackInfo, language: Language) -> None:
    """Draws the same with matplotlib."""
    places = range(len(info.bars))
    start = [0.0 for _ in info.bars]
    for part in info.parts:
        widths = [bar.parts.get(part, 0.0) for bar in info.bars]
        colour, label = PARTS.get(part, GREY), word(f"phase.{part}", language)
        axes.barh(places, widths, left=start, height=0.6, color=colour, label=label)
        start = [a + b for a, b in zip(start, widths, strict=True)]
    beside = {"xytext": (4, 0), "textcoords": "offset points", "va": "center", "fontsize": 8}
    for place, bar in zip(places, info.bars, strict=True):
        axes.annotate(bar.written(language), (bar.total, place), **beside)
    name_lines(axes, [bar.label for bar in info.bars])
    axes.xaxis.set_major_formatter(dollars)
    axes.set_xlabel(info.title(language))
    axes.margins(x=0.12)
    legend(axes, 4, 0.4)
