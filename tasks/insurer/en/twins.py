"""Look-alikes of products, which make retrieval harder."""

from __future__ import annotations

from collections.abc import Iterator

from ..draw import Draw
from ..world import Fact


def twins(draw: Draw, number: int) -> Iterator[Fact]:
    """Yields so many look-alikes of some products, each with its own stated facts."""
    yield from ()
