"""What the proposing model is asked, in the language of the documents."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from harness.text import words
from harness.types import Prompt, Section

__all__ = ["VERSION", "WORDS", "Words"]

VERSION = 1
"""Raised when a prompt below changes: what was measured of proposals is of one wording."""


def _json(**values: str) -> str:
    return json.dumps(values, ensure_ascii=False)


def _pair(question: str, answer: str) -> str:
    return _json(question=question, answer=answer)


@dataclass(frozen=True)
class Words:
    """The prompts of one language."""

    propose: str  # instructions: a question and its answer, of a passage
    examples: tuple[tuple[str, str], ...]  # passages, and what is right to reply
    change: str  # instructions: what a question asks about, and another thing of the sort
    changes: tuple[tuple[str, str], ...]
    general: str  # instructions: a question about a subject, which the documents aren't about
    generals: tuple[tuple[str, str], ...]
    topics: tuple[str, ...]
    answer: str  # instructions: a short answer, from passages where there are some
    leaning: re.Pattern[str]  # words of a question that nobody understands without its passage

    def proposal(self, passage: str) -> Prompt:
        """Asks for a question and an answer, as a JSON object."""
        return _prompt(self.propose, self.examples, passage)

    def other(self, question: str) -> Prompt:
        """Asks for what the question is about, and another thing, as a JSON object."""
        return _prompt(self.change, self.changes, question)

    def off_topic(self, topic: str) -> Prompt:
        """Asks for a question about a subject."""
        return _prompt(self.general, self.generals, topic)


def _prompt(instructions: str, examples: tuple[tuple[str, str], ...], text: str) -> Prompt:
    shown = (Section("example", asked, answer=reply) for asked, reply in examples)
    sections = (Section("instructions", instructions), *shown, Section("question", text))
    return Prompt(sections, cue="JSON:", input_cue="")


_EN = Words(
    propose=(
        "Write one question about a fact in the passage, and its answer. The question names what it "
        "asks about in full, so that it is understood without the passage. The answer is a number, "
        "an amount, a period, a name or a few words, copied from the passage. Reply with one JSON "
        'object: {"question": "...", "answer": "..."}'
    ),
    examples=(
        (
            "fleet.docx\nArticle 4(Repairs)\nA cracked windscreen of a company car is replaced within "
            "5 working days. The driver reports it to the motor pool.",
            _pair(
                "Within how many working days is a cracked windscreen of a company car replaced?",
                "5 working days",
            ),
        ),
        (
            "canteen.pdf\nThe subsidy for a meal in the canteen is 3.50 euros a day. Guests of the "
            "works council pay the full price.",
            _pair(
                "Who pays the full price of a meal in the canteen?", "guests of the works council"
            ),
        ),
    ),
    change=(
        "Name the thing that the question asks about, word for word, and another thing of the same "
        "sort, which you invent. Reply with one JSON object: "
        '{"thing": "...", "other": "..."}'
    ),
    changes=(
        (
            "Within how many working days is a cracked windscreen of a company car replaced?",
            _json(thing="company car", other="company bicycle"),
        ),
        (
            "Who pays the full price of a meal in the canteen?",
            _json(thing="canteen", other="rooftop bar"),
        ),
        (
            "How much does liability insurance for boats pay at most?",
            _json(thing="boats", other="hot-air balloons"),
        ),
    ),
    general=(
        "Write one short question of general knowledge about the subject, and its answer. Reply with "
        'one JSON object: {"question": "...", "answer": "..."}'
    ),
    generals=(("rivers", _pair("Which river flows through Vienna?", "the Danube")),),
    topics=words("""
        astronomy cooking football dinosaurs painting chess volcanoes orchestras baking whales Egypt bees
        mountains films chemistry gardening poetry tennis spaceflight languages physics trains dancing
        coffee islands
    """),
    answer=(
        "Answer the question in a few words. If passages are given, answer from them alone; if they "
        "don't say it, answer \"I don't know\"."
    ),
    leaning=re.compile(
        r"\b(?:this|these|those|the (?:above|following|passage|text|document|paragraph|sentence|article)|"
        r"aforementioned|mentioned (?:above|below|here)|article \d+)\b",
        re.I,
    ),
)
_KO = Words(
    propose=(
        "글에 있는 사실 하나를 묻는 질문과 그 답을 쓴다. 질문에는 무엇에 대한 것인지 이름을 모두 적어, 글을 "
        "보지 않고도 알 수 있게 한다. 답은 글에서 그대로 옮긴 숫자, 금액, 기간, 이름 또는 몇 단어이다. JSON 객체 "
        '하나로만 답한다: {"question": "...", "answer": "..."}'
    ),
    examples=(
        (
            "차량.docx\n제4조(수리)\n업무용 차량의 앞유리가 깨지면 5영업일 안에 교체한다. 운전자는 차량팀에 "
            "신고한다.",
            _pair("업무용 차량의 깨진 앞유리는 며칠 안에 교체하나요?", "5영업일"),
        ),
        (
            "식당.pdf\n구내식당 식비 지원금은 하루 3,500원이다. 노조의 손님은 전액을 낸다.",
            _pair("구내식당에서 식비 전액을 내는 사람은 누구인가요?", "노조의 손님"),
        ),
    ),
    change=(
        "질문에서 묻는 대상을 질문에 적힌 그대로 쓰고, 같은 종류의 다른 대상을 하나 지어내어 쓴다. JSON 객체 하나로만 "
        '답한다: {"thing": "질문의 대상", "other": "다른 대상"}'
    ),
    changes=(
        (
            "업무용 차량의 깨진 앞유리는 며칠 안에 교체하나요?",
            _json(thing="업무용 차량", other="업무용 자전거"),
        ),
        (
            "구내식당에서 식비 전액을 내는 사람은 누구인가요?",
            _json(thing="구내식당", other="옥상 카페"),
        ),
        (
            "선박 배상책임보험은 최대 얼마를 지급하나요?",
            _json(thing="선박", other="열기구"),
        ),
    ),
    general=(
        "주제에 대한 짧은 상식 질문과 그 답을 쓴다. JSON 객체 하나로만 답한다: "
        '{"question": "...", "answer": "..."}'
    ),
    generals=(("강", _pair("빈을 지나 흐르는 강은 무엇인가요?", "도나우강")),),
    topics=words("""
        천문학 요리 축구 공룡 그림 바둑 화산 관현악단 제빵 고래 이집트 꿀벌 산 영화 화학 원예 시 테니스 우주여행 언어
        물리학 기차 민속춤 커피 섬
    """),
    answer=(
        '질문에 몇 단어로 답한다. 글이 주어지면 그 글로만 답하고, 글에 답이 없으면 "모른다"라고 답한다.'
    ),
    leaning=re.compile(
        r"(?<![가-힣])(?:이|그|저|위|본|해당|다음|아래|상기|앞의|주어진|언급된|동)\s?(?:의\s)?"
        r"(?:글|문서|조항|규정|표|문단|문장|지문|본문|내용|약관|상품|금액|기간|경우|사람|항목|보험|특약)"
        r"|(?<![가-힣])위(?:의|에서|와)\s|주어진|언급된|상기|제\s?\d+\s?조"
    ),
)
WORDS = {"ko": _KO, "en": _EN}
