"""Decisions with an amount: reading them, and what mistakes cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from harness.metrics.aggregate import aggregate
from harness.metrics.decision import parse_decision, parse_target
from harness.metrics.losses import DecisionCosts, Penalty
from harness.metrics.score import Rules, score_row
from harness.types import Example, Output, Query, Row, Scored

KO = DecisionCosts(
    pay="지급", deny="부지급", currency="KRW", handover=9_000, authority=10_000_000,
    costs={
        "지급": {"지급": {"fixed": 9_000, "over": 1, "under": 0.5},
                "부지급": {"fixed": 150_000, "due": 1}, "서류 요청": {"fixed": 12_000}},
        "부지급": {"지급": {"paid": 1}, "서류 요청": {"fixed": 12_000}},
        "서류 요청": {"지급": {"fixed": 9_000, "paid": 0.25}, "부지급": {"fixed": 150_000}},
    },
)  # fmt: skip
EN = DecisionCosts(
    pay="pay", deny="deny", currency="USD", handover=15, authority=10_000,
    costs={
        "pay": {"pay": {"over": 1, "under": 1}, "deny": {"due": 1}, "ask for documents": {"fixed": 18}},
        "deny": {"pay": {"paid": 1}, "ask for documents": {"fixed": 18}},
        "ask for documents": {"pay": {"paid": 0.25}, "deny": {"fixed": 180}},
    },
)  # fmt: skip
KO_WORDS = {"거절": "부지급", "지급 거절": "부지급", "지급하지 않습니다": "부지급", "면책": "부지급",
            "지급합니다": "지급", "서류 보완": "서류 요청"}  # fmt: skip
EN_WORDS = {"denied": "deny", "approve": "pay", "request documents": "ask for documents"}
RULES = Rules(
    "decision", ("지급", "부지급", "서류 요청"), KO_WORDS, abstain=("담당자 확인",), costs=KO
)


@pytest.mark.parametrize(
    ("text", "label", "won"),
    [
        ("지급 1,250,000원", "지급", 1_250_000),
        ("지급 125만원", "지급", 1_250_000),
        ("1,250,000원 지급", "지급", 1_250_000),
        ("1,250,000원을 지급합니다.", "지급", 1_250_000),
        ("결정: 지급 1,250,000원", "지급", 1_250_000),
        ("**지급** ₩1,250,000", "지급", 1_250_000),
        ("지급 1,250,000", "지급", 1_250_000),
        ("1,250,000원", "지급", 1_250_000),
        ("지급 1,250,000원 (손해 1,500,000원 - 자기부담금 250,000원)", "지급", 1_250_000),
        ("1,500,000원 - 250,000원 = 1,250,000원 지급", "지급", 1_250_000),
        ("지급", "지급", None),
        ("지급. 100,000원이나 200,000원", "지급", None),
        ("부지급", "부지급", None),
        ("부지급입니다.", "부지급", None),
        ("지급 거절", "부지급", None),
        ("지급하지 않습니다", "부지급", None),
        ("면책", "부지급", None),
        ("부지급 (자기부담금 100,000원 이하)", "부지급", None),
        ("서류 요청", "서류 요청", None),
        ("서류 요청\n접수: 다음 건\n결정: 지급 100,000원", "서류 요청", None),
    ],
)
def test_korean_decisions(text: str, label: str, won: int | None) -> None:
    expected = (label, None if won is None else Decimal(won))
    assert parse_decision(text, KO, KO_WORDS) == expected


@pytest.mark.parametrize(
    ("text", "label", "dollars"),
    [
        ("pay $1,250", "pay", "1250"),
        ("Pay $1,250.00.", "pay", "1250"),
        ("Decision: pay 1,250 dollars", "pay", "1250"),
        ("approve $1,250", "pay", "1250"),
        ("$1,250", "pay", "1250"),
        ("deny", "deny", None),
        ("Denied.", "deny", None),
        ("ask for documents", "ask for documents", None),
        ("Request documents", "ask for documents", None),
    ],
)
def test_english_decisions(text: str, label: str, dollars: str | None) -> None:
    expected = (label, None if dollars is None else Decimal(dollars))
    assert parse_decision(text, EN, EN_WORDS) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "100%",
        "100만원, 100만원, 100만원",
        "잘 모르겠네요",
        "지급 또는 부지급",
        "3월 5일에 접수",
        "접수",
    ],
)
def test_no_decision(text: str) -> None:
    assert parse_decision(text, KO, KO_WORDS) is None


def test_right_answers_are_canonical() -> None:
    assert parse_target("지급 1,250,000원", KO) == ("지급", Decimal(1_250_000))
    assert parse_target("pay $1,250", EN) == ("pay", Decimal(1_250))
    assert parse_target("부지급", KO) == ("부지급", 0)
    for wrong in ("지급", "지급 0원", "거절", "지급1,000원", ""):
        with pytest.raises(ValueError, match="지급"):
            parse_target(wrong, KO)


def score(target: str, text: str | None, **more: Any) -> Scored:
    row = Row(Example(Query("r1", "?"), target, (target,), cluster="c"))
    return score_row(row, Output("r1", text, **more), RULES)


@pytest.mark.parametrize(
    ("target", "text", "loss"),
    [
        ("지급 1,000,000원", "지급 1,000,000원", 0),
        ("지급 1,000,000원", "지급 1,200,000원", 9_000 + 200_000),
        ("지급 1,000,000원", "지급 900,000원", 9_000 + 50_000),
        ("지급 1,000,000원", "부지급", 150_000 + 1_000_000),
        ("지급 1,000,000원", "서류 요청", 12_000),
        ("지급 1,000,000원", "지급", 9_000),
        ("지급 1,000,000원", "지급 10,000,001원", 9_000),  # above authority: a person looks
        ("부지급", "부지급", 0),
        ("부지급", "지급 700,000원", 700_000),
        ("부지급", "서류 요청", 12_000),
        ("서류 요청", "지급 400,000원", 9_000 + 100_000),
        ("서류 요청", "부지급", 150_000),
        ("서류 요청", "음…", 9_000),
        ("부지급", "담당자 확인", 9_000),
    ],
)
def test_what_each_mistake_costs(target: str, text: str, loss: float) -> None:
    assert score(target, text).values["expected_loss"] == loss


def test_values_of_a_payment() -> None:
    right = score("지급 1,000,000원", "지급 100만원")
    assert (right.correct, right.predicted) == (True, "지급 1,000,000원")
    assert right.values == {
        "decision_accuracy": 1, "exact_match": 1, "expected_loss": 0, "handover": 0,
        "wrong_deny": 0, "amount_error": 0,
    }  # fmt: skip
    less = score("지급 1,000,000원", "지급 900,000원")
    assert (less.correct, less.values["decision_accuracy"]) == (False, 1)
    assert less.values["amount_error"] == pytest.approx(0.1)
    wild = score("지급 1,000,000원", "지급 9,000,000원")
    assert wild.values["amount_error"] == 1
    denied = score("지급 1,000,000원", "거절")
    assert denied.values["wrong_deny"] == 1
    assert "amount_error" not in denied.values


def test_values_where_nothing_is_due() -> None:
    paid = score("부지급", "지급 700,000원")
    assert (paid.values["wrong_pay"], paid.values["handover"]) == (1, 0)
    stopped = score("부지급", "지급 70,000,000원")
    assert (stopped.values["wrong_pay"], stopped.values["handover"]) == (0, 1)
    assert "wrong_deny" not in paid.values


@pytest.mark.parametrize(
    ("text", "finish", "outcome"),
    [
        ("음…", "stop", "unparsed"),
        ("", "stop", "unparsed"),
        ("이 건은 약관에", "length", "truncated"),
        ("지급 1,250,0", "length", "truncated"),
        ("지급 1,250,000원", "length", "truncated"),
        ("지급 1,250,000원, 지급 1,250,000원, 지급", "length", "truncated"),
        (None, "refused", "refused"),
    ],
)
def test_what_gives_no_decision_is_wrong_and_costs_a_hand_over(
    text: str | None, finish: Any, outcome: str
) -> None:
    scored = score("지급 1,250,000원", text, finish=finish)
    assert (scored.outcome, scored.correct, scored.predicted) == (outcome, False, None)
    assert scored.values["expected_loss"] == KO.handover
    assert (scored.values["handover"], scored.values["decision_accuracy"]) == (1, 0)


def test_a_cut_after_a_denial_or_a_line_changes_nothing() -> None:
    assert score("부지급", "부지급", finish="length").correct
    assert score("지급 1,250,000원", "지급 1,250,000원\n접수:", finish="length").correct


def test_handing_over_is_no_error_of_reading() -> None:
    scored = score("부지급", "담당자 확인")
    assert (scored.outcome, scored.abstained, scored.correct) == ("ok", True, False)
    assert scored.values["handover"] == 1


def test_an_error_has_no_values() -> None:
    assert score("부지급", None, error="no answer").values == {}


def test_the_loss_is_shown_for_a_thousand_cases() -> None:
    texts = ["지급 1,000,000원", "부지급", "지급", "서류 요청"]
    rows = [score("지급 1,000,000원", text) for text in texts]
    made = aggregate(
        rows, kind="decision", labels=(),
        metrics=("expected_loss", "decision_accuracy", "wrong_pay", "wrong_deny", "amount_error"),
    )  # fmt: skip
    assert made["expected_loss"].value == (0 + 1_150_000 + 9_000 + 12_000) / 4 * 1_000
    assert made["decision_accuracy"].value == 0.5
    assert (made["wrong_pay"].value, made["wrong_pay"].n) == (None, 0)
    assert (made["wrong_deny"].value, made["wrong_deny"].n) == (0.25, 4)
    assert (made["amount_error"].value, made["amount_error"].n) == (0, 1)


def test_money_without_spread_has_no_interval_of_a_share() -> None:
    small = DecisionCosts(**EN.model_dump() | {"handover": 0.5})
    rules = Rules("decision", small.labels, {}, costs=small)
    rows = []
    for number in range(20):
        row = Row(Example(Query(f"{number}", "?"), "deny", ("deny",), cluster=f"{number}"))
        rows.append(score_row(row, Output(f"{number}", "hm"), rules))
    made = aggregate(rows, kind="decision", labels=(), metrics=("expected_loss",))["expected_loss"]
    assert (made.value, made.low, made.high) == (500, None, None)


def test_a_matrix_has_to_be_whole() -> None:
    whole = KO.model_dump()
    for change in (
        {"costs": {"지급": whole["costs"]["지급"], "부지급": whole["costs"]["부지급"]}},
        {"costs": whole["costs"] | {"부지급": {"지급": {"paid": 1}}}},
        {"costs": whole["costs"] | {"부지급": whole["costs"]["부지급"] | {"부지급": {}}}},
        {"deny": "거절"},
        {"currency": "EUR"},
        {"handover": -1},
    ):
        with pytest.raises(ValidationError):
            DecisionCosts(**whole | change)
    with pytest.raises(ValidationError):
        Penalty(payed=1)


def test_a_decision_needs_costs() -> None:
    row = Row(Example(Query("r1", "?"), "부지급"))
    with pytest.raises(ValueError, match="costs"):
        score_row(row, Output("r1", "부지급"), Rules("decision", ("지급", "부지급")))
