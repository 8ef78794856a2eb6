"""What the areas share in every language: question templates, topics, and a builder of facts."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from .draw import Draw
from .values import Unknown
from .world import Fact, Stated, Value, Wording


@dataclass(frozen=True, slots=True)
class Bank(ABC):
    """Question templates for one attribute: alternatives a style, in the notation of its language.

    `slip` templates are written correctly, and misspelled when they are used.
    """

    polite: tuple[str, ...]
    curt: tuple[str, ...]
    keywords: tuple[str, ...]
    indirect: tuple[str, ...]
    slip: tuple[str, ...]

    @abstractmethod
    def statement(self, value: Value, slots: Mapping[str, str]) -> str:
        """Writes the rule as the company's documents do; "" where they say nothing."""

    @abstractmethod
    def wordings(self, rng: random.Random, slots: Mapping[str, str]) -> tuple[Wording, ...]:
        """Words a question in every style, choosing among the alternatives."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A fact that stands alone, with a noun phrase for templates and one question of its own.

    Attributes:
        key: Key of the subject.
        phrase: Noun phrase that names the fact completely, without an article ("wedding gift",
            "본인 결혼 축하금").
        indirect: A whole question that asks for it in another way.
        values: The values that it may take, or that it is unknown.
        states: For yes/no the clause that is asked about: in English with "[not]" ("claims may
            [not] be faxed"), in Korean it ends in "수 있" ("...를 이월할 수 있"). Otherwise, in
            English alone, the sentence of the documents, with "{x}" for the value.
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
    """Builds the facts of one area.

    Attributes:
        key: Of the area.
        category: Its name in the company's question table.
        draw: Picks values and words.
        groups: Which subjects are seen or unseen together.
        labels: Name and templates of the attributes that `ask` knows.
        removed: The value of a fact that a version no longer states.
    """

    key: str
    category: str
    draw: Draw
    groups: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, tuple[str, Bank]] = field(default_factory=dict)
    removed: ClassVar[Unknown]

    def fact(
        self,
        subject: tuple[str, str],
        attribute: tuple[str, str],
        values: Sequence[Value] | Unknown,
        bank: Bank,
        **slots: str,
    ) -> Fact:
        """Draws a fact's value and words its questions.

        Args:
            subject: Key and name.
            attribute: Key and name.
            values: The values that it may take, or an `Unknown`.
            bank: Templates of its questions.
            **slots: What the templates' slots hold.

        Returns:
            The fact.
        """
        name = f"{self.key}.{subject[0]}.{attribute[0]}"
        drawn = values if isinstance(values, Unknown) else self.draw.pick(name, values)
        value = drawn or self.removed
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
            bank.statement(value, slots),
            self.groups.get(subject[0], ""),
        )

    def ask(
        self,
        subject: tuple[str, str],
        attribute: str,
        values: Sequence[Value] | Unknown,
        **slots: str,
    ) -> Fact:
        """Builds a fact about an attribute of `labels`, as `fact` does; slot `s` is the subject."""
        label, bank = self.labels[attribute]
        return self.fact(subject, (attribute, label), values, bank, **{"s": subject[1]} | slots)

    def rule(self, key: str, statement: str) -> Fact:
        """Writes a rule of calculation: stated, and only asked for through what it calculates."""
        return Fact(self.key, f"rule_{key}", "rule", self.category, "", "", Stated(), (), statement)

    def topics(
        self, attribute: tuple[str, str], bank: Bank, topics: Iterable[Topic]
    ) -> Iterator[Fact]:
        """Builds a fact a topic; all ask for the same attribute with the same bank."""
        for topic in topics:
            if topic.since > self.draw.version:
                continue
            yield self.fact(
                (topic.key, topic.phrase),
                attribute,
                topic.values,
                bank,
                s=topic.phrase,
                indirect=topic.indirect,
                v=topic.states.replace("[not] ", ""),
                states=topic.states,
            )
