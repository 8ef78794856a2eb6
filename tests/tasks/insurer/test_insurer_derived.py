"""What follows from facts: its support, its answers worked out anew, and its balance."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import Any

import pytest

from tasks.insurer import build, rows
from tasks.insurer.derived import UNSEEN_OF_A_KIND
from tasks.insurer.world import DERIVED_KINDS, Fact, World

LEAST_OF_A_KIND, LEAST_UNSEEN, LEAST_SUBJECTS = 40, 32, 25


@pytest.fixture(scope="module", params=[7, 8, 2026])
def world(request: pytest.FixtureRequest) -> World:
    return build(request.param)


def of_kind(world: World, kind: str) -> list[Fact]:
    return [fact for fact in world.facts if fact.value.kind == kind]


@pytest.mark.parametrize("kind", DERIVED_KINDS)
def test_there_is_enough_of_each_kind_in_both_slices(world: World, kind: str) -> None:
    slices = Counter(world.slices[fact.id] for fact in of_kind(world, kind))
    assert 10 <= slices["seen"] <= 12
    assert LEAST_UNSEEN <= slices["unseen"] <= UNSEEN_OF_A_KIND
    assert sum(slices.values()) >= LEAST_OF_A_KIND
    assert len({fact.subject for fact in of_kind(world, "description")}) >= LEAST_SUBJECTS


def test_support_is_stated_and_of_the_same_slice(world: World) -> None:
    by_id = {fact.id: fact for fact in world.facts}
    for kind in DERIVED_KINDS:
        for fact in of_kind(world, kind):
            assert len(fact.support) >= 2, fact.id
            assert all(by_id[name].statement for name in fact.support)
            found = {world.slices[name] for name in fact.support if by_id[name].asked}
            assert found == {world.slices[fact.id]}, fact.id


def test_rows_name_a_passage_for_each_supporting_fact(world: World) -> None:
    by_id = {fact.id: fact for fact in world.facts}
    for row in rows(world.seed, questions="all"):
        fact = by_id[row["fact"]]
        support = fact.support or ((fact.id,) if fact.answerable else ())
        assert [each["text"] for each in row["passages"]] == [
            by_id[name].statement for name in support
        ]


def test_the_first_named_is_right_half_of_the_time(world: World) -> None:
    for part in ("seen", "unseen"):
        some = [fact for fact in of_kind(world, "comparison") if world.slices[fact.id] == part]
        first = sum(fact.subject.split(" / ")[0] == fact.value.text for fact in some)
        assert abs(first - len(some) / 2) <= 0.5
        for fact in some:
            one, other = fact.subject.split(" / ")
            for wording in fact.wordings:
                places = [wording.text.find(name) for name in (one, other)]
                # A slip may drop the space between both names.
                assert wording.style == "slip" or 0 <= places[0] < places[1], wording.text


def numbers(fact: Fact, world: World) -> list[int]:
    """The values of the asked support as whole numbers: won, percent, months."""
    by_id = {each.id: each for each in world.facts}
    found = []
    for name in fact.support:
        if by_id[name].asked:
            value: Any = by_id[name].value
            found.append(getattr(value, "won", None) or value.number)
    return found


def won(text: str) -> list[int]:
    """Amounts as they are written in a question."""
    found = []
    for eok, man in re.findall(r"(?:(\d+)억 ?)?(?:([\d,]+)만)?원", text):
        if eok or man:
            found.append(int(eok or 0) * 10**8 + int((man or "0").replace(",", "")) * 10**4)
    return found


def test_payments_are_the_loss_less_the_deductible_up_to_the_limit(world: World) -> None:
    some = [fact for fact in of_kind(world, "calculation") if fact.attribute == "지급보험금"]
    assert len(some) > 5
    for fact in some:
        deductible, limit = numbers(fact, world)
        (loss,) = won(fact.subject)
        assert fact.value.key == min(loss - deductible, limit)
        assert deductible < loss
    under = sum(fact.subject_key.endswith("-under") for fact in some)
    assert 0 < under < len(some)


@pytest.mark.parametrize(
    ("noun", "share"),
    [
        ("할인 보험료", lambda given, percent: given - given * percent / 100),
        ("할증 보험료", lambda given, percent: given + given * percent / 100),
        ("후유장해보험금", lambda given, percent: given * percent / 100),
        ("받을 지원금", lambda given, percent: given * percent / 100),
        ("한 해 이자", lambda given, percent: given * percent / 100),
        ("지연이자", lambda given, percent: given * percent / 100 * 73 / 365),
    ],
)
def test_shares_are_exact(noun: str, share: Any) -> None:
    found = 0
    for seed in (7, 8, 9, 10):
        for fact in of_kind(build(seed), "calculation"):
            if fact.attribute == noun:
                (percent,) = numbers(fact, build(seed))
                (given,) = won(fact.subject)
                assert fact.value.key == pytest.approx(share(given, percent), abs=0)
                found += 1
    assert found


def test_leave_pay_and_seniority() -> None:
    for seed in (7, 8, 9, 10):
        for fact in of_kind(build(seed), "calculation"):
            if fact.area == "leave":
                (percent,) = numbers(fact, build(seed))
                (months,) = (int(found) for found in re.findall(r"(\d+)개월", fact.subject))
                if fact.attribute == "휴직 급여 총액":
                    assert fact.value.key == won(fact.subject)[0] * percent * months / 100
                else:
                    assert fact.value.key == ("개월", months * percent // 100)


def test_two_steps_end_at_the_value_of_the_last_fact(world: World) -> None:
    by_id = {fact.id: fact for fact in world.facts}
    for fact in of_kind(world, "multi_hop"):
        assert fact.value.key == by_id[fact.support[-1]].value.key
        last = by_id[fact.support[-1]].subject
        assert not any(last in wording.text for wording in fact.wordings), fact.id


@pytest.mark.parametrize("version", [1, 2])
def test_descriptions_say_every_key_fact(world: World, version: int) -> None:
    for fact in of_kind(build(world.seed, version), "description"):
        value: Any = fact.value
        assert len(value.key_facts) >= (2 if version == 1 else 1)
        for texts in value.key_facts:
            assert any(text in value.text for text in texts), (value.text, texts)


def test_an_answer_is_right_for_one_fact_of_a_kind(world: World) -> None:
    for kind in DERIVED_KINDS:
        parts: dict[object, list[str]] = defaultdict(list)
        for fact in of_kind(world, kind):
            parts[fact.value.key].append(world.slices[fact.id])
        assert all(len(some) == 1 for some in parts.values())
