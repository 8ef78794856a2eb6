"""What the documents say: one sentence a fact, with its value in it."""

import pytest

from tasks.insurer import build


@pytest.mark.parametrize("seed", [7, 8, 9])
def test_each_fact_has_a_sentence_of_its_own_that_holds_its_value(seed):
    facts = build(seed).facts
    told = [fact for fact in facts if fact.answerable]
    assert len({fact.statement for fact in told}) == len(told) > 500
    for fact in told:
        assert fact.statement.endswith("다.") or fact.statement.endswith(f"{fact.value.text}.")
        assert fact.value.kind == "yes_no" or fact.value.text in fact.statement
        assert not set("[]{}") & set(fact.statement)
    assert not any(fact.statement for fact in facts if not fact.answerable)


def test_yes_and_no_are_said_differently():
    said = {(fact.id, bool(fact.value.key)): fact.statement
            for seed in range(20) for fact in build(seed).facts if fact.value.kind == "yes_no"}  # fmt: skip
    names = {name for name, _ in said}
    for name in names:
        if (name, True) in said and (name, False) in said:
            assert said[name, True].endswith("수 있다.")
            assert said[name, False].endswith("수 없다.")
            assert "도 " not in said[name, False].split(" ", 2)[0] + " "
