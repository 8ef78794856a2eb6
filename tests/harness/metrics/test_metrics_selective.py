"""Answers that are held back: how sure they are, which threshold is chosen, how they are scored."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from harness.metrics.aggregate import aggregate
from harness.metrics.losses import DecisionCosts
from harness.metrics.score import Rules, score_row
from harness.metrics.selective import NOTHING, SELECTIVE, choose, confidence_of
from harness.records.predictions import output_of, to_line
from harness.types import Example, Output, Query, Row

LABELS = Rules("classification", ("up", "down"))
ANSWERS = Rules("qa", language="ko", abstain=("모른다",))
PENALTY = {"fixed": 100}
COSTS = DecisionCosts(
    pay="pay",
    deny="deny",
    currency="KRW",
    handover=9.0,
    authority=1000.0,
    costs={"pay": {"pay": PENALTY, "deny": PENALTY}, "deny": {"pay": PENALTY}},
)


def row(target: str, *, answerable: bool = True, id_: str = "a") -> Row:
    return Row(Example(Query(id_, "?"), target, (target,)), answerable=answerable)


def held(text: str, words: str = "모른다", **more: object) -> Output:
    return Output("a", words, withheld=text, confidence=0.2, **more)  # type: ignore[arg-type]


def test_confidence_is_the_softmax_of_likelihoods_or_the_classs_own_probability():
    likely = Output("a", "up", scores={"up": math.log(0.03), "down": math.log(0.01)})
    assert confidence_of(likely) == pytest.approx(0.75)
    assert confidence_of(replace(likely, scores={"up": 0.6, "down": 0.4})) == pytest.approx(0.6)
    assert confidence_of(replace(likely, confidence=0.1)) == 0.1
    assert confidence_of(Output("a", "up")) is None
    far = Output("a", "up", scores={"up": -4000.0, "down": -9000.0})
    assert confidence_of(far) == pytest.approx(1.0)


def test_most_are_answered_at_the_allowed_error_and_equal_confidences_stay_together():
    sure = [0.9, 0.8, 0.7, 0.6, 0.6, 0.5]
    wrong = [False, False, True, False, False, True]
    chosen = choose(sure, wrong, most=0.2)
    assert (chosen.answered, chosen.wrong, chosen.rows) == (5, 1, 6)
    assert chosen.threshold == pytest.approx(0.55)
    assert chosen.low is not None and chosen.low < 0.2 < (chosen.high or 0)
    strict = choose(sure, wrong, most=0.0)
    assert (strict.answered, strict.threshold) == (2, pytest.approx(0.75))
    apart = choose([0.9, 0.6, 0.6], [False, False, True], most=0.0)
    assert apart.answered == 1  # the two at .6 aren't told apart
    assert choose(sure, wrong, most=1.0).threshold == 0.0
    none = choose(sure, [True] * 6, most=0.05)
    assert (none.threshold, none.answered, none.low) == (NOTHING, 0, None)
    assert choose([], [], most=0.05).threshold == 0.0


def test_declared_losses_decide_where_there_are_some():
    sure, wrong = [0.9, 0.8, 0.7], [False, True, True]
    losses = [0.0, 5.0, 100.0]
    chosen = choose(sure, wrong, most=0.0, losses=losses, handover=9.0)
    assert (chosen.objective, chosen.answered) == ("expected_loss", 2)
    assert chosen.threshold == pytest.approx(0.75)
    assert chosen.loss == pytest.approx(14 / 3) and chosen.loss_of_all == pytest.approx(105 / 3)
    dear = choose(sure, wrong, most=0.0, losses=losses, handover=1000.0)
    assert (dear.answered, dear.threshold) == (3, 0.0)
    empty = choose([], [], most=0.0, losses=[], handover=9.0)
    assert (empty.rows, empty.loss) == (0, None)


def test_a_held_back_label_is_neither_right_nor_unread():
    given = score_row(row("up"), Output("a", "up", chosen=True, confidence=0.9), LABELS)
    kept = score_row(row("up"), held("up", chosen=True), LABELS)
    assert (given.correct, given.values["unheld_accuracy"]) == (True, 1.0)
    assert (kept.outcome, kept.abstained, kept.correct) == ("ok", True, False)
    assert kept.predicted is None
    assert (kept.values["unheld_accuracy"], kept.values["accuracy"]) == (1.0, 0.0)
    assert score_row(row("up"), held("down", chosen=True), LABELS).values["unheld_accuracy"] == 0.0


def test_a_held_back_answer_is_right_where_nobody_knows():
    known = score_row(row("3년"), held("3년"), ANSWERS)
    assert (known.outcome, known.abstained, known.correct) == ("ok", True, False)
    assert known.values["exact_match"] == 0.0 and known.values["unheld_accuracy"] == 1.0
    unknown = score_row(row("모른다", answerable=False), held("3년"), ANSWERS)
    assert unknown.correct and unknown.values["unheld_accuracy"] == 0.0
    cut = score_row(row("3년"), held("3년 그리고", finish="length"), ANSWERS)
    assert (cut.outcome, cut.abstained) == ("ok", True)


def test_a_held_back_decision_goes_to_a_person():
    rules = Rules("decision", costs=COSTS)
    output = held("deny", "I don't know", finish="length")
    scored = score_row(row("pay 50 KRW"), output, rules)
    assert (scored.outcome, scored.abstained) == ("ok", True)
    assert scored.values["expected_loss"] == 9.0 and scored.values["handover"] == 1.0
    given = score_row(row("pay 50 KRW"), Output("a", "deny", finish="stop"), rules)
    assert given.values["expected_loss"] == 100.0


def test_a_line_keeps_what_was_held_back_unless_no_text_is_kept():
    output = held("up", chosen=True, scores={"up": -1.0, "down": -2.0})
    scored = score_row(row("up"), output, LABELS)
    again = output_of(to_line(output, scored, "full"))
    assert (again.withheld, again.confidence, again.chosen) == ("up", 0.2, True)
    assert score_row(row("up"), again, LABELS) == scored
    masked = to_line(held("전화 010-1234-5678"), scored, "masked")
    assert "1234-5678" not in str(masked)
    assert "withheld" not in to_line(output, scored, "ids")
    plain = Output("a", "up", chosen=True)
    assert "withheld" not in to_line(plain, score_row(row("up"), plain, LABELS), "full")


def test_coverage_error_and_the_area_between_them():
    answers = [(0.9, True), (0.8, False), (0.7, True), (0.4, False)]
    rows = [
        score_row(
            row("up", id_=str(number)),
            Output(
                str(number),
                "?" if sure < 0.5 else "up" if right else "down",
                withheld=("up" if right else "down") if sure < 0.5 else None,
                confidence=sure,
                chosen=True,
            ),
            LABELS,
        )
        for number, (sure, right) in enumerate(answers)
    ]
    kind = {"kind": "classification", "labels": ("up", "down")}
    found = aggregate(rows, metrics=SELECTIVE, **kind)  # type: ignore[arg-type]
    assert found["coverage"].value == 0.75
    assert (found["selective_accuracy"].value, found["selective_accuracy"].n) == (2 / 3, 3)
    assert found["unheld_accuracy"].value == 0.5
    area = found["aurc"]
    assert area.value == pytest.approx((0 + 1 / 2 + 1 / 3 + 2 / 4) / 4)
    assert area.low is not None and area.low <= (area.value or 0) <= (area.high or 0)
    plain = [score_row(row("up"), Output("a", "up", chosen=True), LABELS)]
    assert aggregate(plain, metrics=["aurc"], **kind)["aurc"].value is None  # type: ignore[arg-type]


def test_equal_confidences_stand_for_their_mean():
    rows = [
        score_row(
            row("up", id_=str(number)),
            Output(str(number), "up" if right else "down", confidence=0.5, chosen=True),
            LABELS,
        )
        for number, right in enumerate([True, False, False, True])
    ]
    for order in (rows, rows[::-1]):
        found = aggregate(order, metrics=["aurc"], kind="classification", labels=("up", "down"))
        assert found["aurc"].value == pytest.approx(0.5)
