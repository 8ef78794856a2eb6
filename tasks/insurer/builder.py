"""Builds a world: base facts, what follows from them, and look-alikes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .derived import Derived, evaluate, slice_of
from .draw import Draw
from .language import Language
from .slices import assign
from .versions import difference, plan
from .world import Fact, World, check

SLICES = ("seen", "unseen")


def build_world(seed: int, version: int, language: Language, near_twins: int = 0) -> World:
    """Invents a company.

    Args:
        seed: Of the company and all its facts.
        version: Which state of that world, from 1.
        language: Language of all its texts.
        near_twins: How many look-alikes some subjects have; they move no other value.

    Returns:
        The company with its facts; equal arguments give equal worlds.
    """
    draw = Draw(seed)
    base = _base(draw, language)
    slices = assign(seed, base)
    derived = list(language.derive(draw, base, slices))
    twins = list(language.twins(Draw(seed, draw), near_twins)) if near_twins else []
    slices |= {
        each.fact.id: slice_of(each.fact.support, slices)
        for each in derived
        if each.fact.answerable
    }
    facts = [*base, *twins, *(each.fact for each in derived)]
    first = {fact.id: fact for fact in facts}
    if version > 1:
        base = _later(draw, base, derived, version, language)
        facts = [*base, *twins, *_evaluated(derived, base, language)]
    changes = difference(first, {fact.id: fact for fact in facts})
    slices |= _added_slices(draw, changes, facts)
    company = language.company_name(draw)
    return World(seed, version, language.code, company, check(facts), slices, changes)


def _base(draw: Draw, language: Language) -> tuple[Fact, ...]:
    return check(fact for area in language.areas for fact in area.facts(draw))


def _later(
    draw: Draw, base: Sequence[Fact], derived: Sequence[Derived], version: int, language: Language
) -> tuple[Fact, ...]:
    """Builds the base facts of a later version, one version after the other."""
    facts = tuple(base)
    for number in range(2, version + 1):
        draw = Draw(draw.world, draw, plan(draw, facts, derived, number))
        facts = _base(draw, language)
    return facts


def _evaluated(derived: Sequence[Derived], base: Sequence[Fact], language: Language) -> list[Fact]:
    by_id = {fact.id: fact for fact in base}
    return [
        evaluate(each, by_id, language.removed) if each.fact.answerable else each.fact
        for each in derived
    ]


def _added_slices(draw: Draw, changes: Mapping[str, str], facts: Sequence[Fact]) -> dict[str, str]:
    """Deals what a version adds to both slices alike."""
    answerable = {fact.id for fact in facts if fact.asked and fact.answerable}
    added = [name for name, change in changes.items() if change == "added" and name in answerable]
    dealt = draw.stream("version/slices").sample(added, len(added))
    return {name: SLICES[at % len(SLICES)] for at, name in enumerate(dealt)}
