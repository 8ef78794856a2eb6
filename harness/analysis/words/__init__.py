"""Everything that reports and recommendations say, in two languages: `en.yaml` and `ko.yaml`.

Both files have the same keys, and a phrase has the same placeholders (``{name}``) in both; tests
compare them, and find keys that nothing uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, Literal, Protocol, get_args, runtime_checkable

import yaml

from harness.text import LEAST_CASH, cash, is_tiny

__all__ = [
    "LANGUAGES",
    "Language",
    "MetricValue",
    "Phrase",
    "Reason",
    "catalogue",
    "joined",
    "named",
    "phrase",
    "word",
]

Language = Literal["en", "ko"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
NAMED = 20  # configurations that a sentence lists


@runtime_checkable
class Translated(Protocol):
    """What can be said in any of the languages."""

    def say(self, language: Language) -> str:
        """Returns it in a language."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text in both languages."""

    en: str
    ko: str

    @classmethod
    def of(cls, source: Translated) -> Phrase:
        """Returns what something says, in both languages."""
        return cls(source.say("en"), source.say("ko"))

    def say(self, language: Language) -> str:
        """Returns the text in a language."""
        return self.ko if language == "ko" else self.en


class _Figures(Formatter):
    """Fills phrases; ``{usd:money}`` is an amount as `cash` writes it, a tiny one rounded up."""

    def format_field(self, value: object, format_spec: str) -> str:
        if format_spec == "money" and isinstance(value, int | float):
            return LEAST_CASH if is_tiny(value) else cash(value, "")
        return str(super().format_field(value, format_spec))


_FIGURES = _Figures()


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """Returns all phrases of a language by key."""
    path = Path(__file__).with_name(f"{language}.yaml")
    phrases: Mapping[str, str] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return phrases


def named(names: Sequence[str]) -> str | Phrase:
    """Lists names; of many the first, and how many more there are."""
    if len(names) <= NAMED:
        return ", ".join(names)
    return phrase("names.more", names=", ".join(names[:NAMED]), count=f"{len(names) - NAMED:,}")


def word(key: str, language: Language, **values: object) -> str:
    """Returns a phrase in one language; a value that is `Translated` goes in in the same language.

    Raises:
        KeyError: The catalogue has no such key, or a placeholder no value.
    """
    kind, _, name = key.partition(".")
    phrases = catalogue(language)
    # A phase is one line of its table: until a catalogue has a phrase for it, its name serves.
    text = name if kind == "phase" and key not in phrases else phrases[key]
    if not values:
        return text
    filled = {
        name: value.say(language) if isinstance(value, Translated) else value
        for name, value in values.items()
    }
    return _FIGURES.vformat(text, (), filled)


def phrase(key: str, **values: object) -> Phrase:
    """Returns a phrase in both languages; see `word`."""
    return Phrase(word(key, "en", **values), word(key, "ko", **values))


def joined(parts: Iterable[Translated], separator: str = "; ") -> Phrase:
    """Returns several texts in a row."""
    listed = list(parts)
    return Phrase(*(separator.join(part.say(lang) for part in listed) for lang in LANGUAGES))


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something doesn't count or isn't decided, or what a reader has to know."""

    code: str  # the catalogue has its phrase as ``reason.CODE``
    values: Mapping[str, Any] = field(default_factory=dict)  # what the phrase is filled with

    def say(self, language: Language = "en") -> str:
        """Returns the phrase."""
        return word(f"reason.{self.code}", language, **self.values)

    def as_dict(self) -> dict[str, object]:
        """Returns code, values and the English phrase as JSON values."""
        values = {
            name: value if isinstance(value, (str, int, float)) else value.say("en")
            for name, value in self.values.items()
        }
        return {"code": self.code, "values": values, "text": self.say()}

    def __str__(self) -> str:
        return self.say()


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
