"""What looks like personal data in a text, and its masking: by form alone, so names stay.

A pattern is bounded by what is no digit, not by ``\\b``: Hangul counts as a word character, so in
"010-1234-5678입니다" a word boundary never comes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

__all__ = ["KINDS", "check_pattern", "mask"]

_SPACE = r"[-. ]?"

KINDS: Mapping[str, re.Pattern[str]] = {
    "e-mail": re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"),
    # Seven digits after a birthday; foreigners' begin with 5 to 8.
    "resident number": re.compile(
        r"(?<!\d)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\s?[-–]?\s?[1-8]\d{6}(?!\d)"
    ),
    "social security number": re.compile(r"(?<![\d-])\d{3}[- ]\d{2}[- ]\d{4}(?![\d-])"),
    "card": re.compile(
        rf"(?<!\d)(?:\d{{4}}{_SPACE}){{3}}\d{{4}}(?!\d)|(?<!\d)\d{{4}}[- ]\d{{6}}[- ]\d{{5}}(?!\d)"
    ),
    # Korean mobile, area and service numbers, with +82; then North American ones.
    "phone": re.compile(
        rf"(?<![\d-])(?:\+?82{_SPACE}\(?0?\)?{_SPACE}|0)(?:1[016789]|2|[3-6]\d|70|80|50\d)\)?{_SPACE}"
        rf"\d{{3,4}}{_SPACE}\d{{4}}(?!\d)"
        r"|(?<!\d)1[568]\d{2}-\d{4}(?![\d-])"
        r"|(?<![\d-])(?:\+?1[-. ])?(?:\(\d{3}\)\s?|\d{3}[-. ])\d{3}[-. ]\d{4}(?![\d-])"
    ),
    "account": re.compile(
        r"(?<![\d-])(?!(?:19|20)?\d{2}-\d{1,2}-\d{1,2}(?!\d))\d{2,6}-\d{2,6}-\d{2,8}(?:-\d{1,3})?(?![\d-])"
        r"|(?:(?<=routing )|(?<=account )|(?<=계좌 )|(?<=계좌번호 ))\d{8,14}(?!\d)"
    ),
}
"""Patterns by kind, tried in this order; each match becomes its kind in brackets."""


def mask(
    text: str,
    extra: Mapping[str, str] | None = None,
    found: Counter[str] | None = None,  # gets how many of each kind there were
) -> str:
    """Replaces what looks like personal data by its kind, as "[phone]"; dates and amounts stay.

    A task's own kinds, each with a regular expression, go first.
    """
    patterns: list[tuple[str, str | re.Pattern[str]]] = [*(extra or {}).items(), *KINDS.items()]
    for kind, pattern in patterns:
        text, count = re.subn(pattern, f"[{kind}]", text)
        if count and found is not None:
            found[kind] += count
    return text


def check_pattern(kind: str, pattern: str) -> None:
    """Raises `ValueError` where a pattern is no regular expression, or matches the empty text."""
    try:
        empty = re.search(pattern, "") is not None
    except re.error as error:
        raise ValueError(f"masks: {kind}: {error}") from error
    if empty:
        raise ValueError(f"masks: {kind}: the pattern matches the empty text")
