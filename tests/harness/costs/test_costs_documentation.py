"""docs/costs.md: its tables are the program's, its example prints what it says, its verbs exist."""

import contextlib
import io
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from harness.cli import app
from harness.costs.book import load_book
from harness.costs.published import predictions, tables

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "costs.md"
TEXT = GUIDE.read_text(encoding="utf-8")
COMMANDS = re.findall(r"^    (harness .+)$", TEXT, flags=re.MULTILINE)


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", TEXT, flags=re.DOTALL)
    return str(found)


def test_the_worked_example_prints_what_the_guide_says() -> None:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(block("python"), str(GUIDE), "exec"), {})
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


@pytest.mark.parametrize("line", COMMANDS)
def test_the_verbs_and_options_of_the_guide_exist(line: str) -> None:
    words = shlex.split(line)[1:]
    verb = words[:2] if words[0] == "prices" else words[:1]
    shown = CliRunner().invoke(app, [*verb, "--help"], env={"COLUMNS": "200"})
    assert shown.exit_code == 0
    for option in (word for word in words if word.startswith("--")):
        assert option in shown.stdout, f"{option} isn't an option of {' '.join(verb)}"
