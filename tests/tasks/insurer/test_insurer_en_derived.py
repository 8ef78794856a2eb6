"""What follows from facts: the answers are worked out again here, in both versions."""

from __future__ import annotations

import re

import pytest

from harness.metrics.korean import normalise
from tasks.insurer import build, changes, rows
from tasks.insurer.world import DERIVED_KINDS


@pytest.fixture(scope="module", params=[(7, 1), (7, 2), (8, 1)], ids=str)
def facts(request):
    return {fact.id: fact for fact in build(*request.param, "en").facts}


def of_kind(facts, kind):
    return [fact for fact in facts.values() if fact.value.kind == kind]


def dollars(text: str) -> list[int]:
    return [int(found.replace(",", "")) for found in re.findall(r"\$([\d,]+\d|\d)", text)]


def amount(fact) -> int:
    return fact.value.key


def test_a_payment_is_the_loss_less_the_deductible_up_to_the_limit(facts):
    found = [fact for fact in of_kind(facts, "calculation") if "payment_" in fact.attribute_key]
    assert len(found) >= 8
    for fact in found:
        limit, deductible, rule = (facts[name] for name in fact.support)
        assert rule.statement == "A loss is paid after the deductible has been taken off, and never above the limit."  # fmt: skip
        for wording in fact.wordings:
            (loss,) = dollars(wording.text)
            assert fact.value.key == min(amount(limit), loss - amount(deductible))
    # Some losses are cut by the limit, others are not.
    assert {amount(facts[fact.support[0]]) == fact.value.key for fact in found} == {True, False}


@pytest.mark.parametrize(
    ("sort", "factor"),
    [("monthly", lambda p: p), ("premium", lambda p: 100 - p), ("loaded", lambda p: 100 + p)],
)
def test_pay_and_premiums(facts, sort, factor):
    found = [fact for fact in of_kind(facts, "calculation")
             if fact.attribute_key.startswith(f"{sort}_")]  # fmt: skip
    assert len(found) >= 5
    for fact in found:
        percent = facts[fact.support[0]].value.key
        (given,) = dollars(fact.wordings[0].text)
        assert fact.value.key * 100 == given * factor(percent)


def test_an_amount_is_taken_as_often_as_the_question_says(facts):
    found = [fact for fact in of_kind(facts, "calculation") if "times_" in fact.attribute_key]
    assert found
    for fact in found:
        (count,) = map(int, re.findall(r"\d+", fact.wordings[0].text))
        assert fact.value.key == count * amount(facts[fact.support[0]])


def test_the_answer_of_a_comparison_has_more_or_less_as_asked(facts):
    more = "higher|larger|longer|later|better"
    less = "lower|smaller|shorter|first|worse|sooner"
    for fact in of_kind(facts, "comparison"):
        one, other = (facts[name] for name in fact.support)
        curt = next(wording.text for wording in fact.wordings if wording.style == "curt")
        clause, _, both = curt.partition(": ")
        first = both.rstrip("?").removeprefix("the ").partition(" or ")[0]
        is_first = normalise(first) == normalise(fact.value.text)
        larger = one.value.key > other.value.key  # type: ignore[operator]
        asks_more = bool(re.search(rf"\b({more})\b", clause))
        assert asks_more != bool(re.search(rf"\b({less})\b", clause)), clause
        # The facts of the support stand in the order in which they are named.
        assert is_first == (larger == asks_more), fact.id


def test_two_steps_need_both_sentences(facts):
    for fact in of_kind(facts, "multi_hop"):
        way, target = (facts[name] for name in fact.support)
        assert fact.value.text == target.value.text
        assert way.statement and target.statement
        polite = fact.wordings[0].text
        # The question does not name the subject that the second sentence is about.
        subject = target.subject.partition(", ")[2] or target.subject
        assert subject.lower() not in polite.lower(), polite


def test_a_description_names_what_it_asks_for_and_holds_its_key_facts(facts):
    for fact in of_kind(facts, "description"):
        value = fact.value
        assert 2 <= len(value.key_facts) == len(fact.support) <= 3
        for texts in value.key_facts:
            assert any(normalise(text) in normalise(value.text) for text in texts), fact.id
        assert len(re.findall(r"\.(?= [A-Z]|$)", value.text)) <= 3


@pytest.mark.parametrize("kind", DERIVED_KINDS)
def test_both_slices_have_enough_of_each_kind(kind):
    world = build(7, 1, "en")
    slices = [world.slices[fact.id] for fact in world.facts if fact.value.kind == kind]
    assert slices.count("seen") == 12 and slices.count("unseen") >= 40
    for fact in world.facts:
        if fact.value.kind == kind:
            parts = {world.slices[name] for name in fact.support if name in world.slices}
            assert parts == {world.slices[fact.id]}


def test_description_rows_have_key_facts_and_short_ones_have_none():
    for row in rows(7, 1, "en", "all"):
        described = row["kind"] == "description"
        assert bool(row["key_facts"]) == described
        assert len(row["passages"]) >= (2 if described else 1) or not row["answerable"]


def test_a_later_version_changes_adds_and_removes():
    found = changes(7, language="en")
    n_facts = sum(fact.asked and fact.answerable for fact in build(7, 1, "en").facts)
    assert 0.08 * n_facts < len(found["changed"]) < 0.25 * n_facts
    assert len(found["added"]) >= 15 and len(found["removed"]) >= 12
    named = {each["fact"] for each in found["added"]}
    assert {"leave.disaster.period", "complaint.app.code", "guide.party.date"} <= named
    first, second = build(7, 1, "en"), build(7, 2, "en")
    assert first.company == second.company
    kept = {fact.id: fact for fact in first.facts}
    untouched = [fact for fact in second.facts if fact.id not in second.changes]
    assert all(kept[fact.id] == fact for fact in untouched)


def test_what_is_removed_becomes_unanswerable():
    world = build(7, 2, "en")
    removed = [fact for fact in world.facts if world.changes.get(fact.id) == "removed"]
    assert removed
    for fact in removed:
        assert not fact.answerable and not fact.statement
        assert fact.value.text == "I don't know"
