"""Lines that a model writes, and whether they call a tool."""

from __future__ import annotations

import pytest

from harness.strategy.tools.calls import CALCULATE, SEARCH, read_call, wording

BOTH = (SEARCH, CALCULATE)


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("검색: 육아휴직 기간", (SEARCH, "육아휴직 기간")),
        (" 계산 : 12만원 * 12\n답: 144만원", (CALCULATE, "12만원 * 12")),
        ('Search: "parental leave"', (SEARCH, "parental leave")),
        ("**calculate：** 3 * 4", (CALCULATE, "3 * 4")),
        ("<think>hm\nSearch: no</think>Calculate: 1+1", (CALCULATE, "1+1")),
        ("Answer: Calculate: 1+1", (CALCULATE, "1+1")),
        ("144만원", None),
        ("144만원 (계산: 12만원 * 12)", None),
        ("2년\n검색: 육아휴직", None),
        ("검색:", None),
        ("", None),
    ],
)
def test_a_call_is_the_first_line(text, call):
    assert read_call(text, BOTH) == call


def test_a_tool_that_is_not_there_is_not_called():
    assert read_call("검색: 육아휴직", (CALCULATE,)) is None


@pytest.mark.parametrize("language", ["ko", "en", "fr"])
def test_examples_call_by_the_rules_that_are_told(language):
    words = wording(language)
    shown = words.examples(BOTH)
    called = [read_call(each.answer, BOTH) for each in shown]
    assert [call and call[0].name for call in called] == [
        "calculate", None, "search", None, "search", "search"
    ]  # fmt: skip
    for each, call in zip(shown, called, strict=True):
        if call:
            assert f"{each.answer.partition(':')[0]}:" in words.instructions(BOTH)
    assert "144" in shown[1].text or "1,440" in shown[1].text
    assert shown[3].passages[0].text == words.lookup[2]
    assert len(words.examples((CALCULATE,))) == 2
