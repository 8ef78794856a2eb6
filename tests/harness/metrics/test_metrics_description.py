"""Descriptions are scored by the key facts that they say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.metrics.description import key_fact_recall, says
from harness.metrics.score import Rules, score_row
from harness.types import Example, Output, Query, Row

FACTS = (("2,000만원", "2천만원"), ("10%", "10퍼센트"), ("진단서",))
RULES = Rules("description", language="ko", abstain=("모른다",))


@pytest.mark.parametrize(
    ("text", "fact", "said"),
    [
        ("보상 한도는 2000 만원이다.", "2,000만원", True),
        ("보상 한도는 12,000만원이다.", "2,000만원", False),
        ("기한은 13일이다.", "3일", False),
        ("기한은 3일 이내이다.", "3일", True),
        ("The limit is $1,500.", "$1,500", True),
        ("The limit is $1,500.50.", "1,500", False),
        ("The limit is $1,500.", "1,50", False),
        ("It covers theft.", "heft", False),
        ("진 단 서를 낸다", "진단서", True),
    ],
)
def test_a_fact_stands_there_whole(text: str, fact: str, said: bool):
    assert says(text, [fact]) is said


@given(st.sets(st.sampled_from(range(len(FACTS)))))
def test_recall_is_the_share_of_facts_that_are_said(chosen: set[int]):
    text = ", ".join(FACTS[at][-1] for at in chosen)
    assert key_fact_recall(text, FACTS) == pytest.approx(len(chosen) / len(FACTS))


def test_without_key_facts_there_is_no_score():
    with pytest.raises(ValueError, match="key facts"):
        key_fact_recall("x", [])


def _score(text: str, *, answerable: bool = True, finish="stop"):
    target = "한도는 2,000만원, 자기부담은 10%이며 진단서를 낸다." if answerable else "모른다"
    example = Example(Query("r", "골프보험 알려줘"), target)
    row = Row(example, answerable=answerable, key_facts=FACTS if answerable else ())
    return score_row(row, Output("r", text, finish=finish), RULES)


def test_a_description_is_right_when_it_says_all():
    assert _score("한도 2천만원, 자기부담 10퍼센트, 서류는 진단서").correct
    part = _score("한도는 2천만원입니다.")
    assert (part.outcome, part.correct) == ("ok", False)
    assert part.values["key_fact_recall"] == pytest.approx(1 / 3)
    assert 0 < part.values["token_f1"] < 1


def test_abstaining_from_a_description():
    assert _score("모른다", answerable=False).correct
    lazy = _score("모른다")
    assert lazy.abstained
    assert lazy.values == {"key_fact_recall": 0.0, "token_f1": 0.0}
    assert not _score("한도는 3억원입니다.", answerable=False).correct


def test_a_refused_or_cut_description_is_wrong():
    cut = _score("한도 2천만원, 10%, 진단서", finish="length")
    assert (cut.outcome, cut.values["key_fact_recall"]) == ("truncated", 0.0)
    assert _score("x", finish="refused").values == {"key_fact_recall": 0.0, "token_f1": 0.0}
