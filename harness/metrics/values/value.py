"""What a text says where it is a value."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal

from harness.metrics.values.units import family

__all__ = ["Found", "Value"]


@dataclass(frozen=True, slots=True)
class Value:
    """A value; two that are equal mean the same, however they are written."""

    kind: str  # ``number``, ``date``, ``code``, ``grade``
    # Of a number one, of a range two; of a date year, month, day, None where it names none.
    parts: tuple[Decimal | int | str | None, ...]
    unit: str = ""  # what a number is counted in: ``KRW``, ``month``, ``second``, ``%``, a word
    comparison: str = ""  # ``<=``, ``<``, ``>``, ``>=``, ``~`` (about), ``before``, ``after``
    written: tuple[Decimal, ...] = field(default=(), compare=False)  # in the unit that stands there
    unit_text: str = field(default="", compare=False)

    @property
    def family(self) -> str:
        """The kind that a value shares with those that could stand in its place."""
        return family(self.unit) if self.kind == "number" else self.kind

    @property
    def bare(self) -> Value:
        """The same without its comparison."""
        return replace(self, comparison="") if self.comparison else self


@dataclass(frozen=True, slots=True)
class Found:
    """A value in a text."""

    start: int
    end: int  # Past the last character, comparison included
    value: Value
    core: tuple[int, int]  # first, past-the-last character of the value without its comparison
