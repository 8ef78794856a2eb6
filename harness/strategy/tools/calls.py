"""Reads the call of a tool in a model's text, and holds the instructions for writing one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from harness.calls import written_calls
from harness.metrics.parse import visible
from harness.strategy.tools.calculator import calculate
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
    """The words of one language; the worked examples in it are invented."""

    names: dict[str, str]  # what a line with a call begins with, by tool
    rules: dict[str, str]  # how each tool is called, by tool
    close: str  # what the model does after the results
    last: str  # stands below the question when no further call is answered
    nothing: str  # result of a search without passages
    failed: str  # result of an expression that can't be computed
    calculation: tuple[str, str, str]  # a question, the expression that it takes, and the answer
    lookup: tuple[str, str, str, str]  # a question, words to search for, a passage, the answer
    # More questions, each with the words to search for: a small model that is shown as many
    # answers as calls skips the call and answers at once.
    lookups: tuple[tuple[str, str], ...]

    def note(self, tool: Tool, text: str, result: str) -> str:
        """Returns the line that shows a call with its result."""
        return f"{self._line(tool, text)} = {result}"

    def instructions(self, tools: Sequence[Tool]) -> str:
        """Returns how the tools are called by a line of text."""
        return " ".join([*(self.rules[tool.name] for tool in tools), self.close])

    def examples(self, tools: Sequence[Tool]) -> tuple[Section, ...]:
        """Returns invented turns that show each tool called, and its result used."""
        turns = []
        if CALCULATE in tools:
            question, expression, answer = self.calculation
            result = self.note(CALCULATE, expression, calculate(expression))
            turns += [
                Section("example", question, self._line(CALCULATE, expression)),
                Section("example", f"{question}\n{result}", answer),
            ]
        if SEARCH in tools:
            question, words, passage, answer = self.lookup
            turns += [
                Section("example", question, self._line(SEARCH, words)),
                Section("example", question, answer, passages=(Passage(passage, ""),)),
            ]
            for question, words in self.lookups:
                turns.append(Section("example", question, self._line(SEARCH, words)))
        return tuple(turns)

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
        calculation=("한 달에 12만원씩 내면 1년에 얼마인가요?", "12만원 * 12", "144만원"),
        lookup=(
            "사내 도서관은 몇 시에 문을 닫나요?",
            "사내 도서관 닫는 시간",
            "사내 도서관은 평일 오후 7시에 문을 닫는다.",
            "오후 7시",
        ),
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
        calculation=("What do 12 payments of $120 come to?", "12 * $120", "$1,440"),
        lookup=(
            "When does the staff library close?",
            "staff library closing time",
            "The staff library closes at 7 p.m. on weekdays.",
            "7 p.m.",
        ),
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
    """Returns the tool that a model's first line calls, and its text; None for an answer.

    A model that was tuned to call tools may write its own form, whatever it was asked for.
    """
    for name, argument in written_calls(text):
        return next(((tool, argument) for tool in tools if tool.name == name), None)
    match = _CALL.match(visible(text))
    if not match:
        return None
    tool = _NAMES[match[1].lower()]
    return (tool, match[2].strip().strip("\"'“”`")) if tool in tools else None
