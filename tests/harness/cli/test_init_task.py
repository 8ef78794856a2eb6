"""``harness init NAME --data``: tables in many formats become tasks that run as printed."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from harness.cli import app
from harness.task.proposing.proposal import KINDS
from tests.harness.task.formats import FORMATS, Format


def harness(*words: object) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


def made(each: Format, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Writes a format into a folder, goes there, and lets a task be made of it."""
    if each.kind not in KINDS:
        pytest.skip(f"no kind {each.kind} yet")
    monkeypatch.chdir(folder)
    monkeypatch.delenv("HARNESS_DATA", raising=False)
    data = [word for name in each.write(folder) for word in ("--data", name)]
    done = harness("init", "mine", *data, *each.options, "--yes", "--json", "--no-estimate")
    assert done.exit_code == 0, done.exception or done.output
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", FORMATS)
def test_kind_columns_labels_and_splits_are_recognised(name, tmp_path, monkeypatch):
    each = FORMATS[name]
    value = made(each, tmp_path, monkeypatch)
    assert value["kind"] == each.kind
    assert {key: value["columns"].get(key) for key in each.columns} == dict(each.columns)
    assert sorted(set(value["labels"].values())) == sorted(each.labels)
    assert (value["rows"] is not None) == each.copied
    splits = value["splits"]
    assert {key: splits[key] for key in each.splits} == dict(each.splits)
    assert all(splits.values())
    assert {key: value[key] for key in each.extra} == dict(each.extra)
    assert harness("validate", value["task"], "--json").exit_code == 0
    assert harness("study", value["study"], "--status", "--json").exit_code == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
def test_the_first_printed_command_runs_and_is_reported(name, tmp_path, monkeypatch):
    each = FORMATS[name]
    value = made(each, tmp_path, monkeypatch)
    words = shlex.split(value["next"][0]["command"])
    assert words[0] == "harness"
    run = harness(*words[1:], "--json")
    assert run.exit_code == 0, run.exception or run.output
    done = harness("report", "--out", "report.html")
    assert done.exit_code == 0, done.exception or done.output
    page = Path("report.html").read_text(encoding="utf-8")
    assert "mine" in page and json.loads(run.stdout)["status"] == "finished"
