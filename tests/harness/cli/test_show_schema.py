"""`show --schema`, and what is said of a record that can't be read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from harness.cli import app
from harness.errors import DataError, UsageError


def test_the_schema_of_a_record_is_printed_without_a_run() -> None:
    done = CliRunner().invoke(app, ["show", "--schema"])
    schema = json.loads(done.stdout)
    assert schema["properties"]["schema_version"]["const"] == 2
    assert schema["additionalProperties"] is False
    assert "results" not in schema["$defs"]["RunSettings"]["properties"]


def test_show_needs_a_run_or_the_schema() -> None:
    assert isinstance(CliRunner().invoke(app, ["show"]).exception, UsageError)


def test_a_damaged_record_is_left_out_of_a_list_and_named(
    write: Callable[..., Path], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write("fine", [1, 0, 1])
    broken = write("broken", [1, 0, 1])
    (broken / "run.json").write_text('{"schema_version": 99}', encoding="utf-8")
    results = ["--results", str(tmp_path / "results")]
    done = CliRunner().invoke(app, ["list", "runs", *results])
    assert done.exit_code == 0 and "made_fine" in done.stdout and "broken" not in done.stdout
    assert all(text in caplog.text for text in ("left out", broken.name, "upgrade"))
    shown = CliRunner().invoke(app, ["show", broken.name, *results])
    assert isinstance(shown.exception, DataError) and "version 99" in str(shown.exception)


@pytest.mark.parametrize("verb", ["recommend", "report"])
def test_a_damaged_record_is_named_by_what_compares(
    write: Callable[..., Path], tmp_path: Path, verb: str
) -> None:
    for name in ("one", "two"):
        write(name, [1, 0] * 40)
    broken = write("broken", [1, 0] * 40)
    (broken / "run.json").write_text("{", encoding="utf-8")
    options = {
        "recommend": ["--task", "made", "--json"],
        "report": ["--format", "json", "--out", str(tmp_path / "report.json")],
    }[verb]
    done = CliRunner().invoke(app, [verb, "--results", str(tmp_path / "results"), *options])
    assert done.exit_code == 0, done.exception
    text = done.stdout if verb == "recommend" else (tmp_path / "report.json").read_text("utf-8")
    assert broken.name in text
