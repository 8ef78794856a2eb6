"""Whether an answer is the right one, says it in a sentence, or holds it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.metrics.abstention import is_abstention
from harness.metrics.answers.names import find_name, without
from harness.metrics.answers.polarity import clause_of, is_denied, signed
from harness.metrics.answers.right import Right, right_answers
from harness.metrics.answers.wording import adds_nothing, asks, overlap
from harness.metrics.answers.yesno import agrees, echoes
from harness.metrics.values.equality import same_value
from harness.metrics.values.numerals import prepared
from harness.metrics.values.reading import find_values
from harness.metrics.values.value import Found, Value

__all__ = ["WINDOW", "holds", "says"]

WINDOW = 100
"""Words of an answer, from its first, in which the right one is looked for."""
_UNSURE = re.compile(
    r"아마|것\s?같|모르겠|확실하지|추정됩|추정된|\b(?:maybe|perhaps|probably|possibly|not sure|i think|might)\b",
    re.I,
)
_OR = re.compile(r"또는|혹은|이나\s|거나|\bor\b|/", re.I)
_COMPARES = re.compile(
    r"더\s|보다\s|가장|\bthan\b|\b(?:more|most|higher|lower|earlier|later)\b", re.I
)


def says(answer: str, accepted: Sequence[str], question: str = "") -> bool:
    """Says whether an answer, a sentence around it allowed, is one of the accepted ones."""
    text, question = prepared(answer), prepared(question)
    right = right_answers(tuple(accepted))
    if not right or not text:
        return False
    if right[0].unknown or is_abstention(answer):
        return right[0].unknown and is_abstention(answer)
    if right[0].yes is not None:
        return agrees(text, question) is right[0].yes and echoes(text, question)
    if asks(text) or _UNSURE.search(text):
        return False
    return any(_says_one(one, right, text, question) for one in right)


def _says_one(one: Right, right: Sequence[Right], text: str, question: str) -> bool:
    if one.values:
        return _only_value(one, text, question)
    if one.states:
        return _states(one, text, question)
    return _only_name(one, right, text, question)


def _only_value(one: Right, text: str, question: str) -> bool:
    """Whether all values of the right one's kind are it, those of the question aside."""
    own = _rivals(one.values, find_values(text), question)
    right = list(one.values)
    matched: set[int] = set()
    for found in own:
        begin, end = clause_of(text, *found.core)
        meanings = signed(found.value, text[begin:end], question)
        hits = [i for i, gold in enumerate(right) if _any_same(gold, meanings, question)]
        if not hits or is_denied(text, found.start, found.end, question):
            return False
        matched.update(hits)
    return len(matched) == len(right) and len(own) <= 2 * len(right)


def _any_same(gold: Value, meanings: Sequence[Value], question: str) -> bool:
    return any(same_value(gold, value, question) for value in meanings)


def _rivals(right: frozenset[Value], found: Sequence[Found], question: str) -> list[Found]:
    """Returns the values that could be taken for the answer: of its kind, not the question's."""
    asked = [one.value for one in find_values(question)]
    families = {value.family for value in right}
    if families == {"count"}:
        families |= {"money", "share", "period"}
    return [
        one
        for one in found
        if (one.value.family in families or _any_same_of(right, one.value, question))
        and (
            one.value.bare not in {value.bare for value in asked}
            or _any_same_of(right, one.value, question)
        )
        and not ("count" in families and _is_other_count(right, one.value))
    ]


def _any_same_of(right: frozenset[Value], value: Value, question: str) -> bool:
    return any(same_value(gold, value, question) for gold in right)


def _is_other_count(right: frozenset[Value], value: Value) -> bool:
    """Whether a value counts something that the right one doesn't: floors, articles, pages."""
    units = {gold.unit for gold in right}
    return (
        value.family == "count" and bool(value.unit) and value.unit not in units and "" not in units
    )


def _only_name(one: Right, right: Sequence[Right], text: str, question: str) -> bool:
    """Whether an answer is a name, or the items of a list, with nothing beside it that says more."""
    items = one.items or (one.text,)
    rest = text
    for item in items:
        spans = find_name(item, rest)
        if not spans or any(is_denied(rest, start, end, question) for start, end, _ in spans):
            return False
        rest = without(rest, spans)
    if _rival(one, rest, question) or _OR.search(rest) and not _OR.search(question):
        return False
    return adds_nothing(rest, question)


def _rival(one: Right, rest: str, question: str) -> bool:
    """Whether what remains names another of the options that a question gives."""
    return any(find_name(option, rest) for option in _options(one.text, question))


def _options(name: str, question: str) -> list[str]:
    """Returns what a question names beside a name: A와 B 중, A or B."""
    spans = find_name(name, question)
    if not spans:
        return []
    start, _, after = spans[0]
    left = re.search(
        r"([\w가-힣][\w가-힣\s]*?)(?:[와과]|하고|이?랑|,|\?|\sor|\sand)\s*$", question[:start]
    )
    joined = re.search(
        r"(?:[와과,?]|하고|이?랑)\s*$|^\s*(?:or|and)\s", question[: after + 5][start:]
    )
    options = [left[1].strip().split(" ")[-1]] if left else []
    right = (
        re.match(r"\s*(?:or\s|and\s|,\s?|\?\s?)?([\w가-힣]+)", question[after:]) if joined else None
    )
    return options + ([right[1]] if right else [])


def _states(one: Right, text: str, question: str) -> bool:
    """Whether an answer states the same as a statement, and denies as much."""
    return text.casefold().rstrip(" .") == one.text.casefold().rstrip(" .")


def holds(answer: str, accepted: Sequence[str], question: str = "", *, cut: bool = False) -> bool:
    """Says whether an answer states an accepted one in its first `WINDOW` words.

    Where the answer was `cut` at its limit, its last word may be the beginning of a longer one.
    """
    if cut and not answer.rstrip().endswith((".", "!", "?", "。")):
        answer = " ".join(answer.split()[:-1])
    if says(answer, accepted, question):
        return True
    text = " ".join(prepared(answer).split()[:WINDOW])
    question = prepared(question)
    right = right_answers(tuple(accepted))
    if not right or right[0].unknown or is_abstention(answer):
        return False
    if right[0].yes is not None:
        return agrees(text, question) is right[0].yes
    if asks(text):
        return False
    return any(_held(one, text, question) for one in right)


def _held(one: Right, text: str, question: str) -> bool:
    if one.values:
        return _holds_value(one, text, question)
    items = one.items or (one.text,)
    for start, end, _ in find_name(items[0], text):
        begin, stop = clause_of(text, start, end)
        sentence = text[begin:stop]
        if any(not find_name(item, sentence) for item in items):
            continue
        if is_denied(text, start, end, question):
            continue
        if find_name(one.text, question) and not _COMPARES.search(sentence):
            continue
        return True
    return False


def _holds_value(one: Right, text: str, question: str) -> bool:
    """Whether the part of a text that speaks most of the question has the right value."""
    rivals = _rivals(one.values, find_values(text), question)
    scored = []
    for found in rivals:
        begin, end = clause_of(text, *found.core)
        sentence = text[begin:end]
        right = any(
            _any_same(gold, signed(found.value, sentence, question), question)
            for gold in one.values
        )
        right = right and not is_denied(text, found.start, found.end, question)
        scored.append((overlap(sentence, question), right))
    best = max((score for score, _ in scored), default=0)
    return any(right for score, right in scored if score == best)
