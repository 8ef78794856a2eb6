"""Why a proposal is dropped: each filter has a name, by which proposals are counted."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from harness.metrics.abstention import is_abstention
from harness.metrics.answers.claims import claims_of, stand_in
from harness.metrics.answers.match import says
from harness.metrics.korean import normalise, squash
from harness.metrics.qa import exact_match
from harness.task.near import near_texts

__all__ = ["FILTERS", "Documents", "alike", "first_reason", "read", "repeats", "stands_in"]

FILTERS = {
    "no answer": "the server gave none",
    "form": "no JSON object with a question and a short answer",
    "leaning": "the question isn't understood without its passage",
    "not in passage": "the answer doesn't stand in the passage",
    "given away": "the question holds its answer",
    "repeated": "nearly the same question was kept before",
    "guessable": "the model gives that answer without the passage",
    "not confirmed": "with the passage, the model gives another answer",
    "in the documents": "of an unanswerable one: the documents speak of it",
    "not needed": "there were enough",
}
"""In the order in which they are applied; a proposal is counted at the first that drops it."""
LONGEST_QUESTION, LONGEST_ANSWER = 300, 60  # characters
_OBJECT = re.compile(r"\{[^{}]*\}", re.S)


def read(text: str, first: str = "question", second: str = "answer") -> tuple[str, str] | None:
    """Reads two texts, by default question and answer, from the JSON object that a model wrote.

    Returns None where there is no such object, a text is empty or too long, or nobody knows.
    """
    match = _OBJECT.search(text)
    try:
        value = json.loads(match[0], strict=False) if match else {}
    except ValueError:
        return None
    pair = value.get(first), value.get(second)
    if not all(isinstance(each, (str, int, float)) for each in pair):
        return None
    question, answer = (" ".join(str(each).split()) for each in pair)
    if not question or len(question) > LONGEST_QUESTION or len(answer) > LONGEST_ANSWER:
        return None
    return (question, answer) if answer and not is_abstention(answer) else None


def stands_in(answer: str, passage: str) -> bool:
    """Says whether a passage holds an answer, word for word or value by value."""
    if _plain(answer) in _plain(passage):
        return True
    claims = claims_of(answer)
    return bool(claims) and stand_in(claims, [passage])


def _plain(text: str) -> str:
    return squash(normalise(text))


def alike(given: str, answer: str, question: str) -> bool:
    """Says whether an answer is another one, whatever sentence is around it."""
    return exact_match(given, (answer,), question) or says(given, (answer,), question)


def first_reason(question: str, answer: str, passage: str, leaning: re.Pattern[str]) -> str:
    """Returns the first filter that drops a proposal, of those that ask no model; else ""."""
    if leaning.search(question):
        return "leaning"
    if not stands_in(answer, passage):
        return "not in passage"
    return "given away" if _plain(answer) in _plain(question) else ""


def repeats(questions: Sequence[str], kept: Sequence[str]) -> list[bool]:
    """Says of each question whether it is nearly one that was kept, or one before it."""
    texts = list(dict.fromkeys(map(_plain, (*kept, *questions))))
    number = {text: at for at, text in enumerate(texts)}
    near, seen = near_texts(texts), {number[_plain(text)] for text in kept}
    repeated = []
    for text in questions:
        at = number[_plain(text)]
        repeated.append(at in seen or not seen.isdisjoint(near[at]))
        seen.add(at)
    return repeated


@dataclass(frozen=True)
class Documents:
    """The terms of all passages, to look up what the documents speak of."""

    passages: Sequence[Collection[str]]  # sets of terms, as of `harness.retrieval.terms`

    @cached_property
    def _all(self) -> frozenset[str]:
        return frozenset[str]().union(*self.passages)

    def lack(self, terms: Iterable[str]) -> bool:
        """Says whether one of the terms stands in no passage."""
        return not self._all.issuperset(terms)

    def touch(self, terms: Iterable[str]) -> bool:
        """Says whether a passage holds half of the terms, or more."""
        wanted = set(terms)
        return any(2 * len(wanted.intersection(each)) >= len(wanted) for each in self.passages)
