"""Scores short answers: exact match under normalisation, and overlap of words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from harness.metrics.answers.right import Right, right_answers, same_items, split_list
from harness.metrics.answers.yesno import read_yes_no
from harness.metrics.korean import bare_ending, normalise, squash, token_f1
from harness.metrics.metric import DECISION, QA, TEXT, Answered, Metric
from harness.metrics.values.equality import same_set
from harness.metrics.values.reading import whole
from harness.metrics.values.value import Value

__all__ = ["METRICS", "exact_match"]

_PARTS = re.compile(r",(?!\d)|[()（）;\n]|\.(?=\s)|(?<=^[네예])\s|(?<=^아니[요오])\s")


def exact_match(predicted: str, accepted: Sequence[str], question: str = "") -> bool:
    """Says whether an answer is one of the accepted ones, as a whole.

    Values are compared as values (3,000,000원 is 300만 원, 15.0% is 15%, (1,234) is -1,234), lists
    without their order. Of other texts case, spacing, punctuation and a Korean sentence ending
    ("2년입니다") are no difference; another particle or a further word ("2년 이내") is one. An answer
    that says the same thing twice ("네, 가능합니다", "2년(24개월)") is right where each of its parts is.
    `question` tells which unit may be left out ("How many policies?").
    """
    right = right_answers(tuple(accepted))
    if _is_one_of(predicted, right, question):
        return True
    parts = [part for part in _PARTS.split(predicted) if normalise(part)]
    return len(parts) > 1 and all(_is_one_of(part, right, question) for part in parts)


@lru_cache(maxsize=8192)
def _bare(text: str) -> str:
    return squash(normalise(text).removeprefix("the "))


def _is_one_of(text: str, right: Sequence[Right], question: str) -> bool:
    bare = _bare(text)
    values = whole(text)
    yes = read_yes_no(text)
    return bool(bare) and any(_is(text, bare, values, yes, one, question) for one in right)


def _is(
    text: str, bare: str, values: frozenset[Value], yes: bool | None, one: Right, question: str
) -> bool:
    if values and one.values:
        return same_set(one.values, values, question)
    if yes is not None and one.yes is not None:
        return yes is one.yes
    right = _bare(one.text)
    if right and right in (bare, bare_ending(bare)):
        return True
    return bool(one.items) and same_items(split_list(text), one.items, question)


def _token_f1(answered: Answered) -> float:
    if answered.kind.among(QA) and answered.scored.correct:  # an equal text needs no tokens
        return 1.0
    example = answered.row.example
    accepted = example.accepted or (example.target,)
    return token_f1(answered.scored.predicted or "", accepted, answered.language)


METRICS = (
    Metric(
        "exact_match",
        "share of answers that are an accepted one; of decisions, with the right amount; of "
        "several labels, entities or spans, all of them and no other",
        QA | DECISION | {"multi_label", "extraction", "spans"},
        answer=lambda answered: float(answered.scored.correct),
        needs=frozenset({"response", "reference"}),
    ),
    Metric(
        "token_f1",
        "word overlap with the closest accepted answer",
        TEXT,
        answer=_token_f1,
        needs=frozenset({"response", "reference"}),
    ),
)
