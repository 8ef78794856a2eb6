"""회사생활가이드: the question-and-answer table; its questions are none of the task's wordings."""

from __future__ import annotations

import random

from ..documents.blocks import Grid
from ..world import Fact, World
from .areas.duties import DUTIES
from .korean import fill
from .outlines.guide import NOTES

NOTES_PER_DISTRACTOR = len(NOTES) // 3
LABELS = {
    "extension": ("연락처", "{s} 내선번호[을/를] 알고 싶어요."),
    "system": ("업무 시스템", "{s}[을/를] 어느 시스템에서 하는지 알고 싶어요."),
    "allowed": ("이용 규칙", "{s}[이/가] 되는지 알고 싶어요."),
    "name": ("회사 소개", "{s}[을/를] 알고 싶어요."),
    "amount": ("비용", "{s}[을/를] 알고 싶어요."),
    "period": ("기간", "{s}[을/를] 알고 싶어요."),
    "date": ("일정", "{s}[을/를] 알고 싶어요."),
    "list": ("서류", "{s}[을/를] 알고 싶어요."),
}
TRAVEL = ("출장", "국내 출장 경비의 계산[을/를] 알고 싶어요.")
DUTY = ("업무 분장", "{s}[은/는] 누가 맡는지 알고 싶어요.")
NOTE = ("생활 안내", "{s}에 대해 알고 싶어요.")
UPDATED = ("문서 관리", "이 표를 언제 고쳤는지 알고 싶어요.")
YEAR = 2024


def guide(world: World, distractors: int) -> Grid:
    """Writes the table.

    Args:
        world: The company and its facts.
        distractors: A third of the rows that answer nothing for each.

    Returns:
        Number, category, question and answer of each row.
    """
    facts = [fact for fact in world.facts if fact.area == "guide" and fact.statement]
    rows = [(*_label(fact), fact.statement) for fact in facts]
    rng = random.Random(f"insurer/{world.seed}/documents/guide")
    for subject, answer in rng.sample(NOTES, distractors * NOTES_PER_DISTRACTOR):
        category, question = NOTE
        rows.insert(rng.randint(0, len(rows)), (category, fill(question, s=subject), answer))
    day = f"{YEAR + world.version - 1}년 {rng.randint(1, 12)}월 {rng.randint(1, 28)}일"
    rows.append((*UPDATED, f"이 표는 {day}에 고쳤다."))
    numbered = tuple((str(at), *row) for at, row in enumerate(rows, start=1))
    return Grid("회사생활가이드", ("번호", "분류", "질문", "답변"), numbered)


def _label(fact: Fact) -> tuple[str, str]:
    if fact.attribute_key == "rule":
        duties = {f"rule_{duty.key}" for duty in DUTIES}
        category, question = DUTY if fact.subject_key in duties else TRAVEL
    else:
        category, question = LABELS[fact.attribute_key]
    return category, fill(question, s=fact.subject)
