"""What follows from the insurer's facts: comparisons, two steps, calculations, descriptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...derived import Derived
from ...draw import Draw
from ...world import Fact
from .common import Base
from .compare import comparisons
from .describe import descriptions
from .hops import hops
from .sums import sums

__all__ = ["derive"]


def derive(draw: Draw, facts: Sequence[Fact], slices: Mapping[str, str]) -> Iterator[Derived]:
    """Proposes what follows from the facts of version 1.

    Args:
        draw: The draw that made them.
        facts: The base facts.
        slices: The slice of each asked fact that has an answer.

    Yields:
        The chosen ones of each kind, and questions of that form that have no answer.
    """
    base = Base.of(draw, facts)
    for kind in (comparisons, hops, sums, descriptions):
        yield from kind(base, slices)
