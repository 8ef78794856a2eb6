"""Particles and slips."""

from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.insurer.ko.korean import fill, final_sound, josa, slip

HANGUL = st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=1, max_size=8)
RIEUL, NO_FINAL_JAMO = "\u11af", 2


@given(HANGUL)
def test_particles_follow_the_decomposed_final_consonant(word: str) -> None:
    jamo = unicodedata.normalize("NFD", word[-1])
    closed = len(jamo) > NO_FINAL_JAMO
    assert josa(word, "은/는") == ("은" if closed else "는")
    assert josa(word, "이/가") == ("이" if closed else "가")
    assert josa(word, "을/를") == ("을" if closed else "를")
    assert josa(word, "과/와") == ("과" if closed else "와")
    to = "로" if not closed or jamo[-1] == RIEUL else "으로"
    assert josa(word, "으로/로") == to


@given(HANGUL, st.sampled_from(["'", '"', ")", "」", " ", "%)"[1:]]))
def test_closing_marks_do_not_change_the_particle(word: str, mark: str) -> None:
    assert final_sound(word + mark) == final_sound(word)


@pytest.mark.parametrize(
    ("word", "pair", "particle"),
    [
        ("10", "은/는", "은"),  # 십
        ("2", "은/는", "는"),  # 이
        ("7", "으로/로", "로"),  # 칠
        ("1", "으로/로", "로"),  # 일
        ("3", "으로/로", "으로"),  # 삼
        ("35%", "이/가", "가"),  # 퍼센트
        ("SNS", "을/를", "를"),  # 에스
        ("PDF", "으로/로", "로"),  # 에프
        ("URL", "으로/로", "로"),  # 엘
        ("VPN", "은/는", "은"),  # 엔
        ("서울", "으로/로", "로"),
        ("부산", "으로/로", "으로"),
    ],
)
def test_particles_after_digits_and_letters(word: str, pair: str, particle: str) -> None:
    assert josa(word, pair) == particle


def test_a_word_that_cannot_be_read_aloud_is_refused() -> None:
    with pytest.raises(ValueError, match="read aloud"):
        josa("...", "은/는")


def test_fill_resolves_particles_after_slots() -> None:
    assert fill("{a}[과/와] {b}[을/를]", a="골프", b="보험") == "골프와 보험을"
    assert fill("'{a}'[이/가]", a="가온") == "'가온'이"
    assert fill("{a}[이면/면]", a="등급") == "등급이면"


@given(st.integers())
def test_a_slip_always_differs_when_spaces_are_ignored(seed: int) -> None:
    text = "며칠 전까지 신청해야 되나요?"
    assert slip(text, random.Random(seed)).replace(" ", "") != text.replace(" ", "")


def test_a_sentence_without_a_slip_is_refused() -> None:
    with pytest.raises(ValueError, match="no slip"):
        slip("안녕", random.Random(0))
