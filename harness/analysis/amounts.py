"""How a metric that is no share is written: an amount with its unit, in English or Korean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = ["Amount", "figure", "unit_in"]

PER_CASES = re.compile(r"(\w+) per ([\d,]+) cases")
WON: Mapping[str, str] = {"KRW": "원", "USD": "달러"}


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure in the unit of a metric.

    Attributes:
        value: The figure.
        unit: As a record has it (``KRW per 1,000 cases``); empty where there is none.
    """

    value: float
    unit: str = ""

    def say(self, language: Literal["en", "ko"] = "en") -> str:
        """Returns the figure with its unit."""
        return f"{figure(self.value)} {unit_in(self.unit, language)}".strip()


def figure(value: float) -> str:
    """Writes a large figure in whole units, a small one with four digits."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.4g}"


def unit_in(unit: str, language: Literal["en", "ko"]) -> str:
    """Returns a unit in words of a language."""
    match = PER_CASES.fullmatch(unit)
    if language == "en" or match is None:
        return unit
    return f"{WON.get(match[1], match[1])}/{match[2]}건"
