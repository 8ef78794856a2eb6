"""Whether a text denies: 지급하지 아니한다, 보상 제외, isn't covered; and up or down."""

from __future__ import annotations

import re
from decimal import Decimal

from harness.metrics.values.value import Value

__all__ = [
    "CLAUSE_END",
    "HEDGE",
    "SENTENCE_END",
    "clause_of",
    "denies",
    "is_denied",
    "part_of",
    "plain_polarity",
    "signed",
    "without_negations",
]

_DOUBLE = re.compile(
    r"지\s?(?:않|아니하|아니할|못하|못할|않을)[가-힣]*\s?수\s?(?:는|가|도)?\s?없[가-힣]*"
    r"|(?:지\s?않으면|지\s?아니하면|지\s?못하면|없으면|아니면)\s?(?:안|아니)\s?[되된돼됩][가-힣]*"
    r"|문제(?:가|는|도)?\s?없[가-힣]*|없지\s?(?:는|도|가)?\s?(?:않|아니)[가-힣]*|(?:않|아니하|아니|없)[는은ㄴ]?\s?것[은이도]?\s?아니[가-힣]*"
    r"|\bnot\s(?:un|in)(?!sur|clud|tend|volv|vest|form|demn|crea)(?=\w{4})|\bnot\sonly\b|\b(?:can|could)(?:not|'t)\sbe\s(?:denied|refused|excluded)"
    r"|\bno(?:t)?\s(?:more|less|fewer|later|earlier|longer|greater)\sthan\b|\bno\s(?:problem|doubt)\b|\bwithout\s(?:exception|limit|restriction|fail|question|delay)s?\b",
    re.I,
)
_NEGATIVE = re.compile(
    r"지\s?(?:는|도|를|가)?\s?(?:않|아니|못|말)|(?<![가-힣])안\s?[되된돼됩됐]|(?<![가-힣])(?:안|못)\s(?=[가-힣])"
    r"|(?<![가-힣])못[하한합해할함]|없(?!이|애|앴)|(?<![가-힣])아니(?=[다라며고한하할지었]|$)|(?<=[이가은는도])\s?아니"
    r"|아닙|아닌|아님|아닐|불가(?!피|결|분)|금지|제외|(?<![가-힣])면책(?!\s?(?:기간|금|한도))|부지급|기에는|기(?:는|가)?\s?(?:어렵|힘들|곤란)|거절(?!\s?률)"
    r"|\b(?:not|no(?![,:.;!]|\s(?:problem|doubt))|never|none|nobody|nothing|neither|nor|without|cannot|can't|\w+n't)\b"
    r"|\bnon-|reject|declined|\b(?:un(?=covered|insured|available|able|eligible|paid)|ineligible|exclud|prohibit|refus|denied|void\b)",
    re.I,
)
_NEGATIVE_WORD = re.compile(
    r"\bnon-|\b(?:un|in)(?=(?:covered|insured|available|able|eligible|paid)\b)|(?<![가-힣])(?:않|아니|못|없|안|불가|제외|면책|거절|금지|부지급)[가-힣]*|\b(?:excluded|denied|refused|not|no|never|cannot|\w+n't)\b",
    re.I,
)
_EXEMPT = re.compile(
    r"면책|(?:보장|보상|지급)(?:[이을은]\s|[하되]지\s|이?\s)?(?:제외|않|아니|안\s|없)[가-힣]*"
)
_NEAR = 3  # Words before a name or value that may deny it: "is not in Oslo"
SENTENCE_END = re.compile(
    r"(?<!\bno)(?<!\bmr)(?<!\bms)(?<!\bdr)(?<!\bst)(?<!\bmrs)(?<!\bext)(?<!\binc)(?<!\bltd)(?<!\bco)(?<!\bvs)[.!?。](?=\s|$|[\"'”’)])|\n|[①-⑳]|;\s|\s[·•-]\s",
    re.I,
)
CLAUSE_END = re.compile(
    r",\s|(?<=[가-힣])(?:(?<![다라냐자])고|며|(?<=[했였갔췄])으나|하되|지만|으나|는데|인데|면서|면)\s|\s(?:but|and|while|whereas)\s|\s\|\s",
    re.I,
)
_DOWN = re.compile(
    r"[%원만억조]\s?(?:의\s)?손실|감소|하락|줄었|줄어|줄인|떨어|내려갔|내렸|적자|순손실|영업손실|당기손실|역성장|\bdecreas|\bdeclin|\bfell\b|\bfall"
    r"|\bdrop|\bdown\s(?:by|\d)|\bshrank|\breduced\sby|\b(?:net|operating|underwriting|tax|annual)\sloss|\bloss\sof|\bdeficit|\blower\sthan",
    re.I,
)
_UP = re.compile(
    r"증가|상승|늘었|늘어|올랐|올라|흑자|성장|\bincreas|\brose\b|\brise|\bgrew|\bgrow|\bgain", re.I
)


HEDGE = re.compile(
    r"(?<=[가-힣])(?:에서|에|에게|한해|경우)만|다만|단,|그러나|하지만|경우에는?\s?(?:제외|불가)|일부|조건|때에\s?따라|경우에\s?따라|원칙적으로|아마|"
    r"\b(?:but|however|although|though|unless|except|sometimes|some|usually|may(?!\snot\b)|might|maybe|"
    r"perhaps|depends|probably|only)\b",
    re.I,
)
"""Words that take back or limit what stands beside them."""


def denies(text: str) -> bool:
    """Says whether a text denies: an odd number of negations."""
    return len(_NEGATIVE.findall(plain_polarity(text))) % 2 == 1


def without_negations(text: str) -> str:
    """Leaves out the words that deny."""
    return _NEGATIVE_WORD.sub(" ", text)


def plain_polarity(text: str) -> str:
    """Leaves out negations that cancel each other: 지급하지 아니할 수 없다."""
    return _DOUBLE.sub(" ", text)


def clause_of(text: str, start: int, end: int) -> tuple[int, int]:
    """Returns where the sentence begins and ends that holds a span."""
    begin = max((match.end() for match in SENTENCE_END.finditer(text, 0, start)), default=0)
    after = SENTENCE_END.search(text, end)
    return begin, after.start() if after else len(text)


def part_of(text: str, start: int, end: int) -> tuple[int, int]:
    """Returns where the clause begins and ends that holds a span."""
    begin, stop = clause_of(text, start, end)
    begin = max((match.end() for match in CLAUSE_END.finditer(text, begin, start)), default=begin)
    after = CLAUSE_END.search(text, end, stop)
    return begin, after.start() if after else stop


def is_denied(text: str, start: int, end: int, question: str = "") -> bool:
    """Says whether a sentence denies what it holds at a span, where the question doesn't deny.

    In Korean what follows decides (A가 아니라, A는 지급하지 않는다), in English also what comes before.
    """
    if denies(question):
        return False
    begin, stop = clause_of(text, start, end)
    tail = CLAUSE_END.split(text[end:stop], maxsplit=1)[0]
    if "면책" in question:
        tail = _EXEMPT.sub("", tail)  # how long it lasts is what is asked for
    head = " ".join(CLAUSE_END.split(text[begin:start])[-1].split()[-_NEAR:])
    if denies(tail):
        return True
    return denies(head) if re.search(r"[a-z]", head, re.I) and not _is_korean(head) else False


def _is_korean(text: str) -> bool:
    return bool(re.search(r"[가-힣]", text))


def signed(value: Value, sentence: str, question: str, *, level: bool = False) -> list[Value]:
    """Lists what a number may mean in its sentence: 15% 감소 is -15% unless decreases are asked.

    A `level` that something fell to has no direction.
    """
    if value.kind != "number" or value.unit in ("month", "second"):
        return [value]
    down = bool(_DOWN.search(sentence)) and not level
    asked = bool(_DOWN.search(question))
    if asked and _UP.search(sentence) and not down and not _UP.search(question):
        return []
    if not down or any(Decimal(str(part)) < 0 for part in value.parts):
        return [value]
    turned = Value(
        "number",
        tuple(-Decimal(str(part)) for part in value.parts),
        value.unit,
        value.comparison,
        tuple(-number for number in value.written),
        value.unit_text,
    )
    return [value, turned] if asked else [turned]
