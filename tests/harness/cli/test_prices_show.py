"""`harness prices show` tells rows of one name apart."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from harness.cli import app

BOOK = """\
tokens:
  - {model: m, provider: a, input_usd_per_1m: 1, output_usd_per_1m: 2, date: 2026-11-01, source: x}
  - {model: m, provider: b, input_usd_per_1m: 3, output_usd_per_1m: 4, date: 2026-11-01, source: x}
"""


@pytest.fixture
def shown(tmp_path):
    (tmp_path / "book.yaml").write_text(BOOK)

    def run(*options: str):
        command = ["prices", "show", "m", "--prices", str(tmp_path / "book.yaml"), "--json"]
        return CliRunner().invoke(app, [*command, *options])

    return run


def test_all_vendors_of_a_model_are_shown(shown):
    rows = json.loads(shown().stdout)["rows"]
    assert [(row["provider"], row["input_usd_per_1m"]) for row in rows] == [("a", 1), ("b", 3)]


def test_a_vendor_is_taken_at_its_word(shown):
    assert json.loads(shown("--provider", "a").stdout)["input_usd_per_1m"] == 1


def test_a_vendor_without_that_model_is_refused(shown):
    result = shown("--provider", "c")
    assert result.exit_code != 0
    assert "vendors are a, b" in str(result.exception.hint)
