"""The fictional insurer: facts with typed values, drawn from a seed.

Every fact draws from a stream of its own, so a new fact or area moves no other. The exception is
deliberate: two facts of one kind never share a value, so areas are built in a fixed order, and a
new area belongs at the end of `AREAS`.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

MOST_YES_LEADS = 2


class Value(Protocol):
    """What a fact says; each language writes its own."""

    @property
    def kind(self) -> str:
        """The kind of question it answers."""
        ...

    @property
    def key(self) -> Hashable:
        """Its meaning; equal for values that are the same answer."""
        ...

    @property
    def text(self) -> str:
        """The canonical short answer."""
        ...

    @property
    def variants(self) -> tuple[str, ...]:
        """Other texts that mean exactly the same."""
        ...


def accepted(value: Value) -> list[str]:
    """Lists the texts that are right for a value, the canonical one first, without repeats."""
    return list(dict.fromkeys((value.text, *value.variants)))


V = TypeVar("V", bound=Value)

UNANSWERABLE = "unanswerable"
YES_NO = "yes_no"
STYLES = ("polite", "curt", "keywords", "indirect", "slip")


@dataclass(frozen=True, slots=True)
class Wording:
    """One question for a fact, and the style in which it is asked."""

    style: str
    text: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that the company has written down, or, when `value` is of the kind unanswerable, has not.

    Attributes:
        area: Key of the area ("leave").
        subject_key: Key of the subject within the area ("childcare").
        attribute_key: Key of the attribute ("period").
        category: The area's name in the company's question table ("휴직 및 복직").
        subject: The subject ("육아휴직").
        attribute: The attribute ("최대 기간").
        value: What the fact says.
        wordings: Questions that this fact answers, one a style.
        statement: The sentence with which the company's documents say it; "" if they don't.
    """

    area: str
    subject_key: str
    attribute_key: str
    category: str
    subject: str
    attribute: str
    value: Value
    wordings: tuple[Wording, ...]
    statement: str

    @property
    def id(self) -> str:
        """Stable name of the fact and of the cluster of its questions."""
        return f"{self.area}.{self.subject_key}.{self.attribute_key}"

    @property
    def answerable(self) -> bool:
        """Whether the company's documents answer it."""
        return self.value.kind != UNANSWERABLE


class Draw:
    """Draws values for one world: a stream a fact, no value twice within a kind."""

    def __init__(self, world: int) -> None:
        self.world = world
        self._taken: dict[str, set[Hashable]] = defaultdict(set)
        self._lead = 0  # how many more facts say yes than no

    def stream(self, name: str) -> random.Random:
        """A stream of random numbers that depends on the world and the name alone."""
        return random.Random(f"insurer/{self.world}/{name}")

    def pick(self, name: str, pool: Sequence[V]) -> V:
        """Picks a value that no other fact of its kind has (yes and no may repeat).

        Args:
            name: The fact's id, which names the stream.
            pool: The values that are plausible.

        Returns:
            The value, now taken.

        Raises:
            LookupError: Every value of the pool is taken: widen the pool.
        """
        rng = self.stream(name)
        if pool[0].kind == YES_NO:
            return self._balanced(rng, pool)
        for value in rng.sample(pool, len(pool)):
            taken = self._taken[value.kind]
            if value.key not in taken:
                taken.add(value.key)
                return value
        raise LookupError(f"no value is left for {name!r}; widen its pool")

    def _balanced(self, rng: random.Random, pool: Sequence[V]) -> V:
        """Chooses at random, unless one answer is already two ahead: then the other."""
        value = rng.choice(pool)
        if abs(self._lead + (1 if value.key else -1)) > MOST_YES_LEADS:
            value = next(other for other in pool if other.key != value.key)
        self._lead += 1 if value.key else -1
        return value


@dataclass(frozen=True, slots=True)
class World:
    """One company and all its facts.

    Attributes:
        seed: Which world.
        version: Which state of that world; later versions change some facts.
        language: Two-letter code of all its texts.
        company: The fictional company's name.
        facts: All facts, the unanswerable ones among them, in a fixed order.
    """

    seed: int
    version: int
    language: str
    company: str
    facts: tuple[Fact, ...]


def check(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Freezes facts, after checking that each has its own name and a wording in every style.

    Raises:
        ValueError: Two facts share an id, or one lacks a style.
    """
    frozen = tuple(facts)
    seen: set[str] = set()
    for fact in frozen:
        if fact.id in seen:
            raise ValueError(f"two facts are called {fact.id!r}; rename one")
        seen.add(fact.id)
        if tuple(wording.style for wording in fact.wordings) != STYLES:
            raise ValueError(f"{fact.id!r} needs one wording a style: {', '.join(STYLES)}")
    return frozen
