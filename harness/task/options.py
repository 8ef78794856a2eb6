"""Reads the options of multiple-choice rows, and which of them a target means.

A target is an option's text, its letter, or its number from 1 or from 0. The columns decide: a way
of reading that fits every row is taken; where two fit and disagree, the rows are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from harness.errors import DataError
from harness.metrics.spellings import written

__all__ = ["LETTERS", "Asked", "is_option", "options_of", "target_readings"]

LETTERS = "ABCDEFGHIJ"
CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩"
_LETTER = re.compile(rf"\(?([{LETTERS}{LETTERS.lower()}])[).:]?").fullmatch
_NUMBER = re.compile(r"\(?(\d{1,2})(?:\.0+)?(?:[).:]|\s?번)?").fullmatch

Asked = tuple[tuple[str, ...], str, str]
"""The options of a row, its target as it stands in the table, and where that is."""


def options_of(cells: Sequence[str], where: str) -> tuple[str, ...]:
    """Returns a row's options; empty cells at the end are no options.

    Raises:
        DataError: Fewer than two options, a gap, or the same text twice.
    """
    options = [written(cell) for cell in cells]
    while options and not options[-1]:
        options.pop()
    if len(options) < 2 or not all(options):
        raise DataError(f"{where}: an option is empty", "Fill it in, or leave the row out.")
    if len(options) > len(LETTERS):
        raise DataError(
            f"{where}: {len(options)} options", f"A row has {len(LETTERS)} at most; leave it out."
        )
    for number, option in enumerate(options):
        if option in options[:number]:
            raise DataError(
                f"{where}: two options are {option!r}", "Correct one, or leave the row out."
            )
    return tuple(options)


def target_readings(rows: Sequence[Asked]) -> tuple[list[str], list[str]]:
    """Returns each row's right option, and notes: targets that are numbers, texts that are letters.

    Raises:
        DataError: A target is no option, or could be two, with the row.
    """
    meanings = [_meanings(options, target) for options, target, _ in rows]
    fitting = [name for name in _READINGS if all(name in each for each in meanings)]
    right = []
    for (options, target, where), each in zip(rows, meanings, strict=True):
        indices = {each[name] for name in fitting or each}
        right.append(options[_only(indices, options, target, where)])
    first = fitting[0] if fitting else ""
    notes = [f"the right options are read as {_NUMBERS[first]}"] if first in _NUMBERS else []
    lettered = [where for options, _, where in rows if _has_letter_of_another(options)]
    if lettered:
        notes.append(
            f"{lettered[0]} first of {len(lettered)}: an option is the letter of another one, so "
            "that an answer by letter can't be read"
        )
    return right, notes


def is_option(options: tuple[str, ...], target: str) -> bool:
    """Whether a target means one of a row's options in any way of reading."""
    return bool(_meanings(options, target))


def _has_letter_of_another(options: Sequence[str]) -> bool:
    return any(
        option in LETTERS[: len(options)] and LETTERS.index(option) != number
        for number, option in enumerate(options)
    )


def _only(indices: set[int], options: tuple[str, ...], target: str, where: str) -> int:
    letters = ", ".join(LETTERS[: len(options)])
    if not indices:
        raise DataError(
            f"{where}: {target!r} is no option: {', '.join(options)}",
            f"A target is an option's text, its letter ({letters}) or its number from 1.",
        )
    if len(indices) > 1:
        either = " or ".join(f"{LETTERS[index]} ({options[index]})" for index in sorted(indices))
        raise DataError(
            f"{where}: the target {target!r} could mean {either}",
            "Rename the options that are letters of others."
            if _LETTER(target)
            else f"Write the letter: {letters}.",
        )
    return indices.pop()


_READINGS = ("text", "letter", "one", "zero")
_NUMBERS: Mapping[str, str] = {"one": "numbers from 1", "zero": "numbers from 0"}


def _meanings(options: tuple[str, ...], target: str) -> dict[str, int]:
    """Returns which option a target is, by each way of reading that gives one."""
    target = written(target)
    indices: dict[str, int] = {}
    if target in options:
        indices["text"] = options.index(target)
    if letter := _LETTER(target):
        indices["letter"] = LETTERS.index(letter[1].upper())
    number = _NUMBER(target)
    if number or (target in CIRCLED and target):
        value = int(number[1]) if number else CIRCLED.index(target) + 1
        indices |= {"one": value - 1} if target in CIRCLED else {"one": value - 1, "zero": value}
    return {name: index for name, index in indices.items() if 0 <= index < len(options)}
