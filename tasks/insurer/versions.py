"""Later versions of a world: what changes, what is added, what is no longer stated.

A version is chosen from the one before and never touches it: version 1 is built without this file.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from .derived import Derived
from .draw import Draw, Update
from .world import YES_NO, Fact, Value

CHANGED_SHARE = 0.14
N_REMOVED = 12


def plan(draw: Draw, facts: Sequence[Fact], derived: Sequence[Derived], version: int) -> Update:
    """Chooses what a version does to the facts of the one before.

    Args:
        draw: The version before, built.
        facts: Its base facts.
        derived: What follows from them; facts whose value stands in a question stay.
        version: The version to come.

    Returns:
        New values from the same pools, no value twice within a kind, and the facts that go.
    """
    handles = {name for each in derived for name in each.handles}
    told = [fact for fact in facts if fact.asked and fact.answerable]
    free = [fact for fact in told if fact.id not in handles and len(draw.pools[fact.id]) > 1]
    rng = draw.stream(f"version-{version}")
    order = rng.sample(free, len(free))
    removed = frozenset(fact.id for fact in order[:N_REMOVED])
    changed: dict[str, Value] = {}
    for fact in order[N_REMOVED:]:
        if len(changed) >= math.ceil(CHANGED_SHARE * len(told)):
            break
        left = _left(draw, fact, changed.values())
        if left:
            changed[fact.id] = rng.choice(left)
    return Update(version, _without_repeats(changed, removed, facts, derived), removed)


def _without_repeats(
    changed: Mapping[str, Value],
    removed: frozenset[str],
    facts: Sequence[Fact],
    derived: Sequence[Derived],
) -> dict[str, Value]:
    """Drops changes by which a derived fact would get the answer that another of its kind has."""
    kept = dict(changed)
    answerable = [each for each in derived if each.fact.answerable and not each.partial]
    while True:
        after = {fact.id: replace(fact, value=kept.get(fact.id, fact.value)) for fact in facts}
        told = [each for each in answerable if not removed & set(each.fact.support)]
        values = [each.answer(after) for each in told]
        counts = Counter((value.kind, value.key) for value in values)
        moved = {
            name
            for each, value in zip(told, values, strict=True)
            if value.key != each.fact.value.key and counts[value.kind, value.key] > 1
            for name in each.fact.support
        }
        if not moved & set(kept):
            return kept
        kept = {name: value for name, value in kept.items() if name not in moved}


def _left(draw: Draw, fact: Fact, chosen: Iterable[Value]) -> Sequence[Value]:
    """The values that a fact may change to."""
    pool = draw.pools[fact.id]
    if fact.value.kind == YES_NO:
        return [value for value in pool if value.key != fact.value.key]
    taken = {(value.kind, value.key) for value in chosen}
    return [value for value in draw.free(pool) if (value.kind, value.key) not in taken]


def difference(first: Mapping[str, Fact], last: Mapping[str, Fact]) -> dict[str, str]:
    """Says what was done to each fact that is not as it was: changed, added or removed."""
    found: dict[str, str] = {}
    for name, fact in last.items():
        before = first.get(name)
        if before is None:
            found[name] = "added"
        elif before.answerable and not fact.answerable:
            found[name] = "removed"
        elif before.value.text != fact.value.text:
            found[name] = "changed"
    return found
