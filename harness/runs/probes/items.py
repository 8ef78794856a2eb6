"""The items of the default probe."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import yaml

__all__ = ["LANGUAGES", "VERSION", "orders", "questions", "texts"]

VERSION: Final = 1
"""Raised when the items, how they are asked, or how they are marked change."""
LANGUAGES = ("en", "ko")


def texts(language: str) -> list[str]:
    """Returns paragraphs of general prose."""
    return [str(text) for text in _read("text")[language]]


def questions(language: str) -> list[tuple[str, list[str]]]:
    """Returns questions of multiple choice with their options, the right one first."""
    return [(str(question), list(options)) for question, options in _read("choices")[language]]


def orders(language: str) -> list[tuple[str, dict[str, object]]]:
    """Returns instructions that ask for a form, with how that is checked."""
    return [(str(order), dict(check)) for order, check in _read("instructions")[language]]


@cache
def _read(kind: str) -> dict[str, list]:  # type: ignore[type-arg]
    path = Path(__file__).parent / "data" / f"{kind}.yaml"
    found: dict[str, list] = yaml.safe_load(path.read_text(encoding="utf-8"))  # type: ignore[type-arg]
    return found
