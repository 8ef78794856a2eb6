"""Which values of its parameters a part is tuned over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import cast

from pydantic import JsonValue

__all__ = ["Range", "Space", "plain"]


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from `low` to `high`, both included; whole ones where both ends are `int`."""

    low: float
    high: float
    log: bool = False  # drawn evenly by their logarithm

    @property
    def whole(self) -> bool:
        """Whether only whole numbers are drawn."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g}{' by its logarithm' * self.log}"


Space = Mapping[str, Range | tuple[object, ...]]
"""By the name of a parameter: a range, or the values to choose from."""


def plain(space: Space) -> dict[str, JsonValue]:
    """Returns a space as JSON values: a range by its ends, else the list of values."""
    return {
        name: cast(JsonValue, asdict(each) if isinstance(each, Range) else list(each))
        for name, each in space.items()
    }
