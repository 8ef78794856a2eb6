"""Texts that differ by who writes: ``<저는|저는|피보험자는>`` holds one form a register."""

from __future__ import annotations

import re

_FORMS = re.compile(r"<([^<>]*)>")


def spoken(text: str, register: int) -> str:
    """Takes the form of one register wherever a text offers several.

    Args:
        text: With alternatives in angle brackets.
        register: Which of them; the last one where there are fewer.

    Returns:
        The text of that register; slots in braces stay.
    """

    def choose(match: re.Match[str]) -> str:
        forms = match[1].split("|")
        return forms[min(register, len(forms) - 1)]

    return _FORMS.sub(choose, text)
