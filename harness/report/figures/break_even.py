"""What a configuration costs a month at rising volumes, on machines used to 10, 50, 100 %.

A machine that is used to 10 % has a busiest second of ten mean ones: machines are bought for that
peak (`harness.costs.ownership`), so that utilisation is one over the peak factor.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from harness.analysis.words import Language, Phrase, phrase, word
from harness.costs.deployment import Demand, Deployment
from harness.costs.ownership import break_even, total_cost
from harness.report.data import Scenario
from harness.report.figures import style
from harness.report.figures.canvas import Axes, dollars, legend, log_ticks, plain
from harness.report.figures.style import FigureTable, Plot
from harness.report.format import count, money
from harness.report.values import TaskReport

__all__ = ["BreakEvenInfo", "break_even_figure", "break_even_info", "paint_break_even"]

UTILISATIONS = (0.1, 0.5, 1.0)
MOST = 5  # configurations that are drawn
LOW, HIGH, STEPS = 1e3, 1e7, 61  # requests a month at both ends, and points between
DECADES = tuple(10.0**power for power in range(3, 8))


@dataclass(frozen=True, slots=True)
class BreakEvenSeries:
    """The cost of one configuration at one utilisation."""

    label: str
    utilisation: float  # mean load over what the machines carry
    requests: tuple[float, ...]  # a month
    usd: tuple[float, ...]  # a month, development spread over the months


@dataclass(frozen=True, slots=True)
class BreakEvenCross:
    """A volume at which the cheaper of two changes."""

    utilisation: float
    requests: float  # a month
    usd: float  # a month there
    cheaper_below: str  # label
    cheaper_above: str


@dataclass(frozen=True, slots=True)
class BreakEvenInfo:
    """The chart's data."""

    months: float  # over which development is spread
    utilisations: tuple[float, ...]
    labels: tuple[str, ...]  # configurations that are drawn
    series: tuple[BreakEvenSeries, ...]  # one a configuration and utilisation
    crossings: tuple[BreakEvenCross, ...]  # of the first configuration with each other one
    asked: float  # requests a month that were asked for
    unpriced: tuple[str, ...]  # configurations without a price
    finding: Phrase

    def table(self) -> FigureTable:
        """Returns the cost at powers of ten as a table."""
        rows = []
        for each in self.series:
            usd = dict(zip(each.requests, each.usd, strict=True))
            rows.append([each.label, f"{each.utilisation:.0%}", *(usd[x] for x in DECADES)])
        return ["strategy", "utilisation", *(f"{x:,.0f}" for x in DECADES)], rows

    def lines(self, utilisation: float) -> list[tuple[int, BreakEvenSeries]]:
        """Returns the number and the cost of each configuration at one utilisation."""
        return [
            (self.labels.index(each.label), each)
            for each in self.series
            if each.utilisation == utilisation
        ]

    def circles(self, utilisation: float) -> list[BreakEvenCross]:
        """Returns the crossings at one utilisation."""
        return [cross for cross in self.crossings if cross.utilisation == utilisation]


def break_even_info(task: TaskReport, scenario: Scenario) -> BreakEvenInfo:
    """Returns the curves of the advised configuration and of those that it competes with."""
    usd = {label: _usd(task.deployments[label], LOW, 1.0, scenario) for label in _order(task)}
    chosen = [label for label, known in usd.items() if known is not None][:MOST]
    series = [
        _series(task.deployments[label], share, scenario)
        for share in UTILISATIONS
        for label in chosen
    ]
    crossings = [
        cross
        for share in UTILISATIONS
        for other in chosen[1:]
        for cross in _crossings(
            task.deployments[chosen[0]], task.deployments[other], share, scenario
        )
    ]
    return BreakEvenInfo(
        scenario.months,
        UTILISATIONS,
        tuple(chosen),
        tuple(series),
        tuple(crossings),
        scenario.requests_per_month,
        tuple(label for label, known in usd.items() if known is None),
        _finding(chosen, crossings),
    )


def _order(task: TaskReport) -> list[str]:
    """The advised configuration first, then its rivals, then the others by quality."""
    first = [line.name for advice in task.advice for line in advice.lines]
    labels = first + [row.label for row in task.ranked]
    return [label for label in dict.fromkeys(labels) if label in task.deployments]


def _demand(share: float) -> Demand:
    return Demand(peak_factor=1 / share)


def _usd(deployment: Deployment, requests: float, share: float, scenario: Scenario) -> float | None:
    """Dollars a month; None without a price."""
    total = total_cost(
        deployment,
        months=scenario.months,
        requests_per_month=requests,
        updates_per_month=scenario.updates_per_month,
        demand=_demand(share),
    ).usd
    return None if total is None else total / scenario.months


def _series(deployment: Deployment, share: float, scenario: Scenario) -> BreakEvenSeries:
    reach = math.log10(HIGH / LOW)
    volumes = {LOW * 10 ** (reach * step / (STEPS - 1)) for step in range(STEPS)} | {*DECADES}
    capacity = deployment.capacity
    if capacity and capacity < math.inf and deployment.fixed_usd_per_month:
        each = _demand(share).requests_per_machine(capacity)
        for machine in range(1, 9):  # both sides of a step
            volumes |= {v for v in (machine * each, machine * each * 1.000001) if LOW < v < HIGH}
    points = [(v, _usd(deployment, v, share, scenario)) for v in sorted(volumes)]
    known = [(v, usd) for v, usd in points if usd is not None]
    return BreakEvenSeries(
        deployment.name, share, tuple(v for v, _ in known), tuple(usd for _, usd in known)
    )


def _crossings(
    a: Deployment, b: Deployment, share: float, scenario: Scenario
) -> list[BreakEvenCross]:
    result = break_even(
        a,
        b,
        months=scenario.months,
        updates_per_month=scenario.updates_per_month,
        demand=_demand(share),
        up_to=HIGH,
    )
    return [
        BreakEvenCross(
            share,
            each.requests_per_month,
            each.usd / scenario.months,
            each.cheaper_below,
            each.cheaper_above,
        )
        for each in result.crossings
        if LOW <= each.requests_per_month <= HIGH
    ][:8]


def _finding(chosen: Sequence[str], crossings: Sequence[BreakEvenCross]) -> Phrase:
    if len(chosen) < 2:
        return phrase("finding.break_even.one")
    last = {
        frozenset((cross.cheaper_below, cross.cheaper_above)): cross
        for cross in crossings
        if cross.utilisation == 0.5
    }
    if not last:
        key = "finding.break_even.other" if crossings else "finding.break_even.never"
        return phrase(key, name=chosen[0])
    cross = min(last.values(), key=lambda each: each.requests)
    return phrase(
        "finding.break_even",
        above=cross.cheaper_above,
        below=cross.cheaper_below,
        volume=count(cross.requests),
        usd=money(cross.usd),
    )


def break_even_figure(info: BreakEvenInfo, utilisation: float, language: Language = "en") -> Plot:
    """Draws the panel of one of the utilisations, as plotly's JSON."""
    traces = []
    for number, each in info.lines(utilisation):
        line = {"color": style.SERIES[number % len(style.SERIES)], "width": 1.6 if number else 2.6}
        hover = "%{x:,.0f} → $%{y:,.2f}<extra>%{fullData.name}</extra>"
        name = style.safe(each.label, 26)
        trace = style.scatter(
            each.requests, each.usd, "lines", name=name, line=line, hovertemplate=hover
        )
        traces.append(trace)
    circles = info.circles(utilisation)
    crossings = style.scatter(
        [cross.requests for cross in circles],
        [cross.usd for cross in circles],
        "markers",
        showlegend=False,
        marker={"size": 7, "color": style.GREY, "symbol": "circle-open"},
        text=[style.safe(cross.cheaper_above) for cross in circles],
        hovertemplate="%{x:,.0f}: %{text}<extra></extra>",
    )
    usd = [usd for each in info.series for usd in each.usd]
    least, most = min((x for x in usd if x > 0), default=1e-3), max(usd, default=1.0)
    limits = [math.log10(least) - 0.15, math.log10(most) + 0.15]
    volume, monthly = (word(f"figure.{key}", language) for key in ("volume", "monthly"))
    xaxis = style.log_axis(volume, LOW, HIGH, range=[math.log10(LOW), math.log10(HIGH)])
    yaxis = style.log_axis(monthly, least, most, "$", range=limits)
    margin = (60, 12, 10, 52)
    return style.plot([*traces, crossings], 300, xaxis, yaxis, margin=margin, showlegend=False)


def paint_break_even(
    axes: Axes, info: BreakEvenInfo, language: Language, *, utilisation: float
) -> None:
    """Draws the same panel with matplotlib."""
    for number, each in info.lines(utilisation):
        colour, width = style.SERIES[number % len(style.SERIES)], 1.1 if number else 1.8
        axes.plot(each.requests, each.usd, color=colour, lw=width, label=style.stacked(each.label))
    circles = info.circles(utilisation)
    x, y = [cross.requests for cross in circles], [cross.usd for cross in circles]
    axes.plot(x, y, "o", color=style.GREY, markerfacecolor="none", markersize=5)
    axes.set_xscale("log")
    log_ticks(axes.xaxis, [LOW, HIGH], plain)
    paid = [usd for each in info.series for usd in each.usd if usd > 0]
    if paid:
        axes.set_yscale("log")
        log_ticks(axes.yaxis, paid, dollars)
    axes.set_xlabel(word("figure.volume", language))
    axes.set_ylabel(word("figure.monthly", language))
    legend(axes)
