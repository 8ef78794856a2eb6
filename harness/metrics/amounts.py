"""Reads and writes amounts of money: 1,250,000원, 125만 원, 1억 2천만원, $1,250.00, 1,250 dollars."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from harness.metrics.values.numerals import KOREAN, NUMBER, SCALES, plain, read_korean

__all__ = ["CURRENCIES", "Amount", "Currency", "find_amounts", "parse_amount", "write_amount"]

_WON = re.compile(
    rf"(?<![\d.,%-])(?P<mark>[₩￦]\s?|KRW\s?|(?<![가-힣])(?=[천백십만억일이삼사오육칠팔구])|(?=\d))"
    rf"{KOREAN}(?P<unit>\s?(?:원|won\b|KRW\b))?",
    re.I,
)
_DOLLARS = re.compile(
    rf"(?<![\d.,%])(?:(?P<mark>(?:US)?\$\s?|USD\s?))?(?P<number>{NUMBER})(?![\d,]*\d)"
    r"(?P<scale>\s?(?:k|thousand|million|m)\b)?(?P<unit>\s?(?:US\s)?(?:dollars?|USD|bucks)\b)?",
    re.I,
)
_BARE = re.compile(rf"(?<![\w.,-]){NUMBER}(?![\w,-]|\.\d|\s?%)")


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in a text."""

    start: int
    end: int  # Past the last character
    value: Decimal  # In units of the currency


@dataclass(frozen=True, slots=True)
class Currency:
    """How amounts of a currency are read and written."""

    find: Callable[[str], list[Amount]]  # Lists the amounts in a text that name the currency
    write: Callable[[Decimal], str]


def find_amounts(text: str, currency: str) -> list[Amount]:
    """Lists in order the amounts that a text names with the sign or word of ``KRW`` or ``USD``."""
    return CURRENCIES[currency].find(text)


def parse_amount(text: str, currency: str) -> Decimal | None:
    """Reads a text such as "125만원" or "$1,250.00" as one amount in ``KRW`` or ``USD``.

    None where it names none, or different ones. A bare number counts where nothing else does.
    """
    values = {amount.value for amount in find_amounts(text, currency)}
    if not values:
        values = {plain(match[0]) for match in _BARE.finditer(text)}
    return values.pop() if len(values) == 1 else None


def write_amount(value: Decimal, currency: str) -> str:
    """Writes an amount in the currency's usual form."""
    return CURRENCIES[currency].write(value)


def _find_won(text: str) -> list[Amount]:
    amounts = []
    for match in _WON.finditer(text):
        named = bool(match["mark"].strip() or match["unit"])
        if not named or not any(match[part] for part in ("jo", "eok", "tens", "rest")):
            continue
        end = match.start() + len(match[0].rstrip())
        amounts.append(Amount(match.start(), end, read_korean(match)))
    return amounts


def _find_dollars(text: str) -> list[Amount]:
    amounts = []
    for match in _DOLLARS.finditer(text):
        if match["mark"] or match["unit"]:
            scale = SCALES[match["scale"].strip().lower()] if match["scale"] else 1
            amounts.append(Amount(match.start(), match.end(), plain(match["number"]) * scale))
    return amounts


def _write_won(value: Decimal) -> str:
    return f"{value.normalize():,f}원"


def _write_dollars(value: Decimal) -> str:
    return f"${value:,.0f}" if value == int(value) else f"${value:,.2f}"


CURRENCIES: Mapping[str, Currency] = {
    "KRW": Currency(_find_won, _write_won),
    "USD": Currency(_find_dollars, _write_dollars),
}
