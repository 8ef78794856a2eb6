"""One answer for every row is found, and nothing else is taken for it."""

import pytest

from harness.metrics.collapse import OneAnswer, one_answer
from harness.types import Scored


def scored(given, right):
    return [
        Scored(f"{n}", "ok", target, answer, correct=answer == target)
        for n, (answer, target) in enumerate(zip(given, right, strict=True))
    ]


HALVES = ["0", "1"] * 50


@pytest.mark.parametrize(
    ("given", "right", "found"),
    [
        (["0"] * 100, HALVES, OneAnswer("0", 100, 100, 50)),
        (["0"] * 96 + ["1"] * 4, HALVES, OneAnswer("0", 96, 100, 50)),
        (["0"] * 90 + ["1"] * 10, HALVES, None),  # one in ten is told apart
        (HALVES, HALVES, None),
        (["0"] * 100, ["0"] * 100, None),  # there is one right answer
        (["0"] * 100, ["0"] * 97 + ["1"] * 3, None),  # three rows could get it by chance
        (["0"] * 200, ["0"] * 190 + ["1"] * 10, OneAnswer("0", 200, 200, 10)),
        (["0"] * 4, ["0", "0", "1", "1"], None),  # too few rows to say
        (["no idea"] * 40, [f"{n}" for n in range(40)], OneAnswer("no idea", 40, 40, 40)),
    ],
)
def test_an_answer_that_nearly_all_rows_got(given, right, found):
    assert one_answer(scored(given, right)) == found


def test_a_decision_counts_whatever_its_amount():
    given = [f"지급 {n},000원" for n in range(60)]
    right = ["부지급"] * 40 + ["지급 1원"] * 20
    found = one_answer(scored(given, right), ("지급", "부지급"))
    assert found == OneAnswer("지급", 60, 60, 40)


def test_answers_that_could_not_be_read_are_left_out():
    rows = [Scored(f"{n}", "unparsed", "1", None, correct=False) for n in range(90)]
    assert one_answer(rows) is None
    assert one_answer([*rows, *scored(["0"] * 3, ["0", "1", "0"])]) is None
