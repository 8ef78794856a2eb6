"""Reads the call of a tool out of what a model wrote, and says how to write one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from harness.metrics.parse import visible
from harness.types import Passage, Section, Tool

__all__ = ["CALCULATE", "SEARCH", "Wording", "read_call", "wording"]

SEARCH = Tool("search", "Search the company's documents; returns the best passages.", "words")
CALCULATE = Tool("calculate", "Compute an arithmetic expression; returns the number.", "expression")

_NAMES = {"검색": SEARCH, "search": SEARCH, "계산": CALCULATE, "calculate": CALCULATE}
_CALL = re.compile(
    rf"\W*(?:(?:answer|답)\s*[:：]\s*)?({'|'.join(_NAMES)})\s*[:：][\s*`]*([^\s*`].*)", re.I
)


@dataclass(frozen=True)
class Wording:
    """The words of one language.

    Attributes:
        names: What a line with a call begins with, by tool.
        rules: How each tool is called, by tool.
        close: What is done after the results.
        last: Stands below the question when no further call is answered.
        nothing: Result of a search that finds nothing.
        failed: Result of an expression that can't be computed.
        asked: Two invented questions: one to be looked up, one to be computed.
        found: The invented passage that answers the first.
        called: What is searched for, and what is computed, to answer them.
        answers: Of both.
        lookups: More invented questions, each with what is searched for: a small model that was
            shown as many answers as calls answers at once.
    """

    names: dict[str, str]
    rules: dict[str, str]
    close: str
    last: str
    nothing: str
    failed: str
    asked: tuple[str, str]
    found: str
    called: tuple[str, str]
    answers: tuple[str, str]
    lookups: tuple[tuple[str, str], ...]

    def note(self, tool: Tool, text: str, result: str) -> str:
        """Returns the line that tells a result."""
        return f"{self.names[tool.name]}: {text} = {result}"

    def instructions(self, tools: Sequence[Tool]) -> str:
        """Returns how the tools are called by a line of text."""
        return " ".join([*(self.rules[tool.name] for tool in tools), self.close])

    def examples(self, tools: Sequence[Tool]) -> tuple[Section, ...]:
        """Returns invented turns that show each tool called, and its result used."""
        shown = []
        if CALCULATE in tools:
            from harness.strategy.tools.calculator import calculate

            told = self.note(CALCULATE, self.called[1], calculate(self.called[1]))
            shown += [
                Section("example", self.asked[1], self._line(CALCULATE, self.called[1])),
                Section("example", f"{self.asked[1]}\n{told}", self.answers[1]),
            ]
        if SEARCH in tools:
            passage = Passage(self.found, "")
            shown += [
                Section("example", self.asked[0], self._line(SEARCH, self.called[0])),
                Section("example", self.asked[0], self.answers[0], passages=(passage,)),
                *(Section("example", text, self._line(SEARCH, wanted))
                  for text, wanted in self.lookups),
            ]  # fmt: skip
        return tuple(shown)

    def _line(self, tool: Tool, text: str) -> str:
        return f"{self.names[tool.name]}: {text}"


_WORDS = {
    "ko": Wording(
        names={"search": "검색", "calculate": "계산"},
        rules={
            "search": '자료가 필요하면 "검색: 찾을 말"이라고 한 줄로 쓴다.',
            "calculate": '셈이 필요하면 "계산: 식"이라고 한 줄로 쓴다.',
        },
        close="결과가 나오면 답만 쓴다.",
        last="이제 답만 쓴다.",
        nothing="찾은 자료 없음",
        failed="계산할 수 없음",
        asked=("사내 도서관은 몇 시에 문을 닫나요?", "한 달에 12만원씩 내면 1년에 얼마인가요?"),
        found="사내 도서관은 평일 오후 7시에 문을 닫는다.",
        called=("사내 도서관 닫는 시간", "12만원 * 12"),
        answers=("오후 7시", "144만원"),
        lookups=(
            ("법인카드는 누가 승인하나요?", "법인카드 승인"),
            ("명함은 몇 장까지 주문할 수 있나요?", "명함 주문 장수"),
        ),
    ),
    "en": Wording(
        names={"search": "Search", "calculate": "Calculate"},
        rules={
            "search": 'To look something up, write one line "Search: words".',
            "calculate": 'To compute something, write one line "Calculate: expression".',
        },
        close="After the results, write the answer only.",
        last="Now write the answer only.",
        nothing="nothing was found",
        failed="can't be computed",
        asked=("When does the staff library close?", "What do 12 payments of $120 come to?"),
        found="The staff library closes at 7 p.m. on weekdays.",
        called=("staff library closing time", "12 * $120"),
        answers=("7 p.m.", "$1,440"),
        lookups=(
            ("Who approves a company card?", "company card approval"),
            ("How many business cards can be ordered?", "business cards order quantity"),
        ),
    ),
}


def wording(language: str) -> Wording:
    """Returns the words of a language; English where there are none."""
    return _WORDS.get(language, _WORDS["en"])


def read_call(text: str, tools: Sequence[Tool]) -> tuple[Tool, str] | None:
    """Finds a call in the first line that a model wrote.

    Args:
        text: What it wrote.
        tools: What it may call.

    Returns:
        The tool and its text; None where the line is an answer.
    """
    found = _CALL.match(visible(text))
    if not found:
        return None
    tool = _NAMES[found[1].lower()]
    return (tool, found[2].strip().strip("\"'“”`")) if tool in tools else None
