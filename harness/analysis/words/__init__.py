"""Everything that reports and recommendations say, in two languages: `en.yaml` and `ko.yaml`.

Both files have the same keys, and a phrase has the same placeholders (``{name}``) in both; tests
compare them, and find keys that nothing uses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Literal, Protocol, get_args, runtime_checkable

import yaml

from harness.text import LEAST_CASH, cash, is_tiny

__all__ = ["LANGUAGES", "Language", "Phrase", "catalogue", "joined", "named", "phrase", "word"]

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
