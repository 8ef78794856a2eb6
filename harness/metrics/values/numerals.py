"""Numbers as they are written: signs, separators, 2억 5천만, 1.5 million, fifteen hundred."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache

from harness.metrics.characters import HALF_WIDTH, MINUS
from harness.text import words

__all__ = ["KOREAN", "NUMBER", "SCALES", "WORDS", "plain", "prepared", "read_korean", "read_words"]

NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_DIGITS = {name: value for value, name in enumerate("영일이삼사오육칠팔구")}
_POWERS = {"십": 10, "백": 100, "천": 1_000}
# 2천3백, 이천삼백, 천; a numeral of Hangul counts only before 십, 백 or 천, or right after one.
_STEP = rf"(?:(?:{NUMBER}\s?|[일이삼사오육칠팔구]\s?)?[천백십]\s?)"
_UNDER = rf"(?:{_STEP}+(?:\d+|[일이삼사오육칠팔구])?|{NUMBER})"
_LARGE = rf"(?:{_UNDER}|(?<![가-힣])[일이삼사오육칠팔구])"
# 조 also means an article: as a scale it stands before 억, or a unit of money.
KOREAN = (
    rf"(?:(?P<jo>{_LARGE})\s?조\s?(?=원|달러|[\d,.]+\s?[천백십]?\s?억))?"
    rf"(?:(?P<eok>{_LARGE})\s?억\s?)?"
    rf"(?:(?P<man>{_UNDER}|(?<![가-힣])[일이삼사오육칠팔구])?\s?(?P<tens>만)\s?)?"
    rf"(?P<rest>{_UNDER})?"
)
"""Matches what `read_korean` reads; it also matches nothing."""

_ONES = words("""
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen
""")
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SCALES = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9}
SCALES = _SCALES | {"trillion": 10**12, "tn": 10**12, "b": 10**9, "bn": 10**9, "k": 10**3}
SCALES |= dict.fromkeys(("m", "mn", "mln"), 10**6)
"""English words and signs after a number, with what they multiply it by."""
_NAMED = {word: value for value, word in enumerate(_ONES)}
_NAMED |= {word: 10 * value for value, word in enumerate(_TENS, start=2)}
_WORD = "|".join(sorted([*_NAMED, *_SCALES], key=len, reverse=True))
_FIRST = "|".join(sorted(_NAMED, key=len, reverse=True))
WORDS = rf"(?:{_FIRST})\b(?:(?:-|\s(?:and\s)?)(?:{_WORD})\b)*(?:\sand\sa\shalf\b)?"
"""Matches what `read_words` reads."""

_ALIKE = dict.fromkeys(map(ord, MINUS + "—"), "-") | dict.fromkeys(map(ord, "∼〜∽"), "~")
_ALIKE |= dict.fromkeys(map(ord, "\u00a0\u2009\u202f\t"), " ")
_ALIKE |= dict.fromkeys(map(ord, "\u200b\ufeff"), "")
_ALIKE |= {ord("∆"): "△", ord("≧"): "≥", ord("≦"): "≤", ord("’"): "'", ord("ㆍ"): "·"}

_BUSINESS_DAYS = re.compile(r"영업일(?:\s?기준(?:으로)?|로)\s?(\d+)\s?일")


@lru_cache(maxsize=8192)
def prepared(text: str) -> str:
    """Writes what looks alike as one character: NFC, half width, one minus, one tilde, one space."""
    text = unicodedata.normalize("NFC", text).translate(HALF_WIDTH).translate(_ALIKE)
    return _BUSINESS_DAYS.sub(r"\1영업일", re.sub(r" {2,}", " ", text).strip())


def plain(number: str) -> Decimal:
    """Reads digits with or without separators of thousands."""
    return Decimal(number.replace(",", ""))


def read_korean(match: re.Match[str]) -> Decimal:
    """Reads a match of `KOREAN` that isn't empty."""
    value = _under(match["jo"] or "0") * 10**12 + _under(match["eok"] or "0") * 10**8
    if match["tens"]:
        value += _under(match["man"] or "1") * 10_000
    return value + _under(match["rest"] or "0")


def _under(text: str) -> Decimal:
    """Reads what may stand before 만 or 억: 2,300, 2천3백, 이천삼백."""
    total, number = Decimal(0), ""
    for piece in re.findall(rf"{NUMBER}|[가-힣]", text.replace(" ", "")):
        if piece in _POWERS:
            total += (_digit(number) if number else 1) * _POWERS[piece]
            number = ""
        else:
            number = piece
    return total + (_digit(number) if number else 0)


def _digit(text: str) -> Decimal:
    return Decimal(_DIGITS[text]) if text in _DIGITS else plain(text)


def read_words(text: str) -> Decimal:
    """Reads an English number in words: twelve, fifteen hundred, two and a half."""
    text = text.lower()
    half = Decimal("0.5") if re.search(r"and\sa\shalf$", text) else Decimal(0)
    total, part = Decimal(0), Decimal(0)
    for word in re.findall(rf"\b(?:{_WORD})\b", text):
        if word in _NAMED:
            part += _NAMED[word]
        elif word == "hundred":
            part = max(part, Decimal(1)) * 100
        else:
            total, part = total + max(part, Decimal(1)) * _SCALES[word], Decimal(0)
    return total + part + half
