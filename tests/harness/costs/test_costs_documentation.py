"""docs/costs.md: its tables are the program's, its example prints what it says."""

import contextlib
import io
import re
from pathlib import Path

import pytest

from harness.costs.book import load_book
from harness.costs.published import predictions, tables
from tests.documents import blocks, text

GUIDE = "docs/costs.md"
TEXT = text(GUIDE)


def block(language: str) -> str:
    (only,) = blocks(GUIDE, language)
    return only


def test_the_worked_example_prints_what_the_guide_says() -> None:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(block("python"), GUIDE, "exec"), {})
    assert printed.getvalue() == block("text")


def test_the_tables_are_the_program_s() -> None:
    (shown,) = re.findall(r"<!-- published -->\n(.*?)\n<!-- end -->", TEXT, flags=re.DOTALL)
    assert shown == tables()


def test_no_prediction_uses_its_own_row() -> None:
    rows = {row.name: row for row in predictions()}
    for row in rows.values():
        assert (row.predicted is None) == (row.flops is None)
        assert row.mfu_source != row.name
        if row.mfu is not None:
            own = (row.flops or 0) / (load_book().gpu(row.gpu).peak * row.gpu_hours * 3600)
            assert abs(own - row.mfu) > 0.005  # from itself it would be the same
    assert abs(rows["MLPerf Llama-2-70B LoRA"].error or 1) < 0.2
    assert all(abs(row.memory_error) < 0.1 for row in rows.values() if row.memory_error is not None)


def test_the_price_book_of_the_guide_loads(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(block("yaml"), encoding="utf-8")
    ours = load_book(own).machine("our-l40s")
    expected = 30000 * (1 / 4 + 0.08) / 8760 + 0.9 * 1.54 * 0.124
    assert ours.usd_per_hour == pytest.approx(expected)
