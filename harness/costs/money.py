"""Dollars in another currency, with value-added tax where somebody asks for it.

Everything is computed in US dollars without tax, and converted when it is shown.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from harness.costs.book import PriceBook
from harness.errors import UsageError
from harness.text import cash, is_tiny

__all__ = ["Money", "money"]

FIGURES = (
    "development_usd",
    "usd_per_1k_requests",
    "usd_per_1k_tokens",
    "usd_per_1k_output_tokens",
    "usd_per_machine_month",
    "energy_usd",
)
WITHOUT_CENTS = frozenset({"KRW", "JPY", "VND"})


@dataclass(frozen=True, slots=True)
class Money:
    """How an amount in dollars is shown."""

    currency: str = "USD"  # code, such as ``KRW``
    per_usd: float = 1.0
    date: str = ""  # of the rate; ``given`` by the user
    source: str = ""
    vat: float = 0.0  # value-added tax, as a share

    @property
    def plain(self) -> bool:
        """Whether amounts are shown in dollars without tax."""
        return self.currency == "USD" and not self.vat

    def of(self, usd: float | None) -> float | None:
        """Converts dollars; an unknown amount stays unknown."""
        return None if usd is None else usd * self.per_usd * (1 + self.vat)

    def text(self, usd: float | None, *, least: bool = False) -> str:
        """Writes an amount as `cash` does; an unknown one is ``unpriced``.

        `least` says that a part without a price isn't in it.
        """
        value = self.of(usd)
        if value is None:
            return "unpriced"
        sign = "$" if self.currency == "USD" else f"{self.currency} "
        whole_from = 100 if self.currency in WITHOUT_CENTS else math.inf
        if not least:
            return cash(value, sign, whole_from=whole_from)
        return f"at least {cash(0.0 if is_tiny(value) else value, sign, whole_from=whole_from)}"

    def figures(self, cost: Mapping[str, Any]) -> dict[str, object]:
        """Converts the figures of a `Cost` in JSON values, and adds the rate."""
        names = {name: name.replace("_usd", "").replace("usd_", "") for name in FIGURES}
        amounts = {names[name]: self.of(cost[name]) for name in FIGURES if name in cost}
        months = [
            {"requests": each["requests"], "amount": self.of(each["usd"])}
            for each in cost["months"]
        ]
        return asdict(self) | amounts | {"months": months}


def money(
    book: PriceBook,
    currency: str = "USD",
    *,
    rate: float | None = None,  # price of one dollar, instead of the book's
    vat_percent: float = 0.0,
) -> Money:
    """Looks up the exchange rate of a currency, by its code.

    Raises:
        UsageError: The book has no rate for the currency, or a number makes no sense.
    """
    if vat_percent < 0 or (rate is not None and rate <= 0):
        raise UsageError(
            "a rate is more than 0, and a tax 0 or more", "Example: --currency KRW --rate 1400"
        )
    code, vat = currency.upper(), vat_percent / 100
    if code == "USD":
        return Money(vat=vat)
    if rate is not None:
        return Money(code, rate, "given", "given", vat)
    row = book.currency(code)
    return Money(code, row.per_usd, row.date, row.source, vat)
