"""The chapters of each document, with a section for each leave, product and class."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..outline import Chapter, Section
from ..world import Fact
from .english import sentence
from .outlines import benefits, claims, complaints, glossary, leave, products, underwriting

Outline = tuple[tuple[Chapter, ...], tuple[str, ...]]
"""A document's chapters, and the passages that may stand anywhere in it."""


def _subjects(facts: Sequence[Fact], attribute: str) -> list[Fact]:
    """The facts on one attribute, one for each subject."""
    return [fact for fact in facts if fact.attribute_key == attribute]


def _leave(facts: Sequence[Fact]) -> Outline:
    keys = dict.fromkeys(
        (fact.subject_key, fact.subject) for fact in facts if not fact.group and fact.asked
    )
    kinds = tuple(Section(sentence(name), key) for key, name in keys)
    chapters = (*leave.BEFORE, Chapter(leave.LEAVES_TITLE, kinds), *leave.AFTER)
    return chapters, leave.NOTES


def _products(facts: Sequence[Fact]) -> Outline:
    """A chapter a product: an article on the product, and one on each coverage."""
    covers: dict[str, dict[str, str]] = {}
    for fact in facts:
        product, _, cover = fact.subject.partition(", ")
        covers.setdefault(product, {})[fact.subject_key] = cover or products.OVERVIEW
    middle = tuple(
        Chapter(
            sentence(product), tuple(Section(sentence(name), key) for key, name in some.items())
        )
        for product, some in covers.items()
    )
    return (*products.BEFORE, *middle, *products.AFTER), products.NOTES


def _underwriting(facts: Sequence[Fact]) -> Outline:
    keys = dict.fromkeys(
        (fact.subject_key, fact.subject) for fact in facts if fact.subject.endswith(" class")
    )
    classes = tuple(Section(name, key) for key, name in keys)
    risks = " ".join(fact.subject_key for fact in _subjects(facts, "class"))
    where = Section(underwriting.RISKS.title, risks, passages=underwriting.RISKS.passages)
    chapter = Chapter(underwriting.CLASSES_TITLE, (*classes, where, underwriting.PREMIUM))
    return (*underwriting.BEFORE, chapter, *underwriting.AFTER), underwriting.NOTES


CHAPTERS_OF: dict[str, Callable[[Sequence[Fact]], Outline]] = {
    "leave": _leave,
    "welfare": lambda _: (benefits.CHAPTERS, benefits.NOTES),
    "claims": lambda _: (claims.CHAPTERS, claims.NOTES),
    "product": _products,
    "underwriting": _underwriting,
    "complaint": lambda _: (complaints.CHAPTERS, complaints.NOTES),
    "glossary": lambda _: (glossary.CHAPTERS, glossary.NOTES),
}
