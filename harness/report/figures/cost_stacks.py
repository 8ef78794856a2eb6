"""What a setting costs once, by phase, and for 1,000 requests, by part: never mixed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from harness.analysis.words import Language, Phrase, phrase, word
from harness.report.figures.style import PHASES, Table, axis, layout, safe
from harness.report.format import count, money, percent
from harness.report.values import Row, TaskReport

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = [
    "CostBar",
    "CostStack",
    "cost_once_info",
    "cost_request_info",
    "cost_stack_figure",
]


@dataclass(frozen=True, slots=True)
class CostBar:
    """A setting's bar.

    Attributes:
        label: Of the setting.
        parts: Dollars by part, the priced ones.
        total: Their sum.
        unpriced: Parts without a price.
    """

    label: str
    parts: Mapping[str, float]
    total: float
    unpriced: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CostStack:
    """The chart's data.

    Attributes:
        kind: ``once`` or ``request`` (dollars for 1,000 requests).
        parts: Names of the parts, in the order of the stack.
        bars: The dearest first.
        finding: What the chart shows.
    """

    kind: Literal["once", "request"]
    parts: tuple[str, ...]
    bars: tuple[CostBar, ...]
    finding: Phrase

    def table(self) -> Table:
        """Returns the data as a table."""
        titles = ["strategy", *(f"phase.{part}" for part in self.parts), "sum", "unpriced_parts"]
        rows = [
            [bar.label, *(bar.parts.get(part) for part in self.parts), bar.total,
             ", ".join(bar.unpriced)]
            for bar in self.bars
        ]  # fmt: skip
        return titles, rows


def cost_once_info(task: TaskReport) -> CostStack:
    """Returns development by phase: labels, index, search, training, validation, saving."""
    bars = []
    for row in task.ranked:
        parts = {name: usd for name, usd in row.once.items() if usd}
        bars.append(CostBar(row.label, parts, sum(parts.values()), row.unpriced))
    return _stack("once", bars, task)


def cost_request_info(task: TaskReport) -> CostStack:
    """Returns the price of 1,000 requests: seconds of work, and the rest of a whole machine."""
    bars = []
    for row in task.ranked:
        parts = {name: 1000 * usd for name, usd in row.per_request.items() if usd}
        if row.usd_per_1k_requests is not None:
            bars.append(CostBar(row.label, parts, row.usd_per_1k_requests))
    return _stack("request", bars, task)


def _stack(kind: Literal["once", "request"], bars: list[CostBar], task: TaskReport) -> CostStack:
    bars.sort(key=lambda bar: (-bar.total, bar.label))
    seen = {part for bar in bars for part in bar.parts}
    parts = tuple(part for part in PHASES if part in seen) + tuple(sorted(seen - PHASES.keys()))
    rows = {row.label: row for row in task.ranked}
    finding = _once(bars, rows) if kind == "once" else _request(bars)
    return CostStack(kind, parts, tuple(bars), finding)


def _once(bars: list[CostBar], rows: Mapping[str, Row]) -> Phrase:
    if not bars:
        return phrase("finding.cost_once.none")
    top = bars[0]
    free = sum(not bar.total and not bar.unpriced for bar in bars)
    labels = [rows[bar.label].labelled_rows for bar in bars if "label" in bar.unpriced]
    said = phrase("finding.cost_once.none")
    if top.total:
        part = max(top.parts, key=lambda name: top.parts[name])
        said = phrase("finding.cost_once", name=top.label, usd=money(top.total), free=free,
                   part=phrase(f"phase.{part}"), share=percent(top.parts[part] / top.total))  # fmt: skip
    if labels:
        return phrase(
            "finding.cost_once.labels", start=said, most=count(max(labels)), of=len(labels)
        )
    return said


def _request(bars: list[CostBar]) -> Phrase:
    if not bars:
        return phrase("finding.cost_request.none")
    top, low = bars[0], bars[-1]
    waiting = [bar.parts.get("waiting", 0.0) / bar.total for bar in bars if bar.total]
    if len(bars) == 1 or not low.total:
        return phrase("finding.cost_request.one", name=top.label, usd=money(top.total))
    ratio = top.total / low.total
    return phrase(
        "finding.cost_request", dear=top.label, dear_usd=money(top.total), cheap=low.label,
        cheap_usd=money(low.total), ratio=f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.1f}",
        waiting=percent(max(waiting)),
    )  # fmt: skip


def cost_stack_figure(info: CostStack, language: Language = "en") -> go.Figure:
    """Draws horizontal stacks.

    Args:
        info: From `cost_once_info` or `cost_request_info`.
        language: Of the axes.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    bars = list(reversed(info.bars))
    names = [safe(bar.label) for bar in bars]
    for part in info.parts:
        values = [bar.parts.get(part, 0.0) for bar in bars]
        title = word(f"phase.{part}", language)
        figure.add_trace(
            go.Bar(
                x=values, y=names, orientation="h", name=title,
                marker={"color": PHASES.get(part, "#7d8590"), "line": {"width": 0}},
                customdata=[money(value) for value in values],
                hovertemplate=f"{title}: %{{customdata}}<extra>%{{y}}</extra>",
            )
        )  # fmt: skip
    totals = [
        f" {money(bar.total)}{' + ' + word('unpriced', language) if bar.unpriced else ''}"
        for bar in bars
    ]
    figure.add_trace(
        go.Scatter(
            x=[bar.total for bar in bars], y=names, mode="text", text=totals, showlegend=False,
            textposition="middle right", hoverinfo="skip", cliponaxis=False,
        )
    )  # fmt: skip
    figure.layout = (
        layout(
            110 + 30 * max(3, len(bars)),
            axis(word(f"figure.{info.kind}", language), tickprefix="$", rangemode="tozero",
                 nticks=6),
            axis(showgrid=False),
            barmode="stack",
            legend_traceorder="normal",
            bargap=0.38,
            margin={"l": 20, "r": 110, "t": 16, "b": 52},
        )
    )  # fmt: skip
    return figure
