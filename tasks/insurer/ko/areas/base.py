"""What the areas share: banks of question templates, and a builder of facts."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...draw import Draw
from ...world import STYLES, Fact, Stated, Value, Wording
from ..korean import fill, josa, slip
from ..values import Day, Unknown, YesNo

ABSENT = Unknown("absent")
NEAR_MISS = Unknown("near-miss")
REMOVED = Unknown("removed")


def written(value: Value) -> str:
    """Writes a value as a rule does: a day of every year says so."""
    yearly = isinstance(value, Day) and value.month and not value.year
    return f"매년 {value.text}" if yearly else value.text


def denied(clause: str) -> str:
    """Turns "계약직도 ... 쓸 수 있" into "계약직은 ... 쓸 수 없": what is denied isn't "also" so."""
    plain = re.sub(
        r"(\S+)도 ", lambda found: found[1] + josa(found[1], "은/는") + " ", clause, count=1
    )
    return plain.removesuffix("있") + "없"


@dataclass(frozen=True, slots=True)
class Bank:
    """Question templates for one attribute: alternatives a style, in `korean.fill`'s notation.

    `slip` templates are written correctly, and misspelled when they are used. `states` is how the
    documents say it.
    """

    polite: tuple[str, ...]
    curt: tuple[str, ...]
    keywords: tuple[str, ...]
    indirect: tuple[str, ...]
    slip: tuple[str, ...]
    states: tuple[str, ...] = ("{s}[은/는] {x}[으로/로] 한다.",)

    def statement(self, value: Value, slots: dict[str, str]) -> str:
        """Writes the rule as the company's documents do; "" where they say nothing.

        `states` holds the sentence with the value in its slot `x`; for yes/no it holds two.
        """
        if isinstance(value, Unknown):
            return ""
        at = 0 if not isinstance(value, YesNo) or value.key else 1
        return fill(
            self.states[at], **slots | {"x": written(value), "no": denied(slots.get("v", ""))}
        )

    def wordings(self, rng: random.Random, slots: dict[str, str]) -> tuple[Wording, ...]:
        """Words a question in every style, choosing among the alternatives."""
        texts = {style: fill(rng.choice(getattr(self, style)), **slots) for style in STYLES}
        texts["slip"] = slip(texts["slip"], rng)
        return tuple(Wording(style, texts[style]) for style in STYLES)


@dataclass(frozen=True, slots=True)
class Topic:
    """A fact that stands alone, with a noun phrase for templates and one question of its own.

    Attributes:
        key: Key of the subject.
        phrase: Noun phrase that names the fact completely ("본인 결혼 축하금").
        indirect: A whole question that asks for it in another way.
        values: The values that it may take, or `ABSENT` or `NEAR_MISS`.
        clause: For yes/no: a clause that ends in "수 있" ("...를 이월할 수 있").
        since: The version that adds it.
    """

    key: str
    phrase: str
    indirect: str
    values: Sequence[Value] | Unknown
    clause: str = ""
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
        **slots: str,
    ) -> Fact:
        """Draws a fact's value and words its questions.

        Args:
            subject: Key and Korean name.
            attribute: Key and Korean name.
            values: The values that it may take, or an `Unknown`.
            bank: Templates of its questions.
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
            bank.statement(value, slots),
            self.groups.get(subject[0], ""),
        )

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
            slots = {"s": topic.phrase, "indirect": topic.indirect, "v": topic.clause}
            yield self.fact((topic.key, topic.phrase), attribute, topic.values, bank, **slots)
