"""Facts that follow from others: what they need, and how their answer is found again.

A language proposes candidates; `choose` takes as many as are wanted without letting one answer be
right too often. A later version evaluates the same candidates over its own facts, so that questions
stay and answers follow.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from .world import Fact, Value

SEEN, UNSEEN = "seen", "unseen"
SEEN_OF_A_KIND, UNSEEN_OF_A_KIND = 12, 44


@dataclass(frozen=True, slots=True)
class Derived:
    """A fact that follows from others.

    Attributes:
        fact: With its value in version 1, its wordings, and its support.
        answer: Finds its value from the supporting facts, by id.
        handles: The supporting facts whose value a wording names; no version may change them.
        partial: Whether it is answered from what is left where a supporting fact is gone.
    """

    fact: Fact
    answer: Callable[[Mapping[str, Fact]], Value]
    handles: tuple[str, ...] = ()
    partial: bool = False


def slice_of(support: Iterable[str], slices: Mapping[str, str]) -> str:
    """The slice that supporting facts share; "" where they differ. What is only stated is in none.

    Args:
        support: Ids of the supporting facts.
        slices: The slice of each asked fact.
    """
    found = {slices[name] for name in support if name in slices}
    return found.pop() if len(found) == 1 else ""


def evaluate(derived: Derived, facts: Mapping[str, Fact], unknown: Value) -> Fact:
    """Finds a derived fact's value in a version.

    Args:
        derived: The derived fact.
        facts: All base facts of the version.
        unknown: The value where a supporting fact is no longer stated.

    Returns:
        The fact with its value.
    """
    stated = [bool(facts[name].statement) for name in derived.fact.support]
    known = any(stated) if derived.partial else all(stated)
    return replace(derived.fact, value=derived.answer(facts) if known else unknown)


def choose(
    candidates: Sequence[Derived],
    slices: Mapping[str, str],
    rng: random.Random,
    sizes: tuple[int, int] = (SEEN_OF_A_KIND, UNSEEN_OF_A_KIND),
    spread: Callable[[Derived], object] | None = None,
) -> list[Derived]:
    """Takes candidates of one kind for both slices.

    No two of them share an answer, and none is taken whose support mixes slices.

    Args:
        candidates: All of one kind.
        slices: The slice of each asked base fact.
        rng: Chooses among them.
        sizes: How many seen and unseen ones are wanted.
        spread: Names a candidate's sort; sorts are taken in turn.

    Returns:
        The chosen ones, seen ones first.
    """
    parts: dict[str, list[Derived]] = {SEEN: [], UNSEEN: [], "": []}
    for candidate in _in_turn(rng.sample(candidates, len(candidates)), spread):
        parts[slice_of(candidate.fact.support, slices)].append(candidate)
    answers: set[Hashable] = set()
    chosen: list[Derived] = []
    for part, wanted in zip((SEEN, UNSEEN), sizes, strict=True):
        most = len(chosen) + wanted
        for candidate in parts[part]:
            if len(chosen) < most and candidate.fact.value.key not in answers:
                answers.add(candidate.fact.value.key)
                chosen.append(candidate)
    return chosen


def _in_turn(
    candidates: list[Derived], spread: Callable[[Derived], object] | None
) -> list[Derived]:
    if spread is None:
        return candidates
    sorts: dict[object, list[Derived]] = {}
    for candidate in candidates:
        sorts.setdefault(spread(candidate), []).append(candidate)
    longest = max(map(len, sorts.values()), default=0)
    return [some[at] for at in range(longest) for some in sorts.values() if at < len(some)]


def passages(fact: Fact, facts: Mapping[str, Fact]) -> list[Fact]:
    """The facts whose sentences answer a fact: itself, or its support as far as it is stated.

    Args:
        fact: An answerable fact.
        facts: All facts by id.
    """
    support = [facts[name] for name in fact.support]
    return [each for each in support if each.statement] if support else [fact]
