"""Which document says what: every stated fact stands in exactly one of them."""

from __future__ import annotations

from typing import NamedTuple

from ..documents.blocks import Document, Grid
from ..world import Fact, World
from . import table
from .articles import Chapters, write_articles
from .chapters import CHAPTERS
from .history import history
from .korean import fill
from .outlines import claims, complaints, general, glossary, leave, products, underwriting, welfare

__all__ = ["FILES", "documents"]


class Plan(NamedTuple):
    """A document: file, title, what it calls itself, its matter, who keeps it, its area, notes, stages."""

    file: str
    title: str
    kind: str
    matter: str
    team: str
    area: str
    notes: tuple[str, ...]
    stages: Grid


PLANS = (
    Plan("휴직 및 복직 관리기준.pdf", "휴직 및 복직 관리기준", "기준", "휴직과 복직", "인사팀", "leave", leave.NOTES + general.OFFICE_NOTES, leave.STAGES),
    Plan("근무 복지 기준.docx", "근무 복지 기준", "기준", "근무와 복지", "인사팀", "welfare", welfare.NOTES + general.OFFICE_NOTES, welfare.STAGES),
    Plan("지급보험금계산.txt", "보험금 지급 및 계산 기준", "기준", "보험금의 심사와 지급", "보상기획팀", "claims", claims.NOTES + general.OFFICE_NOTES, claims.STAGES),
    Plan("보험상품 요약서.docx", "보험상품 요약서", "요약서", "보험상품의 판매와 안내", "상품개발팀", "product", products.NOTES, products.STAGES),
    Plan("인수 심사 지침.hwpx", "인수 심사 지침", "지침", "계약의 인수 심사", "인수심사팀", "underwriting", underwriting.NOTES + general.OFFICE_NOTES, underwriting.STAGES),
    Plan("민원 처리 기준.pdf", "민원 처리 기준", "기준", "민원의 접수와 처리", "소비자보호팀", "complaint", complaints.NOTES + general.OFFICE_NOTES, complaints.STAGES),
    Plan("사내 용어집.pdf", "사내 용어집", "용어집", "사내 용어의 쓰임", "총무팀", "glossary", glossary.NOTES, glossary.STAGES),
)  # fmt: skip
GUIDE = "회사생활가이드(QA형).csv"
FILES = {plan.area: plan.file for plan in PLANS} | {"guide": GUIDE}
"""The document that an area's facts stand in."""


def documents(world: World, distractors: int) -> tuple[Document, ...]:
    """Plans a world's documents.

    Args:
        world: The company and its facts.
        distractors: How many passages that answer nothing stand in each article with facts.

    Returns:
        The documents; equal worlds give equal ones.
    """
    regulations = tuple(_regulation(world, plan, distractors) for plan in PLANS)
    guide = table.guide(world, distractors)
    header = f"{world.company} | {guide.title}"
    return (
        *regulations,
        Document(GUIDE, guide.title, world.company, "ko", header, "사내 한정", (guide,)),
    )


def _regulation(world: World, plan: Plan, distractors: int) -> Document:
    slots = {"kind": plan.kind, "company": world.company, "matter": plan.matter, "team": plan.team}
    facts = [fact for fact in world.facts if fact.area == plan.area and not fact.support]
    own: Chapters = CHAPTERS[plan.area](facts)
    chapters = (
        ("총칙", (general.PURPOSE, *general.OPENING)),
        *((chapter.title, chapter.sections) for chapter in own),
        ("보칙", general.CLOSING),
    )
    notes = [fill(note, **slots) for note in (*plan.notes, *general.NOTES)]
    stream = f"insurer/{world.seed}/documents/{plan.file}"
    written = write_articles(chapters, facts, notes, distractors, stream, slots)
    blocks = (*written.blocks, *_limits(facts), plan.stages, history(world, plan.file, written))
    header = f"{world.company} | {plan.title}"
    footer = f"사내 한정 | 주관 {plan.team}"
    return Document(plan.file, plan.title, world.company, "ko", header, footer, blocks)


def _limits(facts: list[Fact]) -> list[Grid]:
    """The covers' limits once more as a table, the product's cell merged over its covers.

    Only what every cover has: an empty cell would answer a question that has no answer.
    """
    rows: list[tuple[str, ...]] = []
    last = ""
    for fact in facts:
        if fact.area == "product" and fact.attribute_key == "limit" and fact.statement:
            product, _, cover = fact.subject.partition(" ")
            rows.append(("" if product == last else product, cover, fact.value.text))
            last = product
    header = ("상품", "담보", "보상 한도")
    return [Grid("담보별 보상 한도", header, tuple(rows))] if rows else []
