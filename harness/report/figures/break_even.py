"""What each setting costs a month at rising volumes, where machines are used to 10, 50, 100 %.

A machine that is used to 10 % has a busiest second of ten mean ones: machines are bought for that
peak (`harness.costs.ownership`), so that utilisation is one over the peak factor.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.analysis.words import Language, Phrase, phrase, word
from harness.costs.deployment import Deployment, Terms
from harness.costs.ownership import break_even, total_cost
from harness.report.data import Asked
from harness.report.figures.style import SERIES, Table, axis, layout, log_axis, safe
from harness.report.format import count, money
from harness.report.values import TaskReport

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["BreakEven", "BreakEvenCross", "BreakEvenSeries", "break_even_figure", "break_even_info"]

UTILISATIONS = (0.1, 0.5, 1.0)
MOST = 5
LOW, HIGH, STEPS = 1e3, 1e7, 61


@dataclass(frozen=True, slots=True)
class BreakEvenSeries:
    """The cost of one setting at one utilisation.

    Attributes:
        label: Of the setting.
        utilisation: Mean load over what the machines carry.
        requests: Requests a month.
        usd: Dollars a month, development spread over the months.
    """

    label: str
    utilisation: float
    requests: tuple[float, ...]
    usd: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class BreakEvenCross:
    """A volume at which the cheaper of two changes.

    Attributes:
        utilisation: Mean load over what the machines carry.
        requests: Requests a month.
        usd: Dollars a month there.
        cheaper_below: Label of the one that is cheaper below.
        cheaper_above: Label of the one that is cheaper above.
    """

    utilisation: float
    requests: float
    usd: float
    cheaper_below: str
    cheaper_above: str


@dataclass(frozen=True, slots=True)
class BreakEven:
    """The chart's data.

    Attributes:
        months: Over which development is spread.
        utilisations: 0.1, 0.5, 1.
        labels: Settings that are drawn.
        series: One a setting and utilisation.
        crossings: Of the first setting with each other one, within what is drawn.
        asked: Requests a month that were asked for.
        unpriced: Settings without a price.
        finding: What the chart shows.
    """

    months: float
    utilisations: tuple[float, ...]
    labels: tuple[str, ...]
    series: tuple[BreakEvenSeries, ...]
    crossings: tuple[BreakEvenCross, ...]
    asked: float
    unpriced: tuple[str, ...]
    finding: Phrase

    def table(self) -> Table:
        """Returns the crossings, and the cost at powers of ten, as a table."""
        titles = ["strategy", "utilisation", *(f"{10**k:,}" for k in range(3, 8))]
        rows = []
        for each in self.series:
            at = dict(zip(each.requests, each.usd, strict=True))
            rows.append(
                [each.label, f"{each.utilisation:.0%}", *(at[10.0**k] for k in range(3, 8))]
            )
        return titles, rows


def break_even_info(task: TaskReport, asked: Asked) -> BreakEven:
    """Returns the curves of the advised setting and of those that it competes with.

    Args:
        task: The task; its deployments have the prices.
        asked: Months, updates, and the volume that is marked.
    """
    priced: list[str] = []
    unpriced: list[str] = []
    for label in _order(task):
        deployment = task.deployments[label]
        known = _usd(deployment, LOW, 1.0, asked) is not None
        (priced if known else unpriced).append(label)
    chosen = priced[:MOST]
    series = [
        _series(task.deployments[label], share, asked) for share in UTILISATIONS for label in chosen
    ]
    crossings = [
        cross
        for share in UTILISATIONS
        for other in chosen[1:]
        for cross in _crossings(task.deployments[chosen[0]], task.deployments[other], share, asked)
    ]
    return BreakEven(
        asked.months, UTILISATIONS, tuple(chosen), tuple(series), tuple(crossings),
        asked.requests_per_month, tuple(unpriced), _finding(chosen, crossings),
    )  # fmt: skip


def _order(task: TaskReport) -> list[str]:
    """The advised setting first, then its rivals, then the others by quality."""
    rows = {(row.name, row.model): row.label for row in task.ranked}
    first = [
        rows.get((line.name, advice.model)) or rows.get((line.name, None))
        for advice in task.advice
        for line in advice.lines
    ]
    labels = [label for label in first if label] + [row.label for row in task.ranked]
    return [label for label in dict.fromkeys(labels) if label in task.deployments]


def _terms(share: float) -> Terms:
    return Terms(peak_factor=1 / share)


def _usd(deployment: Deployment, requests: float, share: float, asked: Asked) -> float | None:
    total = total_cost(
        deployment, months=asked.months, requests_per_month=requests,
        updates_per_month=asked.updates_per_month, terms=_terms(share),
    ).usd  # fmt: skip
    return None if total is None else total / asked.months


def _series(deployment: Deployment, share: float, asked: Asked) -> BreakEvenSeries:
    reach = math.log10(HIGH / LOW)
    volumes = {LOW * 10 ** (reach * step / (STEPS - 1)) for step in range(STEPS)}
    volumes |= {10.0**k for k in range(3, 8)}
    capacity = deployment.capacity
    if capacity and capacity < math.inf and deployment.fixed_usd_per_month:
        each = _terms(share).requests_per_machine(capacity)
        for machine in range(1, 9):  # both sides of a step
            volumes |= {v for v in (machine * each, machine * each * 1.000001) if LOW < v < HIGH}
    points = [(v, _usd(deployment, v, share, asked)) for v in sorted(volumes)]
    known = [(v, usd) for v, usd in points if usd is not None]
    return BreakEvenSeries(
        deployment.name, share, tuple(v for v, _ in known), tuple(usd for _, usd in known)
    )


def _crossings(a: Deployment, b: Deployment, share: float, asked: Asked) -> list[BreakEvenCross]:
    made = break_even(
        a, b, months=asked.months, updates_per_month=asked.updates_per_month,
        terms=_terms(share), up_to=HIGH,
    )  # fmt: skip
    return [
        BreakEvenCross(
            share, each.requests_per_month, each.usd / asked.months, each.cheaper_below,
            each.cheaper_above,
        )
        for each in made.crossings
        if LOW <= each.requests_per_month <= HIGH
    ][:8]  # fmt: skip


def _finding(chosen: Sequence[str], crossings: Sequence[BreakEvenCross]) -> Phrase:
    if len(chosen) < 2:
        return phrase("finding.break_even.one")
    last = {}
    for cross in crossings:
        if cross.utilisation == 0.5:
            last[frozenset((cross.cheaper_below, cross.cheaper_above))] = cross
    if not last:
        never = not crossings
        return phrase("finding.break_even.never" if never else "finding.break_even.other",
                   name=chosen[0])  # fmt: skip
    cross = min(last.values(), key=lambda each: each.requests)
    return phrase(
        "finding.break_even", above=cross.cheaper_above, below=cross.cheaper_below,
        volume=count(cross.requests), usd=money(cross.usd),
    )  # fmt: skip


def break_even_figure(info: BreakEven, utilisation: float, language: Language = "en") -> go.Figure:
    """Draws one of the panels.

    Args:
        info: From `break_even_info`.
        utilisation: One of its utilisations.
        language: Of the axes.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    for number, label in enumerate(info.labels):
        for each in info.series:
            if each.label == label and each.utilisation == utilisation:
                figure.add_trace(
                    go.Scatter(
                        x=list(each.requests), y=list(each.usd), mode="lines", name=safe(label, 26),
                        line={"color": SERIES[number % len(SERIES)],
                              "width": 2.6 if number == 0 else 1.6},
                        hovertemplate="%{x:,.0f} → $%{y:,.2f}<extra>%{fullData.name}</extra>",
                    )
                )  # fmt: skip
    some = [cross for cross in info.crossings if cross.utilisation == utilisation]
    figure.add_trace(
        go.Scatter(
            x=[c.requests for c in some], y=[c.usd for c in some], mode="markers",
            showlegend=False, marker={"size": 7, "color": "#7d8590", "symbol": "circle-open"},
            text=[safe(c.cheaper_above) for c in some],
            hovertemplate="%{x:,.0f}: %{text}<extra></extra>",
        )
    )  # fmt: skip
    least = min((usd for each in info.series for usd in each.usd if usd > 0), default=1e-3)
    most = max((usd for each in info.series for usd in each.usd), default=1.0)
    limits = [math.log10(least) - 0.15, math.log10(most) + 0.15]
    figure.layout = (
        layout(
            300,
            axis(word("figure.volume", language), type="log", dtick=1, exponentformat="SI",
                 minor={"showgrid": False}, range=[3, 7]),
            log_axis(word("figure.monthly", language), least, most, tickprefix="$",
                     exponentformat="SI", range=limits),
            margin={"l": 60, "r": 12, "t": 10, "b": 52},
            showlegend=False,
        )
    )  # fmt: skip
    return figure
