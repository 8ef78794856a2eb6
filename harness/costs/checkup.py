"""What a reader should know of a price book before relying on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from harness.costs.book import PriceBook
from harness.costs.rows import Machine

__all__ = ["PARTS", "Finding", "checkup", "name_of"]

UNDATED = ("defaults", "gpus", "tokenizers")
PARTS = tuple(part for part in PriceBook.model_fields if part not in UNDATED)
"""Parts of the book whose rows are dated prices."""
HALF = (0.4, 0.6)
"""Shares of the usual price that vendors ask for requests that may wait."""
SAME_MACHINE = ("provider", "region", "gpu", "gpus", "vcpus")


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem of one row."""

    part: str
    row: str
    problem: str  # in words


def name_of(row: object) -> str:
    """Returns the name of a row of the book: its id, its model or its provider."""
    names = (getattr(row, field, "") for field in ("id", "model", "provider"))
    return next(filter(None, names), "")


def checkup(book: PriceBook, today: dt.date) -> list[Finding]:
    """Finds rows that are old, undated or second-hand, and prices at odds with one another."""
    findings = [
        Finding(part, name_of(row), problem)
        for part in PARTS
        for row in getattr(book, part)
        for problem in row.warnings(today)
    ]
    findings += [Finding("machines", row.id, problem) for row, problem in _tiers(book)]
    for discount in book.batch:
        if not HALF[0] <= discount.factor <= HALF[1]:
            problem = f"asks {discount.factor:g} of the price; about half is usual"
            findings.append(Finding("batch", discount.provider, problem))
    for price in book.tokens:
        if price.output_usd_per_1m is not None and price.output_usd_per_1m < price.input_usd_per_1m:
            findings.append(Finding("tokens", price.model, "output costs less than input"))
    return findings


def _tiers(book: PriceBook) -> Iterator[tuple[Machine, str]]:
    """Yields spot and reserved machines that cost more than the same one on demand."""
    for row in book.machines:
        if row.tier not in ("spot", "reserved"):
            continue
        for other in book.machines:
            same = all(getattr(other, name) == getattr(row, name) for name in SAME_MACHINE)
            if same and other.tier == "on-demand" and row.usd_per_hour > other.usd_per_hour:
                yield row, f"{row.tier} costs more than {other.id} on demand"
