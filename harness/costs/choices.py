"""What a reader may choose when a record is priced. None of it changes anything but money."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from harness.config import RunSettings
from harness.costs.deployment import Terms
from harness.errors import UsageError, nearest

__all__ = ["Basis", "Choices"]

Basis = Literal["always-on", "as-used"]


@dataclass(frozen=True, slots=True)
class Choices:
    """How a record is priced.

    Attributes:
        machine: Row of the price book for the machine; by default the one of its device.
        project_to: Row or GPU to project to; by default the book's, for runs on a CPU.
        label_usd: Dollars for one labelled row; labels are unpriced without it.
        provider: Vendor of an API; None lets the model's name decide.
        basis: Whether a machine is paid for by the month, busy or not, or by the seconds that
            requests take.
        requests_per_month: Requests for which machines are bought; None: as many as a machine
            carries.
        latency_target: Seconds within which 95 of 100 requests are answered; None: no target.
        terms: Peaks and redundancy.
        electricity: Row of the price book for a kilowatt-hour; None: energy is unpriced.
        pue: Power of the site over power of its machines.
        wait: Whether an API's requests may wait, for its batch price.
    """

    machine: str | None = None
    project_to: str | None = None
    label_usd: float | None = None
    provider: str | None = None
    basis: Basis = "always-on"
    requests_per_month: float | None = None
    latency_target: float | None = None
    terms: Terms = field(default_factory=Terms)
    electricity: str | None = None
    pue: float = 1.0
    wait: bool = False

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

    def over(self, config: RunSettings) -> Choices:
        """Returns the choices, with what a run's configuration says where nothing was chosen."""
        return replace(
            self,
            machine=self.machine or config.machine,
            project_to=self.project_to or config.project_to,
            label_usd=config.label_usd if self.label_usd is None else self.label_usd,
        )
