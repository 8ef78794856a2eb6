"""One catalogue a language: the same keys and placeholders, none missing, none that nothing uses."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import harness
from harness.analysis.words import Phrase, catalogue, joined, phrase, word
from harness.records.phases import PHASES
from harness.report.values import GROUPS

FOLDER = Path(harness.__file__).parent
ENGLISH, KOREAN = catalogue("en"), catalogue("ko")
SOURCES = {
    path: path.read_text("utf-8")
    for pattern in (
        "analysis/**/*.py",
        "report/**/*.py",
        "report/**/*.j2",
        "report/*.js",
        "cli/recommend.py",
    )
    for path in FOLDER.glob(pattern)
}
TEXT = "\n".join(SOURCES.values())
COMPOSED = ("kind", "outcome", "change", "how", "unit", "effort")
"""Keys that end in a name of a task's kind, an outcome, a group of facts, a number, a currency."""


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_have_the_same_keys() -> None:
    assert ENGLISH.keys() == KOREAN.keys()
    assert all(isinstance(text, str) and text for text in (*ENGLISH.values(), *KOREAN.values()))


def test_no_key_is_given_twice() -> None:
    for language in ("en", "ko"):
        lines = (FOLDER / f"analysis/words/{language}.yaml").read_text("utf-8").splitlines()
        keys = [line.partition(": ")[0] for line in lines if line and not line.startswith("#")]
        assert len(keys) == len(set(keys)) == len(catalogue("en"))


def test_both_have_the_same_placeholders() -> None:
    assert [key for key in ENGLISH if fields(ENGLISH[key]) != fields(KOREAN[key])] == []


def test_english_is_english_and_korean_is_korean() -> None:
    without = {key for key, text in KOREAN.items() if not re.search("[가-힣]", text)}
    assert without <= {"points", "p_holm", "figure.points", "sentence.doubt"}
    assert [key for key, text in ENGLISH.items() if re.search("[가-힣]", text)] == []


def test_no_key_is_missing() -> None:
    keys = set(
        re.findall(r"""(?:\bt|\bphrase|\bword|\bword2)\(\s*["']([^"'{}]+)["'](?! ~)""", TEXT)
    )
    assert len(keys) > 120
    assert sorted(keys - ENGLISH.keys()) == []
    codes = {f"reason.{code}" for code in re.findall(r'\bReason\(\s*"(\w+)"', TEXT)}
    assert len(codes) > 25 and codes <= ENGLISH.keys()
    assert {f"group.{group}" for group in GROUPS} <= ENGLISH.keys()
    scripts = "".join(text for path, text in SOURCES.items() if path.suffix == ".js")
    spoken = set(re.findall(r'\bsay\("([^"]+)"\)', scripts))
    assert spoken and all(f"script.{key}" in ENGLISH or key in ENGLISH for key in spoken)


def composed() -> list[re.Pattern[str]]:
    """Returns what keys may look like that the sources put together: ``f"turns.{kind}.never"``."""
    formatted = re.findall(r'\bf["\']([a-z]+\.[^"\']*\{[^"\']+)["\']', TEXT)
    joined_ = re.findall(r'"([a-z]+\.)" ~ [\w.]+(?: ~ "(\.[a-z]+)")?', TEXT)
    starts = [re.sub(r"\{[^}]*\}", "{}", text) for text in formatted]
    starts += [f"{start}{{}}{end}" for start, end in joined_]
    return [re.compile(re.escape(text).replace(r"\{\}", "(.+)")) for text in set(starts)]


PATTERNS = composed()


def quoted(name: str) -> bool:
    return name in PHASES or f'"{name}"' in TEXT or f"'{name}'" in TEXT or f"{name}: " in TEXT


def used(key: str) -> bool:
    """Whether a source has a key, or the parts that it puts together."""
    if (
        f'"{key}"' in TEXT
        or f"'{key}'" in TEXT
        or (key.startswith("script.") and quoted(key.removeprefix("script.")))
    ):
        return True
    matches = [match for pattern in PATTERNS if (match := pattern.fullmatch(key))]
    known = key.partition(".")[0] in COMPOSED
    return any(known or all(map(quoted, match.groups())) for match in matches)


def test_no_key_is_left_over() -> None:
    assert [key for key in ENGLISH if not used(key)] == []
    assert not used("reason.invented") and not used("invented")


def test_a_phrase_is_filled_in_its_own_language() -> None:
    text = phrase("evidence", rows="10", clusters=Phrase("five", "다섯"))
    assert "five independent" in text.en and "다섯개" in text.ko
    assert joined([Phrase("a", "가"), Phrase("b", "나")], ", ") == Phrase("a, b", "가, 나")
    with pytest.raises(KeyError):
        word("no such phrase", "en")
