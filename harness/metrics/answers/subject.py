"""Whether a sentence speaks of another thing than a question: the first child, not the second."""

from __future__ import annotations

import re
import unicodedata

from harness.metrics.answers.wording import carries_nothing, stem_of, words_of

__all__ = ["has_other_role", "has_own_subject", "is_of_another", "shortens_object"]

_OBJECT = re.compile(r"([가-힣]{2,})[을를](?![가-힣])")
_LEAST = 2  # Syllables that two compounds share: 육아휴직, 봉사휴직
_LIMITS = re.compile(
    r"excess|시|기간에|가능[가-힣]*|손해[가-힣]?|사고[가-힣]?|필요[가-힣]*|사람[은이만]?|경우[에는만]*|pre|before|posted|recorded|reported|made|booked|results?|profits?|loss(?:es)?|income|손익|손실|이익|영업손익|최대|최소|최고|최저|현행|현재|기존|평균|연간|월간|total|maximum|minimum|average|annual",
    re.I,
)
_IDENTIFIERS = tuple(
    re.compile(kind)
    for kind in (
        r"(?<![A-Za-z])[A-Z]{1,4}-\d+(?!\d)",
        r"(?<![\w])['‘“\"「]([^'’”\"」]{2,20})['’”\"」]",
        r"(?<![\d.,])(\d+)\s?(?:급|호|형|종)(?![가-힣]{3})",
        r"\b(?:[Pp]lan|[Cc]lass|[Ss]ection|[Tt]ier|[Oo]ption)\s([A-Z]|\d+)\b",
    )
)
_SUBJECT = re.compile(
    r"([^,.:]{3,60}?)(?:\s(?:is|are|was|were|amounted\sto|totall?ed|stood\sat)\s|(?<=[가-힣])[은는이가]\s)"
)
_COMPANY = re.compile(
    r"(?<!^)\b[A-Z][a-z]+(?:\s[A-Z][a-z]+)*(?:'s)?|[가-힣]+(?:화재|생명|손보|카드|은행|증권|캐피탈)(?:의|에서)?(?=\s)"
)
_ROLE_ASKED = re.compile(r"^who\sis\s(?:[^?]*?\s)?(\w+)(?=\s(?:of|at|for|in)\s|\?|$)", re.I)
_NOT_YET = re.compile(r"\b(?:former|deputy|acting|interim|outgoing|incoming)\b", re.I)
_ROLE = re.compile(r"^\s*(?:is|was)\s([^.,]+)|^([^.,]+?)\s(?:is|was)\s*\.?$", re.I)
_ASKING = frozenset({"much", "many", "long", "언제", "얼마", "누구", "무엇", "몇", "어디"})
_ALIKE = str.maketrans("ᅣᅧᅭᅲᅦᅨᅤ", "ᅡᅥᅩᅮᅢᅢᅢ")
# A question may describe what an answer names: the department in charge.
_ROLES = re.compile(r"(?:부서|담당자?|제도|상품|회사|기관|직원|고객|사람|창구)$")


def is_of_another(text: str, question: str) -> bool:
    """Says whether a sentence has another word where a question has its own.

    That is a word that the question lacks, before one that both have (the theft deductible, the
    fire deductible), or two compounds with one head of which each text has only its own.
    """
    if _has_other_identifier(text, question):
        return True
    said, asked = (_content(each) for each in (text, question))
    new = [word for word in said if _is_missing(word, question)]
    missing = {word for word in asked if _is_missing(word, text) and not _ROLES.search(word)}
    if any(_are_siblings(word, other) for word in new for other in missing):
        return True
    before = dict(zip(asked[1:], asked, strict=False))
    return any(
        left in new
        and (other := before.get(word)) in missing
        and not _are_spellings(left, other or "")
        for left, word in zip(said, said[1:], strict=False)
    )


def has_own_subject(text: str, question: str) -> bool:
    """Whether a sentence says what it is about, and nothing of that or the rest is asked for."""
    subject = _SUBJECT.match(text.strip())
    named = subject and [word for word in _content(subject[1]) if _is_missing(word, question)]
    asked = [word for word in _content(_COMPANY.sub(" ", question)) if word not in _ASKING]
    return bool(named and asked) and not any(_shares(word, text) for word in asked)


def has_other_role(text: str, question: str) -> bool:
    """Whether a sentence without its name gives it another role than "Who is the ..." asks for."""
    if _NOT_YET.search(text) and not _NOT_YET.search(question):
        return True
    asked, said = _ROLE_ASKED.search(question), _ROLE.search(text)
    if not asked or not said or asked[1].isupper() or not _is_missing(asked[1].lower(), text):
        return False
    return any(_is_missing(word, question) for word in _content(said[1] or said[2]))


def _shares(word: str, text: str) -> bool:
    """Whether a text has a word, or two syllables of a Korean one: 자기부담금, 부담."""
    pairs = (word[i : i + 2] for i in range(len(word) - 1) if word[i] >= "가")
    return not _is_missing(word, text) or any(pair in text for pair in pairs)


def _are_spellings(left: str, right: str) -> bool:
    """Whether two Korean words sound alike: 신청, 신쳥."""
    forms = [unicodedata.normalize("NFD", word).translate(_ALIKE) for word in (left, right)]
    return forms[0] == forms[1]


def _has_other_identifier(text: str, question: str) -> bool:
    """Whether a sentence names a code, a quoted name or a number of a class, but another one."""
    for kind in _IDENTIFIERS:
        said, asked = (set(kind.findall(each)) for each in (text, question))
        if said and asked and not said & asked:
            return True
    return False


def shortens_object(text: str, question: str) -> bool:
    """Says whether what is done is done to a part of a word: 복직을 for 복직원을."""
    said, asked = (set(_OBJECT.findall(each)) for each in (text, question))
    return any(
        other != word and other.startswith(word) and other not in text
        for word in said - asked
        for other in asked
    )


def _content(text: str) -> list[str]:
    """Returns the stems of the words that carry something, numbers aside."""
    words = [word.casefold() for word in words_of(text)]
    return [
        stem_of(word)
        for word in words
        if not word[0].isdigit()
        and (word == "담보" or not carries_nothing(word))
        and not _LIMITS.fullmatch(word)
    ]


def _is_missing(stem: str, text: str) -> bool:
    if "가" <= stem[0] <= "힣":
        return stem[:2] not in "".join(text.split())
    return not any(word.casefold().startswith(stem[:4]) for word in words_of(text))


def _are_siblings(left: str, right: str) -> bool:
    """Whether two Korean compounds share their head and nothing before it."""
    if not all("가" <= word[0] <= "힣" and len(word) > _LEAST for word in (left, right)):
        return False
    return left[-_LEAST:] == right[-_LEAST:]
