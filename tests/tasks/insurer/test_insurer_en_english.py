"""English orthography: articles, numbers in words, slips."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.insurer.en.english import article, fill, in_words, ordinal, sentence, slip, with_article

SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety"
WORDS = {word: 10 * tens for tens, word in enumerate(TENS.split())} | {
    word: number for number, word in enumerate(SMALL.split())
}


def read(text: str) -> int:
    """Reads a number in words again."""
    total = part = 0
    for word in text.replace("-", " ").split():
        if word == "hundred":
            part *= 100
        elif word in ("thousand", "million"):
            total, part = total + part * (1_000 if word == "thousand" else 1_000_000), 0
        else:
            part += WORDS[word]
    return total + part


@given(st.integers(0, 999_999_999))
def test_a_number_in_words_can_be_read_again(number: int) -> None:
    assert read(in_words(number)) == number


@pytest.mark.parametrize(
    ("word", "expected"),
    [("hour", "an"), ("uniform", "a"), ("ID copy", "an"), ("one-page form", "a"),
     ("x-ray", "an"), ("HR-214", "an"), ("estimate", "an"), ("house", "a"), ("18", "an"), ("8", "an"), ("80", "an"), ("14", "a")],
)  # fmt: skip
def test_articles_follow_the_sound(word: str, expected: str) -> None:
    assert article(word) == expected


def test_a_plural_has_no_article() -> None:
    assert with_article("photos of the damage") == "photos of the damage"
    assert with_article("gift cards") == "gift cards"
    assert with_article("list of stolen items") == "a list of stolen items"
    assert with_article("driver's license copy") == "a driver's license copy"
    assert with_article("witness statement") == "a witness statement"


def test_fill_resolves_articles_after_slots() -> None:
    assert fill("[A] {a} or [a] {b}", a="estimate", b="bill") == "An estimate or a bill"


@pytest.mark.parametrize(
    ("number", "expected"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th"), (21, "21st"), (22, "22nd"), (23, "23rd")],
)  # fmt: skip
def test_ordinals(number: int, expected: str) -> None:
    assert ordinal(number) == expected


@given(st.integers())
def test_a_slip_always_misspells_a_word(seed: int) -> None:
    text = "What is the deductible of the coverage?"
    changed = slip(text, random.Random(seed))
    assert re.findall(r"\w+", changed.lower()) != re.findall(r"\w+", text.lower())
    assert len(changed.split()) == len(text.split())


def test_a_sentence_without_a_slip_is_refused() -> None:
    with pytest.raises(ValueError, match="no slip"):
        slip("Hello", random.Random(0))


def test_a_sentence_begins_with_a_capital() -> None:
    assert sentence("it's late") == "It's late"
    assert sentence("") == ""
