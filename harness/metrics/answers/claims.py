"""What an answer claims that can be looked up: its values, and its names that a rule can tell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from harness.metrics.answers.names import find_name
from harness.metrics.answers.right import split_list
from harness.metrics.answers.wording import particle
from harness.metrics.answers.yesno import read_yes_no
from harness.metrics.characters import FALLS
from harness.metrics.values.numerals import prepared
from harness.metrics.values.reading import find_values
from harness.metrics.values.value import Found, Value

__all__ = ["Claims", "claims_of", "stand_in"]

_LONGEST = 6  # words of an item that is a name; a longer one is a sentence
_MARKS = re.compile(
    r"[\[【]\d{1,3}(?:\s?[,;]\s?\d{1,3})*[\]】]"  # citations
    r"|^\s*(?:\d{1,2}[.)]|[-*•①-⑳])\s+"  # items of a list
    r"|^\W*(?:출처|참고 ?자료|근거|sources?|references?)\W*[:：].*$",
    re.I | re.M,
)
_LINE = " | "  # a unit doesn't stand on the line after its number
_COUNTS = ("가지", "종류")  # of what an answer lists: no passage has to say them
_QUOTED = re.compile(
    r"(?<![\w])(?:'([^'\"\n]{2,40})'(?![A-Za-z])|\"([^\"\n]{2,40})\"|[‘“]([^‘’“”\n]{2,40})[’”]"
    r"|[「『《]([^「」『』《》\n]{2,40})[」』》])"
)
_CALLED = re.compile(
    r"(?<![\w'])([가-힣A-Za-z\d-]{2,20}?)(?:이라고도?|라고도?|이라|라)\s?"
    r"(?:한다|합니다|하며|하고|해요|부른|부릅|부르|불리|불린|불립|칭)"
)
_KINDS = (
    "확인서|증명서|신청서|진단서|소견서|동의서|청구서|계약서|신고서|보고서|증서|증권|등본|초본|사본|통장|"
    "부서|본부|센터|지점|지사|공단|은행|위원회|협회|법원|팀"
)
_SURNAMES = "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노곽성차주우구민진지"
_KOREAN = re.compile(
    rf"(?<![가-힣A-Za-z\d])(?:[A-Za-z]{{0,6}}[가-힣]{{1,12}}(?:{_KINDS})(?![가-힣]{{4}})"
    rf"|[{_SURNAMES}][가-힣]{{2}}(?=\s(?:씨|님|과장|대리|부장|차장|팀장|사원|주임|대표|원장|교수)))"
)
_REST = r"[A-Za-z\d'&.-]*[A-Za-z\d]"
_LATIN = re.compile(
    rf"(?<![A-Za-z\d])[A-Z]{_REST}(?: (?:of (?:the )?|& |and (?=[A-Z]))?[A-Z]{_REST})*"
)
_FIRST = re.compile(r"(?:^|[.!?:;|]\s+)$")  # where a sentence begins
_PLAIN = re.compile(
    r"A|An|The|This|That|It|If|In|On|At|For|To|With|No|Yes|Not|They|You|We|Mr|Mrs|Ms"
).fullmatch
_SENTENCE = re.compile(
    r"(?:다|요|까|죠|음|함|됨|시오)$|[가-힣](?:은|는|이|가|을|를)\s|^(?:if|when|because|since)\s|\b(?:is|are|was|were|be|been|must|may|can|"
    r"cannot|will|would|should|shall|has|have|had|does|do|did|not|they|you|we|he|she|it)\b",
    re.I,
)
_PERIOD = re.compile(r"(?:(?:Q[1-4]|[HF]Y?[12]?)(?:\s?\d{2,4})?|\d+-[A-Z])(?![A-Za-z\d])").match
"""Quarters, fiscal years and forms (10-K): no passage has to write them so."""
_SCALE = re.compile(r"\bin (?:[A-Z$]+ )?(?:thousands|millions|billions)\b|\bmillions\b|단위", re.I)
_DIGITS = re.compile(r"\d[\d,]*(?:\.\d+)?")
_COPULA = re.compile(r"(?:입니다|이에요|예요|이다)$")
_PARTICLE = re.compile(r"(?<=[가-힣]{2})(?:에게|에서|으로|로|을|를|이|가|은|는|의|에|와|과|도)$")


@dataclass(frozen=True, slots=True)
class Claims:
    """What can be looked up."""

    values: tuple[tuple[str, Value], ...] = ()  # with the text that says each
    names: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.values or self.names)


@lru_cache(maxsize=4096)
def claims_of(answer: str, question: str = "") -> Claims:
    """Reads what an answer says beyond its question: values, quoted terms, names, items of a list.

    A name in a sentence is told by its form: quotes, capitals, "A라고 한다", kinds of documents and
    offices. A short answer that is no sentence is a name itself. Citations claim nothing.
    """
    text = prepared(_MARKS.sub(" ", answer)).replace("\n", _LINE)
    question = prepared(question)
    found = find_values(text)
    asked = {one.value.bare for one in find_values(question)}
    values = {
        one.value.bare: text[slice(*one.core)]
        for one in found
        if one.value.bare not in asked and one.value.unit_text not in _COUNTS
        if not _PERIOD(text, one.start)
    }
    names = (name.strip(" .,-'\"") for name in (*_items(text), *_named(text, found)))
    new = (name for name in names if len(name) > 1 and not _has_name(question, name))
    return Claims(
        tuple((written, value) for value, written in values.items()), tuple(dict.fromkeys(new))
    )


def _items(text: str) -> list[str]:
    """Lists the items of an answer that is no sentence, yes or no; those that are values aside."""
    parts = (part for item in split_list(text) or (text,) for part in item.split("|"))
    items = [_COPULA.sub("", part.rpartition(":")[2].strip(" .。")) for part in parts]
    if read_yes_no(text) is not None or any(map(_is_sentence, items)):
        return []
    return [item for item in items if not find_values(item)]


def _is_sentence(item: str) -> bool:
    return len(item.split()) > _LONGEST or bool(_SENTENCE.search(item))


def _named(text: str, found: Sequence[Found]) -> Iterator[str]:
    for match in (*_QUOTED.finditer(text), *_CALLED.finditer(text)):
        if not find_values(name := match[match.lastindex or 0]):
            yield name
    for match in _KOREAN.finditer(text):
        if particle(text, match.end(), match[0]) is not None:
            yield match[0]
    spans = [(one.start, one.end) for one in found]
    for match in _LATIN.finditer(text):
        if all(end <= match.start() or match.end() <= start for start, end in spans):
            name, *others = re.split(r"'s?(?: |$)", match[0])
            yield _without_first(name, bool(_FIRST.search(text[: match.start()])))
            yield from others


def _without_first(name: str, begins: bool) -> str:
    """Takes off a word that has its capital as the first of a sentence."""
    first, _, rest = name.partition(" ")
    return rest if _PLAIN(first) or (begins and not rest and first.isascii()) else name


def stand_in(claims: Claims, passages: Sequence[str]) -> bool:
    """Says whether each value and name stands in one of the passages."""
    texts = [_prepared(passage) for passage in passages]
    return all(
        any(_is_written(text, written, value) for text in texts)
        or any(_has_value(text, value) for text in texts)
        for written, value in claims.values
    ) and all(any(_has_name(text, name) for text in texts) for name in claims.names)


_prepared = lru_cache(maxsize=8192)(prepared)


def _is_written(text: str, written: str, value: Value) -> bool:
    """Whether a value stands there as it is: a look, before all values of a long text are read."""
    pattern = (
        rf"(?<![\w.,{FALLS}(-]){re.escape(written)}"
        r"(?:(?<=[가-힣])(?<![천백십만억조])(?![A-Za-z\d])|(?![\w%]|[.,]\d))"
    )
    if written in text and re.search(pattern, text):
        return True
    digits = _DIGITS.search(written)
    if not digits or not _digits_suffice(text, digits[0], value):
        return False
    return bool(re.search(rf"(?<![\d.,A-Za-z])(?<![A-Za-z]-){digits[0]}(?!\d|[.,]\d)", text))


def _digits_suffice(text: str, digits: str, value: Value) -> bool:
    """Whether a number without its unit says the value: a year, or money in a table of millions."""
    if value.kind != "number":
        return False
    if value.family == "money":
        return len(digits) > 1 and bool(_SCALE.search(text))
    return not value.unit or bool(re.fullmatch(r"(?:19|20)\d\d", digits))


@lru_cache(maxsize=8192)
def _values(text: str) -> frozenset[Value]:
    return frozenset(one.value.bare for one in find_values(text.replace("\n", _LINE)))


def _has_value(text: str, value: Value) -> bool:
    values = _values(text)
    return value in values or any(_supports(one, value) for one in values)


def _supports(given: Value, value: Value) -> bool:
    """Whether a value says at least as much: a fuller date, a range, a number's unit."""
    if given.kind != value.kind:
        return False
    if value.kind == "date" and len(value.parts) == len(given.parts):
        pairs = zip(value.parts, given.parts, strict=True)
        return all(own is None or own == part for own, part in pairs)
    if value.kind != "number":
        return False
    return value.unit == given.unit and set(value.parts) <= set(given.parts)


def _has_name(text: str, name: str) -> bool:
    if name.isascii():
        words = r"[\W_]{1,5}".join(re.findall(r"[A-Za-z\d]+", name))
        pattern = rf"(?<![A-Za-z\d]){words}(?:e?s)?(?![A-Za-z\d])"
        return bool(words and re.search(pattern, text, re.I))
    if find_name(name, text) or find_name(_PARTICLE.sub("", name), text):
        return True
    joined = bool(re.search(r"[^\w\s]", name))  # a mark inside a name may stand elsewhere
    return joined and _letters(name) in _letters(text)


@lru_cache(maxsize=8192)
def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
