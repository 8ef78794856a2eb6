"""Reads a text that is a label as a whole: as it is written, else leniently where that is clear.

A lenient reading takes liberties: with full-width forms, quotes and the final stop, case, what
stands between words, the form of a number. The fewest liberties that give a label decide; where
they give two, none is read. A sign, a comparison or a bracket around an amount is never left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cached_property
from itertools import combinations

from harness.metrics.characters import FALLS, HALF_WIDTH, MINUS

__all__ = ["BETWEEN_WORDS", "SEPARATOR", "Spellings", "width", "written"]

SEPARATOR = r"(?![\s_]+-\d)[\s_\-]+"  # "class -1" has a sign
BETWEEN_WORDS = re.compile(rf"(?<=\w){SEPARATOR}(?=\w)")

_QUOTES = "\"'`*_“”‘’「」『』 \t\r\n"
_STOPS = ".,;:!?。、，．！？：；"
_PAIRS = {"(": ")", "[": "]", "{": "}", "<": ">", "《": "》"}
# In an account, parentheses around an amount are its minus sign; "(3)" also numbers an option.
_AMOUNT = re.compile(r"[$₩€£¥]|\d(?!\d?$)")
_BRACKETED = re.compile(r"\W*\(\s?\d[^()]*\)\W*").fullmatch
_SIGNED = re.compile(rf"[{MINUS}{FALLS}(]\s?[$₩€£¥]?\d").match
_BULLET = re.compile(r"[-–•·]\s+(?=[^\W\d])")
_NUMBER = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?\s?(%?)")
_NARROW = HALF_WIDTH | {ord(character): "-" for character in MINUS}


def written(text: str) -> str:
    """Returns a text as it is compared first: NFC, without outer spaces."""
    return unicodedata.normalize("NFC", text).strip()


def width(text: str) -> str:
    """Writes full-width forms and typographic minus signs in ASCII, and single spaces."""
    return " ".join(text.translate(_NARROW).split())


def _unquoted(text: str) -> str:
    """Leaves out quotes, a bullet, brackets around the whole, and final stops."""
    before = ""
    while text != before:
        before = text
        text = _BULLET.sub("", text.strip(_QUOTES).rstrip(_STOPS + _QUOTES), count=1)
        if text and text[-1] in ")]" and not set("([") & set(text):  # "B)"
            text = text[:-1]
        if len(text) > 2 and _PAIRS.get(text[0]) == text[-1]:
            inner = text[1:-1]
            text = text if text[0] == "(" and _AMOUNT.match(inner) else inner
    return text


def _unseparated(text: str) -> str:
    return BETWEEN_WORDS.sub(" ", text)


def _number(text: str) -> str:
    """Writes a number without separators of thousands, final zeros and a plus sign."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        return text
    sign, whole, fraction, percent = match.groups("")
    fraction = fraction.rstrip("0").rstrip(".")
    return f"{sign.rstrip('+')}{whole.replace(',', '')}{fraction}{percent}"


_LIBERTIES = (width, _unquoted, str.casefold, _unseparated, _number)
Liberties = tuple[Callable[[str], str], ...]


class Spellings:
    """Labels by the texts that mean them; several texts may mean one label."""

    def __init__(self, meanings: Iterable[tuple[str, str]]) -> None:
        self._meanings = [(written(text), label) for text, label in meanings]
        self._tables: dict[Liberties, dict[str, set[str]]] = {}

    def label_of(self, text: str) -> str | None:
        """Returns the label that a text is, whole; None where it is none, or could be several."""
        text = written(text)
        bracketed = self.signed and _BRACKETED(text)
        for count in range(1 if bracketed else len(_LIBERTIES) + 1):
            labels = {
                label
                for liberties in combinations(_LIBERTIES, count)
                for label in self._table(liberties).get(_with(liberties, text), ())
            }
            if labels:
                return labels.pop() if len(labels) == 1 else None
        return None

    def _table(self, liberties: Liberties) -> dict[str, set[str]]:
        if liberties not in self._tables:
            table: dict[str, set[str]] = {}
            for text, label in self._meanings:
                if key := _with(liberties, text):
                    table.setdefault(key, set()).add(label)
            self._tables[liberties] = table
        return self._tables[liberties]

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """All texts that mean a label, the longest first."""
        return tuple(sorted({text for text, _ in self._meanings}, key=lambda t: (-len(t), t)))

    @property
    def close(self) -> list[tuple[str, str]]:
        """Pairs of labels that all liberties together make the same."""
        table = self._table(_LIBERTIES)
        return sorted(pair for labels in table.values() for pair in combinations(sorted(labels), 2))

    @cached_property
    def signed(self) -> bool:
        """Whether a label is a number with a sign."""
        return any(map(_SIGNED, self.texts))


def _with(liberties: Liberties, text: str) -> str:
    for liberty in liberties:
        text = liberty(text)
    return text
