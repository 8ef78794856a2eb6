"""In which currency money is shown, and with which tax: options of the verbs that show money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from harness.cli.output import Json
from harness.config import PRICING

if TYPE_CHECKING:
    from harness.costs.money import Money

__all__ = ["money_lines"]


def _option(default: object, help_: str, *names: str) -> Any:
    return typer.Option(default, *names, help=help_, rich_help_panel=PRICING)


CURRENCY = _option("USD", "Currency to show beside dollars (KRW), by the book's dated rate.")
RATE = _option(None, "What a dollar costs today, instead of the book's rate.")
VAT = _option(0.0, "Value-added tax to add, in percent.", "--vat")


def money_lines(cost: Json, money: Money) -> list[tuple[str, str]]:
    """Returns the rows that show a cost in another currency, or with tax."""
    tax = f", with {money.vat:.0%} tax" if money.vat else ""
    rows = (
        ("development", "development_usd"),
        ("1,000 more requests", "usd_per_1k_requests"),
        ("a machine a month", "usd_per_machine_month"),
    )
    amounts = [(name, cost[key]) for name, key in rows]
    amounts[1:1] = [
        (f"a month of {month['requests']:,.0f} requests", month["usd"]) for month in cost["months"]
    ]
    lines = [(f"{name}, {money.currency}{tax}", money.text(usd)) for name, usd in amounts]
    if money.currency != "USD":
        lines.append(("a dollar", f"{money.per_usd:,.2f} {money.currency}, {money.date}"))
    return lines
