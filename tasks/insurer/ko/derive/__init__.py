"""What follows from the insurer's facts: comparisons, two steps, calculations, descriptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...derived import Derived
from ...draw import Draw
from ...world import Fact
from .calculations import calculations
from .comparisons import comparisons
from .descriptions import descriptions
from .multi_hop import multi_hops
from .unanswerable import unanswerable

__all__ = ["derive"]


def derive(draw: Draw, facts: Sequence[Fact], slices: Mapping[str, str]) -> Iterator[Derived]:
    """Proposes what follows from the facts of version 1.

    Args:
        draw: The world's draw, for named streams and the pools of values.
        facts: The base facts.
        slices: The slice of each asked one.
    """
    by_id = {fact.id: fact for fact in facts}
    yield from comparisons(draw, by_id, slices)
    yield from multi_hops(draw, by_id, slices)
    yield from calculations(draw, by_id, slices)
    yield from descriptions(draw, by_id, slices)
    yield from unanswerable(draw, by_id)
