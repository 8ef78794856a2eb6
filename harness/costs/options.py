"""What the user may choose when a record is priced. It changes money and nothing else."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from harness.config import PRICING, RunConfig, choice
from harness.costs.book import PriceBook
from harness.costs.deployment import Demand
from harness.errors import UsageError, nearest
from harness.records.schema import FormerPrices

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
    expert: str | None = choice(
        None, "Row of the price book for an hour of people's work.", PRICING
    )
    provider: str | None = choice(
        None, "Vendor of an API; by default the model's name decides.", PRICING
    )
    basis: Basis = choice(
        "always-on",
        "What a month pays for: always-on: whole machines. as-used: seconds of work.",
        PRICING,
    )
    requests_per_month: float | None = choice(
        None, "Requests a month to price; by default 10,000, 100,000 and a million.", PRICING
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
        if not 1 <= self.pue < math.inf or not 0 <= (self.label_usd or 0) < math.inf:
            raise UsageError("a PUE is at least 1, and a label costs 0 dollars or more")

    @classmethod
    def of(cls, config: RunConfig, book: PriceBook) -> PriceOptions:
        """Returns what a run is asked to be priced with.

        Raises:
            UsageError: The price book has no such row.
        """
        for name in filter(None, (config.machine, config.project_to)):
            book.machine(name)
        return cls(config.machine, config.project_to, config.label_usd)

    def over(self, kept: FormerPrices | None, book: PriceBook) -> PriceOptions:
        """Returns the options; what wasn't chosen is as an earlier version kept it with a run.

        A row that the price book doesn't have is left out.
        """
        if kept is None:
            return self
        label = kept.label_usd if self.label_usd is None else self.label_usd
        return replace(
            self,
            machine=self.machine or _known(kept.machine, book),
            project_to=self.project_to or _known(kept.project_to, book),
            label_usd=label,
        )


def _known(name: str | None, book: PriceBook) -> str | None:
    return name if name and any(name in (row.id, row.gpu) for row in book.machines) else None
