"""The ways of answering that a first study tries: those that say so of themselves, from cheap to dear."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.metrics.registry import kinds
from harness.strategy.base import Part, Prompting, Weights
from harness.strategy.family import FAMILIES
from harness.strategy.registry import create_strategy, strategies

__all__ = ["first_ways", "quickest_way"]


def first_ways(kind: str, documents: bool) -> tuple[str, ...]:
    """Returns the ways that go with a kind of task, from cheap to dear.

    Those that look something up come last, and only where there are documents; the dearest of them
    changes weights, too. Where passages are the answer, no model is asked.
    """
    tried = sorted((part for part in strategies().parts.values() if _is_tried(part)), key=_price)
    looks_up = [part for part in tried if "corpus" in part.needs]
    if kinds()[kind].mute:
        return _fitting((part.name for part in looks_up if _without_model(part)), kind)
    plain = [part for part in tried if part not in looks_up]
    weights = [part.name for part in plain if issubclass(part, Weights)][-1:]
    both = [
        f"{name}+{part.name}"
        for name in weights
        for part in looks_up
        if issubclass(part, Prompting)
    ]
    beside = [*(part.name for part in looks_up), *both] if documents else []
    return _fitting([*(part.name for part in plain), *beside], kind)


def quickest_way(ways: Sequence[str], *, much: bool) -> str:
    """Returns the best way that takes seconds: one that learns, unless it would read too `much`."""
    parts = {part.name: part for part in strategies().parts.values()}
    for way in ways:
        part = parts.get(way)
        if part and _without_model(part) and not part.constant and _learns(part) is not much:
            return way
    return ways[0]


def _is_tried(part: type[Part]) -> bool:
    return bool(vars(part).get("tried_first"))  # of its own: a variant of it is another way


def _price(part: type[Part]) -> tuple[int, bool, bool, str]:
    """Sorts by family, in it what always says the same first, and what needs labels last."""
    rank = FAMILIES.index(part.family) if part.family else len(FAMILIES)
    return rank, not part.constant, _learns(part), part.name


def _without_model(part: type[Part]) -> bool:
    return part.family == FAMILIES[0]


def _learns(part: type[Part]) -> bool:
    return "train" in part.needs


def _fitting(names: Iterable[str], kind: str) -> tuple[str, ...]:
    """Returns those all of whose parts can do a kind of task."""
    made = {name: create_strategy(name).parts for name in names}
    return tuple(
        name
        for name, parts in made.items()
        if all(not part.kinds or kind in part.kinds for part in parts)
    )
