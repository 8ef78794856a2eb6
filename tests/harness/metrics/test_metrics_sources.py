"""What an answer rests on: the sources that it cites."""

from __future__ import annotations

import pytest

from harness.metrics.sources import source_correctness
from harness.types import Passage


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("2년", 1.0),
        ("2년 [1]", 1.0),
        ("2년 [2]", 0.0),
        ("2년 [1][2]", 0.5),
        ("2년 [9]", 0.0),
    ],
)
def test_sources_are_the_documents_that_say_it(text: str, share: float):
    evidence = [Passage("...", "휴직.pdf"), Passage("...", "복지.docx")]
    gold = [Passage("최대 2년", "휴직.pdf")]
    assert source_correctness(text, evidence, gold) == share


def test_without_passages_there_is_no_right_source():
    assert source_correctness("2년", [], [Passage("최대 2년", "휴직.pdf")]) == 0.0
