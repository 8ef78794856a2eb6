"""Reads yes and no: 네, 가능합니다; 안 됩니다; Yes, it is."""

from __future__ import annotations

import re

from harness.metrics.answers.polarity import HEDGE, SENTENCE_END, denies, without_negations
from harness.metrics.answers.subject import is_of_another
from harness.metrics.answers.wording import adds_nothing, asks, overlap
from harness.metrics.values.numerals import prepared

__all__ = ["agrees", "asks_whether", "echoes", "read_yes_no"]

_END = r"(?:다|니다|습니다|합니다|하다|함|해요|아요|어요|요|음|됨)?"
_YES_KO = (
    rf"네|예|넵|응|그렇[다습]?{_END}|그래요?|맞{_END}|맞는\s?말{_END}|가능{_END}|있{_END}|있음|된다|됩니다|돼요|되요|"
    r"(?:할|될|받을)\s?수\s?있[가-힣]*|(?:해도|하여도)\s?(?:된다|됩니다|돼요)"
)
_NO_KO = (
    rf"아니[요오]|아뇨|아니다|아닙니다|아니에요|아님|불가{_END}|불가능{_END}|없{_END}|없음|"
    r"안\s?(?:된다|됩니다|돼요|되요|됨)|(?:할|될|받을)\s?수\s?없[가-힣]*|(?:하면|해서는)\s?안\s?(?:된다|됩니다|돼요)|"
    r"그렇지\s?않[가-힣]*|(?:면책|보상\s?제외|지급\s?거절|부지급)(?:이다|입니다|이에요|임|대상)?"
)
_SHORT = r"(?:,?\s(?:it|they|you|he|she|we|this|that|there)\s(?:{})(?:\sbe)?(?:\s(?:possible|allowed))?)?"
_BE = r"is|are|was|were|does|do|did|can|may|will|has|have"
_NOT = r"isn't|is\snot|aren't|are\snot|doesn't|does\snot|don't|do\snot|can't|cannot|can\snot|may\snot|won't|wasn't|weren't"
_YES_EN = rf"(?:yes|yeah|yep|true|correct|right|affirmative|sure|absolutely|certainly|of\scourse|no\sproblem){_SHORT.format(_BE)}"
_NO_EN = rf"(?:no|nope|not\sat\sall|false|incorrect|wrong|negative){_SHORT.format(_NOT)}"
_FULLY = re.compile(r"^(?:100\s?%|당연히|물론|얼마든지|충분히|전혀|절대)\s")
_THEY = r"(?:it|they|you|he|she|we)\s(?:{})"
_YES = re.compile(rf"(?:{_YES_KO}|{_YES_EN}|{_THEY.format(_BE)})", re.I)
_NO = re.compile(rf"(?:{_NO_KO}|{_NO_EN}|{_THEY.format(_NOT)})", re.I)
_LEAD_YES = re.compile(
    r"(?:네|예|넵|그렇습니다|맞습니다|yes|yeah|yep|of\scourse|no\sproblem)(?=[\s,.!]|$)", re.I
)
_LEAD_NO = re.compile(
    r"(?:아니[요오]|아뇨|아닙니다|no|nope)(?=[\s,.!]|$)(?!\s?(?:problem|doubt))", re.I
)
_CONDITION = re.compile(
    r"[가-힣]면[\s,]|경우|때에?만|\b(?:if|when|only|provided|as\slong\sas|unless)\b", re.I
)
_BOTH = re.compile(r"(?:and|or|/|그리고|또는)\s?(?:no|yes|아니|네|예)", re.I)
_SPLIT = re.compile(r"[,.!;()\n]+\s*|(?<=^[네예])\s|(?<=^아니[요오])\s")
_MAY = re.compile(
    r"수\s?(?:는|도|가)?\s?[있없]|가능|불가|(?<![가-힣])안\s?[되된돼됩됨]|[도야]\s[되된돼됩됨]|금지|허용|\b(?:can|may|must|allowed|"
    r"permitted|covered|eligible|cannot|excluded)\b",
    re.I,
)
_MODAL = re.compile(
    r"수\s?(?:는|도|가)?\s?[있없]|가능|불가|[안]\s?[되된돼됩됨]|[되된돼됩](?:다|니다|요)|지\s?(?:않|아니|못)|[한된]다|[합됩]니다|금지|허용|문제|"
    r"\b(?:is|are|can|may|does|do|will|covers?|covered|allowed|excluded|eligible|must|need|should|was|were|has|have)\b|필요|n't\b|\bnot\b",
    re.I,
)


_WHICH = re.compile(r"얼마|언제|어디|누구|누가|무엇|뭐|몇|어떤|어느|왜|어떻|무슨", re.I)
_WHETHER = re.compile(
    r"(?:[나까가]요?|니까|냐|는지|는가|여부[가-힣\s]*)\s*[?？.!]?\s*$|^(?:is|are|was|were|do|does|did|can|could|may|"
    r"must|will|would|should|has|have)\b",
    re.I,
)


def asks_whether(question: str) -> bool:
    """Says whether a question can be answered by yes or no."""
    return bool(_WHETHER.search(question)) and not _WHICH.search(question)


_PREDICATES = "지원 허용 인정 포함 보장 보상 지급 가입 대상 면책 covered included allowed eligible possible insured"


def read_yes_no(text: str) -> bool | None:
    """Reads a text that says yes or no and nothing else; None where it is anything else."""
    parts = [part.strip(" \"'“”*") for part in _SPLIT.split(prepared(text))]
    said = {_one(part) for part in parts if part}
    return said.pop() if len(said) == 1 else None


def _one(text: str) -> bool | None:
    text = _FULLY.sub("", text)
    if _YES.fullmatch(text):
        return True
    return False if _NO.fullmatch(text) else None


def agrees(answer: str, question: str) -> bool | None:
    """Reads a sentence as yes or no to a question: what it says first, then what it states.

    None where it says neither, both, or with a condition.
    """
    text = prepared(answer)
    if asks(text):
        return None
    lead = True if _LEAD_YES.match(text) else False if _LEAD_NO.match(text) else None
    match = _LEAD_YES.match(text) or _LEAD_NO.match(text)
    rest = text[match.end() :].strip(" ,.!") if match else text
    if not rest or _BOTH.match(rest):
        return lead if not rest else None
    if (short := read_yes_no(text)) is not None:
        return short
    stated = _stated(rest, question)
    if lead is None:
        return stated
    if HEDGE.search(rest) or (
        stated is not None
        and stated is not lead
        and adds_nothing(without_negations(rest), question, f"수 있다 가능 {_PREDICATES}")
    ):
        return None
    return lead


def _stated(text: str, question: str) -> bool | None:
    """Reads the sentence that speaks most of what was asked, as agreeing with it or not.

    In a passage it has to say what may be or not, and to share more with the question.
    """
    sentences = [sentence for sentence in SENTENCE_END.split(text) if sentence.strip()]
    modal, least = (_MODAL, 1) if len(sentences) == 1 else (_MAY, 2)
    stating = [one for one in sentences if not asks(one)]
    stating = [one for one in stating if modal.search(one) or _is_echo(one, question)]
    sentence = max(stating, key=lambda one: overlap(one, question), default="")
    close = overlap(sentence, question) >= least or adds_nothing(
        without_negations(sentence), question, _PREDICATES if least == 1 else ""
    )
    other = least == 1 and is_of_another(sentence, question)
    if not sentence or not close or other or HEDGE.search(sentence):
        return None
    return denies(sentence) == denies(question)


def _is_echo(sentence: str, question: str) -> bool:
    """Whether English words alone answer ("not refundable"); a Korean sentence has a predicate."""
    return not re.search(r"[가-힣]", sentence) and adds_nothing(
        without_negations(sentence), question
    )


def echoes(answer: str, question: str) -> bool:
    """Says whether a sentence says nothing but what the question asks, and yes or no."""
    text = prepared(answer)
    match = _LEAD_YES.match(text) or _LEAD_NO.match(text)
    if match and agrees(answer, question) is not None:
        return not _CONDITION.search(text) or bool(_CONDITION.search(question))
    return read_yes_no(text) is not None or adds_nothing(
        without_negations(text), question, f"수 있다 있습니다 가능 된다 필요 {_PREDICATES}"
    )
