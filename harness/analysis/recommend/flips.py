"""What would change the advice, by the same functions that gave it.

Each flip moves one thing and leaves the rest. The total cost is a straight line in the updates, in
the price of a label and in the months: these cross where the line through two of its values does.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from harness.analysis.recommend.offers import Offer
from harness.analysis.recommend.question import Question
from harness.costs.ownership import break_even
from harness.metrics.statistics.best import Bounds

__all__ = ["Flip", "find_flips"]

FlipKind = Literal["volume", "margin", "quality", "updates", "label cost", "months"]

ASKED: dict[FlipKind, tuple[float, float]] = {
    "volume": (1, 1e10),
    "updates": (0, 1e6),
    "label cost": (0, 1e4),
    "months": (0, 1e4),
}
"""Between what anybody asks: requests and updates a month, dollars, months. Beyond, two totals that
differ by less than a cent would still cross somewhere."""
_Usd = Callable[[Offer, float], float | None]


@dataclass(frozen=True, slots=True)
class Flip:
    """A value beyond which the advice is another."""

    kind: FlipKind  # what moves
    now: float | None  # where it is
    value: float  # where the advice changes
    direction: Literal["above", "below"]  # that value
    to: str | None  # who is taken there; None: the one taken now isn't shown to be good enough


def find_flips(
    offers: Sequence[Offer],
    bounds: Bounds,
    question: Question,
    chosen: int,
    accepted: Sequence[int],
    *,
    total: bool = False,
) -> list[Flip]:
    """Finds the nearest flip of each kind and direction; a missing one never changes the advice.

    Where the lowest total cost is taken (`total`), no margin changes who that is.
    """
    rivals = [offers[k] for k in accepted if k != chosen]
    return [
        *_volume(offers[chosen], rivals, question),
        *(() if total else _margin(offers, bounds, question, chosen)),
        Flip("quality", question.min_quality, float(bounds.low[chosen]), "above", None),
        *_straight(offers[chosen], rivals, question),
    ]


def _volume(mine: Offer, rivals: Sequence[Offer], question: Question) -> Iterator[Flip]:
    now = question.requests_per_month
    volumes = []
    for rival in rivals:
        result = break_even(
            mine.deployment,
            rival.deployment,
            months=question.months,
            updates_per_month=question.updates_per_month,
            demand=question.demand,
        )
        name = rival.deployment.name
        for cross in result.crossings:
            above = cross.cheaper_above == name
            if above == (cross.requests_per_month >= now):
                volumes.append((cross.requests_per_month, above, name))
    yield from _nearest("volume", now, volumes)


def _margin(
    offers: Sequence[Offer], bounds: Bounds, question: Question, chosen: int
) -> Iterator[Flip]:
    """Above: a cheaper configuration gets in. Below: the one that is taken gets out."""
    behind, mine = bounds.far, offers[chosen].usd(question)
    floor = -math.inf if question.min_quality is None else question.min_quality
    values = []
    for k, offer in enumerate(offers):
        usd = offer.usd(question)
        cheaper = usd is not None and mine is not None and usd < mine
        if cheaper and behind[k] > question.margin and bounds.low[k] >= floor:
            values.append((float(behind[k]), True, offer.deployment.name))
    yield from _nearest("margin", question.margin, values)
    if behind[chosen] > 0:
        yield Flip("margin", question.margin, float(behind[chosen]), "below", None)


def _straight(mine: Offer, rivals: Sequence[Offer], question: Question) -> Iterator[Flip]:
    kinds: tuple[tuple[FlipKind, float, _Usd], ...] = (
        ("updates", question.updates_per_month, _at(question, "updates_per_month")),
        ("label cost", question.label_cost or 0.0, lambda o, x: _with_label(o, x, question)),
        ("months", question.months, _at(question, "months")),
    )
    for kind, now, usd in kinds:
        if kind == "months" and any(
            each.deployment.retires_after_months for each in (mine, *rivals)
        ):
            continue  # a model that is withdrawn costs its development again: no straight line
        values = []
        for rival in rivals:
            where = _cross(mine, rival, usd, now)
            if where is not None:
                values.append((where, where > now, rival.deployment.name))
        unpriced = kind == "label cost" and question.label_cost is None
        for flip in _nearest(kind, now, values):
            yield replace(flip, now=None) if unpriced else flip


def _at(question: Question, field: str) -> _Usd:
    return lambda offer, x: offer.usd(question.model_copy(update={field: x}))


def _with_label(offer: Offer, label_usd: float, question: Question) -> float | None:
    deployment = offer.deployment
    if deployment.development_usd is None:
        return None
    more = offer.label_rows * (label_usd - (question.label_cost or 0.0))
    update = deployment.update_usd
    if update is not None:
        update = max(0.0, update + more * (question.update_labels or 0.0))
    moved = replace(
        deployment, development_usd=max(0.0, deployment.development_usd + more), update_usd=update
    )
    return replace(offer, deployment=moved).usd(question)


def _cross(mine: Offer, rival: Offer, usd: _Usd, now: float) -> float | None:
    """Where the rival gets as cheap: right of now if it gains there, else left of it, if at all."""
    step = max(1.0, now)
    costs = [usd(offer, x) for x in (now, now + step) for offer in (rival, mine)]
    known = [cost for cost in costs if cost is not None]
    if len(known) < len(costs):
        return None
    here, there = known[0] - known[1], known[2] - known[3]
    slope = (there - here) / step
    if abs(slope) < 1e-15:
        return None
    where = now - here / slope
    return where if where >= 0 and where != now else None


def _nearest(
    kind: FlipKind, now: float, values: Sequence[tuple[float, bool, str]]
) -> Iterator[Flip]:
    least, most = ASKED.get(kind, (-math.inf, math.inf))
    above = [(value, name) for value, up, name in values if up and value <= most]
    below = [(value, name) for value, up, name in values if not up and value >= least]
    if above:
        value, name = min(above)
        yield Flip(kind, now, value, "above", name)
    if below:
        value, name = max(below)
        yield Flip(kind, now, value, "below", name)
