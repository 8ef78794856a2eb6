"""About how many tokens a request takes: only its server knows.

They are counted by characters, between bounds that the tokenizers of vendors keep to: for letters,
digits and marks of ASCII, and for all else, which is Korean here.
"""

from __future__ import annotations

import json

from harness.models.endpoint.parameters import LONGEST
from harness.records.files import Json

__all__ = ["longest_of", "tokens_in", "tokens_of"]

PER_ASCII, PER_OTHER = (0.19, 0.24, 0.40), (0.70, 1.0, 1.5)
"""Tokens a character: least, usual, most. Measured on questions of insurer-ko and -en with Gemma's
and Qwen's tokenizers, widened by what vendors' make of theirs (`tokenizers` of the price book)."""
PER_MESSAGE = (3, 5, 8)


def tokens_in(body: Json, end: int) -> float:
    """Returns the tokens that a request has: at least, as a rule, at most (`end` 0 to 2)."""
    text = "".join(str(turn["content"]) for turn in body["messages"])
    tools = json.dumps(body["tools"], ensure_ascii=False) if "tools" in body else ""
    form = json.dumps(body["response_format"]) if end == 2 and "response_format" in body else ""
    return tokens_of(text + tools + form, end) + PER_MESSAGE[end] * (len(body["messages"]) + 1)


def tokens_of(text: str, end: int) -> float:
    """Returns the same of a text."""
    ascii_ = sum(map(str.isascii, text))
    return PER_ASCII[end] * ascii_ + PER_OTHER[end] * (len(text) - ascii_)


def longest_of(body: Json) -> int:
    """Returns how many tokens an answer may have."""
    return max((int(body.get(name) or 0) for name in LONGEST), default=0)
