"""Cuts texts into the terms that a lexical index counts, for Korean and for English.

Korean attaches particles to words, so whole words rarely match: pairs of syllables or content
morphemes are counted instead. English words are counted as they are, or by their stems.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Literal

from harness.metrics.korean import kiwi

__all__ = ["TERMS", "TermSplitter", "TermsName", "guess_language", "resolve_terms"]

TermSplitter = Callable[[str], list[str]]
TermsName = Literal["auto", "bigrams", "morphemes", "words", "stems"]

VERSION = 1
"""Goes up when the same text gives other terms: an index on disk is then counted again."""

_WORD = re.compile(r"\w+")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_HANGUL = re.compile(r"[가-힣]")
_CONTENT = ("N", "VV", "VA", "M", "XR", "SN", "SL", "SH", "SW", "UN", "W_")
_STOP = """
a an and are as at be by for from had has have in into is it its of on or that the their there
these they this those to was were will with what which who whom whose when where why how do does
did i you your we our me my
"""
STOP = frozenset(_STOP.split())


def _normalise(text: str) -> str:
    """Full-width forms become half-width, "1,000" becomes "1000", case is folded."""
    return _THOUSANDS.sub("", unicodedata.normalize("NFKC", text).casefold())


def bigrams(text: str) -> list[str]:
    """Returns the pairs of neighbouring characters of each word; a lone character is a term."""
    return [
        term
        for word in _WORD.findall(_normalise(text))
        for term in ([word[at : at + 2] for at in range(len(word) - 1)] or [word])
    ]


def words(text: str) -> list[str]:
    """Returns words as they are; of Korean words, pairs of syllables."""
    return [
        term
        for word in _WORD.findall(_normalise(text))
        for term in (bigrams(word) if _HANGUL.search(word) else [word])
    ]


def stems(text: str) -> list[str]:
    """Returns `words` without plural s and, unless all are such, common function words."""
    terms = words(text)
    return [_singular(word) for word in terms if word not in STOP] or terms


def _singular(word: str) -> str:
    """Takes a plural s off (the "S stemmer", Harman 1991)."""
    if len(word) <= 3 or not word.endswith("s"):
        return word
    if word.endswith("ies") and not word.endswith(("eies", "aies")):
        return f"{word[:-3]}y"
    return word if word.endswith(("us", "ss", "aes", "ees", "oes")) else word[:-1]


def morphemes(text: str) -> list[str]:
    """Returns the content morphemes that kiwipiepy finds: nouns, verb stems, adverbs, numbers."""
    terms = [
        token.form for token in kiwi().tokenize(_normalise(text)) if token.tag.startswith(_CONTENT)
    ]
    return terms or bigrams(text)


TERMS: dict[str, TermSplitter] = {
    "bigrams": bigrams,
    "morphemes": morphemes,
    "words": words,
    "stems": stems,
}


def resolve_terms(name: TermsName, language: str) -> str:
    """Returns the name itself; for ``auto`` ``bigrams`` in Korean and ``stems`` elsewhere."""
    if name != "auto":
        return name
    return "bigrams" if language.startswith("ko") else "stems"


def guess_language(texts: Iterable[str]) -> str:
    """Returns ``ko`` where a fifth of the letters (of 200 texts) are Hangul, else ``en``."""
    letters = [c for text in islice(texts, 200) for c in text[:2000] if c.isalpha()]
    hangul = sum("가" <= c <= "힣" for c in letters)
    return "ko" if letters and hangul >= len(letters) / 5 else "en"
