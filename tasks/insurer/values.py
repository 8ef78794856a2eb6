"""What values of facts are in every language: their fields, their meaning, and how pools are made.

A language adds how they are written: `text` and `variants`, where they are not here already. `key` is
the value's meaning: two values with one key are the same answer (24 months and 2 years), which is how
a world avoids an answer that is right too often. Percentages are whole numbers and dates in figures
are zero-padded, because a scorer may remove punctuation: "1.5%" must never become "15%", nor "1/12"
become "11/2".
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar, Self

_LONGEST_SAFE_DAY = 28  # so that every month has it


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time.

    Attributes:
        number: How many units.
        unit: Of its language; business days are not calendar days.
        role: What it is ("span", "within"), which says the words that may stand around it.
        multiples: The unit that each longer unit is so many of.
    """

    number: int
    unit: str
    role: str = "span"
    kind: ClassVar[str] = "period"
    multiples: ClassVar[Mapping[str, tuple[str, int]]]

    @property
    def key(self) -> Hashable:
        return self.measure

    @property
    def measure(self) -> tuple[str, int]:
        """The length in a unit that it shares with the periods it can equal."""
        unit, many = self.multiples.get(self.unit, (self.unit, 1))
        return (unit, self.number * many)


@dataclass(frozen=True, slots=True)
class Percentage:
    """A whole percentage; `base` is what it is a share of, where an answer may name it."""

    number: int
    base: str = ""
    kind: ClassVar[str] = "percentage"

    @property
    def key(self) -> Hashable:
        return self.number

    @property
    def text(self) -> str:
        return f"{self.number}%"


@dataclass(frozen=True, slots=True)
class Day:
    """A date: of one year, of every year (`year` 0), or of every month (`year` and `month` 0)."""

    year: int
    month: int
    day: int
    kind: ClassVar[str] = "date"

    @property
    def key(self) -> Hashable:
        return (self.year, self.month, self.day)

    @classmethod
    def dates(cls, first_year: int, last_year: int) -> tuple[Self, ...]:
        """Every day up to the 28th of each month of the years."""
        return tuple(
            cls(year, month, day)
            for year in range(first_year, last_year + 1)
            for month in range(1, 13)
            for day in range(1, _LONGEST_SAFE_DAY + 1)
        )

    @classmethod
    def yearly(cls, *months: int) -> tuple[Self, ...]:
        """A day of every year, in one of the months."""
        days = range(1, _LONGEST_SAFE_DAY + 1)
        return tuple(cls(0, month, day) for month in months for day in days)

    @classmethod
    def monthly(cls, low: int, high: int) -> tuple[Self, ...]:
        """A day of every month."""
        return tuple(cls(0, 0, day) for day in range(low, high + 1))


@dataclass(frozen=True, slots=True)
class Items:
    """A short list whose order means nothing."""

    items: tuple[str, ...]
    kind: ClassVar[str] = "list"

    @property
    def key(self) -> Hashable:
        return frozenset(self.items)

    @classmethod
    def lists(cls, items: str, sizes: Sequence[int] = (2,)) -> tuple[Self, ...]:
        """Every choice of some of the items, which are written with bars between them: "a|b|c"."""
        names = items.split("|")
        return tuple(cls(chosen) for size in sizes for chosen in combinations(names, size))

    @classmethod
    def pairs(cls, first: str, second: str) -> tuple[Self, ...]:
        """Every list of one item of `first` and one of `second`; both written with bars."""
        return tuple(cls((one, other)) for one in first.split("|") for other in second.split("|"))


@dataclass(frozen=True, slots=True)
class YesNo:
    """Whether something is allowed."""

    yes: bool
    kind: ClassVar[str] = "yes_no"

    @property
    def key(self) -> Hashable:
        return self.yes

    @classmethod
    def both(cls) -> tuple[Self, ...]:
        """Yes and no."""
        return (cls(True), cls(False))


@dataclass(frozen=True, slots=True)
class Name:
    """A name, code or number that identifies something; `also` lists other ways to write it."""

    name: str
    also: tuple[str, ...] = ()
    kind: ClassVar[str] = "name"

    @property
    def key(self) -> Hashable:
        return self.name

    @property
    def text(self) -> str:
        return self.name

    @property
    def variants(self) -> tuple[str, ...]:
        return self.also


@dataclass(frozen=True, slots=True)
class Term:
    """One of the company's own words, asked for by its definition."""

    term: str
    kind: ClassVar[str] = "definition"

    @property
    def key(self) -> Hashable:
        return self.term

    @property
    def text(self) -> str:
        return self.term


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing that the company has written down answers this.

    Attributes:
        sort: "absent" when the subject is absent, "near-miss" when something close to it is there.
    """

    sort: str
    kind: ClassVar[str] = "unanswerable"
    text: ClassVar[str]
    variants: ClassVar[tuple[str, ...]]

    @property
    def key(self) -> Hashable:
        return None
