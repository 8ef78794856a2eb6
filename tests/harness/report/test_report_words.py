"""Both catalogues say the same things, and everything that is said stands in them."""

import re
import string
from pathlib import Path

import pytest

import harness.report
from harness.report.values import FAMILIES
from harness.report.words import Said, catalogue, say, word

FOLDER = Path(harness.report.__file__).parent
ENGLISH, KOREAN = catalogue("en"), catalogue("ko")


def fields(phrase):
    return {name for _, name, _, _ in string.Formatter().parse(phrase) if name is not None}


def test_both_have_the_same_keys():
    assert ENGLISH.keys() == KOREAN.keys()
    assert all(isinstance(text, str) and text for text in (*ENGLISH.values(), *KOREAN.values()))


def test_both_have_the_same_fields():
    unlike = [key for key in ENGLISH if fields(ENGLISH[key]) != fields(KOREAN[key])]
    assert unlike == []


def test_korean_is_korean():
    without = {key for key, text in KOREAN.items() if not re.search("[가-힣]", text)}
    assert without <= {"points", "p_holm", "figure.points"}


def test_what_the_templates_and_figures_say_is_there():
    sources = [*FOLDER.glob("templates/*.j2"), *FOLDER.glob("**/*.py")]
    said = {
        key
        for path in sources
        for key in re.findall(
            r'(?:\bt|\bsay|\bword|\bword2)\(\s*"([^"{}]+)"(?! ~)', path.read_text("utf-8")
        )
    }
    assert len(said) > 120
    assert sorted(said - ENGLISH.keys() - {"en", "ko"}) == []
    assert {f"family.{family}" for family in FAMILIES} <= ENGLISH.keys()


def test_what_the_scripts_say_is_there():
    text = "".join((FOLDER / name).read_text("utf-8") for name in ("page.js", "examples.js"))
    said = set(re.findall(r'\bsay\("([^"]+)"\)', text))
    assert said and all(f"script.{key}" in ENGLISH or key in ENGLISH for key in said)


def test_no_phrase_is_left_over():
    text = "".join(
        path.read_text("utf-8")
        for pattern in ("templates/*.j2", "**/*.py", "*.js")
        for path in FOLDER.glob(pattern)
    )
    families = {key.partition(".")[0] for key in ENGLISH if "." in key}
    for key in ENGLISH:
        start, _, rest = key.partition(".")
        composed = rest and (f'"{start}." ~' in text or f'f"{start}.' in text)
        spoken = f'"{key}"' in text or f'say("{key.removeprefix("script.")}")' in text
        assert composed or spoken or start in ("script", "how", "kind", "outcome", "filter"), key
    assert families


def test_a_phrase_is_filled_in_its_own_language():
    said = say("evidence", rows="10", clusters=Said("five", "다섯"))
    assert "five independent" in said.en and "다섯개" in said.ko
    with pytest.raises(KeyError):
        word("no such phrase", "en")
