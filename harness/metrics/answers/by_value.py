"""Answers that are values: an amount, a share, a period, a date, a code, several of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from harness.metrics.answers.polarity import SENTENCE_END, clause_of, is_denied, part_of, signed
from harness.metrics.answers.subject import has_own_subject, is_of_another, shortens_object
from harness.metrics.answers.wording import adds_nothing, new_words, overlap
from harness.metrics.values.equality import same_value
from harness.metrics.values.reading import find_values
from harness.metrics.values.value import Found, Value

__all__ = ["holds_value", "only_value"]

_OR = re.compile(r"또는|혹은|이거나|\bor\b", re.I)
_CORRECTS = re.compile(
    r"지금|현재|이제|변경(?!일|\s?신청)|바뀌|정정|아니라|개정(?!일)|\b(?:actually|now|correction|rather|instead|no)\b",
    re.I,
)
_ASKS_WHEN = re.compile(r"전|후|뒤|before|after|advance|notice", re.I)
_QUOTED = re.compile(r"\s*['\"‘“]([^'\"’”]{2,20})['\"’”]")
_HANGUL = re.compile(r"[가-힣]")  # What a value is of stands before it in Korean
_BASIS = re.compile(r"(?<![가-힣])(월|일|주|분기|반기|매월|매일)\s?$")
_LEVEL_BEFORE = re.compile(r"\b(?:to|from|at)\s(?:a\s)?$", re.I)
_LEVEL_AFTER = re.compile(r"(?:으로|로|에서|까지)(?![가-힣])")
_LABELS = tuple(
    re.compile(label, re.I)
    for label in (
        r"(?<![\d.,])(?:19|20)\d\d(?![\d,.%]\d|\d|%)",
        r"[1-4](?=\s?분기)|(?<=\bQ)[1-4]",
        r"[상하]반기",
    )
)
"""Periods of which one value each is told: years, quarters, halves."""
_TRAILS = re.compile(r"[^.,\d]\s\d{1,3}(?:[,.]\d*)?$")
_LONGEST = 40  # Words of a sentence around a value; more say more than that.


def only_value(values: Collection[Value], text: str, question: str) -> bool:
    """Says whether the values of the right one's kind are it alone, in one sentence."""
    found = _rivals(values, find_values(text), question)
    if not found or len(found) > 2 * len(values) or len(text.split()) > _LONGEST:
        return False
    begin, _ = clause_of(text, *found[0].core)
    _, end = clause_of(text, *found[-1].core)
    sentence = _without(found, text)[begin:end]
    if is_of_another(sentence, question) or shortens_object(sentence, question):
        return False
    if has_own_subject(sentence, question):
        return False
    if _TRAILS.search(text) and found[-1].end < len(text.rstrip(" .")):
        return False  # cut where another number begins
    if not adds_nothing(f"{text[:begin]} {text[end:]}", question):
        return False
    matched: set[Value] = set()
    for one in found:
        meant = _meant(values, one, text, question)
        if not meant or is_denied(text, one.start, one.end, question):
            return False
        if _is_of_other_period(one, found, text, question):
            return False
        matched |= meant
    return len(matched) == len(values)


def holds_value(values: Collection[Value], text: str, question: str) -> bool:
    """Says whether the part of a text that speaks most of the question has the right value.

    Where several parts do, the last one counts if the text corrects itself.
    """
    if len(values) > 1:
        return only_value(values, text, question)
    found = find_values(text)
    if _is_other_case(values, found, text, question):
        return False
    scored, short, last = [], not _is_passage(text), 0
    rivals = _rivals(values, found, question)
    for one in rivals:
        if is_denied(text, one.start, one.end, question) or _is_of_other_period(
            one, rivals, text, question
        ):
            continue
        begin, end = part_of(text, *one.core)
        first, stop = clause_of(text, *one.core)
        if _HANGUL.search(text[begin:end]):
            following = any(one.end <= other.start < stop for other in rivals)
            begin, end = max(begin, last), one.end if following else end
            last = one.end
        # What a list's first item says before its value holds of the others: A의 한도는 1, B는 2.
        head = text[first : next(other.start for other in rivals if other.start >= first)]
        tail = text[max(other.end for other in rivals if other.start < stop) : stop]
        own = _without(rivals, text)[begin:end]
        right = bool(_meant(values, one, text, question, limits=True))
        if right and short:
            row = " | " in text[first:stop]  # whose cells are about one thing
            own = _without(rivals, text)[first:end] if row else own
            right = not (is_of_another(own, question) or has_own_subject(own, question))
        # 10일 전 is no duration: where both are said of a thing, it was asked for by its word.
        off = one.value.comparison in ("before", "after") and not _ASKS_WHEN.search(question)
        said = (
            f"{head} {text[begin:end]} {tail}{_definition(text, begin)}{_asked_before(text, first)}"
        )
        scored.append(((overlap(said, question), not off), right, one))
    best = max((score for score, _, _ in scored), default=(0, True))
    closest = [(right, one) for score, right, one in scored if score == best]
    if not closest or not any(right for right, _ in closest):
        return False
    if all(right for right, _ in closest):
        return not _is_one_of_two(text, [one for *_, one in scored], closest[-1][1])
    between = text[closest[0][1].end : closest[-1][1].start]
    if _CORRECTS.search(between):
        return closest[-1][0]
    return _has_least_new(closest, text, question)


def _has_least_new(closest: Sequence[tuple[bool, Found]], text: str, question: str) -> bool:
    """Whether, of values in one list, the right one stands beside the fewest words not asked."""
    begin, _ = clause_of(text, *closest[0][1].core)
    starts = [begin, *(one.end for _, one in closest)]
    counts = [
        new_words(text[start : one.start], question)
        for start, (_, one) in zip(starts, closest, strict=False)
    ]
    least = [
        right for count, (right, _) in zip(counts, closest, strict=True) if count == min(counts)
    ]
    return all(least)


def _is_of_other_period(one: Found, found: Sequence[Found], text: str, question: str) -> bool:
    """Whether a value is told of another year, quarter or half than the question's.

    Each value of a sentence has the label before it, or, where the first has none, after it.
    """
    begin, end = clause_of(text, *one.core)
    if one.value.family == "date":
        return False
    places = [each.start for each in found if begin <= each.start < end]
    for label in _LABELS:
        asked = set(label.findall(question))
        told = list(label.finditer(text, begin, end))
        if not asked or not told:
            continue
        if told[0].start() < places[0]:
            mine = [match[0] for match in told if match.start() < one.start][-1:]
        else:
            mine = [match[0] for match in told if match.start() >= one.end][:1]
        if mine and mine[0] not in asked:
            return True
    return False


def _asked_before(text: str, begin: int) -> str:
    """Returns the question that stands before a sentence, as in a row of questions and answers."""
    before = text[:begin].rstrip(" |")
    if not before.endswith(("?", "요.")):
        return ""
    start, _ = clause_of(before, len(before) - 2, len(before) - 2)
    return f" {before[start:]}"


def _is_other_case(
    values: Collection[Value], found: Sequence[Found], text: str, question: str
) -> bool:
    """Whether a passage gives rules where a case is asked for: without the case's own figures."""
    families = {value.family for value in values}
    given = {one.value.bare for one in find_values(question) if one.value.family in families}
    return _is_passage(text) and bool(given) and not given & {one.value.bare for one in found}


def _is_passage(text: str) -> bool:
    return len([part for part in SENTENCE_END.split(text) if part.strip()]) > 2


def _without(found: Sequence[Found], text: str) -> str:
    """Blanks out the values of a text."""
    for one in found:
        text = text[: one.start] + "0" * (one.end - one.start) + text[one.end :]
    return text


def _definition(text: str, begin: int) -> str:
    """Returns the earlier sentence that defines the quoted name with which another begins."""
    name = _QUOTED.match(text, begin)
    place = text.find(name[1], 0, begin) if name else -1
    if place < 0:
        return ""
    start, end = clause_of(text, place, place)
    return f" {text[start:end]}"


def _is_one_of_two(text: str, found: Sequence[Found], right: Found) -> bool:
    """Whether another value stands beside the right one as the alternative to it."""
    for one in found:
        if one is not right and one.value != right.value:
            left, last = sorted((one, right), key=lambda each: each.start)
            if _OR.search(text[left.end : last.start]) and last.start - left.end < 12:
                return True
    return False


def _meant(
    values: Collection[Value], found: Found, text: str, question: str, *, limits: bool = False
) -> set[Value]:
    """Returns which of the right values a value in a sentence is."""
    begin, end = clause_of(text, *found.core)
    basis = _BASIS.search(text[begin : found.start])
    if basis and found.value.family == "share" and basis[1] not in question:
        return set()  # a month's rate is not a year's
    level = bool(_LEVEL_BEFORE.search(text[begin : found.core[0]]))
    level = level or bool(_LEVEL_AFTER.match(text, found.core[1]))
    meanings = signed(found.value, text[begin:end], question, level=level)
    if limits and found.value.comparison == "<=" and "최대" in text[found.start : found.core[0]]:
        meanings += [
            value.bare for value in meanings
        ]  # 최대 9개월: the limit is what was asked for
    return {right for right in values if any(same_value(right, one, question) for one in meanings)}


def _rivals(values: Collection[Value], found: Sequence[Found], question: str) -> list[Found]:
    """Returns the values that could be taken for the answer: of its kind, not the question's."""
    asked = {one.value.bare for one in find_values(question)}
    families = {value.family for value in values}
    if "count" in families:
        families |= {"money", "share", "period"}
    return [one for one in found if _is_rival(one.value, values, families, asked, question)]


def _is_rival(
    value: Value,
    values: Collection[Value],
    families: Collection[str],
    asked: Collection[Value],
    question: str,
) -> bool:
    if any(same_value(right, value, question) for right in values):
        return True
    if value.family not in families or value.bare in asked:
        return False
    units = {right.unit for right in values}
    counts_something_else = value.family == "count" and value.unit and value.unit not in units
    return not (counts_something_else and "" not in units)
