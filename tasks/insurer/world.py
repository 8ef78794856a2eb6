"""The fictional insurer: facts with typed values, and the company that they make up.

A fact is *asked* in five wordings, or only *stated*: a rule of calculation, or a look-alike that
makes retrieval harder. A fact that follows from others (a comparison, a calculation) names them as
its support, and stands in no sentence of its own.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar


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
STATED = "stated"
DERIVED_KINDS = ("comparison", "multi_hop", "calculation", "description")
STYLES = ("polite", "curt", "keywords", "indirect", "slip")
SHORT, DESCRIPTION = "short", "description"


@dataclass(frozen=True, slots=True)
class Wording:
    """One question for a fact, and the style in which it is asked."""

    style: str
    text: str


@dataclass(frozen=True, slots=True)
class Stated:
    """The value of what documents say and nobody asks for."""

    kind: str = STATED
    key: Hashable = None
    text: str = ""
    variants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recast:
    """A value that answers another kind of question than its own."""

    kind: str
    value: Value

    @property
    def key(self) -> Hashable:
        return self.value.key

    @property
    def text(self) -> str:
        return self.value.text

    @property
    def variants(self) -> tuple[str, ...]:
        return self.value.variants


@dataclass(frozen=True, slots=True)
class Account:
    """What there is to say about a subject.

    Attributes:
        text: The reference answer, one to three sentences.
        key_facts: What an answer has to hold, each as the texts that say it.
    """

    text: str
    key_facts: tuple[tuple[str, ...], ...]
    kind: str = DESCRIPTION
    variants: tuple[str, ...] = ()

    @property
    def key(self) -> Hashable:
        return self.text


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
        wordings: Questions that this fact answers, one a style; none where it is only stated.
        statement: The sentence with which the company's documents say it; "" if they don't.
        group: Facts of one group are seen together or unseen together; "" for its subject's own.
        support: Ids of the facts that it follows from; none for what is stated itself.
        form: "short" asks for a short answer, "description" for one to three sentences.
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
    group: str = ""
    support: tuple[str, ...] = ()
    form: str = SHORT

    @property
    def id(self) -> str:
        """Stable name of the fact and of the cluster of its questions."""
        return f"{self.area}.{self.subject_key}.{self.attribute_key}"

    @property
    def unit(self) -> str:
        """What is seen or unseen as a whole."""
        return f"{self.area}.{self.group or self.subject_key}"

    @property
    def answerable(self) -> bool:
        """Whether the company's documents answer it."""
        return self.value.kind != UNANSWERABLE

    @property
    def asked(self) -> bool:
        """Whether there are questions for it."""
        return bool(self.wordings)


@dataclass(frozen=True, slots=True)
class World:
    """One company and all its facts.

    Attributes:
        seed: Which world.
        version: Which state of that world; later versions change, add and remove some facts.
        language: Two-letter code of all its texts.
        company: The fictional company's name.
        facts: All facts, the unanswerable ones among them, in a fixed order.
        slices: "seen" or "unseen" for each asked fact that has an answer in its first version.
        changes: "changed", "added" or "removed" for each fact that this version did that to.
    """

    seed: int
    version: int
    language: str
    company: str
    facts: tuple[Fact, ...]
    slices: Mapping[str, str] = field(default_factory=dict)
    changes: Mapping[str, str] = field(default_factory=dict)


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
        if fact.wordings and tuple(wording.style for wording in fact.wordings) != STYLES:
            raise ValueError(f"{fact.id!r} needs one wording a style: {', '.join(STYLES)}")
    return frozen
