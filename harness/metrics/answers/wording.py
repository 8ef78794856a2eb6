"""What in a sentence adds nothing to an answer: words of the question, particles, polite forms."""

from __future__ import annotations

import re
from functools import lru_cache

from harness.metrics.values.numerals import prepared

__all__ = [
    "FUNCTION_WORDS",
    "adds_nothing",
    "new_words",
    "asks",
    "carries_nothing",
    "stem_of",
    "overlap",
    "particle",
    "words_of",
]

_COPULA = (
    r"입니다|이십니다|십니다|이세요|이에요|예요|이다|이었다|이었습니다|이며|이고|이지만|이므로|인데|인|임|이라고도?|라고도?|이라는|라는|이라|라|란|이란|"
    r"이요|요|죠|이죠|다|합니다|하다|함|해요"
)
_ANY = r"하고|의|에|에서|에게|까지|부터|만|도|보다|씩|마다|처럼|에는|에서는|에도|으로서|로서|로써|만을|만이|뿐"
_CLOSED = r"은|이|을|과|으로|이랑|이나|으로는|과는"
_OPEN = r"는|가|를|와|로|랑|나|로는|와는"
_AFTER_CLOSED = re.compile(rf"님?(?:{_CLOSED}|{_ANY}|{_COPULA})?(?:{_COPULA})?(?![가-힣])")
_AFTER_OPEN = re.compile(rf"님?(?:{_OPEN}|{_ANY}|{_COPULA})?(?:{_COPULA})?(?![가-힣])")
_AFTER_LONE = re.compile(r"(?:입니다|이다|이에요|예요|은|는|을|를|이라고|라고|으로|로)?(?![가-힣])")
_AFTER_OTHER = re.compile(
    rf"(?:{_CLOSED}|{_OPEN}|{_ANY}|{_COPULA}|번|호|\s?등급)?(?:{_COPULA})?(?![가-힣])"
)

_KOREAN = re.compile(
    r"(?:네|예|아니요|아니오|그|이|저|본|해당|바로|즉|총|약간|모두|각각|흔히|보통|주로|현재|우리|당사|회사|사내|용어|말|이름|명칭|"
    r"정답|답|답변|결과|경우|것|건|게|쪽|곳|때|수|등|및|또는|그리고|이를|이것|그것|그건|이건|그렇게|다음|같다|같습니다|아래|위|따라|"
    r"따르면|먼저|사람|분|내야|함께|물론|더불어|아울러|업무|일반적|용어|(?:높|낮|길|긴|짧|많|적|늦|이르|이른|크|큰|작)(?:은|습니다|다|고|아요|어요|니다)?|깁니다|큽니다|이릅니다|낸|난|생긴|발생한|일어난|사유|대한|대해|관한|위한|통해|의해|중|가운데|더|가장|이상|인한|인하여|대하여[는서]?|매년|(?:계약|가입|(?:보장|보험|책임)\s?개시|발급)일로?부터|"
    r"(?:과장|대리|부장|차장|팀장|사원|주임|이사|상무|전무|대표|사장|회장|교수|박사|선생|변호사|상담사|직원)님?|님|씨|담당자|담당|담보|"
    r"전화|연락|문의|주시면|주십시오|주세요|바랍니다|하시면|"
    r"(?:필요|해당|적용|제출|준비|지칭|의미|표현|정의|명명|결정|확인|사용|이용|처리|안내|운영|청구|구비|담당|작성|기재|첨부|"
    r"맡|책임지|관리|위치|소재|지정|분류|평가|판정|기록|표시|배정|속하|명시|규정|정하|산정|부여|허용|"
    r"부르|말|칭|불리|일컫|뜻|가리키|하|되|이|있|내|쓰|들|알|보|받|나오|나타나|시행|지급)"
    r"(?:[은는이가을를도만의로]|하[가-힣]*|합[가-힣]*|한[가-힣]*|할[가-힣]*|해[가-힣]*|했[가-힣]*|함|되[가-힣]*|된[가-힣]*|됩[가-힣]*|"
    r"돼[가-힣]*|됐[가-힣]*|됨|으로|입니다|이다|어[가-힣]*|아[가-힣]*|였[가-힣]*|으며|으면|는[가-힣]*|습니다|ㅂ니다|기[가-힣]*|"
    r"십시오|세요|시[가-힣]*|는데|다|고|며|면|지)?|"
    r"부릅니다|부른다|부릅시다|부르십시오|불린다|불립니다|불러요|칭한다|칭합니다|합니다|한다|하며|됩니다|된다|돼요|입니다|있습니다|있다|"
    r"있어요|냅니다|낸다|씁니다|쓴다|봅니다|본다|줍니다|준다|받습니다|받는다)"
    r"(?:은|는|이|가|을|를|의|에|도|만|로|으로|과|와|에서|에게|까지|부터|이다|입니다|이었다|였다)?"
)
FUNCTION_WORDS = frozenset(
    re.split(
        r"\s+",
        "handled managed led run responsible charge held appointed serves acts works listed recorded assigned designated classified rated "
        "considered described referred titled found headquartered situated issued provided offered stated according document policy report since remains "
        "a an the is are was were be been being it its this that these those they he she we you i "
        "there of in on for to by at as with from under per into and or so then also do does did "
        "has have had can may will would shall should must who what which when where how why "
        "whose not yes answer called name named term known correct right would apply applies "
        "following required require requires needed need please use uses using used given set s "
        "re am just simply one well plus along together generally usually referred commonly auditor  it's that's there's mr mrs ms dr ext extension both all each covers "
        "cover includes include included including located based namely",
    )
)
_QUESTION = re.compile(
    r"[?？]\s*$|알려\s?(?:줘|주|달)|무엇인지|얼마인지|(?:나요|까요|ㄴ가요|인가요|은가요|는가요|죠)[.!]?\s*$|부탁\s?드|궁금"
    r"|(?:더\s?[가-힣]+|어느)\s?(?:쪽|것)[은이]?\s*$"
)
_ENUMERATED = re.compile(r"(?<!\S)\(?\d{1,2}[.)](?=\s|$)")
_TOKEN = re.compile(r"[가-힣]+|[A-Za-z]+(?:'(?!s\b)[a-z]+)?|\d[\d,.]*")
_PREFIX = re.compile(r"^(?:이용|사용|해당)(?=[가-힣]{2})")
_STEM_END = re.compile(
    r"(?:입니다|이에요|예요|이다|이라고|라고|이라|에서는|에서|에게|까지|부터|으로|은|는|이|가|을|를|의|에|도|만|로|과|와|한다|합니다|"
    r"하는|하여|해야|하면|하려면|할|한|된다|됩니다|되는|되면|된|이랑|랑|하고)$"
)


def particle(text: str, end: int, word: str) -> int | None:
    """Returns where the particles end that stand at a place after a word; None inside a word.

    Which particles may follow depends on whether the word ends in a consonant, so that 중 isn't
    found in 중요, nor 사과 taken for 사 with a particle.
    """
    last = word[-1:]
    if last.isascii() or not "가" <= last <= "힣":
        after = re.compile(r"(?![A-Za-z\d+]|-|[.,]\d|%)").match(text, end)
        match = _AFTER_OTHER.match(text, end) if after else None
    elif len(re.findall(r"[가-힣]", word)) == 1 and len(word) == 1:
        match = _AFTER_LONE.match(text, end)
    else:
        match = (_AFTER_CLOSED if (ord(last) - 0xAC00) % 28 else _AFTER_OPEN).match(text, end)
    return match.end() if match else None


def words_of(text: str) -> list[str]:
    """Splits a prepared text into words of letters or digits."""
    return _TOKEN.findall(text)


def asks(text: str) -> bool:
    """Says whether a text is a question or a request itself, as an echoed one is."""
    return bool(_QUESTION.search(text))


def adds_nothing(rest: str, question: str, also: str = "") -> bool:
    """Says whether each word of what remains of an answer is in the question or carries nothing."""
    rest = _ENUMERATED.sub(" ", rest)
    known = _squashed(f"{question} {also}")
    stems = _stems(f"{question} {also}")
    return all(_is_known(word, known, stems) for word in words_of(rest))


def new_words(text: str, question: str) -> int:
    """Counts the words of a text that carry something and aren't in a question."""
    known, stems = _squashed(question), _stems(question)
    return sum(not _is_known(word, known, stems) for word in words_of(text) if not word.isdigit())


@lru_cache(maxsize=4096)
def _squashed(text: str) -> str:
    return "".join(prepared(text).casefold().split())


@lru_cache(maxsize=4096)
def _stems(text: str) -> frozenset[str]:
    """Beginnings of words: two syllables of Korean, four letters of English."""
    words = words_of(prepared(text).casefold())
    return frozenset(word[: 2 if "가" <= word[0] <= "힣" else 4] for word in words)


def stem_of(word: str) -> str:
    """Takes particles, common endings and 이용 (이용실적) off a Korean word."""
    return _PREFIX.sub("", _STEM_END.sub("", word)) or word


def carries_nothing(word: str) -> bool:
    """Says whether a word in lower case is a function word or a polite form."""
    return word in FUNCTION_WORDS or bool(_KOREAN.fullmatch(word))


def _is_known(word: str, known: str, stems: frozenset[str]) -> bool:
    word = word.casefold()
    if "가" <= word[0] <= "힣":
        return stem_of(word) in known or word[:2] in stems or carries_nothing(word)
    if word[0].isdigit():
        return word in known
    return carries_nothing(word) or word[:4] in stems


_OF_A_NUMBER = 5  # a year says more of what is meant than a pair of syllables


def overlap(text: str, question: str) -> int:
    """Counts what a text shares with a question: pairs of syllables, stems of words, numbers."""
    shared = _pieces(text) & _pieces(question)
    return sum(_OF_A_NUMBER if piece[0].isdigit() else 1 for piece in shared)


@lru_cache(maxsize=8192)
def _pieces(text: str) -> frozenset[str]:
    pieces: set[str] = set()
    for word in words_of(prepared(text).casefold()):
        if "가" <= word[0] <= "힣":
            pieces.update(word[i : i + 2] for i in range(len(word) - 1))
        elif word not in FUNCTION_WORDS:
            pieces.add(word[:5])
    return frozenset(pieces)
