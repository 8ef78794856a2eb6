"""What a deployment costs to build, to keep and per request, and the demand that it meets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from harness.config import PRICING, choice
from harness.errors import UsageError

__all__ = ["HOURS_PER_MONTH", "Badge", "Deployment", "Demand"]

HOURS_PER_MONTH = 730.0
"""8,760 hours of a year, over twelve: the month that cloud vendors bill."""

Badge = Literal["measured", "projected", "quoted", "assumed"]
"""How a figure is known: by a run, by a formula, from somebody else, or not at all."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """A way of answering requests, with its costs in dollars. None is unknown, never 0."""

    name: str
    development_usd: float | None  # once: labels, search, training, index, set-up
    update_usd: float | None = None  # for one update of the facts
    fixed_usd_per_month: float | None = 0.0  # for one machine, busy or not
    usd_per_request: float | None = 0.0  # beyond the machines
    capacity: float | None = math.inf  # requests a second in time; infinite behind an API
    base_usd_per_month: float | None = 0.0  # people, a vector store
    labels_usd: float | None = 0.0  # the part of `development_usd` for labels
    error_rate: float | None = None  # share of requests answered wrongly
    handover_rate: float | None = None  # share of requests left to a person
    # what decisions lose, by the task's own declaration; 0 where it declares nothing
    loss_usd_per_request: float | None = 0.0
    retires_after_months: float | None = None  # then development is paid again
    badges: Mapping[str, Badge] = field(default_factory=dict)  # by field; else: assumed
    notes: Mapping[str, str] = field(default_factory=dict)  # by field: source, or why None

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
class Demand:
    """Peaks, redundancy and the price of failures, the same for every deployment."""

    peak_factor: float = choice(3.0, "Requests in the busiest second, in mean seconds.", PRICING)
    redundancy: int = choice(0, "Machines beyond those that the peak takes.", PRICING)
    cost_per_error: float = choice(
        0.0, "Dollars that a wrong answer costs, of a task that declares no losses.", PRICING
    )
    cost_per_handover: float | None = choice(
        None,
        "Dollars that a person's answer costs; takes the place of what a task declares for it.",
        PRICING,
    )
    hours_per_month: float = HOURS_PER_MONTH

    def __post_init__(self) -> None:
        if self.peak_factor < 1 or self.redundancy < 0 or self.hours_per_month <= 0:
            raise UsageError(
                "a peak factor is 1 or more, redundancy 0 or more, a month more than 0 hours",
                "Example: --peak-factor 3 --redundancy 1",
            )
        if self.cost_per_error < 0 or (self.cost_per_handover or 0) < 0:
            raise UsageError("a wrong answer and a handover cost 0 dollars or more")

    def machines(self, deployment: Deployment, requests_per_month: float) -> int | None:
        """Returns the machines that the volume takes; None where the capacity is unknown.

        A deployment without a limit counts as one machine, which needs no spare.
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
        """Returns dollars a request, ``c + l + e_w w + e_h h``; None where a part is unknown."""
        errors = 0.0
        if self.cost_per_error:
            share = deployment.error_rate
            errors = math.nan if share is None else self.cost_per_error * share
        parts = (deployment.usd_per_request, deployment.loss_usd_per_request)
        known = [*parts, errors, self.per_handover(deployment)]
        usd = sum(math.nan if part is None else part for part in known)
        return None if math.isnan(usd) else usd

    def per_handover(self, deployment: Deployment) -> float | None:
        """Returns dollars a request by handovers; None where these, or their share, aren't known.

        Where wrong answers have a price and handovers have none, whoever hands over isn't cheap.
        """
        share = deployment.handover_rate
        if self.cost_per_handover is None:
            return None if self.cost_per_error and share else 0.0
        if not self.cost_per_handover:
            return 0.0
        return None if share is None else self.cost_per_handover * share
