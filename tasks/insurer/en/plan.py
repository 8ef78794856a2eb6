"""Which document says what: every answerable fact stands in exactly one of them."""

from __future__ import annotations

import random
from typing import NamedTuple

from ..documents.blocks import Block, Document, Grid
from ..outline import Chapter
from ..world import Fact, World
from .areas.base import REMOVED
from .chapters import CHAPTERS_OF
from .english import sentence
from .history import history
from .layout import Layout
from .outlines import guide
from .outlines.general import CLOSING, NOTES, OPENING

__all__ = ["FILES", "documents"]

FOOTER = "Internal use only"
MOST = 3  # distractors in each article; then all passages of the table stand in it


class Plan(NamedTuple):
    """A document: its file and title, what it calls itself, its purpose, who keeps it, its area."""

    file: str
    title: str
    kind: str
    purpose: str
    team: str
    area: str


PLANS = (
    Plan("Leave of Absence Policy.pdf", "Leave of Absence Policy", "policy",
         "everybody knows how to take leave and how to come back from it", "Human Resources", "leave"),
    Plan("Employee Benefits Handbook.docx", "Employee Benefits Handbook", "handbook",
         "employees get every benefit that they are entitled to", "Human Resources", "welfare"),
    Plan("Claims Manual.txt", "Claims Manual", "manual",
         "equal claims are paid equally, and fast", "Claims Support", "claims"),
    Plan("Product Summaries.docx", "Product Summaries", "summary",
         "whoever sells or explains a product says the same about it", "Product Development", "product"),
    Plan("Underwriting Guide.html", "Underwriting Guide", "guide",
         "risks are chosen with care and priced alike", "Underwriting", "underwriting"),
    Plan("Complaints Procedure.pdf", "Complaints Procedure", "procedure",
         "no complaint is lost, and every one of them makes us better", "Customer Relations", "complaint"),
    Plan("Company Glossary.pdf", "Company Glossary", "glossary",
         "we all mean the same when we use our own words", "Facilities", "glossary"),
)  # fmt: skip
GUIDE, GUIDE_TITLE = "Office Guide (Q and A).csv", "Office Guide"
FILES = {plan.area: plan.file for plan in PLANS} | {"guide": GUIDE}
"""The document that an area's facts stand in."""
GUIDE_CATEGORIES = {
    "extension": "Phone list",
    "contact": "Who to ask",
    "system": "Systems",
    "name": "Names",
    "amount": "Money",
    "period": "Times",
    "date": "Calendar",
    "list": "Paperwork",
    "allowed": "House rules",
}


def documents(world: World, distractors: int) -> tuple[Document, ...]:
    """Plans a world's documents.

    Args:
        world: The company and its facts.
        distractors: How many passages that answer nothing stand in each article.

    Returns:
        The documents; equal worlds give equal ones.

    Raises:
        ValueError: A fact has no place in the outline of its document.
    """
    manuals = tuple(_manual(world, plan, distractors) for plan in PLANS)
    return (*manuals, _guide(world, distractors))


def _told(world: World, area: str) -> list[Fact]:
    """The facts that an area's document states, and those that it has stopped stating."""
    return [fact for fact in world.facts
            if fact.area == area and (fact.statement or fact.value == REMOVED and not fact.support)]  # fmt: skip


def _manual(world: World, plan: Plan, distractors: int) -> Document:
    facts = _told(world, plan.area)
    chapters, notes = CHAPTERS_OF[plan.area](facts)
    slots = {"kind": plan.kind, "company": world.company, "purpose": plan.purpose,
             "team": plan.team}  # fmt: skip
    stream = f"insurer/{world.seed}/documents/{plan.file}"
    layout = Layout(facts, (*notes, *NOTES), distractors, stream, slots)
    opening, closing = Chapter("General", OPENING), Chapter("Final provisions", CLOSING)
    laid = layout.lay((opening, *chapters, closing))
    blocks = (*laid.blocks, *_limits(facts), history(world, plan.file, laid))
    return _document(world, plan.file, plan.title, blocks)


def _document(world: World, file: str, title: str, blocks: tuple[Block, ...]) -> Document:
    header = f"{world.company} | {title}"
    return Document(file, title, world.company, "en", header, FOOTER, blocks)


def _limits(facts: list[Fact]) -> list[Grid]:
    """The coverages' limits once more as a table, the product's cell merged over its coverages.

    Only what every coverage has: an empty cell would answer a question that has no answer.
    """
    rows: list[tuple[str, ...]] = []
    last = ""
    for fact in facts:
        if fact.area == "product" and fact.attribute_key == "limit" and fact.asked:
            product, _, cover = fact.subject.partition(", ")
            name = "" if product == last else sentence(product)
            rows.append((name, sentence(cover), fact.value.text))
            last = product
    header = ("Product", "Coverage", "Limit")
    return [Grid("Limits at a glance", header, tuple(rows))] if rows else []


def _guide(world: World, distractors: int) -> Document:
    """The question-and-answer table; its questions are labels, none of the task's wordings."""
    lines = [(GUIDE_CATEGORIES[fact.attribute_key], sentence(fact.subject), fact.statement)
             for fact in _told(world, "guide") if fact.statement]  # fmt: skip
    rng = random.Random(f"insurer/{world.seed}/documents/{GUIDE}")
    for subject, answer in rng.sample(guide.NOTES, distractors * len(guide.NOTES) // MOST):
        lines.insert(rng.randrange(len(lines) + 1), ("Good manners", subject, answer))
    rows = tuple((str(number), *line) for number, line in enumerate(lines, start=1))
    grid = Grid(GUIDE_TITLE, ("No.", "Category", "Question", "Answer"), rows)
    return _document(world, GUIDE, GUIDE_TITLE, (grid,))
