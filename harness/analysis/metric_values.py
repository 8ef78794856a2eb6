"""How a metric that is no share is written: an amount with its unit, in English or Korean."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.analysis.words import Language, catalogue, word

__all__ = ["MetricValue"]

PER_CASES = re.compile(r"(\w+) per ([\d,]+) cases")


@dataclass(frozen=True, slots=True)
class MetricValue:
    """A figure in the unit of a metric."""

    value: float
    unit: str = ""  # as a record has it (``KRW per 1,000 cases``); empty where there is none

    def say(self, language: Language = "en") -> str:
        """Writes a large figure in whole units, a small one with four digits, and the unit."""
        value = self.value or 0.0  # never -0
        figure = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.4g}"
        return f"{figure} {_unit_in(self.unit, language)}".strip()


def _unit_in(unit: str, language: Language) -> str:
    """Writes a unit in a language; one that isn't known stays as it is."""
    match = PER_CASES.fullmatch(unit)
    if match is None:
        return unit
    currency = catalogue(language).get(f"unit.{match[1]}", match[1])
    return word("unit.per_cases", language, currency=currency, cases=match[2])
