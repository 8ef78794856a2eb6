"""What the user may choose when a record is priced. It changes money and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from harness.config import PRICING, RunSettings, choice
from harness.costs.deployment import Demand
from harness.errors import UsageError, nearest

__all__ = ["Basis", "PriceOptions"]

Basis = Literal["always-on", "as-used"]


@dataclass(frozen=True, slots=True)
class PriceOptions:
    """How a record is priced."""

    machine: str | None = choice(
        None, "Row of the price book, or a GPU's id, for this machine.", PRICING
    )
    project_to: str | None = choice(
        None, "Row of the price book, or a GPU's id, to project to.", PRICING
    )
    label_usd: float | None = choice(None, "Price of one labelled row, in $.", PRICING)
    provider: str | None = choice(
        None, "Vendor of an API; by default the model's name decides.", PRICING
    )
    basis: Basis = choice(
        "always-on", "always-on: whole machines, by the month. as-used: by the second.", PRICING
    )
    requests_per_month: float | None = choice(
        None, "Requests a month that machines are bought for.", PRICING
    )
    latency_target: float | None = choice(
        None, "Seconds within which 95 of 100 are answered.", PRICING
    )
    demand: Demand = field(default_factory=Demand)
    electricity: str | None = choice(None, "Row of the price book for a kilowatt-hour.", PRICING)
    pue: float = choice(1.0, "Power of the site over power of its machines.", PRICING)
    wait: bool = choice(False, "An API's requests may wait: its batch price.", PRICING, "--wait")

    def __post_init__(self) -> None:
        if self.basis not in get_args(Basis):
            raise UsageError(
                f"there is no basis {self.basis!r}", nearest(self.basis, get_args(Basis))
            )
        for name in ("requests_per_month", "latency_target"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise UsageError(f"{name} is {value}", "It is more than 0.")
        if self.pue < 1 or (self.label_usd is not None and self.label_usd < 0):
            raise UsageError("a PUE is at least 1, and a label costs 0 dollars or more")

    def over(self, config: RunSettings) -> PriceOptions:
        """Returns the options; what wasn't chosen is taken from a run's configuration."""
        return replace(
            self,
            machine=self.machine or config.machine,
            project_to=self.project_to or config.project_to,
            label_usd=config.label_usd if self.label_usd is None else self.label_usd,
        )
