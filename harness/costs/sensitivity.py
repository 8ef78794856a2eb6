"""What changes when one assumption is off: volume, peaks, prices, updates or labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from harness.costs.deployment import Demand, Deployment
from harness.costs.ownership import TotalCost, total_cost
from harness.errors import UsageError

__all__ = ["Scenario", "Swing", "sensitivity"]


@dataclass(frozen=True, slots=True)
class Scenario:
    """The months and the volume that every deployment is priced for."""

    months: float
    requests_per_month: float
    updates_per_month: float = 0.0
    demand: Demand = field(default_factory=Demand)

    def total(self, deployment: Deployment) -> TotalCost:
        """Returns the total cost of ownership, by part."""
        return total_cost(
            deployment,
            months=self.months,
            requests_per_month=self.requests_per_month,
            updates_per_month=self.updates_per_month,
            demand=self.demand,
        )

    def usd(self, deployment: Deployment) -> float | None:
        """Returns the total cost of ownership; None where a part has no price."""
        return self.total(deployment).usd


@dataclass(frozen=True, slots=True)
class Swing:
    """One assumption, divided and multiplied by a factor."""

    assumption: str
    factor: float
    low: dict[str, float | None]  # total cost by deployment, with the assumption divided
    high: dict[str, float | None]  # total cost by deployment, with the assumption multiplied
    cheapest_low: str | None  # None where none has a price
    cheapest_high: str | None
    flips: bool  # whether the cheapest changes


Case = tuple[Deployment, Scenario]
Move = Callable[[Deployment, Scenario, float], Case]


def _volume(deployment: Deployment, scenario: Scenario, by: float) -> Case:
    return deployment, replace(scenario, requests_per_month=scenario.requests_per_month * by)


def _utilisation(deployment: Deployment, scenario: Scenario, by: float) -> Case:
    """Half the mean load makes the peak factor twice as large; a peak is at least the mean."""
    peak = max(1.0, scenario.demand.peak_factor / by)
    return deployment, replace(scenario, demand=replace(scenario.demand, peak_factor=peak))


def _price(deployment: Deployment, scenario: Scenario, by: float) -> Case:
    fixed, usd = deployment.fixed_usd_per_month, deployment.usd_per_request
    moved = replace(
        deployment,
        fixed_usd_per_month=None if fixed is None else fixed * by,
        usd_per_request=None if usd is None else usd * by,
    )
    return moved, scenario


def _updates(deployment: Deployment, scenario: Scenario, by: float) -> Case:
    return deployment, replace(scenario, updates_per_month=scenario.updates_per_month * by)


def _labels(deployment: Deployment, scenario: Scenario, by: float) -> Case:
    development, labels = deployment.development_usd, deployment.labels_usd
    if development is None or not labels:
        return deployment, scenario
    more = labels * (by - 1)
    moved = replace(deployment, development_usd=development + more, labels_usd=labels + more)
    return moved, scenario


def _losses(deployment: Deployment, scenario: Scenario, by: float) -> Case:
    """What the task declares, and what wrong answers and handovers are said to cost."""
    lost, demand = deployment.loss_usd_per_request, scenario.demand
    handover = demand.cost_per_handover
    moved = replace(
        demand,
        cost_per_error=demand.cost_per_error * by,
        cost_per_handover=None if handover is None else handover * by,
    )
    deployment = replace(deployment, loss_usd_per_request=None if lost is None else lost * by)
    return deployment, replace(scenario, demand=moved)


MOVES: dict[str, Move] = {
    "volume": _volume,
    "utilisation": _utilisation,
    "price of machines and tokens": _price,
    "update rate": _updates,
    "price of a label": _labels,
    "losses by wrong answers": _losses,
}


def sensitivity(
    deployments: Sequence[Deployment], scenario: Scenario, *, factor: float = 2.0
) -> list[Swing]:
    """Divides and multiplies one assumption at a time by a factor above 1, for all alike.

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
            {one.name: _usd(move, one, scenario, by) for one in deployments}
            for by in (1 / factor, factor)
        )
        ends = _cheapest(low), _cheapest(high)
        swings.append(Swing(name, factor, low, high, *ends, flips={now} != {now, *ends}))
    return swings


def _usd(move: Move, deployment: Deployment, scenario: Scenario, by: float) -> float | None:
    moved, changed = move(deployment, scenario, by)
    return changed.usd(moved)


def _cheapest(usd: dict[str, float | None]) -> str | None:
    priced = {name: value for name, value in usd.items() if value is not None}
    return min(priced, key=lambda name: priced[name]) if priced else None
