"""Which values of its parameters a part is tuned over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Range", "Space"]


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from `low` to `high`, both included; whole ones where both ends are `int`."""

    low: float
    high: float
    log: bool = False  # drawn evenly by their logarithm


Space = Mapping[str, Range | tuple[object, ...]]
"""By the name of a parameter: a range, or the values to choose from."""
