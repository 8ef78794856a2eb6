"""What a way of answering costs to build, to keep and to ask, and what is asked of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from harness.config import PRICING, choice
from harness.errors import UsageError

__all__ = ["HOURS_PER_MONTH", "Badge", "Deployment", "Terms"]

HOURS_PER_MONTH = 730.0
"""8,760 hours of a year, over twelve: what cloud vendors count a month as."""

Badge = Literal["measured", "projected", "quoted", "assumed"]
"""How a figure is known: by a run, by a formula, by somebody else's word, or not at all."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """One way of answering requests, with its prices. None is unpriced or unknown, never 0.

    Attributes:
        name: What it is called in a table.
        development_usd: Dollars once: labels, search, training, first index, people's set-up.
        update_usd: Dollars for one update of the facts; None where that isn't known.
        fixed_usd_per_month: Dollars a month for one machine, busy or not.
        usd_per_request: Dollars that one more request costs beyond the machines.
        capacity: Requests a second that one machine answers in time; infinite where a vendor
            sees to that.
        base_usd_per_month: Dollars a month whatever the number of machines: people, a store.
        labels_usd: The part of `development_usd` that labelling took.
        error_rate: Share of requests with a wrong answer.
        handover_rate: Share of requests that it leaves to a person ("I don't know").
        retires_after_months: Months until the model is withdrawn and development is due again.
        badges: By name of a field: how it is known. A field that isn't named is assumed.
        notes: By name of a field: where it comes from, or why it is None.
    """

    name: str
    development_usd: float | None
    update_usd: float | None = None
    fixed_usd_per_month: float | None = 0.0
    usd_per_request: float | None = 0.0
    capacity: float | None = math.inf
    base_usd_per_month: float | None = 0.0
    labels_usd: float | None = 0.0
    error_rate: float | None = None
    handover_rate: float | None = None
    retires_after_months: float | None = None
    badges: Mapping[str, Badge] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, (int, float)) and not value >= 0:
                raise UsageError(f"{self.name}: {item.name} is {value}", "It is 0 or more.")
        for name in ("capacity", "retires_after_months"):
            if getattr(self, name) == 0:
                raise UsageError(f"{self.name}: {name} is 0", "It is more than 0, or unknown.")

    def badge(self, figure: str) -> Badge:
        """Returns how a figure is known."""
        return self.badges.get(figure, "assumed")

    def as_dict(self) -> dict[str, Any]:
        """Returns the fields as JSON values; an infinite capacity is None with a note."""
        value = asdict(self) | {"badges": dict(self.badges), "notes": dict(self.notes)}
        if self.capacity == math.inf:
            value["capacity"] = None
            value["notes"].setdefault("capacity", "without limit: the vendor sees to it")
        return value


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked of every deployment alike. Machines are on `hours_per_month`."""

    peak_factor: float = choice(3.0, "Requests in the busiest second, in mean seconds.", PRICING)
    redundancy: int = choice(0, "Machines beyond those that the peak takes.", PRICING)
    cost_per_error: float = choice(0.0, "Dollars that a wrong answer costs.")
    cost_per_handover: float = choice(0.0, "Dollars that a person's answer costs.")
    hours_per_month: float = HOURS_PER_MONTH

    def __post_init__(self) -> None:
        if self.peak_factor < 1 or self.redundancy < 0 or self.hours_per_month <= 0:
            raise UsageError(
                "a peak is at least the mean, redundancy at least 0, a month more than 0 hours",
                "Example: --peak-factor 3 --redundancy 1",
            )
        if self.cost_per_error < 0 or self.cost_per_handover < 0:
            raise UsageError("a wrong answer and a handover cost 0 dollars or more")

    def machines(self, deployment: Deployment, requests_per_month: float) -> int | None:
        """Returns n(Q); None where the capacity isn't known.

        A deployment without a limit has no machines to double: it is one, whatever is asked.
        """
        if deployment.capacity is None:
            return None
        if deployment.capacity == math.inf:
            return 1
        needed = requests_per_month / self.requests_per_machine(deployment.capacity)
        whole = math.ceil(needed * (1 - 1e-12))  # three machines' full load is no fourth machine
        return max(1, whole) + self.redundancy

    def requests_per_machine(self, capacity: float) -> float:
        """Returns the requests a month that one machine carries at its peak."""
        return capacity * 3600 * self.hours_per_month / self.peak_factor

    def per_request(self, deployment: Deployment) -> float | None:
        """Returns ``c + e_w w + e_h h``; None where a priced part isn't known."""
        usd = deployment.usd_per_request
        for price, share in (
            (self.cost_per_error, deployment.error_rate),
            (self.cost_per_handover, deployment.handover_rate),
        ):
            if price:
                usd = None if usd is None or share is None else usd + price * share
        return usd
