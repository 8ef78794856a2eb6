"""Comparisons of two subjects: which pairs are fair to ask, and who is named first.

Two values are compared only where their pools overlap so much that either may be the larger one;
the subject that is named first is right in half of a slice's questions.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from .derived import SEEN, UNSEEN, Derived, choose
from .values import Day, Percentage, Period
from .world import Fact, Value

LEAST_CHANCE = 0.25
"""The smaller of both chances that the first or the second is the larger one."""


@dataclass(frozen=True, slots=True)
class Comparable:
    """A fact that others can be compared with.

    Attributes:
        fact: The base fact.
        sort: Only facts of one sort are compared ("limit").
        pool: What its value was drawn from; () where that would tell nothing.
    """

    fact: Fact
    sort: str
    pool: Sequence[Value] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """Two comparable facts, in the order in which they are named, and which one is asked for."""

    first: Fact
    second: Fact
    sort: str
    larger: bool

    def swapped(self) -> Pair:
        """The same question with the names the other way round."""
        return Pair(self.second, self.first, self.sort, self.larger)


def compare(
    candidates: Sequence[Comparable],
    slices: Mapping[str, str],
    rng: random.Random,
    make: Callable[[Pair], Derived],
) -> list[Derived]:
    """Chooses comparisons.

    Args:
        candidates: What may be compared.
        slices: The slice of each asked base fact.
        rng: Chooses pairs, and whether the larger or the smaller one is asked for.
        make: Words a pair, and says its answer; a wording depends on the order, the id does not.

    Returns:
        The chosen comparisons; the first-named subject is right in half of each slice.
    """
    sizes = {each.fact.id: sorted(map(magnitude, each.pool)) for each in candidates}
    pairs: dict[str, Pair] = {}
    for one, other in combinations(candidates, 2):
        alike = one.sort == other.sort and slices.get(one.fact.id) == slices.get(other.fact.id)
        if not alike or magnitude(one.fact.value) == magnitude(other.fact.value):
            continue
        if _fair(sizes[one.fact.id], sizes[other.fact.id]):
            pair = Pair(one.fact, other.fact, one.sort, rng.random() < 0.5)
            pairs[make(pair).fact.id] = pair
    proposed = [make(pair) for pair in pairs.values()]
    sorts = {name: pair.sort for name, pair in pairs.items()}
    chosen = choose(proposed, slices, rng, spread=lambda each: sorts[each.fact.id])
    ordered = []
    for part in (SEEN, UNSEEN):
        some = [each for each in chosen if slices[each.fact.support[0]] == part]
        flags = [at % 2 == 0 for at in range(len(some))]
        rng.shuffle(flags)
        ordered += [
            _named(pairs[each.fact.id], flag, make) for each, flag in zip(some, flags, strict=True)
        ]
    return ordered


def magnitude(value: Value) -> float:
    """How large a value is, among values of one sort.

    Raises:
        TypeError: It is no amount, percentage, period or date.
    """
    match value:
        case Percentage():
            return value.number
        case Period():
            return value.measure[1]
        case Day():
            return (value.year * 100 + value.month) * 100 + value.day
    if value.kind == "amount" and isinstance(value.key, int):
        return value.key
    raise TypeError(f"{value!r} has no size")


def first_is_right(pair: Pair) -> bool:
    """Whether the first-named subject is the answer."""
    return (magnitude(pair.first.value) > magnitude(pair.second.value)) == pair.larger


def _named(pair: Pair, first: bool, make: Callable[[Pair], Derived]) -> Derived:
    return make(pair if first_is_right(pair) == first else pair.swapped())


def _fair(left: Sequence[float], right: Sequence[float]) -> bool:
    """Whether nobody could guess from the sorted pools which value is the larger one."""
    if not left or not right:
        return True
    wins = sum(bisect_left(right, value) for value in left) / (len(left) * len(right))
    return LEAST_CHANCE <= wins <= 1 - LEAST_CHANCE
