"""What answers lose beside what they cost: as the task declares it, or at a price for each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from harness.costs.book import PriceBook
from harness.costs.deployment import Demand, Deployment
from harness.costs.rows import ExchangeRate
from harness.errors import UsageError
from harness.metrics.aggregate import row_values
from harness.metrics.scored_rows import ScoredRows
from harness.metrics.statistics.resampling import Floats
from harness.records.schema import Metrics

__all__ = ["LOSS", "Loss", "charged", "currency_of", "losses_of", "tail"]

LOSS = "expected_loss"
"""The metric of what the task declares that a case loses."""
HANDOVER = "handover"
WORST = 0.05
"""Share of the cases whose mean loss is the conditional value at risk."""


@dataclass(frozen=True, slots=True)
class Loss:
    """One kind of loss, and what a unit of it is worth."""

    name: Literal["losses", "errors", "handovers"]  # as the part of a `TotalCost`
    usd: float  # dollars of a unit: of one of the currency, of a wrong answer, of a hand-over
    declared: bool = False  # whether the task declares what its decisions lose
    apart: bool = False  # whether hand-overs have a price of their own, and so are left out here
    rate: ExchangeRate | None = None  # by which `usd` was made of the task's currency

    def of_rows(self, rows: ScoredRows) -> Floats:
        """Returns what each row loses, in the unit; not a number where that isn't known."""
        if self.name == "errors":
            return rows.shares(~rows.correct & ~rows.abstained)
        if self.name == "handovers":
            return row_values(HANDOVER, rows) if self.declared else rows.shares(rows.abstained)
        values = row_values(LOSS, rows)
        return np.where(row_values(HANDOVER, rows) == 1, 0.0, values) if self.apart else values

    def mean(self, rows: ScoredRows) -> float:
        """Returns the mean over the rows where it is known."""
        return float(np.nanmean(self.of_rows(rows)))


def currency_of(figures: Metrics) -> str | None:
    """Returns the currency in which a task declares losses; None where it declares none."""
    figure = figures.metrics.get(LOSS)
    return figure.unit.partition(" ")[0] or None if figure else None


def losses_of(figures: Metrics, demand: Demand, book: PriceBook) -> tuple[Loss, ...]:
    """Returns what is lost by a task's answers; nothing where nobody says what they cost.

    A task's own declaration holds hand-overs, unless these have a price of their own.

    Raises:
        UsageError: Wrong answers have a price beside the declared one, or the book has no rate.
    """
    errors, handovers = demand.cost_per_error, demand.cost_per_handover
    currency = currency_of(figures)
    if currency is None:
        priced = (Loss("errors", errors), Loss("handovers", handovers or 0.0))
        return tuple(loss for loss in priced if loss.usd)
    if errors:
        raise UsageError(
            "the task itself declares what each wrong decision costs",
            "Leave --cost-per-error out; --cost-per-handover may stay.",
        )
    rate = None if currency == "USD" else book.currency(currency)
    usd = 1 / rate.per_usd if rate else 1.0
    own = Loss("losses", usd, declared=True, apart=handovers is not None, rate=rate)
    return (own, Loss("handovers", handovers, declared=True)) if handovers else (own,)


def charged(deployment: Deployment, lost: Iterable[tuple[Loss, float]]) -> Deployment:
    """Returns the deployment with what a request loses on average, in the unit of each kind."""
    for loss, mean in lost:
        mean = max(0.0, mean)  # a difference of two sums may be less than 0 by rounding
        if loss.name == "losses":
            deployment = replace(deployment, loss_usd_per_request=loss.usd * mean)
        elif loss.name == "errors":
            deployment = replace(deployment, error_rate=mean)
        else:
            deployment = replace(deployment, handover_rate=mean)
    return deployment


def tail(usd: Floats) -> float:
    """Returns the mean loss of the worst 5 % of cases: conditional value at risk.

    The case at the boundary counts by its part (Rockafellar and Uryasev, 2002, Journal of Banking
    and Finance 26:1443-1471).
    """
    worst = WORST * len(usd)
    ordered = np.sort(usd)[::-1]
    whole = min(int(worst), len(usd) - 1)
    return float((ordered[:whole].sum() + (worst - whole) * ordered[whole]) / worst)
