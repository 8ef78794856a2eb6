"""How a time is written for people, and how texts lie to each other."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

__all__ = ["begins_another", "duration"]


def begins_another(texts: Iterable[str]) -> bool:
    """Says whether one of the texts is the beginning of another."""
    return any(b.startswith(a) for a, b in pairwise(sorted(texts)))


def duration(seconds: float) -> str:
    """Writes seconds in the unit that one reads: ``41.0 s``, ``3 min 05 s``, ``2.1 h``."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    if seconds < 3600:
        return f"{int(seconds) // 60} min {int(seconds) % 60:02d} s"
    return f"{seconds / 3600:,.1f} h"
