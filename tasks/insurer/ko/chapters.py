"""The chapters of each document; those of products, leaves and classes follow the world's facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..outline import Chapter, Section
from ..world import Fact
from .areas.leave import LEAVES
from .areas.product_tables import COVERS, PRODUCTS
from .outlines import claims, complaints, glossary, leave, products, underwriting, welfare

Chapters = tuple[Chapter, ...]


def _subjects(facts: Sequence[Fact]) -> dict[str, str]:
    """The names of subjects that the document states something about, by key."""
    return {fact.subject_key: fact.subject for fact in facts if fact.answerable and fact.subject}


def _leave(facts: Sequence[Fact]) -> Chapters:
    there = _subjects(facts)
    kinds = [Section(each.name, each.key) for each in LEAVES if each.key in there]
    rules = Section(leave.RULES_TITLE, "rule_pay rule_credit", passages=leave.RULES)
    return (*leave.BEFORE, Chapter("휴직의 종류", (*kinds, rules)), *leave.AFTER)


def _product(facts: Sequence[Fact]) -> Chapters:
    there = _subjects(facts)
    chapters = []
    for product in PRODUCTS:
        sections = [Section(f"{product.name} {products.OVERVIEW}", product.key)]
        for cover in COVERS:
            key = f"{cover.product}-{cover.key}"
            if cover.product == product.key and key in there:
                sections.append(Section(there[key], key))
        chapters.append(Chapter(product.name, tuple(sections)))
    twins = tuple(Section(name, key) for key, name in there.items() if key.startswith("twin"))
    special = (Chapter("상품 유형별 특칙", twins),) if twins else ()
    return (*products.BEFORE, *chapters, *special, *products.AFTER)


def _underwriting(facts: Sequence[Fact]) -> Chapters:
    there = _subjects(facts)
    classes = [Section(name, key) for key, name in there.items() if key.startswith("class_")
               and name.endswith("등급")]  # fmt: skip
    cases = replace(
        underwriting.CASES, topics=" ".join(key for key in there if key.startswith("case_"))
    )
    grades = Chapter("인수 등급", (*classes, cases, underwriting.PREMIUM))
    return (*underwriting.BEFORE, grades, *underwriting.AFTER)


CHAPTERS: dict[str, Callable[[Sequence[Fact]], Chapters]] = {
    "leave": _leave,
    "product": _product,
    "underwriting": _underwriting,
    "welfare": lambda _: welfare.CHAPTERS,
    "claims": lambda _: claims.CHAPTERS,
    "complaint": lambda _: complaints.CHAPTERS,
    "glossary": lambda _: glossary.CHAPTERS,
}
"""The own chapters of the document of each area."""
