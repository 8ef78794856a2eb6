"""Answers that are statements, which can be denied: 지급하지 아니한다, not covered."""

from __future__ import annotations

import re

from harness.metrics.answers.polarity import (
    CLAUSE_END,
    HEDGE,
    SENTENCE_END,
    denies,
    plain_polarity,
    without_negations,
)
from harness.metrics.answers.right import Right
from harness.metrics.answers.subject import is_of_another
from harness.metrics.answers.wording import FUNCTION_WORDS, adds_nothing
from harness.metrics.answers.yesno import agrees, asks_whether
from harness.metrics.korean import tokens

__all__ = ["holds_statement", "only_statement"]

_HANGUL = re.compile(r"[가-힣]")
_SHORT = 20  # Words of an answer that is no passage
_NEGATING = frozenset(
    ["않", "못하", "말", "아니하", "아니", "없", "안", "못", "불", "제외", "면책", "거절", "금지"]
    + ["not", "no", "never", "t", "n", "isn", "doesn", "cannot", "excluded", "denied"]
)


def only_statement(one: Right, text: str, question: str) -> bool:
    """Says whether an answer states the same and nothing more."""
    if asks_whether(question) and not _key(one.text) & _key(text):
        answered = agrees(text, question)
        return answered is not None and answered == (one.denied == denies(question))
    return holds_statement(one, text, question) and adds_nothing(
        without_negations(plain_polarity(text)),
        question,
        f"{one.text} 수 있 것 대상 경우 피보험자 손해 사고 기간",
    )


def holds_statement(one: Right, text: str, question: str) -> bool:
    """Says whether each clause with a statement's words denies as much as the statement does."""
    key = _key(one.text)
    clauses = [
        clause
        for sentence in SENTENCE_END.split(text)
        for clause in CLAUSE_END.split(sentence)
        if clause and key and key <= _key(clause)
    ]
    hedged = HEDGE.search(text) and not HEDGE.search(one.text)
    if len(text.split()) < _SHORT and _HANGUL.search(text) and is_of_another(text, question):
        return False
    return bool(clauses) and not hedged and all(denies(clause) == one.denied for clause in clauses)


def _key(text: str) -> frozenset[str]:
    language = "ko" if any("가" <= character <= "힣" for character in text) else "en"
    return frozenset(tokens(plain_polarity(text), language)) - _NEGATING - FUNCTION_WORDS
