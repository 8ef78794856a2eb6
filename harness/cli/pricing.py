"""In which currency money is shown, and with which tax: options of the verbs that show money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from harness.config import PRICING

if TYPE_CHECKING:
    from harness.costs.money import Money

__all__ = ["money_lines"]


def _option(default: Any, help_: str, *names: str) -> Any:
    return typer.Option(default, *names, help=help_, rich_help_panel=PRICING)


CURRENCY = _option("USD", "Currency to show beside dollars (KRW), by the book's dated rate.")
RATE = _option(None, "What a dollar costs today, instead of the book's rate.")
VAT = _option(0.0, "Value-added tax to add, in percent.", "--vat")


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
