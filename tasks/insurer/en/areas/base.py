"""What the areas share: banks of question templates, and a builder of facts."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...draw import Draw
from ...world import STYLES, Fact, Stated, Value, Wording
from ..english import fill, sentence, slip
from ..values import Day, Unknown, YesNo

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
class Bank:
    """Question templates for one attribute: alternatives a style, in `english.fill`'s notation.

    `slip` templates are written correctly, and misspelled when they are used. `states` is how the
    documents say it, where a topic has no sentence of its own; in a yes/no sentence "[not]" stands
    where its denial has the word.
    """

    polite: tuple[str, ...]
    curt: tuple[str, ...]
    keywords: tuple[str, ...]
    indirect: tuple[str, ...]
    slip: tuple[str, ...]
    states: str = ""

    def statement(self, value: Value, slots: dict[str, str], states: str = "") -> str:
        """Writes the rule as the company's documents do; "" where they say nothing."""
        if isinstance(value, Unknown):
            return ""
        template = states or self.states
        if isinstance(value, YesNo):
            template = said(template, value.yes)
        return sentence(fill(template, **slots, x=written(value))) + "."

    def wordings(self, rng: random.Random, slots: dict[str, str]) -> tuple[Wording, ...]:
        """Words a question in every style, choosing among the alternatives."""
        texts = {style: fill(rng.choice(getattr(self, style)), **slots) for style in STYLES}
        texts["slip"] = slip(texts["slip"], rng)
        return tuple(
            Wording(style, text if style in AS_TYPED else sentence(text))
            for style, text in texts.items()
        )


@dataclass(frozen=True, slots=True)
class Topic:
    """A fact that stands alone, with a noun phrase for templates and one question of its own.

    Attributes:
        key: Key of the subject.
        phrase: Noun phrase that names the fact completely, without an article ("wedding gift").
        indirect: A whole question that asks for it in another way.
        values: The values that it may take, or `ABSENT` or `NEAR_MISS`.
        states: The sentence of the documents, with "{x}" for the value; for yes/no the clause
            that is asked about, with "[not]" ("claims may [not] be faxed").
        since: The version that adds it.
    """

    key: str
    phrase: str
    indirect: str
    values: Sequence[Value] | Unknown
    states: str = ""
    since: int = 1


@dataclass(frozen=True, slots=True)
class Area:
    """Builds the facts of one area; `groups` says which subjects are seen or unseen together."""

    key: str
    category: str
    draw: Draw
    groups: Mapping[str, str] = field(default_factory=dict)

    def fact(
        self,
        subject: tuple[str, str],
        attribute: tuple[str, str],
        values: Sequence[Value] | Unknown,
        bank: Bank,
        states: str = "",
        **slots: str,
    ) -> Fact:
        """Draws a fact's value and words its questions.

        Args:
            subject: Key and English name.
            attribute: Key and English name.
            values: The values that it may take, or an `Unknown`.
            bank: Templates of its questions.
            states: The documents' sentence, where the bank's own does not do.
            **slots: What the templates' slots hold.

        Returns:
            The fact.
        """
        name = f"{self.key}.{subject[0]}.{attribute[0]}"
        value = values if isinstance(values, Unknown) else self.draw.pick(name, values) or REMOVED
        wordings = bank.wordings(self.draw.stream(f"{name}/wordings"), slots)
        return Fact(
            self.key,
            subject[0],
            attribute[0],
            self.category,
            subject[1],
            attribute[1],
            value,
            wordings,
            bank.statement(value, slots, states),
            self.groups.get(subject[0], ""),
        )

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

    def topics(
        self, attribute: tuple[str, str], bank: Bank, topics: Iterable[Topic]
    ) -> Iterator[Fact]:
        """Builds a fact a topic; all ask for the same attribute with the same bank."""
        for topic in topics:
            if topic.since > self.draw.version:
                continue
            slots = {"s": topic.phrase, "indirect": topic.indirect, "v": said(topic.states, True)}
            subject = (topic.key, topic.phrase)
            yield self.fact(subject, attribute, topic.values, bank, topic.states, **slots)
