"""``harness prices``: listed, shown with its source, checked."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from harness.cli import app
from harness.cli.prices import PARTS
from harness.costs.book import PriceBook, checkup, load_book
from harness.errors import DataError, UsageError

TODAY = dt.date(2026, 11, 25)


def prices(*arguments: str) -> Any:
    done = CliRunner().invoke(app, ["prices", *arguments, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def failed(*arguments: str) -> BaseException:
    done = CliRunner().invoke(app, ["prices", *arguments])
    assert done.exit_code != 0 and done.exception is not None
    return done.exception


def test_every_part_can_be_listed_as_text_and_as_one_object() -> None:
    assert set(PARTS) == set(PriceBook.model_fields) - {"defaults"}
    for part in PARTS:
        rows = prices("list", part)[part]
        assert len(rows) == len(getattr(load_book(), part))
        assert CliRunner().invoke(app, ["prices", "list", part]).exit_code == 0


def test_machines_are_chosen_by_gpu_region_and_tier() -> None:
    rows = prices("list", "--gpu", "l4", "--region", "ap-northeast-2")["machines"]
    assert {row["id"] for row in rows} == {"aws-l4-seoul", "aws-l4-seoul-spot"}
    assert {row["tier"] for row in prices("list", "--tier", "reserved")["machines"]} == {"reserved"}
    table = CliRunner().invoke(app, ["prices", "list", "--gpu", "l4"]).stdout
    assert "aws-l4-seoul-spot" in table and "0.3584" in table and "second-hand" in table
    assert isinstance(failed("list", "gpus", "--gpu", "l4"), UsageError)
    assert "'machines'" in str(failed("list", "machine"))


def test_a_row_is_shown_with_its_source_and_what_limits_it() -> None:
    row = prices("show", "aws-l4-seoul")
    assert row["part"] == "machines" and "AWS's price list" in row["source"]
    assert row["warnings"] == ["undated", "second-hand"]
    tokens = prices("show", "gpt-4o-mini", "--provider", "openai")
    assert tokens["part"] == "tokens" and tokens["input_usd_per_1m"] == 0.15
    assert prices("show", "l4")["memory_gb"] == 24
    assert "aws-l4" in str(failed("show", "aws-l5"))


def test_the_shipped_book_says_what_is_old(tmp_path: Path) -> None:
    found = {(finding.row, finding.problem) for finding in checkup(load_book(), TODAY)}
    assert ("KRW", "366 days old") in found and ("aws-l4", "second-hand") in found
    assert not any("costs more than" in problem for _, problem in found)
    value = prices("check")
    assert value["rows"] >= 40 and value["findings"]
    own = tmp_path / "own.yaml"
    own.write_text("machines: [{id: x, kind: cpu}]", encoding="utf-8")
    assert isinstance(failed("check", str(own)), DataError)


def test_odd_rows_are_found(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    row = "kind: gpu, provider: us, gpu: l4, date: 2026-11, source: s"
    own.write_text(
        f"machines:\n  - {{id: a, {row}, usd_per_hour: 1}}\n"
        f"  - {{id: b, {row}, usd_per_hour: 2, tier: spot}}\n"
        "tokens: [{model: m, provider: us, input_usd_per_1m: 2, output_usd_per_1m: 1,"
        " date: 2026-11, source: s}]\n"
        "batch: [{provider: us, factor: 0.9, date: 2026-11, source: s}]\n",
        encoding="utf-8",
    )
    found = {(finding.row, finding.problem) for finding in checkup(load_book(own), TODAY)}
    assert ("b", "spot costs more than a on demand") in found
    assert ("m", "output costs less than input") in found
    assert ("us", "asks 0.9 of the price; about half is usual") in found


@pytest.mark.parametrize("verb", ["list", "show", "check"])
def test_help_has_examples(verb: str) -> None:
    done = CliRunner().invoke(app, ["prices", verb, "--help"])
    assert done.exit_code == 0 and f"harness prices {verb}" in done.stdout
