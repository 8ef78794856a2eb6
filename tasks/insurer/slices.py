"""Which base facts training shows.

Facts of one group go together, so that what follows from a group has all its support on one side.
A share of each area's groups of several facts is seen; single facts fill each kind up, so that no
kind is easier to have memorised.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable

from .world import Fact

SEEN_PER_KIND = {"yes_no": 10}
SEEN_OF_OTHER_KINDS = 18
SEEN_GROUPS = 0.28


def assign(world: int, facts: Iterable[Fact]) -> dict[str, str]:
    """Says for each asked base fact that has an answer whether training shows it.

    Args:
        world: The seed.
        facts: The base facts of the first version.

    Returns:
        "seen" or "unseen" by fact id.
    """
    told = [fact for fact in facts if fact.asked and fact.answerable and not fact.support]
    units: dict[str, list[Fact]] = defaultdict(list)
    for fact in told:
        units[fact.unit].append(fact)
    rng = random.Random(f"insurer/{world}/slices")
    chosen = _groups(units, rng)
    counts = Counter(fact.value.kind for unit in chosen for fact in units[unit])
    lone = [unit for unit, some in units.items() if len(some) == 1]
    for unit in rng.sample(lone, len(lone)):
        kind = units[unit][0].value.kind
        if counts[kind] < SEEN_PER_KIND.get(kind, SEEN_OF_OTHER_KINDS):
            counts[kind] += 1
            chosen.add(unit)
    return {fact.id: "seen" if fact.unit in chosen else "unseen" for fact in told}


def _groups(units: dict[str, list[Fact]], rng: random.Random) -> set[str]:
    """Chooses the same share of the groups of several facts in each area."""
    areas: dict[str, list[str]] = defaultdict(list)
    for unit, some in units.items():
        if len(some) > 1:
            areas[some[0].area].append(unit)
    return {
        unit for some in areas.values() for unit in rng.sample(some, round(SEEN_GROUPS * len(some)))
    }
