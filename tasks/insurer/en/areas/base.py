"""How English fills question templates and states facts."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ... import areas
from ...areas import Topic
from ...world import STYLES, Fact, Stated, Value, Wording
from ..english import fill, sentence, slip
from ..values import Day, Unknown, YesNo

__all__ = ["ABSENT", "NEAR_MISS", "REMOVED", "Area", "Bank", "Topic", "said", "written"]

ABSENT = Unknown("absent")
NEAR_MISS = Unknown("near-miss")
REMOVED = Unknown("removed")
AS_TYPED = ("keywords", "slip")
"""Styles that needn't begin with a capital letter."""


def written(value: Value) -> str:
    """Writes a value as a rule does: a day of every year says so."""
    yearly = isinstance(value, Day) and value.month and not value.year
    return f"{value.text} each year" if yearly else value.text


def said(clause: str, yes: bool) -> str:
    """Says a clause or denies it: "claims may [not] be faxed"."""
    return clause.replace("[not]", "not") if not yes else clause.replace("[not] ", "")


@dataclass(frozen=True, slots=True)
class Bank(areas.Bank):
    """Question templates in `english.fill`'s notation.

    `states` is how the documents say it, where a topic has no sentence of its own; in a yes/no
    sentence "[not]" stands where its denial has the word.
    """

    states: str = ""

    def statement(self, value: Value, slots: Mapping[str, str]) -> str:
        """Writes the rule as the company's documents do; "" where they say nothing.

        The slot `states` holds a topic's own sentence.
        """
        if isinstance(value, Unknown):
            return ""
        template = slots.get("states") or self.states
        if isinstance(value, YesNo):
            template = said(template, value.yes)
        return sentence(fill(template, **slots, x=written(value))) + "."

    def wordings(self, rng: random.Random, slots: Mapping[str, str]) -> tuple[Wording, ...]:
        """Words a question in every style, choosing among the alternatives."""
        texts = {style: fill(rng.choice(getattr(self, style)), **slots) for style in STYLES}
        texts["slip"] = slip(texts["slip"], rng)
        return tuple(
            Wording(style, text if style in AS_TYPED else sentence(text))
            for style, text in texts.items()
        )


class Area(areas.Area):
    """Builds the facts of one area in English."""

    removed: ClassVar[Unknown] = REMOVED

    def stated(
        self, subject: tuple[str, str], attribute: tuple[str, str], statement: str, group: str = ""
    ) -> Fact:
        """Writes what the documents say and nobody asks for by itself.

        Args:
            subject: Key and English name.
            attribute: Key and English name.
            statement: The sentence, without its full stop.
            group: What it belongs to; "" for its subject.

        Returns:
            The fact, without wordings.
        """
        names = (subject[0], attribute[0], self.category, subject[1], attribute[1])
        return Fact(self.key, *names, Stated(), (), sentence(statement) + ".", group)

    def rule(self, key: str, statement: str) -> Fact:
        """Writes a rule of calculation: only asked for through what it calculates."""
        return self.stated((f"rule_{key}", ""), ("rule", ""), statement)
