"""Details of a claim: amounts, days, hours, papers, each drawn so that the trap's rule decides."""

from __future__ import annotations

from datetime import date
from random import Random

from .decide import MOST_DEPRECIATION
from .model import Cover, Peril

SCENARIOS = {
    "plain": 26, "near_limit": 16, "not_excluded": 22, "after_waiting": 12, "claimed_more": 14,
    "needless_document": 14, "period_edge": 4,
    "exclusion": 13, "waiting": 10, "period": 4, "deductible": 7, "uncovered": 6,
    "promised_document": 17, "missing_document": 15,
}  # fmt: skip
"""Claims of each trap among 180, before some that a policy can't have are exchanged."""
PAID = frozenset(list(SCENARIOS)[:7])
ASKED = frozenset({"promised_document", "missing_document"})


def bought(event: date, rng: Random) -> date:
    """The middle of a month, so many full years before the event and two to ten months more."""
    months = event.year * 12 + event.month - 1 - 12 * rng.randint(1, 4) - rng.randint(2, 10)
    return date(months // 12, months % 12 + 1, 15)


def losses(due: float, part: bool, steps: tuple[int, ...], rng: Random) -> tuple[int, ...]:
    """Cuts a loss to a plain amount, and sometimes in two."""
    step = rng.choice([step for step in steps if step * 10 <= due] or [min(steps)])
    total = max(2, int(due) // step) * step
    first = total * rng.randint(55, 80) // 100 // step * step
    return (first, total - first) if part and 0 < first < total else (total,)


def loss_for(
    peril: Peril, cover: Cover | None, trap: str, age: int, unit: int, rng: Random
) -> float:
    """A loss of which a plain share of the limit is due; or about it; or one under the deductible.

    Args:
        peril: What happened.
        cover: Its terms; None where it has none.
        trap: Which rule should decide.
        age: Full years of use.
        unit: Smallest amounts in one unit of the currency.
        rng: The claim's stream.
    """
    typical = peril.limits[0] * unit * rng.uniform(0.3, 0.9)
    if cover is None:
        return typical
    due = cover.limit * rng.randint(15, 82) / 100
    if trap == "near_limit":
        due = cover.limit * rng.choice((rng.uniform(1.02, 1.12), rng.uniform(0.93, 0.985)))
    left = due * 100 / cover.rate + cover.deductible
    if trap == "deductible" and cover.deductible:
        left = cover.deductible * rng.uniform(0.5, 0.92)
    return left * 100 / (100 - min(MOST_DEPRECIATION, cover.depreciation * age))


def days(peril: Peril, cover: Cover | None, trap: str, rng: Random) -> int:
    """Days in hospital: above what is not paid, unless the trap is that."""
    if peril.basis != "days":
        return 0
    if cover is None:
        return rng.randint(4, 14)
    if trap == "deductible":
        return rng.randint(1, cover.minimum)
    return cover.minimum + rng.randint(2, cover.limit // cover.daily + 4)


def hours(peril: Peril, cover: Cover | None, trap: str, rng: Random) -> int:
    """Hours of delay: at least what is asked for, unless the trap is that."""
    if peril.basis != "loss" or not any(peril.minimums):
        return 0
    minimum = cover.minimum if cover else max(peril.minimums)
    if cover and trap == "deductible" and not cover.deductible:
        return rng.randint(minimum - 2, minimum - 1)
    return minimum + rng.randint(1, 6)


def documents(
    required: tuple[str, ...], peril: Peril, trap: str, rng: Random
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is enclosed, and what is promised. A denial may lack documents as well."""
    enclosed, later = list(required), []
    others = [paper for paper in peril.documents if paper not in required]
    way = trap
    if trap not in PAID and trap not in ASKED:
        way = rng.choices(("plain", "promised_document", "missing_document"), (5, 2, 2))[0]
    if way in ASKED:
        gone = rng.choice(required)
        enclosed.remove(gone)
        later = [gone] if way == "promised_document" else []
    if way == "needless_document" and others:
        later = [others[0]]
    elif others and rng.random() < 0.25:
        enclosed.append(others[0])
    rng.shuffle(enclosed)
    return tuple(enclosed), tuple(later)
