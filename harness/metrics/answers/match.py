"""Whether an answer says the right one in a sentence, or holds it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.metrics.abstention import is_abstention
from harness.metrics.answers.by_name import holds_name, only_name
from harness.metrics.answers.by_statement import holds_statement, only_statement
from harness.metrics.answers.by_value import holds_value, only_value
from harness.metrics.answers.frames import plain_answer
from harness.metrics.answers.polarity import denies, without_negations
from harness.metrics.answers.right import Right, right_answers
from harness.metrics.answers.wording import adds_nothing, asks
from harness.metrics.answers.yesno import agrees, asks_whether, echoes
from harness.metrics.values.numerals import prepared

__all__ = ["WINDOW", "holds", "says"]

WINDOW = 100
"""Words of an answer, from its first, in which the right one is looked for."""
_EXISTS = re.compile(r"[있없](?:음|다|습니다|어요|네요)")
_UNSURE = re.compile(
    r"아마|것\s?같|모르겠|확실하지|추정됩|추정된|\b(?:maybe|perhaps|probably|possibly|not sure|i think|might)\b",
    re.I,
)


def says(answer: str, accepted: Sequence[str], question: str = "") -> bool:
    """Says whether an answer, a sentence around it allowed, is one of the accepted ones."""
    text, question = plain_answer(answer), prepared(question)
    right = right_answers(tuple(accepted))
    if not right or not text or asks(text) or _UNSURE.search(text):
        return False
    if right[0].unknown or is_abstention(answer):
        return right[0].unknown and is_abstention(answer)
    if (yes := _yes(right, question)) is not None and agrees(text, question) is yes:
        return echoes(text, question)
    return any(_says_one(one, right, text, question) for one in right)


def _yes(right: Sequence[Right], question: str) -> bool | None:
    """Returns whether the right answer is yes or no; None where it is neither.

    있음 and 없음 are yes and no only to a question that asks whether.
    """
    said = {
        one.yes for one in right if not (_EXISTS.fullmatch(one.text) and not asks_whether(question))
    }
    said.discard(None)
    return said.pop() if len(said) == 1 else None


def _says_one(one: Right, right: Sequence[Right], text: str, question: str) -> bool:
    if one.yes is not None:
        there = _EXISTS.fullmatch(one.text) and _EXISTS.search(text)
        return (
            bool(there)
            and denies(text) is not one.yes
            and adds_nothing(without_negations(text), question)
        )
    if one.values:
        return only_value(one.values, text, question)
    if one.states:
        return only_statement(one, text, question)
    return only_name(one, right, text, question)


def holds(answer: str, accepted: Sequence[str], question: str = "", *, cut: bool = False) -> bool:
    """Says whether an answer states an accepted one in its first `WINDOW` words.

    Where the answer was `cut` at its limit, its last word may be the beginning of a longer one.
    """
    if cut and not answer.rstrip().endswith((".", "!", "?", "。")):
        answer = " ".join(answer.split()[:-1])
    if says(answer, accepted, question):
        return True
    text, question = " ".join(plain_answer(answer).split(" ")[:WINDOW]), prepared(question)
    right = right_answers(tuple(accepted))
    if not right or right[0].unknown or asks(text) or _UNSURE.search(text) or is_abstention(answer):
        return False
    if (yes := _yes(right, question)) is not None and agrees(text, question) is yes:
        return True
    return any(_holds_one(one, right, text, question) for one in right if one.yes is None)


def _holds_one(one: Right, right: Sequence[Right], text: str, question: str) -> bool:
    if one.values:
        return holds_value(one.values, text, question)
    if one.states:
        return holds_statement(one, text, question)
    return holds_name(one, right, text, question)
