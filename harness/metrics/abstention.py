"""Recognises an answer that says, as a whole, that one doesn't know.

"없다" or "가입할 수 없다" alone is an answer, and so is "not covered by the policy": an abstention has
to speak of knowing, or of what the documents say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.metrics.korean import bare_ending, normalise, squash
from harness.metrics.metric import QUESTION, Metric

__all__ = ["METRICS", "is_abstention"]

_LONGEST = 300  # Characters of a sentence; a longer one says more than that it doesn't know.

# Korean is matched without spaces, so that 알 수 없다 and 알수없다 are one.
_SORRY = r"(?:(?:정말|대단히)?죄송(?:합니다만|합니다|하지만|하오나|해요)|저는|저도|아쉽게도|안타깝게도|유감스럽게도)"
_END = r"(?:았|었)?(?:다|습니다|음|어요|아요|네요|답니다|고|어서|아서|아|어|으며|으므로|기때문에|는|ㅁ)?"
# What the sentence is about. A connective in it would mean that a fact was stated before.
_SUBJECT = r"(?:(?!이며|이고|하고|지만|으나|인데|되고|하며|되며|므로|니다|이다).){1,40}?"
_ABOUT = rf"(?:{_SUBJECT}(?:에대한|에관한|관련|에대해서는|에대해서|에대해|에관해))"
_TOPIC = rf"(?:{_ABOUT}|{_SUBJECT}(?:은|는|이|가|을|를|도|지|인지|여부))"
_WHICH = r"(?:제공된|제공되는|제공하신|주어진|제시된|해당|위|이|본|현재|관련)*"
_AT = r"(?:만으로는|만으로|으로는|로는|에서는|에서도|에서|에는|에도|에|상으로는|상에는|상)"
_PAPER = r"(?:참고자료|문서|자료|본문|지문|문맥|텍스트|문단|컨텍스트|내용|정보|보고서|설명서|안내서|매뉴얼|공시|원문)(?:들)?(?:의?내용)?"
_RULES = r"(?:약관|규정|규칙|지침|기준)(?:집)?"
_SOURCE = rf"(?:{_WHICH}(?:{_PAPER}|{_RULES}){_AT})"
_THING = (
    r"(?:(?:구체적인|구체적으로|명시적인|명시적으로|정확한|관련|관련된|해당|그러한|그런|이에대한|그에대한|별도의|별도로|따로)*"
    r"(?:정보|내용|언급|설명|규정|기준|답변|답|사항|기재|근거)?(?:은|는|이|가|을|를|도)?)"
)
_UNKNOWN = (
    r"(?:잘|정확히)?(?:모르겠|모른|모름|모릅니|몰라(?:요)?|"
    r"(?:알|찾을|찾아볼|(?:확인|답변|답|대답|판단|파악|추론)할|답해드릴|답변드릴|(?:답변|답|말씀|안내)(?:을|를)?드릴)수(?:가|는)?없|(?:답변|답|대답|안내|확인|말씀)(?:을|를)?(?:드리|하)기(?:가|는)?(?:어렵|어려우|어려워|힘들|곤란)|찾지(?:는)?못(?:했|하였|함|합니)|"
    r"확인(?:되|하)지(?:는)?(?:않|못)|확인(?:이)?안(?:됩니|된|돼|됨)|(?:확인|판단|파악|답변|추론)(?:이)?불가(?:능)?(?:합니|하|함|입니)?)"
)
_UNSTATED = (
    r"(?:(?:나와|나타나|언급되어|언급돼|명시되어|명시돼|기재되어|기재돼|규정되어|적혀|쓰여|제시되어|설명되어)"
    r"있지(?:는)?않|(?:언급|명시|기재|제시|서술|규정)(?:되|하)지(?:는)?않|(?:나오|나타나)지(?:는)?않)"
)
# Without a source only words that speak of a text: "증상이 나타나지 않는다" is a fact.
_NOWHERE = (
    r"(?:(?:나와|언급되어|언급돼|명시되어|명시돼|기재되어|기재돼|적혀|기록되어)있지(?:는)?않|"
    r"(?:언급|명시|기재|서술|기록|공개|공시|제공|수록|확인)되지(?:는)?않)"
)
_KOREAN = re.compile(
    rf"{_SORRY}*(?:"
    rf"{_TOPIC}?{_SOURCE}?{_THING}{_UNKNOWN}{_END}"
    rf"|{_TOPIC}?{_SOURCE}{_THING}(?:{_UNSTATED}|없){_END}"
    rf"|{_TOPIC}?{_WHICH}{_PAPER}{_AT}{_THING}포함(?:되어있|되)지않{_END}"
    rf"|{_SOURCE}{_TOPIC}{_THING}{_UNSTATED}{_END}"
    rf"|{_TOPIC}?{_NOWHERE}{_END}"
    rf"|{_ABOUT}?{_WHICH}(?:구체적인|명시적인|정확한)?(?:정보|내용|언급|설명|자료|기록|기재|데이터)(?:은|는|이|가)?"
    rf"(?:{_UNSTATED}|없|부족(?:합니|하)?){_END}"
    rf"|(?:정보|자료|내용|근거)(?:가|이)?부족(?:으로|하여|해서?){_UNKNOWN}{_END}"
    r"|미상|불명|미확인|미기재|알려진바(?:가)?없"
    rf"{_END}"
    r")+"
).fullmatch

_DOCUMENT = (
    r"(?:(?:the|this|these|your|any) )?(?:(?:provided|given|available|supplied|above) )*"
    r"(?:documents?|passages?|context|texts?|sources?|information|materials?|excerpts?|files?)"
    r"(?: (?:provided|given|above))?"
)
# A policy that doesn't include a thing is a fact; one that doesn't say is none.
_SPEAKER = (
    rf"(?:{_DOCUMENT}|it|(?:the|this|that|your) (?:\w+ )?(?:report|policy|article|table|contract|"
    r"page|section|agreement|statement|brochure|filing)s?(?: documents?)?)"
)
_REST = (
    r"(?:(?! but | however | although | though | maybe | probably | perhaps | likely | i think | i guess "
    r"| usually | so it is | so it s | so you ).){0,100}"
)
_STATED = (
    r"(?:stated|mentioned|specified|given|provided|found|included|contained|described|discussed)"
)
_ENGLISH = re.compile(
    rf"(?:(?:i m|i am) (?:sorry|afraid) (?:but |that )?|sorry |unfortunately |but |(?:it is|it s|this is|that is|the answer is) "
    rf"|(?:based on|according to|from|in) {_DOCUMENT} )*(?:"
    rf"(?:i|we) (?:really )?(?:do not|don t) (?:know|have (?:that|this|the|any|enough) information){_REST}|(?:i m|i am) not sure{_REST}"
    r"|unknown|unanswerable|not (?:sure|known|available|answerable)|no answer|n a|cannot say"
    r"|(?:it is |it s |this is )?not (?:stated|mentioned|specified|disclosed|reported|found|given)"
    rf"(?: anywhere| there| here| in {_SPEAKER})?|no (?:data|mention|record)(?: of it| of this| available| found)?"
    rf"|unable to (?:determine|answer|say|find){_REST}|{_SPEAKER} (?:is|are) silent{_REST}"
    rf"|(?:{_REST} (?:is|are|was|were) )?not (?:\w+ )?(?:{_STATED} )?(?:\w+ )?in {_SPEAKER}"
    rf"|{_REST} (?:is|are|was|were) not (?:\w+ )?(?:stated|mentioned|specified)"
    rf"|{_SPEAKER} (?:does not|do not|did not|doesn t|don t|didn t) (?:\w+ )?(?:say|mention|state|"
    rf"tell|specify|disclose){_REST}"
    rf"|{_SPEAKER} (?:contains?|provides?|gives?|includes?|has|have|offers?|makes?) no (?:\w+ )?(?:information|details?|mention|answer|data|figures?|record|reference){_REST}"
    rf"|{_DOCUMENT} (?:does not|do not|did not|doesn t|don t|didn t) (?:\w+ )?(?:"
    rf"contain|provide|include|give|answer|describe) (?:this|that|it|the|any|an? answer){_REST}"
    rf"|nothing in {_SPEAKER} (?:says|states|mentions){_REST}"
    rf"|there (?:is|s) no (?:\w+ )?(?:information|mention|answer|data){_REST}"
    rf"|no (?:\w+ )?information{_REST}"
    rf"|(?:{_REST} )?(?:cannot|can not|can t) be (?:determined|answered|known){_REST}"
    r"|(?:i|we) (?:cannot|can not|can t|am unable to|was unable to|m unable to|could not|couldn t) "
    rf"(?:answer|find|determine|say|tell){_REST})"
).fullmatch
_NOT = re.compile(r"\b(is|are|was|were)n['’]t\b", re.I)
_SENTENCES = re.compile(r"(?<=[.!?;。])\s+|\n+")
_POLITE = re.compile(rf"{_SORRY}|sorry|imsorry|iamsorry").fullmatch


def is_abstention(text: str, phrases: Sequence[str] | None = None) -> bool:
    """Says whether an answer, as a whole, is that one doesn't know, and states no fact beside it.

    `phrases` are more texts that mean it, beside the usual Korean and English ones.
    """
    own = {squash(normalise(phrase)) for phrase in phrases or ()} - {""}
    text = _NOT.sub(r"\1 not", text)
    plain = [normalise(sentence) for sentence in _SENTENCES.split(text)]
    meant = [sentence for sentence in plain if sentence and not _is_polite(sentence)]
    return bool(meant) and all(_abstains(sentence, own) for sentence in meant)


def _is_polite(sentence: str) -> bool:
    return bool(_POLITE(sentence.replace(" ", "")))


def _abstains(sentence: str, own: set[str]) -> bool:
    joined = squash(sentence)
    if joined in own or bare_ending(joined) in own:
        return True
    return len(sentence) <= _LONGEST and bool(_KOREAN(joined) or _ENGLISH(sentence))


METRICS = (
    Metric(
        "abstention_recall",
        "share of unanswerable rows that got no answer",
        QUESTION,
        row=lambda rows: rows.shares(rows.abstained, ~rows.answerable),
    ),
    Metric(
        "abstention_precision",
        "share of rows without an answer that are unanswerable",
        QUESTION,
        row=lambda rows: rows.shares(~rows.answerable, rows.abstained),
    ),
    Metric(
        "false_abstention",
        "share of answerable rows that got no answer",
        QUESTION,
        row=lambda rows: rows.shares(rows.abstained, rows.answerable),
        higher_is_better=False,
    ),
)
