"""How the answer moves when one assumption does: volume, peaks, prices, updates, labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from harness.costs.deployment import Deployment, Terms
from harness.costs.ownership import Total, total_cost
from harness.errors import UsageError

__all__ = ["Scenario", "Swing", "sensitivity"]


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is asked of every deployment.

    Attributes:
        months: N.
        requests_per_month: Q.
        updates_per_month: u.
        terms: Peaks, redundancy, and what wrong answers cost.
    """

    months: float
    requests_per_month: float
    updates_per_month: float = 0.0
    terms: Terms = field(default_factory=Terms)

    def total(self, deployment: Deployment) -> Total:
        """Returns the total cost of ownership, by part."""
        return total_cost(
            deployment,
            months=self.months,
            requests_per_month=self.requests_per_month,
            updates_per_month=self.updates_per_month,
            terms=self.terms,
        )

    def usd(self, deployment: Deployment) -> float | None:
        """Returns the total cost of ownership; None where a part has no price."""
        return self.total(deployment).usd


@dataclass(frozen=True, slots=True)
class Swing:
    """One assumption, divided and multiplied by a factor.

    Attributes:
        assumption: Which one.
        factor: By how much.
        low: Total cost by deployment, with the assumption divided.
        high: Total cost by deployment, with the assumption multiplied.
        cheapest_low: The cheapest then; None where none has a price.
        cheapest_high: The cheapest then.
        flips: Whether the cheapest isn't the same all along.
    """

    assumption: str
    factor: float
    low: dict[str, float | None]
    high: dict[str, float | None]
    cheapest_low: str | None
    cheapest_high: str | None
    flips: bool

    def as_dict(self) -> dict[str, Any]:
        """Returns the fields as JSON values."""
        return asdict(self)


Move = Callable[[Deployment, Scenario, float], tuple[Deployment, Scenario]]


def _volume(one: Deployment, asked: Scenario, by: float) -> tuple[Deployment, Scenario]:
    return one, replace(asked, requests_per_month=asked.requests_per_month * by)


def _utilisation(one: Deployment, asked: Scenario, by: float) -> tuple[Deployment, Scenario]:
    """A machine that is half as busy in the mean has twice the peaks, and never less than one."""
    peak = max(1.0, asked.terms.peak_factor / by)
    return one, replace(asked, terms=replace(asked.terms, peak_factor=peak))


def _price(one: Deployment, asked: Scenario, by: float) -> tuple[Deployment, Scenario]:
    fixed, usd = one.fixed_usd_per_month, one.usd_per_request
    return replace(
        one,
        fixed_usd_per_month=None if fixed is None else fixed * by,
        usd_per_request=None if usd is None else usd * by,
    ), asked


def _updates(one: Deployment, asked: Scenario, by: float) -> tuple[Deployment, Scenario]:
    return one, replace(asked, updates_per_month=asked.updates_per_month * by)


def _labels(one: Deployment, asked: Scenario, by: float) -> tuple[Deployment, Scenario]:
    if one.development_usd is None or not one.labels_usd:
        return one, asked
    more = one.labels_usd * (by - 1)
    return (
        replace(one, development_usd=one.development_usd + more, labels_usd=one.labels_usd + more),
        asked,
    )


MOVES: dict[str, Move] = {
    "volume": _volume,
    "utilisation": _utilisation,
    "price of machines and tokens": _price,
    "update rate": _updates,
    "price of a label": _labels,
}


def sensitivity(
    deployments: Sequence[Deployment], scenario: Scenario, *, factor: float = 2.0
) -> list[Swing]:
    """Moves one assumption at a time, for all deployments alike.

    Args:
        deployments: With different names.
        scenario: What is asked of them.
        factor: More than 1.

    Raises:
        UsageError: The factor isn't more than 1, or two deployments have one name.
    """
    if factor <= 1:
        raise UsageError(f"a factor of {factor:g} moves nothing", "It is more than 1.")
    if len({one.name for one in deployments}) < len(deployments):
        raise UsageError("two deployments have the same name", "Give each its own.")
    now = _cheapest({one.name: scenario.usd(one) for one in deployments})
    swings = []
    for name, move in MOVES.items():
        low, high = (
            {one.name: _moved(move, one, scenario, by) for one in deployments}
            for by in (1 / factor, factor)
        )
        ends = _cheapest(low), _cheapest(high)
        swings.append(Swing(name, factor, low, high, *ends, flips={now} != {now, *ends}))
    return swings


def _moved(move: Move, one: Deployment, scenario: Scenario, by: float) -> float | None:
    moved, asked = move(one, scenario, by)
    return asked.usd(moved)


def _cheapest(usd: dict[str, float | None]) -> str | None:
    priced = {name: value for name, value in usd.items() if value is not None}
    return min(priced, key=lambda name: priced[name]) if priced else None
