"""Policies with terms drawn from the seed, and what a new version of the terms changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import TypeVar

from .identifiers import policy_number
from .model import Cover, Exclusion, Language, Line, Peril, Policy

FIRST_DAY, LAST_DAY = date(2022, 1, 3), date(2024, 11, 28)
CHANGED_SHARE = 0.5
"""Share of the policies of which version 2 changes a term; not each change moves an answer."""

T = TypeVar("T")


def stream(code: str, world: int, name: str) -> Random:
    """Random numbers that depend on language, world and name alone."""
    return Random(f"claims/{code}/{world}/{name}")


def draw_policy(language: Language, line: Line, number: int, world: int) -> Policy:
    """Draws one policy.

    Args:
        language: Whose amounts and names.
        line: Line of business.
        number: Of the policy within the line.
        world: The seed.

    Returns:
        A policy with two of the line's three perils, and some of the exclusions that matter.
    """
    name = f"{line.key}-{number:02d}"
    rng = stream(language.code, world, f"policy/{name}")
    start = FIRST_DAY + timedelta(rng.randrange((LAST_DAY - FIRST_DAY).days))
    start = start if (start.month, start.day) != (2, 29) else date(start.year, 3, 1)
    perils = rng.sample(line.perils, 2)
    return Policy(
        id=name,
        line=line,
        person=language.person(line, rng),
        number=policy_number(line.key, start.year, rng),
        start=start,
        end=_end(line, start, rng),
        covers=(_cover(perils[0], language.unit, rng), _cover(perils[1], language.unit, rng)),
        exclusions=_exclusions(line, perils, rng),
    )


def _end(line: Line, start: date, rng: Random) -> date:
    """The day before the anniversary, or so many days in all; no start is on 29 February."""
    if line.years:
        return start.replace(year=start.year + line.years) - timedelta(1)
    return start + timedelta(rng.randint(*line.days) - 1)


def _cover(peril: Peril, unit: int, rng: Random) -> Cover:
    amount = rng.choice(peril.limits) * unit
    longest = rng.choice(peril.longest)
    second = rng.choice(peril.documents[1:])
    everything = rng.random() < 0.15
    return Cover(
        peril=peril,
        limit=amount * longest if longest else amount,
        deductible=rng.choice(peril.deductibles) * unit,
        rate=rng.choice(peril.rates),
        wait=rng.choice(peril.waits),
        depreciation=rng.choice(peril.depreciations) if peril.depreciations else 0,
        minimum=rng.choice(peril.minimums),
        daily=amount if longest else 0,
        documents=peril.documents if everything else (peril.documents[0], second),
    )


def told(peril: Peril) -> set[str]:
    """Keys of the exclusions that a peril's scenes may fall under."""
    return {scene.exclusion for scene in peril.scenes} - {""}


def _exclusions(line: Line, perils: Sequence[Peril], rng: Random) -> tuple[Exclusion, ...]:
    """Every one that is always there, and about half of the others, at least one in and one out."""
    keys = set().union(*(told(peril) for peril in perils))
    optional = [one for one in line.exclusions if one.key in keys and not one.always]
    rng.shuffle(optional)
    count = min(max(1, len(optional) // 2 + rng.randint(0, len(optional) % 2)), 3)
    chosen = [*optional[:count], *(o for o in line.exclusions if o.always and o.key in keys)]
    rng.shuffle(chosen)
    return tuple(chosen)


def revise(language: Language, policy: Policy, events: Sequence[date], world: int) -> Policy:
    """Returns the policy under version 2: half of them with one term changed.

    Args:
        language: For the stream.
        policy: As of version 1.
        events: Days of its claims; a new waiting period ends on none of them, nor close by.
        world: The seed.

    Returns:
        The policy, changed or not.
    """
    rng = stream(language.code, world, f"version 2/{policy.id}")
    if rng.random() >= CHANGED_SHARE:
        return policy
    ways = [_limit, _rate, _deductible, _wait, _document, _exclusion]
    rng.shuffle(ways)
    for way in ways:
        changed = way(policy, rng, language.unit)
        if changed != policy and all(_clear(changed, event) for event in events):
            return changed
    return policy


def _clear(policy: Policy, event: date) -> bool:
    """Whether no waiting period ends within three days of an event."""
    since = (event - policy.start).days
    return all(cover.wait == 0 or abs(since - cover.wait) > 3 for cover in policy.covers)


def _each(policy: Policy, **values: Sequence[object]) -> Policy:
    first, second = (
        replace(cover, **{name: column[at] for name, column in values.items()})  # type: ignore[arg-type]
        for at, cover in enumerate(policy.covers)
    )
    return replace(policy, covers=(first, second))


def _other(pool: Sequence[T], now: T, rng: Random) -> T:
    """Another value of the pool; the same where there is none."""
    return rng.choice([value for value in pool if value != now] or [now])


def _limit(policy: Policy, rng: Random, unit: int) -> Policy:
    """Three quarters of each limit; a day's benefit stays."""
    return _each(policy, limit=[c.limit if c.daily else c.limit * 3 // 4 for c in policy.covers])


def _rate(policy: Policy, rng: Random, unit: int) -> Policy:
    return _each(policy, rate=[_other(c.peril.rates, c.rate, rng) for c in policy.covers])


def _deductible(policy: Policy, rng: Random, unit: int) -> Policy:
    pools = [[amount * unit for amount in cover.peril.deductibles] for cover in policy.covers]
    chosen = [_other(pool, c.deductible, rng) for pool, c in zip(pools, policy.covers, strict=True)]
    return _each(policy, deductible=chosen)


def _wait(policy: Policy, rng: Random, unit: int) -> Policy:
    return _each(policy, wait=[_other(c.peril.waits, c.wait, rng) for c in policy.covers])


def _document(policy: Policy, rng: Random, unit: int) -> Policy:
    """All documents of the peril are asked for."""
    return _each(policy, documents=[c.peril.documents for c in policy.covers])


def _exclusion(policy: Policy, rng: Random, unit: int) -> Policy:
    """One exclusion goes, and one comes, where another fits."""
    keys = set().union(*(told(cover.peril) for cover in policy.covers))
    fitting = [e for e in policy.line.exclusions if e.key in keys and e not in policy.exclusions]
    leaving = [e for e in policy.exclusions if not e.always]
    if not fitting or not leaving:
        return policy
    old, new = rng.choice(leaving), rng.choice(fitting)
    return replace(policy, exclusions=tuple(new if e == old else e for e in policy.exclusions))
