"""What the name of a column hints at, in English and Korean. Names help, values decide."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from harness.task.policy import named_split

__all__ = [
    "CANONICAL",
    "LETTERED",
    "groups_nothing",
    "is_final",
    "language_suffix",
    "option_columns",
    "roles_of",
    "words_of",
]

_WORDS = {  # whole words of a name
    "question": "question query questions q utterance utt claim hypothesis instruction",
    "input": "pattern example text sentence sentences utterance utt message messages content body "
    "review reviews news headline input prompt comment comments tweet complaint narrative post description article "
    "title subject email transcript memo remark note premise inquiry",
    "answer": "answer target response reply output completion gold solution expected a summary truth "
    "groundtruth assert ideal abstractive chosen",
    "label": "label class classes category categories subcategory sentiment intent topic tag outcome "
    "rating star score polarity emotion stance verdict decision grade priority severity type y coarse "
    "status department overall liked issue fraud spam relevance quality winner preference act "
    "annotation relation predicate",
    "context": "context passage paragraph document evidence article reference source_text contexts "
    "background table policy premise clause",
    "id": "id idx index uid uuid guid qid key unnamed no num number seq rowid turn",
    "time": "date time datetime created timestamp created_at year month day",
    "split": "split fold subset partition",
    "group": "customer client user policy document doc contract account patient group session thread "
    "company insured ticket case conversation item source_id speaker member",
    "options": "choices options candidates alternatives endings",
    "other": "explanation justification rationale reasoning comment_by model annotator confidence "
    "url link lang language email phone page rejected",
    "aspect": "aspect term target entity category claim hypothesis question query sentence2 text_b "
    "text2 question2 product facet head tail subject object",
}
_KOREAN = {  # parts of a name, since words are written together
    "question": "질문 문의 질의 물음 문제",
    "input": "내용 본문 문장 텍스트 리뷰 상담 발화 원문 기사 민원 댓글 후기 문의 제목 메시지",
    "answer": "답변 정답 응답 회신 모범답안 답",
    "label": "라벨 레이블 구분 감성 감정 분류 카테고리 유형 의도 판정 결과 등급 별점 평점 종류 담당부서 여부 "
    "주제 태그 만족도",
    "context": "지문 문맥 단락 근거 참고 약관 조항",
    "id": "번호 순번 일련 아이디 연번 ID",
    "time": "날짜 일자 일시 등록일 접수일 작성일 년도 연도",
    "split": "데이터구분 데이터셋",
    "group": "고객 계약 증권 문서 회사 사용자 가입자 피보험자 보험사 작성자",
    "options": "보기 선택지",
    "other": "해설 설명 비고 담당자 이름 성명 전화",
    "aspect": "속성 측면 대상",
}
_MORE = {  # words anywhere in a name that say what a column is not
    "personal": "gender sex age marital occupation race region state city country zip postal channel",
    "made": "pred predicted prediction generated gpt chatgpt llm llama claude gemini model baseline "
    "annotator annot annotated parsed tokenized rater labeler labeller",  # by a model, or by one of several people
    "counted": "days weeks months years hours count amount premium cost price size",
    "staff": "agent operator adjuster employee staff worker",
    "final": "gold final consensus majority truth",
    "place": "start end begin offset position length len count",
    "generic": "text string value full raw",
}
_MORE_KOREAN = {
    "personal": "성별 연령 나이 직업 거주지 혼인",
    "made": "작업자 라벨러 평가자 검수자 예측",
    "staff": "상담원 상담사 담당자 직원 처리자",
    "final": "최종 확정 합의",
}
_ASKING = frozenset({"is", "has", "was"})
_ROLES = {role: frozenset(words.split()) for role, words in _WORDS.items()}
_PARTS = {role: tuple(words.split()) for role, words in _KOREAN.items()}
_KINDS = {kind: frozenset(words.split()) for kind, words in _MORE.items()}
_KIND_PARTS = {kind: tuple(words.split()) for kind, words in _MORE_KOREAN.items()}
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_LANGUAGES = {"ko", "kr", "kor", "korean", "en", "eng", "english", "ja", "jp", "zh", "cn"}
LETTERED = re.compile(
    r"(opt(?:ion)?s?|choices?|cand(?:idate)?|alt(?:ernative)?|answer|ending|sol|op|보기|선택지|문항)?[ _.-]*"
    r"([a-jA-J]|\d{1,2}|[①-⑩])"
)
_CANONICAL = "label labels target answer answers annotation 라벨 레이블 정답 답변"
CANONICAL = frozenset(_CANONICAL.split())
"""Names that say by themselves that a column is what is asked for."""
_FIRSTS = ("a", "0", "1", "①")


@cache
def words_of(name: str) -> tuple[str, ...]:
    """Returns the words of a name: ``PolicyNo`` is policy, no."""
    spaced = _CAMEL.sub(" ", unicodedata.normalize("NFC", name))
    return tuple(word.casefold() for word in re.split(r"[\W_]+", spaced) if word)


@cache
def roles_of(name: str) -> frozenset[str]:
    """Returns what a column of this name may be: question, input, answer, label, id, ...

    The last word decides where it says something: a ``question_type`` is a type, no question.
    """
    words = words_of(name)
    if _is("personal", name) or {*words[-1:]} & _KINDS["place"]:
        return frozenset({"other"})  # ``answer_start`` is no answer
    more = {role for role, kind in (("other", "made"), ("measure", "counted")) if _is(kind, name)}
    return _said(name, words) | more


def _is(kind: str, name: str) -> bool:
    words = {form for word in words_of(name) for form in (word, word.rstrip("0123456789"))}
    return bool(_KINDS[kind] & words) or any(part in name for part in _KIND_PARTS.get(kind, ()))


def _said(name: str, words: tuple[str, ...]) -> frozenset[str]:
    if len(words) > 1 and words[0] in _ASKING:  # ``is_test``, ``is_fraud``
        return frozenset({"split" if named_split(words[-1]) else "label"})
    found = _ended(name, words)
    if len(words) > 1 and words[-1] in _KINDS["generic"]:
        found |= {role for role, known in _ROLES.items() if words[-2] in known}
    if found == {"id"} and _ROLES["label"] & set(words[:-1]):
        return frozenset({"label"})  # ``Class Index``, ``label_id``
    if found:
        return found
    roles = {role for role, known in _ROLES.items() if known & set(words)}
    return frozenset(
        roles | {role for role, parts in _PARTS.items() if any(part in name for part in parts)}
    )


def _ended(name: str, words: tuple[str, ...]) -> frozenset[str]:
    last = {form for word in words[-1:] for form in (word, word.rstrip("0123456789"))}
    last |= {word.removesuffix("s") for word in last}
    roles = {role for role, known in _ROLES.items() if known & last}
    bare = name.rstrip("0123456789_ ")
    ends = {
        role: max((len(p) for p in parts if bare.endswith(p)), default=0)
        for role, parts in _PARTS.items()
    }
    longest = max(ends.values())
    return frozenset(roles | {role for role, size in ends.items() if size == longest > 0})


def groups_nothing(name: str) -> bool:
    """Whether a column counts, or names who works there: ``months_as_customer`` is no customer."""
    return _is("counted", name) or _is("staff", name)


def is_final(name: str) -> bool:
    """Whether a name says that it was agreed on, as beside columns of single annotators."""
    return _is("final", name)


def language_suffix(name: str) -> tuple[str, str]:
    """Divides ``sentence_ko`` or ``kor_sentence`` into what is written and its language, or ""."""
    words = words_of(name)
    if len(words) > 1 and words[-1] in _LANGUAGES:
        return " ".join(words[:-1]), words[-1]
    if len(words) > 1 and words[0] in _LANGUAGES:
        return " ".join(words[1:]), words[0]
    return name, ""


def option_columns(names: list[str]) -> tuple[str, ...]:
    """Returns the columns that hold a row's options: A, B, C; option1, option2; 보기1, 보기2."""
    families: dict[str, list[tuple[str, str]]] = {}
    for name in names:
        if found := LETTERED.fullmatch(name.strip().casefold()):
            stem = (found[1] or "").casefold()
            families.setdefault(stem, []).append((found[2].casefold(), name))
    for stem, members in families.items():
        signs = [sign for sign, _ in members]
        enough = len(members) > (1 if stem not in ("", "answer") else 2)
        if enough and min(signs) in _FIRSTS and _are_successive(signs):
            return tuple(name for _, name in sorted(members, key=lambda each: _place(each[0])))
    return ()


def _place(sign: str) -> int:
    return int(sign) if sign.isdigit() and sign.isascii() else ord(sign)


def _are_successive(signs: list[str]) -> bool:
    places = sorted(map(_place, signs))
    return places == list(range(places[0], places[0] + len(places)))
