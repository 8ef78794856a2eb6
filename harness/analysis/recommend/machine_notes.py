"""What a recommendation says of dollars that machines cost: what they rest on."""

from __future__ import annotations

import math
from collections.abc import Sequence

from harness.analysis.reasons import Reason
from harness.analysis.recommend.offers import Offer

__all__ = ["machine_notes"]


def machine_notes(offers: Sequence[Offer]) -> list[Reason]:
    """Says by which operating points machines are priced, and how far seconds lie apart."""
    return [*_capacity(offers), *_seconds(offers)]


def _seconds(offers: Sequence[Offer]) -> list[Reason]:
    """Says once how far dollars from seconds lie apart, and of how many nobody can know."""
    notes = []
    timed = [(offer.repeats, offer.deployment.name) for offer in offers if offer.repeats]
    (factor, figure), name = max(
        ((repeats.widest, name) for repeats, name in timed), default=((1.0, ""), "")
    )
    if figure:
        notes.append(Reason("seconds_range", {"factor": factor, "figure": figure, "name": name}))
    if once := sum(not repeats.ranges for repeats, _ in timed):
        notes.append(Reason("seconds_once", {"count": once}))
    return notes


def _capacity(offers: Sequence[Offer]) -> list[Reason]:
    """Says which machines are priced by a measured operating point, and which by none at all."""
    notes = []
    for deployment in (offer.deployment for offer in offers):
        capacity, why = deployment.capacity, deployment.notes.get("capacity")
        measured = deployment.badge("capacity") == "measured" and capacity != math.inf
        if why and deployment.fixed_usd_per_month and (measured or capacity is None):
            notes.append(Reason("capacity", {"name": deployment.name, "why": why}))
    return notes
