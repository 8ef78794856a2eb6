"""Whether an answer has the form that an instruction asks for; not whether it is right."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

__all__ = ["obeyed"]

_ENDS = ".!?。"


def obeyed(answer: str, check: Mapping[str, object]) -> bool:
    """Says whether an answer passes all checks, each a name with what it compares with."""
    text = answer.strip()
    return bool(text) and all(_CHECKS[name](text, asked) for name, asked in check.items())


def _one_of(text: str, asked: object) -> bool:
    return isinstance(asked, list) and text.rstrip(_ENDS).lower() in asked


def _keys(text: str, asked: object) -> bool:
    """Whether it is a JSON object with these keys alone; a code block around it is allowed."""
    inside = re.fullmatch(r"```(?:json)?\s*(.*?)\s*```", text, re.DOTALL)
    try:
        value = json.loads(inside[1] if inside else text)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and isinstance(asked, list) and set(value) == set(asked)


def _parts(text: str, asked: object) -> bool:
    parts = [part.strip() for part in text.rstrip(_ENDS).split(",")]
    return "\n" not in text and len(parts) == asked and all(parts)


def _list(text: str, asked: object) -> bool:
    lines = [line for line in text.splitlines() if line.strip()]
    return len(lines) == asked and all(re.match(r"- \S", line) for line in lines)


def _hangul(text: str, asked: object) -> bool:
    return bool(re.search("[가-힣]", text)) and not re.search("[A-Za-z]", text)


_CHECKS: Mapping[str, Callable[[str, object], bool]] = {
    "words": lambda text, asked: len(text.split()) == asked,
    "one_of": _one_of,
    "number": lambda text, asked: bool(re.fullmatch(r"[0-9]+\.?", text)),
    "exact": lambda text, asked: text == asked,
    "keys": _keys,
    "parts": _parts,
    "list": _list,
    "starts": lambda text, asked: text.startswith(str(asked)),
    "ends": lambda text, asked: text.rstrip(_ENDS).endswith(str(asked)),
    "without": lambda text, asked: str(asked) not in text.lower(),
    "brackets": lambda text, asked: bool(re.fullmatch(r"\[[^\[\]\n]+\]", text)),
    "hangul": _hangul,
}
