"""Total cost of ownership, and the monthly volume at which one deployment becomes the cheaper.

Over N months, at Q requests and u updates of the facts a month:

    TCO = D + D retirements(N) + N u V + N [F n(Q) + B + Q (c + l + e_w w + e_h h)]

D is development (labels, search, training, first index), V one update, F one machine a month, B
what is paid a month for any number of machines (people, a vector store), c one request; l is what
a task's own declaration says that a request loses, w and h are the shares of wrong answers and of
handovers, at e_w and e_h dollars each. Machines are whole:

    n(Q) = max(1, ceil(peak factor Q / (seconds of a month capacity))) + redundancy

If a part has no price, the sum is None, never a smaller sum. Without whole machines the costs of
A and B are lines that meet at one volume,

    Q* = [(D_B - D_A) + N u (V_B - V_A) + N (F_B - F_A)] / [N (c_A - c_B)],

where c_A > c_B. With whole machines both costs jump. Between two jumps their difference is a
straight line, and each of these lines is examined: there may be several crossings, or none.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from harness.costs.deployment import HOURS_PER_MONTH, Badge, Demand, Deployment
from harness.errors import UsageError

__all__ = [
    "HOURS_PER_MONTH",
    "Badge",
    "BreakEven",
    "Crossing",
    "Deployment",
    "Demand",
    "TotalCost",
    "break_even",
    "total_cost",
]

MOST_STEPS = 200_000
"""Machines up to which crossings are searched: nobody plans more of them by this program."""


@dataclass(frozen=True, slots=True)
class TotalCost:
    """What a deployment costs over some months, by part, in dollars. None is unpriced."""

    deployment: str  # name
    months: float  # N
    requests_per_month: float  # Q
    machines: int | None  # n(Q)
    development: float | None  # D
    retirements: float | None  # D for each time that the model is withdrawn
    updates: float | None  # N u V
    machines_usd: float | None  # N F n(Q)
    base: float | None  # N B
    requests: float | None  # N Q c
    losses: float | None  # N Q l
    errors: float | None  # N Q e_w w
    handovers: float | None  # N Q e_h h
    unpriced: tuple[str, ...] = ()  # parts without a price

    @property
    def usd(self) -> float | None:
        """The sum; None as soon as one part has no price."""
        return None if self.unpriced else self.at_least

    @property
    def at_least(self) -> float:
        """The sum of the parts that have a price."""
        return sum(x for x in self.parts().values() if x is not None)

    @property
    def lost(self) -> float | None:
        """The part that wrong answers and handovers lose; None where one has no price."""
        parts = (self.losses, self.errors, self.handovers)
        return None if None in parts else sum(x for x in parts if x is not None)

    @property
    def usd_per_request(self) -> float | None:
        """The sum over all requests; None without any."""
        requests = self.months * self.requests_per_month
        return self.usd / requests if self.usd is not None and requests else None

    def parts(self) -> dict[str, float | None]:
        """Returns the parts by name."""
        return {
            "development": self.development,
            "retirements": self.retirements,
            "updates": self.updates,
            "machines_usd": self.machines_usd,
            "base": self.base,
            "requests": self.requests,
            "losses": self.losses,
            "errors": self.errors,
            "handovers": self.handovers,
        }

    def as_dict(self) -> dict[str, object]:
        """Returns the fields and the sum as JSON values."""
        return asdict(self) | {
            "unpriced": list(self.unpriced),
            "usd": self.usd,
            "usd_per_request": self.usd_per_request,
        }


def total_cost(
    deployment: Deployment,
    *,
    months: float,
    requests_per_month: float,
    updates_per_month: float = 0.0,
    demand: Demand | None = None,
) -> TotalCost:
    """Computes the total cost of ownership, by the formula at the head of this module.

    An amount of 0 costs 0 even where its price isn't known: so does an update that never happens.

    Args:
        deployment: What is paid for.
        months: N, more than 0.
        requests_per_month: Q.
        updates_per_month: u, of the facts.
        demand: Peaks, redundancy, and what wrong answers cost.

    Raises:
        UsageError: An amount below 0, or no months.
    """
    if not (months > 0 and requests_per_month >= 0 and updates_per_month >= 0):
        raise UsageError(
            f"{months} months, {requests_per_month} requests and {updates_per_month} updates "
            "a month can't be priced",
            "Months are more than 0, the others 0 or more.",
        )
    demand = demand or Demand()
    requests = months * requests_per_month
    machines = demand.machines(deployment, requests_per_month)
    parts = {
        "development": deployment.development_usd,
        "retirements": _times(retirements(deployment, months), deployment.development_usd),
        "updates": _times(months * updates_per_month, deployment.update_usd),
        "machines_usd": _times(months, _times(deployment.fixed_usd_per_month, machines)),
        "base": _times(months, deployment.base_usd_per_month),
        "requests": _times(requests, deployment.usd_per_request),
        "losses": _times(requests, deployment.loss_usd_per_request),
        "errors": _times(requests * demand.cost_per_error, deployment.error_rate),
        "handovers": _times(requests, demand.per_handover(deployment)),
    }
    return TotalCost(
        deployment.name,
        months,
        requests_per_month,
        machines,
        **parts,
        unpriced=tuple(name for name, usd in parts.items() if usd is None),
    )


def retirements(deployment: Deployment, months: float) -> int:
    """Returns how often the model is withdrawn before the months are over."""
    life = deployment.retires_after_months
    return max(0, math.ceil(months / life) - 1) if life else 0


def _times(amount: float | None, price: float | None) -> float | None:
    """Multiplies; an amount of 0 costs 0 even at an unknown price."""
    if amount == 0:
        return 0.0
    return None if amount is None or price is None else amount * price


@dataclass(frozen=True, slots=True)
class Crossing:
    """A volume at which the cheaper of two changes."""

    requests_per_month: float  # Q*
    cheaper_below: str  # name of the deployment
    cheaper_above: str  # name of the other
    usd: float  # total cost of `cheaper_above`, there or just above
    at_a_step: bool  # one more machine decides, instead of two lines that meet


@dataclass(frozen=True, slots=True)
class BreakEven:
    """Every crossing of two deployments' total costs."""

    a: str
    b: str
    months: float  # N
    cheaper_at_zero: str | None  # name of the cheaper one without any request
    crossings: tuple[Crossing, ...]  # by rising volume; none means never
    searched_to: float  # requests a month up to which was searched
    complete: bool  # there can't be another crossing beyond that
    reason: str = ""  # why nothing could be computed

    @property
    def never(self) -> bool:
        """Whether the same one is cheaper at every volume that was searched."""
        return not self.crossings and not self.reason

    def __str__(self) -> str:
        """Describes the crossings in one sentence."""
        if self.reason:
            return f"unknown: {self.reason}"
        far = "" if self.complete else f" up to {self.searched_to:,.0f} requests a month"
        if not self.crossings:
            return f"never{far}: " + (
                f"{self.cheaper_at_zero} is cheaper" if self.cheaper_at_zero else "the same cost"
            )
        texts = [
            f"{cross.cheaper_above} is cheaper above {cross.requests_per_month:,.0f}"
            for cross in self.crossings
        ]
        return f"{'; '.join(texts)} requests a month{far and f' (searched{far})'}"

    def as_dict(self) -> dict[str, object]:
        """Returns the fields as JSON values."""
        return asdict(self) | {"never": self.never, "text": str(self)}


def break_even(
    a: Deployment,
    b: Deployment,
    *,
    months: float,
    updates_per_month: float = 0.0,
    demand: Demand | None = None,
    up_to: float | None = None,
) -> BreakEven:
    """Finds every monthly volume at which the cheaper of two deployments changes.

    Args:
        a: One deployment.
        b: The other.
        months: N.
        updates_per_month: u.
        demand: Peaks, redundancy, and what wrong answers cost.
        up_to: Requests a month up to which to search; by default wherever there can be one.

    Returns:
        The crossings; where one of the two has no price, a reason instead.

    Raises:
        UsageError: An amount below 0, or no months.
    """
    if up_to is not None and not up_to > 0:
        raise UsageError(f"can't look up to {up_to} requests a month", "It is more than 0.")
    curve_a, curve_b = (
        _CostCurve.of(x, months, updates_per_month, demand or Demand()) for x in (a, b)
    )
    unpriced = [f"{x.name}: {x.reason}" for x in (curve_a, curve_b) if x.reason]
    if unpriced:
        return BreakEven(a.name, b.name, months, None, (), 0.0, False, "; ".join(unpriced))
    last = _last(curve_a, curve_b)
    end = min(x for x in (last, up_to, _most(curve_a), _most(curve_b)) if x is not None)
    start = curve_a.fixed - curve_b.fixed
    return BreakEven(
        a.name,
        b.name,
        months,
        None if start == 0 else (a if start < 0 else b).name,
        tuple(_crossings(curve_a, curve_b, end)),
        end,
        complete=last is not None and end >= last,
    )


@dataclass(frozen=True, slots=True)
class _CostCurve:
    """Cost over the volume: ``fixed + slope Q + step (n(Q) - n(0))``."""

    name: str
    fixed: float
    slope: float
    step: float
    per_machine: float
    reason: str = ""

    @classmethod
    def of(
        cls, deployment: Deployment, months: float, updates: float, demand: Demand
    ) -> _CostCurve:
        period = {"months": months, "updates_per_month": updates}
        none = total_cost(deployment, requests_per_month=0.0, demand=demand, **period)
        slope = demand.per_request(deployment)
        if none.usd is None or slope is None:
            # requests, errors and handovers cost nothing without requests, at whatever price
            one = total_cost(deployment, requests_per_month=1e-9, demand=demand, **period)
            missing = dict.fromkeys([*none.unpriced, *one.unpriced])
            return cls(deployment.name, 0, 0, 0, math.inf, f"no price for {', '.join(missing)}")
        capacity = deployment.capacity or math.inf
        step = months * (deployment.fixed_usd_per_month or 0.0)
        per_machine = demand.requests_per_machine(capacity) if step else math.inf
        return cls(deployment.name, none.usd, months * slope, step, per_machine)

    def machines(self, volume: float) -> int:
        """Machines beyond the first, between two jumps."""
        if self.per_machine == math.inf:
            return 0
        return max(0, math.ceil(volume / self.per_machine) - 1)

    def usd(self, volume: float, machines: int) -> float:
        """The cost at a volume with so many machines beyond the first."""
        return self.fixed + self.slope * volume + self.step * machines


def _last(a: _CostCurve, b: _CostCurve) -> float | None:
    """A volume beyond which there is no crossing; None where both costs rise equally fast."""
    # far out both costs are lines, with a saw tooth of less than one step
    slopes = [curve.slope + curve.step / curve.per_machine for curve in (a, b)]
    if math.isclose(*slopes, rel_tol=1e-12):
        smooth = a.per_machine == b.per_machine == math.inf
        return 1.0 if smooth else None
    return (abs(a.fixed - b.fixed) + a.step + b.step) / abs(slopes[0] - slopes[1]) + 1.0


def _most(curve: _CostCurve) -> float | None:
    return None if curve.per_machine == math.inf else MOST_STEPS * curve.per_machine


def _jumps(a: _CostCurve, b: _CostCurve, end: float) -> list[float]:
    """Volumes at which one of the two needs one more machine."""
    jumps = {end}
    for curve in (a, b):
        if curve.per_machine < math.inf:
            steps = range(1, math.ceil(end / curve.per_machine))
            jumps.update(k * curve.per_machine for k in steps)
    return sorted(jumps)


def _crossings(a: _CostCurve, b: _CostCurve, end: float) -> Iterator[Crossing]:
    """Walks from jump to jump. Costs that touch without changing order are no crossing."""
    start, before = 0.0, a.fixed - b.fixed
    for jump in _jumps(a, b, end):
        middle = (start + jump) / 2  # at a jump itself, rounding could take either number
        machines = a.machines(middle), b.machines(middle)

        def difference(volume: float, machines: tuple[int, int] = machines) -> float:
            return a.usd(volume, machines[0]) - b.usd(volume, machines[1])

        first, last = difference(start), difference(jump)
        for now in (first, last):
            if before and now and (before < 0) != (now < 0):
                step = now is first
                where = start if step else start - first * (jump - start) / (last - first)
                below, above = (a, b) if before < 0 else (b, a)
                usd = above.usd(where, machines[above is b])
                yield Crossing(where, below.name, above.name, usd, step)
            before = now or before
        start = jump
