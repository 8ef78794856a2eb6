"""What the documents say: one sentence a fact, with its value in it."""

import pytest

from tasks.insurer import build
from tasks.insurer.ko.areas.base import denied


@pytest.mark.parametrize("seed", [7, 8, 9])
def test_each_fact_has_a_sentence_of_its_own_that_holds_its_value(seed):
    facts = build(seed).facts
    told = [fact for fact in facts if fact.answerable and not fact.support]
    assert len({fact.statement for fact in told}) == len(told) > 500
    for fact in told:
        assert fact.statement.endswith("다.") or fact.statement.endswith(f"{fact.value.text}.")
        assert fact.value.kind == "yes_no" or fact.value.text in fact.statement
        assert not set("[]{}") & set(fact.statement)
    assert not any(fact.statement for fact in facts if not fact.answerable or fact.support)


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("계약직도 복지포인트를 쓸 수 있", "계약직은 복지포인트를 쓸 수 없"),
        ("배달 기사도 가입할 수 있", "배달 기사는 가입할 수 없"),
        ("야간에도 접수할 수 있", "야간에는 접수할 수 없"),
        ("연차를 나누어 쓸 수 있", "연차를 나누어 쓸 수 없"),
    ],
)
def test_what_is_denied_is_not_also_so(clause, expected):
    assert denied(clause) == expected


@pytest.mark.slow
def test_yes_and_no_are_said_differently():
    said = {True: set(), False: set()}
    for seed in range(20):
        for fact in build(seed).facts:
            if fact.value.kind == "yes_no":
                said[bool(fact.value.key)].add(fact.statement)
    assert all(text.endswith("수 있다.") for text in said[True])
    assert all(text.endswith("수 없다.") for text in said[False])
