"""Values of facts as English writes them: the canonical text and the texts that mean the same."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from itertools import permutations
from typing import ClassVar

from .. import values
from ..values import Name
from .english import in_words, listed, ordinal, with_article

__all__ = ["Amount", "Day", "Items", "Name", "Percentage", "Period", "Term", "Unknown", "YesNo"]

MONTHS = listed(
    "January February March April May June July August September October November December", None
)
_SHORT_MONTHS = listed("Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec", None)
_MILLION, _HUNDRED = 1_000_000, 100


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of money in whole dollars."""

    dollars: int
    kind: ClassVar[str] = "amount"

    @property
    def key(self) -> Hashable:
        return self.dollars

    @property
    def text(self) -> str:
        return f"${self.dollars:,}"

    @property
    def variants(self) -> tuple[str, ...]:
        number = f"{self.dollars:,}"
        same = (f"{number} dollars", f"US${number}", f"USD {number}", f"{number} USD")
        words = [in_words(self.dollars), *self._hundreds()]
        return (*same, *(f"{text} dollars" for text in words), *self._millions())

    def _hundreds(self) -> list[str]:
        """Writes 1500 as fifteen hundred, the way such amounts are said."""
        hundreds, rest = divmod(self.dollars, _HUNDRED)
        return [f"{in_words(hundreds)} hundred"] if not rest and 10 < hundreds < 100 else []

    def _millions(self) -> list[str]:
        millions, rest = divmod(self.dollars, _MILLION)
        if not millions or rest % (_MILLION // 10):
            return []
        number = f"{millions}" + (f".{rest * 10 // _MILLION}" if rest else "")
        return [f"${number} million", f"{number} million dollars"]


_TAILS = {
    "span": ("for {}",),
    "most": ("up to {}", "at most {}", "{} at most", "a maximum of {}", "for up to {}"),
    "least": ("at least {}", "{} at least", "a minimum of {}"),
    "before": ("{} before", "{} in advance", "{} ahead", "at least {}", "at least {} before"),
    "within": ("within {}",),
    "every": ("every {}",),
}


@dataclass(frozen=True, slots=True)
class Period(values.Period):
    """A length of time.

    Attributes:
        number: How many units; more than one.
        unit: "minute", "hour", "day", "business day", "week", "month" or "year"; business days
            are not calendar days.
        role: "span" a duration, "most" and "least" a longest and a shortest one, "before" a
            notice, "within" a deadline, "every" an interval: which words may stand around it.
    """

    multiples: ClassVar[Mapping[str, tuple[str, int]]] = {"week": ("day", 7), "year": ("month", 12)}

    @property
    def text(self) -> str:
        return _counted(self.number, self.unit)

    @property
    def variants(self) -> tuple[str, ...]:
        same = list(dict.fromkeys((self.text, *self._same())))
        around = [tail.format(text) for tail in _TAILS[self.role] for text in same]
        return tuple(same[1:] + around)

    def _same(self) -> list[str]:
        """Texts for the same length in figures, in words, or in another unit."""
        unit, number = self.measure
        texts = _both(number, unit)
        if unit == "business day":
            texts += _both(number, "working day")
        if unit == "day" and number % 7 == 0:
            texts += _both(number // 7, "week")
        if unit == "month":
            texts += _years(number)
        return texts


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" + ("" if number == 1 else "s")


def _both(number: int, unit: str) -> list[str]:
    """Writes a period in figures and in words; a single unit also with its article."""
    figures = _counted(number, unit)
    texts = [figures, in_words(number) + figures.removeprefix(str(number))]
    return [*texts, with_article(unit)] if number == 1 else texts


def _years(months: int) -> list[str]:
    years, rest = divmod(months, 12)
    if not rest:
        return _both(years, "year")
    texts = ["half a year"] if months == 6 else []
    if years and rest == 6:
        texts += ["a year and a half"] if years == 1 else []
        texts.append(f"{in_words(years)} and a half years")
    if years:
        year, month = _both(years, "year"), _both(rest, "month")
        texts += [f"{year[0]} {month[0]}", f"{year[0]} and {month[0]}", f"{year[1]} and {month[1]}"]
    return texts


@dataclass(frozen=True, slots=True)
class Percentage(values.Percentage):
    """How English writes a percentage."""

    @property
    def variants(self) -> tuple[str, ...]:
        words = f"{in_words(self.number)} percent"
        same = (f"{self.number} percent", f"{self.number} per cent", words)
        return same + ((f"{self.number}% of {self.base}",) if self.base else ())


@dataclass(frozen=True, slots=True)
class Day(values.Day):
    """How English writes a date."""

    @property
    def text(self) -> str:
        if not self.month:
            return f"the {ordinal(self.day)} of each month"
        return f"{MONTHS[self.month - 1]} {self.day}" + (f", {self.year}" if self.year else "")

    @property
    def variants(self) -> tuple[str, ...]:
        nth = ordinal(self.day)
        if not self.month:
            return (f"the {nth} of every month", f"the {nth} of the month", f"the {nth}")
        name, short = MONTHS[self.month - 1], _SHORT_MONTHS[self.month - 1]
        year = f" {self.year}" if self.year else ""
        texts = [f"{name} {nth}{year}", f"{self.day} {name}{year}", f"{nth} of {name}{year}"]
        texts += [f"{short} {self.day}{year}", f"{self.day} {short}{year}"]
        figures = f"{self.month:02d}/{self.day:02d}"
        if self.year:
            iso = f"{self.year}-{self.month:02d}-{self.day:02d}"
            return (*texts, f"{figures}/{self.year}", iso)
        return (*texts, f"{self.text} each year", f"{self.text} of each year", figures)


@dataclass(frozen=True, slots=True)
class Items(values.Items):
    """How English writes a list."""

    @property
    def text(self) -> str:
        return _joined(self.items)

    @property
    def variants(self) -> tuple[str, ...]:
        texts: list[str] = []
        for order in permutations(self.items):
            full = tuple(with_article(item) for item in order)
            texts += [_joined(order), ", ".join(order), _joined(full), ", ".join(full)]
        return tuple(texts)


def _joined(items: tuple[str, ...]) -> str:
    *first, last = items
    return f"{', '.join(first)} and {last}"


# Every yes/no question asks whether something may be done.
_YES = (
    "allowed|permitted|accepted|it is|it is allowed|you may|you can|they may|they can|we can|we may"
)
_NO = (
    "not allowed|not permitted|not accepted|it is not|it isn't|it is not allowed|you may not|"
    "you cannot|you can't|they may not|they cannot|they can't|we cannot|we can't|we may not"
)


@dataclass(frozen=True, slots=True)
class YesNo(values.YesNo):
    """How English writes yes and no."""

    @property
    def text(self) -> str:
        return "yes" if self.yes else "no"

    @property
    def variants(self) -> tuple[str, ...]:
        texts = listed(_YES if self.yes else _NO)
        return (*texts, *(f"{self.text}, {text}" for text in texts))


@dataclass(frozen=True, slots=True)
class Term(values.Term):
    """How English writes a term."""

    @property
    def variants(self) -> tuple[str, ...]:
        return (f"the {self.term}", with_article(self.term))


@dataclass(frozen=True, slots=True)
class Unknown(values.Unknown):
    """How English says that there is no answer."""

    text: ClassVar[str] = "I don't know"
    variants: ClassVar[tuple[str, ...]] = listed(
        "I do not know|unknown|not known|no information|not stated in the documents|"
        "the documents do not say|the documents don't say|the document does not say|"
        "not mentioned in the documents|it is not stated|it is not mentioned in the documents|"
        "not in the documents|cannot be determined|no answer|I cannot say"
    )
