"""What a reader should know of a price book before relying on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from harness.costs.book import PriceBook
from harness.costs.rows import Machine, Priced

__all__ = ["PARTS", "Finding", "checkup", "name_of"]

PARTS = (
    "machines", "tokens", "training", "batch", "labels", "stores", "electricity", "currencies",
)  # fmt: skip
HALF = (0.4, 0.6)  # what vendors ask for requests that may wait


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about one row.

    Attributes:
        part: Part of the book.
        row: Name of the row.
        problem: What it is, in words.
    """

    part: str
    row: str
    problem: str

    def as_dict(self) -> dict[str, Any]:
        """Returns the fields as JSON values."""
        return asdict(self)


def name_of(row: Any) -> str:
    """Returns by what a row is called."""
    return str(getattr(row, "id", "") or getattr(row, "model", "") or row.provider)


def checkup(book: PriceBook, today: dt.date) -> list[Finding]:
    """Finds rows that are old, undated, second-hand, or at odds with one another.

    Args:
        book: The book.
        today: The day to count ages from.
    """
    found = [
        Finding(part, name_of(row), problem)
        for part in PARTS
        for row in getattr(book, part)
        for problem in _warnings(row, today)
    ]
    found += [Finding("machines", row.id, problem) for row, problem in _tiers(book)]
    for discount in book.batch:
        if not HALF[0] <= discount.factor <= HALF[1]:
            problem = f"asks {discount.factor:g} of the price; about half is usual"
            found.append(Finding("batch", discount.provider, problem))
    for price in book.tokens:
        if price.output_usd_per_1m is not None and price.output_usd_per_1m < price.input_usd_per_1m:
            found.append(Finding("tokens", price.model, "output costs less than input"))
    return found


def _warnings(row: Priced, today: dt.date) -> list[str]:
    return row.warnings(today)


def _tiers(book: PriceBook) -> Iterator[tuple[Machine, str]]:
    """Spot and reserved machines that cost more than the same one on demand."""
    for row in book.machines:
        if row.tier not in ("spot", "reserved"):
            continue
        for other in book.machines:
            same = ("provider", "region", "gpu", "gpus", "vcpus")
            if (
                other.tier == "on-demand"
                and all(getattr(other, name) == getattr(row, name) for name in same)
                and row.usd_per_hour > other.usd_per_hour
            ):
                yield row, f"{row.tier} costs more than {other.id} on demand"
