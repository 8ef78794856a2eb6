"""What follows from the insurer's facts: comparisons, two steps, calculations, descriptions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ...derived import Derived
from ...draw import Draw
from ...world import Fact

__all__ = ["derive"]


def derive(draw: Draw, facts: Sequence[Fact], slices: Mapping[str, str]) -> Iterable[Derived]:
    """Proposes what follows from the facts of version 1."""
    return ()
