"""What the report says, in two languages: `en.yaml` and `ko.yaml` have the same keys.

A phrase is filled by its fields (``{name}``); a test compares keys and fields of the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

__all__ = ["LANGUAGES", "Language", "Said", "catalogue", "say", "word"]

Language = Literal["en", "ko"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True, slots=True)
class Said:
    """A phrase in both languages.

    Attributes:
        en: In English.
        ko: In Korean.
    """

    en: str
    ko: str

    def to(self, language: Language) -> str:
        """Returns the phrase of a language."""
        return self.ko if language == "ko" else self.en


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """Returns all phrases of a language by key."""
    path = Path(__file__).with_name(f"{language}.yaml")
    found: Mapping[str, str] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def word(key: str, language: Language, **values: Any) -> str:
    """Returns a phrase; a value that is a `Said` is put in in the same language.

    Raises:
        KeyError: The catalogue doesn't have it.
    """
    phrases = catalogue(language)
    kind, _, name = key.partition(".")
    # a phase without words of its own, or of another version's record, goes by its name
    phrase = phrases.get(key, name) if kind == "phase" and name else phrases[key]
    if not values:
        return phrase
    told = {k: v.to(language) if isinstance(v, Said) else v for k, v in values.items()}
    return phrase.format(**told)


def say(key: str, **values: Any) -> Said:
    """Returns a phrase in both languages.

    Args:
        key: Of the catalogues.
        values: What it is filled with; a `Said` goes in by its language.
    """
    return Said(*(word(key, language, **values) for language in LANGUAGES))
