"""Options of multiple-choice rows: what a target means, and what is refused."""

from __future__ import annotations

import pytest

from harness.errors import DataError
from harness.task.options import options_of, target_readings

LINES = ("fire", "motor", "life")


def read(*targets: str, options: tuple[str, ...] = LINES) -> tuple[list[str], list[str]]:
    return target_readings(
        [(options, target, f"rows.csv, line {n}") for n, target in enumerate(targets, 2)]
    )


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        (("A", "C"), ["fire", "life"]),
        (("a", "(c)", "B."), ["fire", "life", "motor"]),
        (("fire", "life"), ["fire", "life"]),
        (("A", "life"), ["fire", "life"]),
        (("1", "3"), ["fire", "life"]),
        (("1.0", "3.0"), ["fire", "life"]),
        (("0", "2"), ["fire", "life"]),
        (("①", "③"), ["fire", "life"]),
        (("1번", "3번"), ["fire", "life"]),
    ],
)
def test_targets_are_texts_letters_or_numbers(
    targets: tuple[str, ...], expected: list[str]
) -> None:
    assert read(*targets)[0] == expected


def test_numbers_are_said() -> None:
    assert read("1", "3")[1] == ["the right options are read as numbers from 1"]
    assert read("0", "2")[1] == ["the right options are read as numbers from 0"]
    assert read("A", "B")[1] == read("fire")[1] == []


def test_options_that_are_letters_or_numbers() -> None:
    assert read("C", "C", options=("B", "A", "C"))[0] == ["C", "C"]
    assert read("2", "30", options=("2", "3", "30"))[0] == ["2", "30"]  # 30 is only a text
    assert read("A", "B", options=("2", "3", "1"))[0] == ["2", "3"]
    assert read("-3%", options=("-3%", "3%", "0%"))[0] == ["-3%"]


def test_options_that_are_letters_of_others_are_said() -> None:
    (note,) = read("C", options=("B", "A", "C"))[1]
    assert note.startswith("rows.csv, line 2 first of 1: an option is the letter of another one")
    assert read("B", options=("A", "B", "D"))[1] == []  # there is no fourth option


@pytest.mark.parametrize(
    ("targets", "options", "message"),
    [
        (("A", "D"), LINES, "rows.csv, line 3: 'D' is no option: fire, motor, life"),
        (("4",), LINES, "line 2: '4' is no option"),
        (("Fire",), LINES, "line 2: 'Fire' is no option"),
        (("1", "2"), LINES, r"line 2: the target '1' could mean A \(fire\) or B \(motor\)"),
        (("3",), ("2", "3", "4"), "line 2: the target '3' could mean B"),
        (("A",), ("B", "A", "C"), r"line 2: the target 'A' could mean A \(B\) or B \(A\)"),
    ],
)
def test_what_is_no_option_or_could_be_two_is_refused(
    targets: tuple[str, ...], options: tuple[str, ...], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read(*targets, options=options)


def test_empty_and_repeated_options() -> None:
    assert options_of(["a", " b ", ""], "x") == ("a", "b")
    for cells, message in (
        (["a", ""], "x: an option is empty"),
        (["a", "", "c"], "x: an option is empty"),
        (["a", "b", "a "], "x: two options are 'a'"),
    ):
        with pytest.raises(DataError, match=message):
            options_of(cells, "x")
