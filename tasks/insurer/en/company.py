"""The fictional company's name."""

from __future__ import annotations

from ..draw import Draw
from .english import listed


def company_name(draw: Draw) -> str:
    """Makes up a company that does not exist."""
    rng = draw.stream("company")
    head = rng.choice(
        listed("Quill Thistle Osier Sable Tarn Bramble Wren Fennel Marl Yarrow", None)
    )
    tail = rng.choice(listed("garth mere holt stead fell combe rigg thwaite shaw croft", None))
    return head + tail + rng.choice((" Insurance", " Casualty", " Assurance"))
