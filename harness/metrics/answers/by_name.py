"""Answers that are names, terms, or lists of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.metrics.answers.frames import set_aside
from harness.metrics.answers.names import Span, find_name, without
from harness.metrics.answers.polarity import CLAUSE_END, SENTENCE_END, clause_of, denies, is_denied
from harness.metrics.answers.right import ORDERED, Right
from harness.metrics.answers.subject import has_other_role, is_of_another
from harness.metrics.answers.wording import adds_nothing, overlap

__all__ = ["holds_name", "only_name"]

_OR = re.compile(r"또는|혹은|이거나|(?<=[가-힣])나\s|\bor\b|\beither\b", re.I)
_DENIED = re.compile(r"[\"'”’]?(?:이?라고\s[가-힣]+기(?:에는|에|는|가)|[이가]\s?아니)")
_PASSAGE = 25
_TOPIC = re.compile(r"[가-힣]{2,}(?=[은는의이가]\s)|(?<!^)\b[A-Z][A-Za-z]+")
_SHORT = 8  # Words of an answer that isn't a passage
_OWNED = re.compile(r"의\s\S|['’]s\s")
_WITH = re.compile(r"(?:[와과]|하고|이?랑)\s+\w")
_CHANGED = re.compile(
    r"(?:(?<![가-힣])(?:매우|아주|몹시|약간|다소|조금|비교적|상당히|덜|비)|\b(?:very|extremely|quite|rather|moderately|fairly|"
    r"less|more|semi|non|slightly|from|will\sbe|formerly|previously|succeed(?:s|ed)|replac(?:es|ed|ing)|"
    r"except|than|instead\sof|unlike))[\s-]$",
    re.I,
)
_FURTHER = re.compile(
    r"\s?(?:이?외(?=[의에\s]|$)|말고|빼고|대신)|에서\s[^.]*(?:조정|변경|상향|하향|바뀌|바뀐)|"
    r"[가-힣\s]{0,4}(?:이었|였)[가-힣]{0,2}(?:으나|지만|는데|다가)|[^.;,]{0,40}\buntil\s|\x27s\s(?:rival|former|competitor|parent|subsidiary)|(?<![A-Za-z]{2})\s?(?:플러스|마이너스|plus|minus)(?![a-z])|\s?(?:이상|이하|초과|미만|or\s(?:above|higher|more|below|lower)|and\s(?:above|below))",
    re.I,
)
_COMPARES = re.compile(
    r"더\s|보다(?![가-힣])|가장|제일|먼저|나중|\bthan\b|\b(?:more|most|higher|lower|earlier|later|longer|shorter)\b",
    re.I,
)
_PART = re.compile(rf"{CLAUSE_END.pattern}|(?<=[므서])[로]?\s|니까\s", re.I)
_DEGREES = [
    tuple(re.compile(rf"(?<![가-힣])(?:{ko})|\b(?:{en})\b", re.I) for ko, en in pair)
    for pair in (
        (("높", "higher|highest"), ("낮", "lower|lowest")),
        (("많", "more|most"), ("적[은게습다어]", "less|least|fewer")),
        (("길[다어고]|긴|깁니다", "longer|longest"), ("짧", "shorter|shortest")),
        (("크[다고]|큰|큽니다|커", "larger|bigger|greater"), ("작[은다고습아]", "smaller")),
        (("늦|나중", "later|latest"), ("이르[다고]|이른|이릅|빠르|빠른|먼저", "earlier|earliest")),
        (("비싸|비싼|비쌉", "dearer"), ("싸[다고]|싼|저렴", "cheaper|cheapest")),
    )
]
_FINISHED = re.compile(r"[.!]$|(?:다|요|죠|음|임|함|됨)$")
_JOINS = re.compile(r"\s(?:is|has|was|and|or|of|by)\b", re.I)
_THERE = re.compile(r"(?:게|[것쪽곳편]이)\s[있없]")
_WHO = re.compile(
    r",\s(?:who\s(?:joined|was\sappointed|has\s(?:served|been)|took)|appointed)\s[^.,]*(?=\.?$)"
    r"|\s\((?:since|appointed)\s[^)]*\)",
    re.I,
)
_CALLED = re.compile(
    r"[\"'’”]?\s?(?:이?라고?|으?로)\s?(?:도\s)?(?:한다|합니다|해요|하며|부른다|부릅니다|불러요|칭한다|칭합니다|불린다|불립니다|말한다|말합니다)"
)
_JOINED = r"(?:[와과]|하고|이?랑|,|\?|\sor|\sand|\svs\.?)"


def only_name(one: Right, right: Sequence[Right], text: str, question: str) -> bool:
    """Says whether an answer is a name, or a list's items, with nothing beside that says more."""
    if _turns(text, question):
        return False
    text = set_aside(_WHO.sub("", text))
    rest, places = text, []
    for item in one.items or (one.text,):
        spans = plain_names(item, text)
        left = plain_names(item, rest)
        if not left or any(is_denied(text, start, end, question) for start, end, _ in spans):
            return False
        if one.items and _are_options(text, spans):
            return False
        places.append(spans[0][0])
        rest = without(rest, left)
    if one.items and ORDERED.search(question) and places != sorted(places):
        return False
    if find_name(one.text, question) and _is_cut(text, spans[-1]):
        return False
    if names_rival(right, rest, question) or (_OR.search(rest) and not _OR.search(question)):
        return False
    return adds_nothing(rest, question) or _is_naming(one, text, question)


def _is_cut(text: str, span: Span) -> bool:
    """Whether an answer goes on after the one of two that it names, and ends in mid-sentence."""
    _, end, after = span
    rest = text[after:].rstrip("\"'”’) ")
    degree = _COMPARES.search(rest) or any(word.search(rest) for pair in _DEGREES for word in pair)
    further = not degree and not adds_nothing(rest, "")
    joined = after > end or _JOINS.match(rest)
    return bool(joined) and further and not _FINISHED.search(rest)


def _is_naming(one: Right, text: str, question: str) -> bool:
    """Whether one sentence defines a term that is asked for, in words of its own: X를 A라 한다."""
    single = not SENTENCE_END.search(text.rstrip(" ."))
    named = any(_CALLED.match(text, end) for _, end, _ in find_name(one.text, text))
    return single and named and overlap(text, question) > 1


def plain_names(name: str, text: str) -> list[Span]:
    """Lists where a text has a name that no word before it changes: 매우 높음, very high."""
    return [
        span
        for span in find_name(name, text)
        if not _CHANGED.search(text[: span[0]]) and not _FURTHER.match(text, span[1])
    ]


def holds_name(one: Right, right: Sequence[Right], text: str, question: str) -> bool:
    """Says whether a sentence of a text has a name, or all of a list's items and no further one.

    Of two that a question asks to compare, the sentence has to compare them too.
    """
    items = one.items or (one.text,)
    chosen = any(find_name(each.text, question) for each in right)
    for start, end, _ in plain_names(items[0], text):
        begin, stop = clause_of(text, start, end)
        sentence = text[begin:stop]
        alone = without(sentence, find_name(one.text, sentence))
        plain = not (one.items or chosen) and len(text.split()) < 2 * _SHORT
        if plain and (is_of_another(alone, question) or has_other_role(alone, question)):
            continue
        spans = [find_name(item, sentence) for item in items]
        if not (one.items or chosen) and _is_undecided(text, one.text, sentence, question):
            return False
        if (
            not all(spans)
            or _are_options(sentence, [span[0] for span in spans])
            or any(is_denied(sentence, span[0][0], span[0][1], question) for span in spans)
        ):
            continue
        if chosen and not _chooses(one, right, sentence, question):
            continue
        if not _is_whole_list(sentence, [span[0] for span in spans], question):
            continue
        return True
    return False


def _is_undecided(text: str, name: str, sentence: str, question: str) -> bool:
    """Whether a short answer denies the name elsewhere, or a part of it speaks of another."""
    if len(text.split()) > _PASSAGE:
        return False
    spans = find_name(name, text)
    if any(
        _DENIED.match(text, end) or is_denied(text, start, end, question) for start, end, _ in spans
    ):
        return True
    parts = CLAUSE_END.split(sentence)
    others = [part for part in parts if not find_name(name, part)]
    own = [part for part in parts if find_name(name, part)]
    topics = {word for word in _TOPIC.findall(question) if word not in name}
    elsewhere = any(topic in part for topic in topics for part in others)
    return elsewhere and not any(topic in part for topic in topics for part in own)


def _are_options(text: str, spans: Sequence[Span]) -> bool:
    """Whether items are named of which only one is meant: A나 B."""
    return any(text[end:after].endswith("나") for _, end, after in spans)


def _chooses(one: Right, right: Sequence[Right], sentence: str, question: str) -> bool:
    """Whether a sentence compares, and puts a name before the other that the question gives."""
    parts = [part for part in _PART.split(set_aside(sentence)) if _COMPARES.search(part)]
    said = parts[-1] if parts else set_aside(sentence)
    own = [part for part in parts if find_name(one.text, part)]
    if not _COMPARES.search(sentence) or any(_turns(part, question) for part in (*own, said)):
        return False
    spans = find_name(one.text, said)
    return bool(spans) and not names_rival(right, without(said, spans), question)


def _turns(text: str, question: str) -> bool:
    """Whether a text says less where a question asks for more, or the other way round."""
    text = set_aside(text)
    if _COMPARES.search(question) and _THERE.search(text):
        return True  # one is said to be there, not which
    for pair in _DEGREES:
        asked, said = ([bool(word.search(each)) for word in pair] for each in (question, text))
        if sum(asked) == 1 and any(said) and asked != said and not denies(text):
            return True
    return False


_GOES_ON = re.compile(
    r"\s*(?:[,·/、]\s*(?:및\s|and\s)?|및\s|그리고\s|and\s|or\s|또는\s)\s*(?=[\w\"'‘“])"
)
_CAME_ON = re.compile(
    r"[\w\"'’”]\s*(?:[,·/、]|\s및|\s그리고|\sand|\sor|\s또는|(?<=[가-힣])[와과])\s*$"
)


def _is_whole_list(sentence: str, spans: Sequence[Span], question: str) -> bool:
    """Whether a list in a sentence has no further item, and its order where one is asked for."""
    if len(spans) == 1:
        return len(sentence.split()) > _SHORT or not _is_one_of_several(sentence, spans[0])
    if ORDERED.search(question) and list(spans) != sorted(spans):
        return False
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    between = without(
        sentence[first:last], [(a - first, b - first, c - first) for a, b, c in sorted(spans)]
    )
    return not (
        _GOES_ON.match(sentence, last)
        or _CAME_ON.search(sentence[:first])
        or not adds_nothing(between, question)
        or _OR.search(between)
    )


def _is_one_of_several(sentence: str, span: Span) -> bool:
    """Whether a short answer names another beside a name: A와 B, A or B."""
    owned = _OWNED.match(sentence, span[1])
    after = owned or _GOES_ON.match(sentence, span[1]) or _WITH.match(sentence, span[1])
    before = sentence[: span[0]]
    aside = "(" in before and ")" not in before and not sentence.startswith(")", span[1])
    return bool(after or aside or _CAME_ON.search(before))


def names_rival(right: Sequence[Right], rest: str, question: str) -> bool:
    """Says whether what remains of an answer names another of the options of a question."""
    options = {option for one in right for option in _options(one.text, question)}
    return any(len(option) > 1 and option in rest for option in options)


def _options(name: str, question: str) -> list[str]:
    """Returns what a question names beside a name: A와 B 중, A or B."""
    options = []
    for start, end, _ in find_name(name, question)[:1]:
        left = re.search(
            rf"(\w+)[\"'’”]?\s?(?:담보)?{_JOINED}\s*(?:\w+의?\s)?[\"'‘“]?$", question[:start], re.I
        )
        right = re.match(rf"[\"'’”]?\s?(?:담보)?{_JOINED}\s*[\"'‘“]?(\w+)", question[end:], re.I)
        if right and left and left[0].rstrip("\"'‘“ ").endswith(","):
            left = None  # "Which is larger, Alpha or Beta": the comma joins no option
        options += [match[1] for match in (left, right) if match]
    return [
        re.sub(r"(?<=[가-힣]{2})(?:[은는이가을를의]|중에?서?)$", "", option) for option in options
    ]
