"""Finds names and terms in a text: whole words, particles and spaces aside."""

from __future__ import annotations

import re
from functools import lru_cache

from harness.metrics.answers.wording import particle
from harness.metrics.values.numerals import prepared

__all__ = ["Span", "find_name", "without"]

Span = tuple[int, int, int]
"""First, past-the-last character of a name, and past the last of its particles."""
_NUMBER_GOES_ON = re.compile(r"\d[.,-]")
_HEAD = re.compile(r"\s?(?:서류|자료)")
_HEADED = re.compile(r"(?<=증빙|증명)\s?(?:서류|자료)$")
_QUOTES = "\"'“”‘’「」『』<>《》"


@lru_cache(maxsize=4096)
def _pattern(name: str) -> re.Pattern[str] | None:
    """Matches a name however its words are spaced, "&" as "and", hyphens as spaces."""
    words = re.findall(r"[가-힣]|[^\W가-힣_]+|[&%+°]|(?<=\w)-(?!\w)", prepared(name))
    if not words:
        return None
    pattern = ""
    for left, right in zip(["", *words], words, strict=False):
        joined = left and (_is_hangul(left[-1]) or _is_hangul(right[0]))
        gap = "" if not left else r"[\s·'\"’-]?" if joined else r"[\W_]{0,3}"
        pattern += gap + (r"(?:&|and)" if right.lower() in ("&", "and") else re.escape(right))
    return re.compile(pattern, re.I)


def _is_inside(text: str, start: int) -> bool:
    """Whether a word goes on at a place: 정신체사고 holds no 신체사고."""
    last, first = text[start - 1 : start], text[start]
    if _is_hangul(first):
        return bool(last) and (_is_hangul(last) or last.isalnum())
    number = text[max(0, start - 2) : start]
    if re.fullmatch(r"[A-Za-z]-", number):
        return True  # non-life holds no life
    return (last.isalnum() and not _is_hangul(last)) or bool(_NUMBER_GOES_ON.fullmatch(number))


def _is_hangul(character: str) -> bool:
    return "가" <= character <= "힣"


def find_name(name: str, text: str) -> list[Span]:
    """Lists where a prepared text has a name as whole words; never inside a longer one."""
    name = _HEADED.sub("", name)
    pattern = _pattern(name)
    if pattern is None:
        return []
    spans = []
    for match in pattern.finditer(text):
        if _is_inside(text, match.start()):
            continue
        stop = end = match.end()
        if (head := _HEAD.match(text, end)) and name.endswith(("증빙", "증명")):
            stop = end = head.end()
        if text.startswith("'s ", end):
            end += 2
        while end < len(text) and text[end] in _QUOTES:
            end += 1
        after = particle(text, end, name.rstrip(" ." + _QUOTES)[-12:] or name)
        if after is not None:
            spans.append((match.start(), stop, after))
    return spans


def without(text: str, spans: list[Span]) -> str:
    """Returns a text without names and the particles after them."""
    for start, _, after in reversed(spans):
        text = f"{text[:start]} {text[after:]}"
    return text
