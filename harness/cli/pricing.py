"""The options by which a record is priced, shared by the verbs that show money."""

from __future__ import annotations

from typing import Any

import typer

from harness.costs.choices import Choices
from harness.costs.deployment import Terms
from harness.costs.money import Money

__all__ = ["choices_of", "money_lines"]

PANEL = "Pricing"


def _option(default: Any, help_: str, *names: str) -> Any:
    return typer.Option(default, *names, help=help_, rich_help_panel=PANEL)


MACHINE = _option(None, "Row of the price book, or a GPU's id, for this machine.")
PROJECT_TO = _option(None, "Row of the price book, or a GPU's id, to project to.")
BASIS = _option("always-on", "always-on: whole machines, by the month. as-used: by the second.")
REQUESTS = _option(None, "Requests a month that machines are bought for.", "--requests-per-month")
PEAK = _option(3.0, "Requests in the busiest second, in mean seconds.", "--peak-factor")
REDUNDANCY = _option(0, "Machines beyond those that the peak takes.")
TARGET = _option(None, "Seconds within which 95 of 100 are answered.", "--latency-target")
LABEL = _option(None, "Price of one labelled row, in $.", "--label-usd")
ELECTRICITY = _option(None, "Row of the price book for a kilowatt-hour.")
PUE = _option(1.0, "Power of the site over power of its machines.")
PROVIDER = _option(None, "Vendor of an API; by default the model's name decides.")
WAIT = _option(False, "An API's requests may wait: its batch price.", "--wait")
CURRENCY = _option("USD", "Currency to show beside dollars (KRW), by the book's dated rate.")
RATE = _option(None, "What a dollar costs today, instead of the book's rate.")
VAT = _option(0.0, "Value-added tax to add, in percent.", "--vat")


def choices_of(*, peak_factor: float = 3.0, redundancy: int = 0, **chosen: Any) -> Choices:
    """Makes the choices of a command line.

    Raises:
        UsageError: A value that can't be.
    """
    return Choices(terms=Terms(peak_factor=peak_factor, redundancy=redundancy), **chosen)


def money_lines(cost: dict[str, Any], said: Money) -> list[tuple[str, str]]:
    """Returns the rows that show a cost in another currency, or with tax."""
    tax = f", with {said.vat:.0%} tax" if said.vat else ""
    rows = (
        ("development", "development_usd"),
        ("per 1,000 requests", "usd_per_1k_requests"),
        ("per 1,000 requests, as used", "usd_per_1k_requests_as_used"),
        ("a machine a month", "usd_per_machine_month"),
    )
    lines = [(f"{name}, {said.currency}{tax}", said.text(cost[key])) for name, key in rows]
    if said.currency != "USD":
        lines.append(("a dollar", f"{said.per_usd:,.2f} {said.currency}, {said.date}"))
    return lines
