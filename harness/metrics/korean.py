"""Makes texts comparable: normalisation, tokens and token F1, Korean included.

Korean is written without a space between a word and its particles, so word overlap (as in
``rouge_score``, which drops Hangul altogether) says little: content morphemes are compared.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from harness.metrics.characters import FALLS, HALF_WIDTH, MINUS

__all__ = ["bare_ending", "kiwi", "normalise", "squash", "token_f1", "tokens"]

_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
# "1.5" but not "2025.03.01", which is a date however its parts are separated.
_DECIMAL = re.compile(r"(?<![\d.])(\d+)\.(\d+)(?!\.?\d)")
# Minus as accounts write it: −5, △5, ▲ 5, -$5, (1,234).
_MINUS = re.compile(rf"(?:(?<![\w.)])[{MINUS}—]|[{FALLS}]\s?)(?=\.?\d|[$₩€£¥]\s?\d)")
_BRACKETS = re.compile(r"(?<![\w)])\(([$₩€£¥]?\s?\d+(?:\.\d+)?\s?%?)\)(?=\s*\Z|[\w%])")
_GRADE = re.compile(r"(?<=[a-z+-])[+-](?![a-z\d])|(?<=\d)\+(?![\w])")
_COMPARED = re.compile(r"([<>≤≥])\s*(?==?\s*\d|[$₩€£¥]?\d)")
_POINT, _SIGN = "\ue000", "\ue001"
_KEPT = {"+": "\ue002", "<": "\ue003", ">": "\ue004", "≤": "\ue005", "≥": "\ue006", "-": _SIGN}
_RESTORED = {ord(mark): ord(sign) for sign, mark in _KEPT.items()} | {ord(_POINT): ord(".")}
# Japanese and Chinese have no spaces: a character is a token.
_WORDS = re.compile(
    r"[a-z]+[+-]+(?!\w)|-?\d+(?:\.\d+)?(?!\w)|\d+\.\d+|[\u3040-\u30ff\u4e00-\u9fff]"
    r"|[^\W\u3040-\u30ff\u4e00-\u9fff]+|[^\w\s.-]"
)
_ARTICLES = frozenset({"a", "an", "the"})
# Nouns, verbs, adverbs, roots, numbers, foreign words; negating prefixes and auxiliaries too.
_CONTENT = ("N", "VV", "VA", "VCN", "M", "IC", "XR", "XPN", "SN", "SL", "SH", "SW", "UN", "W_")
# 요 follows a vowel (7번 출구요): 중요 and 필요 are words.
_ENDING = re.compile(r"\s?(?:입니다|이에요|예요|이다|이요|(?<=..)요)$")
_NEGATING = frozenset({"않", "못하", "말", "아니하", "아니"})


@lru_cache(maxsize=16_384)
def normalise(text: str) -> str:
    """Reduces a text to what is compared.

    It is NFC and case folded, with full-width forms as half-width, no thousands separators ("1,000"
    is "1000"), and one space for punctuation and white space. What changes a value stays: the
    decimal point, a minus sign (however accounts write it), ``<`` and its like before a number, the
    sign of a grade ("AA-"), ``%`` and currency signs.
    """
    text = unicodedata.normalize("NFC", text).translate(HALF_WIDTH).casefold()
    text = _DECIMAL.sub(rf"\1{_POINT}\2", _THOUSANDS.sub("", text))
    text = _BRACKETS.sub(rf"{_SIGN}\1", _MINUS.sub(_SIGN, text))
    text = _COMPARED.sub(_keep, _GRADE.sub(_keep, text))
    return " ".join(text.translate(_PLAIN).split())


def _keep(match: re.Match[str]) -> str:
    return _KEPT[match[0].strip()]


class _Plain(dict[int, int]):
    """Which character stands for one in a normalised text, filled as characters are met."""

    def __missing__(self, code: int) -> int:
        character = chr(code)
        category = unicodedata.category(character)
        kept = character in "%°" or category[0] in "LNM" or category == "Sc"
        self[code] = code if kept else ord(" ")
        return self[code]


_PLAIN = _Plain(_RESTORED)


def squash(text: str) -> str:
    """Takes out of a normalised text the spaces that Korean writers put in or leave out.

    Spaces stay between two numbers and between two words that are not Korean.
    """
    words = text.split(" ")
    joined = words[0]
    for word in words[1:]:
        joined += (" " if _keeps_space(joined[-1:], word[:1]) else "") + word
    return joined


def _keeps_space(left: str, right: str) -> bool:
    if "가" <= left <= "힣" or "가" <= right <= "힣":
        return False
    return left.isdigit() == right.isdigit()


def bare_ending(text: str) -> str:
    """Takes off a squashed text the ending that makes a sentence of a noun ("2년입니다")."""
    bare = _ENDING.sub("", text)
    closed = "가" <= bare[-1:] <= "힣" and (ord(bare[-1]) - 0xAC00) % 28
    return text if closed and text[len(bare) :] == "요" else bare


def tokens(text: str, language: str) -> list[str]:
    """Splits a text into the normalised tokens that are compared.

    For the language ``ko`` they are content morphemes (by kiwipiepy), for another one words without
    English articles, as in SQuAD's scorer. Only a text without letter or digit has none.
    """
    return list(_tokens(normalise(text), language))


@lru_cache(maxsize=16_384)  # right answers recur, and a morphological analysis takes its time
def _tokens(text: str, language: str) -> Sequence[str]:
    words = _WORDS.findall(text)
    if language.startswith("ko"):
        return _morphemes(text) or words
    return [word for word in words if word not in _ARTICLES] or words


def _morphemes(text: str) -> list[str]:
    return [
        token.form
        for token in kiwi().tokenize(bare_ending(text))
        if token.tag.startswith(_CONTENT) or (token.tag == "VX" and token.form in _NEGATING)
    ]


@lru_cache(maxsize=1)
def kiwi() -> Any:
    """Loads the morphological analyser, once: some seconds, and half a gigabyte of memory."""
    from kiwipiepy import Kiwi

    return Kiwi(num_workers=1)


def token_f1(predicted: str, accepted: Sequence[str], language: str) -> float:
    """Computes the token overlap with the closest accepted answer, 0-1.

    Harmonic mean of precision and recall over tokens as multisets, as SQuAD's scorer has it
    (Rajpurkar et al., 2016, section 6.1).
    """
    text = squash(normalise(predicted))
    if not text:
        return 0.0
    if any(squash(normalise(answer)) == text for answer in accepted):
        return 1.0
    left = tokens(predicted, language)
    return max((_f1(left, tokens(answer, language)) for answer in accepted), default=0.0)


def _f1(left: Sequence[str], right: Sequence[str]) -> float:
    shared = sum((Counter(left) & Counter(right)).values())
    return 2 * shared / (len(left) + len(right)) if shared else 0.0
