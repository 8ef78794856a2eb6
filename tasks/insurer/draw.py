"""The drawing of values: a stream of random numbers for each fact.

Every fact draws from a stream of its own, so a new fact or area moves no other. The exception is
deliberate: two facts of one kind never share a value, so areas are built in a fixed order, and a
new area belongs at the end of its language's areas.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from .world import YES_NO, V, Value


class Exhausted(LookupError, ValueError):
    """A world can't be made: some pool has no value left. Another seed draws otherwise."""


MOST_YES_LEADS = 5  # fewer would make neighbours differ on purpose


@dataclass(frozen=True, slots=True)
class Update:
    """What a later version says differently.

    Attributes:
        version: The version.
        changed: The new value of each fact that changes.
        removed: The facts that the documents no longer state.
    """

    version: int
    changed: Mapping[str, Value] = field(default_factory=dict)
    removed: frozenset[str] = frozenset()


class Draw:
    """Draws values for one version of one world, no value twice within a kind.

    Attributes:
        world: The seed.
        version: The version that is built.
        values: What was picked, by name.
        pools: What it was picked from, by name.
    """

    def __init__(
        self, world: int, earlier: Draw | None = None, update: Update | None = None
    ) -> None:
        """Starts a first version, or a later one that keeps what it doesn't update.

        Args:
            world: The seed.
            earlier: The version before, already built.
            update: What this version does to it.
        """
        self.world = world
        self.version = update.version if update else 1
        self.values: dict[str, Value] = {}
        self.pools: dict[str, Sequence[Value]] = {}
        self._update = update or Update(1)
        self._earlier = dict(earlier.values) if earlier else {}
        self._taken: dict[str, set[Hashable]] = defaultdict(set)
        self._lead = 0  # how many more facts say yes than no
        if earlier:
            self._lead = earlier._lead
            for kind, keys in earlier._taken.items():
                self._taken[kind] |= keys
        for value in self._update.changed.values():
            self._taken[value.kind].add(value.key)

    def stream(self, name: str) -> random.Random:
        """A stream of random numbers that depends on the world and the name alone."""
        return random.Random(f"insurer/{self.world}/{name}")

    def pick(self, name: str, pool: Sequence[V]) -> V | None:
        """Picks a value that no other fact of its kind has (yes and no may repeat).

        Args:
            name: The fact's id, which names the stream.
            pool: The values that are plausible.

        Returns:
            The value, now taken; None where this version no longer states the fact.

        Raises:
            Exhausted: Every value of the pool is taken: take another world, or widen the pool.
        """
        self.pools[name] = pool
        if name in self._update.removed:
            return None
        kept = self._update.changed.get(name, self._earlier.get(name))
        self.values[name] = value = kept if kept is not None else self._new(name, pool)
        return value  # type: ignore[return-value]

    def free(self, pool: Sequence[V]) -> list[V]:
        """The values of a pool that no fact has, in their order."""
        return [value for value in pool if value.key not in self._taken[value.kind]]

    def _new(self, name: str, pool: Sequence[V]) -> V:
        rng = self.stream(name)
        if pool[0].kind == YES_NO:
            return self._balanced(rng, pool)
        for value in rng.sample(pool, len(pool)):
            taken = self._taken[value.kind]
            if value.key not in taken:
                taken.add(value.key)
                return value
        raise Exhausted(
            f"world {self.world}, version {self.version} can't be made: all {len(pool)} values for "
            f"{name!r} are taken by other facts; take another world (another seed), or widen the "
            "pool of that fact"
        )

    def _balanced(self, rng: random.Random, pool: Sequence[V]) -> V:
        """Chooses at random, unless one answer is already far ahead: then the other."""
        value = rng.choice(pool)
        if abs(self._lead + (1 if value.key else -1)) > MOST_YES_LEADS:
            value = next(other for other in pool if other.key != value.key)
        self._lead += 1 if value.key else -1
        return value
