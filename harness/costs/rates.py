"""The prices that hold for one run: of its machine, of its vendor's tokens, of a label."""

from __future__ import annotations

from dataclasses import dataclass

from harness.costs.book import Machine, PriceBook, TokenPrice
from harness.costs.options import PriceOptions
from harness.costs.tokens import api_price, batch_factor, token_usd, training_price
from harness.records.ledger import PhaseTotal, labelled_rows
from harness.records.model import ModelInfo
from harness.text import size

__all__ = ["Rates", "rates_of"]

API = "api"


@dataclass(frozen=True, slots=True)
class Rates:
    """The prices that hold for one run."""

    device_class: str
    machine: Machine | None
    tokens: TokenPrice | None  # of an API
    label_usd: float | None
    training_usd_per_1m: float | None = None  # tokens of a vendor's fine-tuning
    batch: float = 1.0  # share of the usual price, for requests that may wait
    too_small: str = ""  # what is said of a machine that doesn't hold the run

    @property
    def api(self) -> bool:
        """Whether a vendor answered."""
        return self.device_class.partition(":")[0] == API

    @property
    def reason(self) -> str:
        """Why a phase has no price."""
        if self.api:
            return "the token price isn't known: add a row under `tokens` to a price book"
        if self.too_small:
            return self.too_small
        return f"no price for {self.device_class}: name a row of the price book with --machine"

    def usd(self, phase: str, total: PhaseTotal) -> float | None:
        """Returns the dollars of a phase, or None where no price is known."""
        if phase == "label":
            rows = labelled_rows(total.quantities)
            return None if self.label_usd is None or not rows else rows * self.label_usd
        if self.api and total.quantities.get("unmetered_requests"):
            return None  # what some requests took nobody counted
        if self.api and (total.usage.input_tokens or total.usage.output_tokens):
            return self._vendor(phase, total)
        if self.machine is None:
            return None
        return total.device_seconds / 3600 * self.machine.usd_per_device_hour

    def _vendor(self, phase: str, total: PhaseTotal) -> float | None:
        if phase == "train":
            price = self.training_usd_per_1m
            return None if price is None else total.usage.input_tokens * price / 1e6
        if self.tokens is None:
            return None
        return token_usd(total.usage, self.tokens, batch=self.batch)


def rates_of(
    device_class: str,
    model: ModelInfo | None,
    book: PriceBook,
    options: PriceOptions,
    peak: float | None = None,  # bytes that the work took, where that is known
) -> Rates:
    """Looks up the prices of a run, by a device class of the ledger or ``api``.

    A machine that doesn't hold the work prices nothing.

    Raises:
        UsageError: The book has no such row.
    """
    api = device_class.partition(":")[0] == API
    named = book.machine(options.machine) if options.machine else None
    row, small = named or book.machine_for(device_class, peak), ""
    if not api and peak and device_class.startswith("cpu") and not (row and row.holds(peak)):
        known = (
            f"{row.id} has {row.memory_gb:g} GiB" if row else "no CPU machine of the book is larger"
        )
        row, small = (None, f"the work took {size(peak)} of memory, and {known}: name a larger one")
    if not api or model is None:
        return Rates(device_class, row, None, options.label_usd, too_small=small)
    tokens = api_price(model.asked, options.provider, book)
    batch = 1.0
    if options.wait and tokens:
        batch = batch_factor(tokens, book) or 1.0
    return Rates(
        device_class,
        row,
        tokens,
        options.label_usd,
        training_price(model.name, options.provider, book),
        batch,
    )
