"""What all derived kinds share: finding facts, and building what follows from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ...derived import Derived
from ...draw import Draw
from ...world import SHORT, Fact, Recast, Value
from ..areas.base import Bank
from ..values import Unknown

Answer = Callable[[Mapping[str, Fact]], Value]
"""Finds a value from the supporting facts, by id."""


@dataclass(frozen=True, slots=True)
class Base:
    """The base facts of a world's first version."""

    draw: Draw
    facts: Mapping[str, Fact]

    @classmethod
    def of(cls, draw: Draw, facts: Sequence[Fact]) -> Base:
        """Indexes facts by id."""
        return cls(draw, {fact.id: fact for fact in facts})

    def told(self, area: str, attribute: str) -> list[Fact]:
        """The facts that documents say on one attribute of an area, stated ones included."""
        return [fact for fact in self.facts.values()
                if fact.area == area and fact.attribute_key == attribute and fact.statement]  # fmt: skip

    def find(self, area: str, subject: str, attribute: str) -> Fact | None:
        """The fact of a subject, where documents say it."""
        fact = self.facts.get(f"{area}.{subject}.{attribute}")
        return fact if fact and fact.statement else None

    def derived(
        self,
        names: tuple[str, str],
        bank: Bank,
        support: Sequence[Fact],
        answer: Answer,
        handles: Sequence[Fact] = (),
        form: str = SHORT,
        subject: str = "",
        **slots: str,
    ) -> Derived:
        """Builds a fact that follows from others.

        Args:
            names: Keys of its subject and attribute.
            bank: Templates of its questions.
            support: What it follows from; the first one gives area and category.
            answer: Finds its value again.
            handles: The supporting facts whose value its questions name.
            form: The form of answer that is asked for.
            subject: What it is about; "" for what the first support is about.
            **slots: What the templates' slots hold.

        Returns:
            The fact with its value in version 1.
        """
        first = support[0]
        name = f"{first.area}.{names[0]}.{names[1]}"
        fact = Fact(
            first.area, *names, first.category, subject or first.subject, names[1],
            answer(self.facts), bank.wordings(self.draw.stream(f"{name}/wordings"), slots), "",
            support=tuple(each.id for each in support), form=form,
        )  # fmt: skip
        return Derived(fact, answer, tuple(each.id for each in handles))

    def unanswered(
        self,
        place: tuple[str, str],
        names: tuple[str, str],
        value: Unknown,
        bank: Bank,
        subject: str,
        form: str = SHORT,
        **slots: str,
    ) -> Derived:
        """Builds a question of a derived form that has no answer.

        Args:
            place: Key and name of the area.
            names: Keys of its subject and attribute.
            value: Why it has none.
            bank: Templates of its questions.
            subject: What it asks about; where it is absent, no document holds these words.
            form: The form of answer that is asked for.
            **slots: What the templates' slots hold.
        """
        name = f"{place[0]}.{names[0]}.{names[1]}"
        wordings = bank.wordings(self.draw.stream(f"{name}/wordings"), slots)
        fact = Fact(place[0], *names, place[1], subject, names[1], value, wordings, "", form=form)
        return Derived(fact, lambda _: value)


def recast(kind: str, fact: Fact) -> Answer:
    """The value of one supporting fact, as the answer to another kind of question."""
    return lambda facts: Recast(kind, facts[fact.id].value)
