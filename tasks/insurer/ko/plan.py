"""Which document says what: every answerable fact stands in exactly one of them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from ..documents.blocks import Article, Block, Document, Grid, Heading, Line
from ..world import Fact, World
from . import prose
from .korean import fill

__all__ = ["FILES", "documents"]

TOPICS_PER_ARTICLE = 3
CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮"
FOOTER = "사내 한정"


class Plan(NamedTuple):
    """A document: its file, title, what kind of text it calls itself, its matter, its areas."""

    file: str
    title: str
    kind: str
    matter: str
    areas: tuple[str, ...]


PLANS = (
    Plan("휴직 및 복직 관리기준.pdf", "휴직 및 복직 관리기준", "기준", "휴직과 복직", ("leave",)),
    Plan("근무 복지 기준.docx", "근무 복지 기준", "기준", "근무와 복지", ("welfare",)),
    Plan("지급보험금계산.txt", "보험금 지급 및 계산 기준", "기준", "보험금의 심사와 지급", ("claims",)),
    Plan("보험상품 요약서.docx", "보험상품 요약서", "요약서", "보험상품의 판매와 안내", ("product",)),
    Plan("인수 심사 지침.hwpx", "인수 심사 지침", "지침", "계약의 인수 심사", ("underwriting",)),
    Plan("민원 처리 기준.pdf", "민원 처리 기준", "기준", "민원의 접수와 처리", ("complaint",)),
    Plan("사내 용어집.pdf", "사내 용어집", "용어집", "회사에서 쓰는 말의 뜻", ("glossary",)),
)  # fmt: skip
GUIDE = "회사생활가이드(QA형).csv"


FILES = {area: plan.file for plan in PLANS for area in plan.areas} | {"guide": GUIDE}
"""The document that an area's facts stand in."""


def documents(world: World, distractors: int) -> tuple[Document, ...]:
    """Plans a world's documents.

    Args:
        world: The company and its facts.
        distractors: How many passages that answer nothing stand in each article.

    Returns:
        The documents; equal worlds give equal ones.
    """
    regulations = tuple(_regulation(world, plan, distractors) for plan in PLANS)
    return (*regulations, _guide(world))


def _told(world: World, areas: Sequence[str]) -> list[Fact]:
    return [fact for fact in world.facts if fact.statement and fact.area in areas]


def _regulation(world: World, plan: Plan, distractors: int) -> Document:
    rng = random.Random(f"insurer/{world.seed}/documents/{plan.file}")
    slots = {"kind": plan.kind, "company": world.company, "matter": plan.matter}
    facts = _told(world, plan.areas)
    parts: list[tuple[str, list[tuple[str, tuple[str, ...]]]]] = [
        ("총칙", [("목적", (prose.PURPOSE,)), *prose.GENERAL])
    ]
    chapters = dict.fromkeys(_chapter(fact) for fact in facts)
    for chapter in chapters:
        group = [fact for fact in facts if _chapter(fact) == chapter]
        parts.append((chapter, list(_articles(group, rng, distractors))))
    parts.append(("보칙", list(prose.CLOSING)))
    blocks: list[Block] = []
    number = 0
    for at, (chapter, articles) in enumerate(parts, start=1):
        blocks.append(Heading(f"제{at}장 {chapter}"))
        for title, paragraphs in articles:
            number += 1
            texts = tuple(fill(text, **slots) for text in paragraphs)
            blocks.append(Article(f"제{number}조({title})", _numbered(texts)))
    blocks += _grids(facts)
    blocks.append(Grid("개정 이력", ("구분", "내용"), prose.HISTORY))
    return _document(world, plan.file, plan.title, tuple(blocks))


def _document(world: World, file: str, title: str, blocks: tuple[Block, ...]) -> Document:
    """A document with its header; the Korean CID fonts of PDF files have no middle dot."""
    header = f"{world.company} | {title}"
    return Document(file, title, world.company, "ko", header, FOOTER, blocks)


def _numbered(texts: Sequence[str]) -> tuple[Line, ...]:
    """Puts ①, ②, ... before the paragraphs of an article that has more than one."""
    if len(texts) == 1:
        return (Line(texts[0]),)
    return tuple(Line(f"{mark} {text}") for mark, text in zip(CIRCLED, texts, strict=False))


def _chapter(fact: Fact) -> str:
    """A product is a chapter; elsewhere an area's facts are divided by what they are about."""
    if fact.area == "product":
        return fact.subject.split()[0]
    if fact.area == "leave":
        return "휴직의 종류와 절차"
    return fact.category if fact.area == "underwriting" else f"{fact.attribute}에 관한 사항"


def _articles(
    facts: list[Fact], rng: random.Random, distractors: int
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Groups facts of one subject, and lone ones by threes; adds notes that answer nothing."""
    groups = [list(group) for _, group in groupby(facts, key=lambda fact: fact.subject_key)]
    lone = [group[0] for group in groups if len(group) == 1]
    for group in groups:
        if len(group) > 1:
            yield group[0].subject, _with_notes(group, rng, distractors)
    for start in range(0, len(lone), TOPICS_PER_ARTICLE):
        some = lone[start : start + TOPICS_PER_ARTICLE]
        title = some[0].value.text if some[0].attribute_key == "term" else some[0].subject
        yield f"{title} 등" if len(some) > 1 else title, _with_notes(some, rng, distractors)


def _with_notes(facts: list[Fact], rng: random.Random, distractors: int) -> tuple[str, ...]:
    texts = [fact.statement for fact in facts]
    for note in rng.sample(prose.NOTES, distractors):
        texts.insert(rng.randrange(1, len(texts) + 1), note)
    return tuple(texts)


def _grids(facts: list[Fact]) -> list[Grid]:
    """The covers' limits once more as a table, the product's cell merged over its covers.

    Only what every cover has: an empty cell would answer a question that has no answer.
    """
    rows: list[tuple[str, ...]] = []
    last = ""
    for fact in facts:
        if fact.area == "product" and fact.attribute_key == "limit":
            product, _, cover = fact.subject.partition(" ")
            rows.append(("" if product == last else product, cover, fact.value.text))
            last = product
    header = ("상품", "담보", "보상 한도")
    return [Grid("담보별 보상 한도", header, tuple(rows))] if rows else []


def _guide(world: World) -> Document:
    """The question-and-answer table; its questions are labels, none of the task's wordings."""
    facts = _told(world, ("guide",))
    rows = tuple(
        (str(number), fact.category, f"{fact.subject} - {fact.attribute}", fact.statement)
        for number, fact in enumerate(facts, start=1)
    )
    grid = Grid("회사생활가이드", ("번호", "분류", "질문", "답변"), rows)
    return _document(world, GUIDE, "회사생활가이드", (grid,))
