"""Which document says what: every answerable fact stands in exactly one of them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from ..documents.blocks import Article, Block, Document, Grid, Heading, Line
from ..world import Fact, World
from . import prose
from .english import fill, sentence

__all__ = ["FILES", "documents"]

TOPICS_PER_ARTICLE = 3
TERMS_PER_ARTICLE = 6
FOOTER = "Internal use only"


class Plan(NamedTuple):
    """A document: its file, title, what kind of text it calls itself, its matter, its area."""

    file: str
    title: str
    kind: str
    matter: str
    area: str


PLANS = (
    Plan("Leave of Absence Policy.pdf", "Leave of Absence Policy", "policy", "leave of absence and the return to work", "leave"),
    Plan("Employee Benefits Handbook.docx", "Employee Benefits Handbook", "handbook", "benefits and time off", "welfare"),
    Plan("Claims Manual.txt", "Claims Manual", "manual", "the examination and payment of claims", "claims"),
    Plan("Product Summaries.docx", "Product Summaries", "summary", "the products that it sells", "product"),
    Plan("Underwriting Guide.html", "Underwriting Guide", "guide", "the selection of risks", "underwriting"),
    Plan("Complaints Procedure.pdf", "Complaints Procedure", "procedure", "complaints from customers", "complaint"),
    Plan("Company Glossary.pdf", "Company Glossary", "glossary", "the words of its own that it uses", "glossary"),
)  # fmt: skip
GUIDE = "Office Guide (Q and A).csv"
GUIDE_TITLE = "Office Guide"
FILES = {plan.area: plan.file for plan in PLANS} | {"guide": GUIDE}
"""The document that an area's facts stand in."""

# Chapters of lone facts, by their attribute; several facts on one subject stand in articles before.
CHAPTERS = {
    "amount": "Sums and limits",
    "period": "Times and deadlines",
    "share": "Rates and percentages",
    "date": "Dates",
    "list": "Documents and entries",
    "papers": "Documents",
    "code": "Codes",
    "allowed": "What is allowed",
    "rule": "How amounts are worked out",
    "class": "Where risks belong",
    "term": "Terms",
    "start": "Terms",
}
MAIN_CHAPTERS = {
    "leave": "Types of leave",
    "welfare": "Main programs",
    "claims": "Main procedures",
    "underwriting": "Risk classes",
    "complaint": "Main procedures",
}

Draft = tuple[str, tuple[str, ...]]
"""An article's title and the texts of its paragraphs."""


def documents(world: World, distractors: int) -> tuple[Document, ...]:
    """Plans a world's documents.

    Args:
        world: The company and its facts.
        distractors: How many passages that answer nothing stand in each article.

    Returns:
        The documents; equal worlds give equal ones.
    """
    manuals = tuple(_manual(world, plan, distractors) for plan in PLANS)
    return (*manuals, _guide(world))


def _told(world: World, area: str) -> list[Fact]:
    return [fact for fact in world.facts if fact.statement and fact.area == area]


def _manual(world: World, plan: Plan, distractors: int) -> Document:
    rng = random.Random(f"insurer/{world.seed}/documents/{plan.file}")
    slots = {"kind": plan.kind, "company": world.company, "matter": plan.matter}
    facts = _told(world, plan.area)
    parts: list[tuple[str, list[Draft]]] = [
        ("General", [("Purpose", (prose.PURPOSE,)), *prose.GENERAL])
    ]
    for chapter, group in _chapters(plan.area, facts):
        drafts = [(title, _with_notes(some, rng, distractors)) for title, some in group]
        parts.append((chapter, drafts))
    parts.append(("Final provisions", list(prose.CLOSING)))
    blocks: list[Block] = []
    number = 0
    for at, (chapter, drafts) in enumerate(parts, start=1):
        blocks.append(Heading(f"Chapter {at}. {chapter}"))
        for title, paragraphs in drafts:
            number += 1
            texts = [fill(text, **slots) for text in paragraphs]
            heading = f"Article {number} ({sentence(fill(title, **slots))})"
            blocks.append(Article(heading, _numbered(number, texts)))
    blocks += _grids(facts)
    blocks.append(Grid("Amendment history", ("Issue", "What changed"), prose.HISTORY))
    return _document(world, plan.file, plan.title, tuple(blocks))


def _document(world: World, file: str, title: str, blocks: tuple[Block, ...]) -> Document:
    header = f"{world.company} | {title}"
    return Document(file, title, world.company, "en", header, FOOTER, blocks)


def _numbered(article: int, texts: Sequence[str]) -> tuple[Line, ...]:
    """Numbers an article's paragraphs 7.1, 7.2, ...; its items (a), (b) are marked already."""
    lines: list[Line] = []
    number = 0
    for text in texts:
        if text.startswith("("):
            lines.append(Line(text, 1))
        else:
            number += 1
            lines.append(Line(f"{article}.{number} {text}" if len(texts) > 1 else text))
    return tuple(lines)


def _chapters(area: str, facts: list[Fact]) -> Iterator[tuple[str, list[tuple[str, list[Fact]]]]]:
    """Divides an area's facts into chapters of articles."""
    if area == "product":
        yield from _product_chapters(facts)
    elif area == "glossary":
        yield from _glossary_chapters(facts)
    else:
        sizes = Counter(fact.unit for fact in facts)
        main = [fact for fact in facts if sizes[fact.unit] > 1]
        units = dict.fromkeys(fact.unit for fact in main)
        articles = [[fact for fact in main if fact.unit == unit] for unit in units]
        if articles:
            yield (
                MAIN_CHAPTERS[area],
                [(some[0].group or some[0].subject, some) for some in articles],
            )
        lone = [fact for fact in facts if sizes[fact.unit] == 1]
        for key in dict.fromkeys(fact.attribute_key for fact in lone):
            some = [fact for fact in lone if fact.attribute_key == key]
            yield CHAPTERS[key], list(_by_threes(some))


def _by_threes(facts: list[Fact]) -> Iterator[tuple[str, list[Fact]]]:
    for start in range(0, len(facts), TOPICS_PER_ARTICLE):
        some = facts[start : start + TOPICS_PER_ARTICLE]
        yield some[0].subject + (" and related matters" if len(some) > 1 else ""), some


def _product_chapters(
    facts: list[Fact],
) -> Iterator[tuple[str, list[tuple[str, list[Fact]]]]]:
    """A chapter a product: an article on the product, and one on each coverage."""
    products = dict.fromkeys(fact.subject.partition(",")[0] for fact in facts)
    for product in products:
        some = [fact for fact in facts if fact.subject.partition(",")[0] == product]
        articles = [(subject.partition(", ")[2] or "about the product", list(group))
                    for subject, group in groupby(sorted(some, key=lambda fact: fact.subject),
                                                  key=lambda fact: fact.subject)]  # fmt: skip
        yield sentence(product), articles


def _glossary_chapters(facts: list[Fact]) -> Iterator[tuple[str, list[tuple[str, list[Fact]]]]]:
    """The terms in alphabetical order."""
    terms = sorted({fact.subject for fact in facts})
    articles = []
    for start in range(0, len(terms), TERMS_PER_ARTICLE):
        chosen = terms[start : start + TERMS_PER_ARTICLE]
        some = sorted(
            (fact for fact in facts if fact.subject in chosen), key=lambda fact: fact.subject
        )
        articles.append((f"{chosen[0]} to {chosen[-1]}", some))
    yield "Terms from A to Z", articles


def _with_notes(facts: list[Fact], rng: random.Random, distractors: int) -> tuple[str, ...]:
    texts = [fact.statement for fact in facts]
    for note in rng.sample(prose.NOTES, distractors):
        texts.insert(rng.randrange(1, len(texts) + 1), note)
    return tuple(texts)


def _grids(facts: list[Fact]) -> list[Grid]:
    """The coverages' limits once more as a table, the product's cell merged over its coverages.

    Only what every coverage has: an empty cell would answer a question that has no answer.
    """
    rows: list[tuple[str, ...]] = []
    last = ""
    for fact in facts:
        if fact.area == "product" and fact.attribute_key == "limit":
            product, _, cover = fact.subject.partition(", ")
            name = "" if product == last else sentence(product)
            rows.append((name, sentence(cover), fact.value.text))
            last = product
    header = ("Product", "Coverage", "Limit")
    return [Grid("Limits at a glance", header, tuple(rows))] if rows else []


def _guide(world: World) -> Document:
    """The question-and-answer table; its questions are labels, none of the task's wordings."""
    rows = tuple(
        (str(number), fact.category, f"{sentence(fact.subject)} - {fact.attribute}", fact.statement)
        for number, fact in enumerate(_told(world, "guide"), start=1)
    )
    grid = Grid(GUIDE_TITLE, ("No.", "Category", "Question", "Answer"), rows)
    return _document(world, GUIDE, GUIDE_TITLE, (grid,))
