"""docs/costs.md: its example prints what it says, its price book loads."""

import contextlib
import io
from pathlib import Path

import pytest

from harness.costs.book import load_book
from tests.documents import blocks

GUIDE = "docs/costs.md"


def block(language: str) -> str:
    (only,) = blocks(GUIDE, language)
    return only


def test_the_worked_example_prints_what_the_guide_says() -> None:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(block("python"), GUIDE, "exec"), {})
    assert printed.getvalue() == block("text")


def test_the_price_book_of_the_guide_loads(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(block("yaml"), encoding="utf-8")
    ours = load_book(own).machine("our-l40s")
    expected = 30000 * (1 / 4 + 0.08) / 8760 + 0.9 * 1.54 * 0.124
    assert ours.usd_per_hour == pytest.approx(expected)
