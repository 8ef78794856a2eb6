"""Puts a derived fact together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from ...derived import Derived
from ...draw import Draw
from ...world import SHORT, Fact, Recast, Value
from ..areas.base import Bank

Facts = Mapping[str, Fact]


class Name(NamedTuple):
    """What a derived fact is called, and what it is about."""

    area: str
    subject_key: str
    attribute_key: str
    category: str
    subject: str
    attribute: str


def derived(
    draw: Draw,
    name: Name,
    bank: Bank,
    slots: dict[str, str],
    support: Sequence[str],
    answer: Callable[[Facts], Value],
    facts: Facts,
    handles: Sequence[str] = (),
    form: str = SHORT,
) -> Derived:
    """Words a derived fact and finds its answer.

    Args:
        draw: For the stream that chooses among wordings.
        name: What it is called.
        bank: Templates of its questions.
        slots: What the templates' slots hold.
        support: Ids of the facts that it follows from.
        answer: Finds its value.
        facts: The base facts of version 1.
        handles: The supporting facts whose value stands in a question.
        form: Of the answer.
    """
    ident = f"{name.area}.{name.subject_key}.{name.attribute_key}"
    fact = Fact(
        *name, answer(facts), bank.wordings(draw.stream(f"{ident}/wordings"), slots), "",
        support=tuple(support), form=form,
    )  # fmt: skip
    return Derived(fact, answer, tuple(handles))


def recast(kind: str, answer: Callable[[Facts], Value]) -> Callable[[Facts], Value]:
    """An answer of another kind."""
    return lambda facts: Recast(kind, answer(facts))


def tells(candidate: Derived) -> bool:
    """Whether a question holds its answer where punctuation goes: 900만원 stands in 1,900만원."""
    answer = _letters(candidate.fact.value.text)
    return any(answer in _letters(wording.text) for wording in candidate.fact.wordings)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))
