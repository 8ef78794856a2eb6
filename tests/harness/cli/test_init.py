"""What ``harness init --strategy`` writes works at once, and nothing is overwritten."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from harness.cli import app
from harness.cli.init import DRAFTS
from harness.errors import UsageError
from harness.strategy.family import FAMILIES
from harness.strategy.registry import load_object

ROOT = Path(__file__).resolve().parents[3]


def init(*words: object) -> Any:
    return CliRunner().invoke(app, ["init", *map(str, words)])


@pytest.mark.parametrize("part", DRAFTS)
def test_the_written_class_says_what_it_is(part: str, tmp_path: Path):
    done = init("--strategy", "my-own", "--part", part, "--out", tmp_path / "new", "--json")
    assert done.exit_code == 0, done.output
    value = json.loads(done.stdout)
    file, test = map(Path, value["files"])
    assert (file.name, test.name) == ("my_own.py", "test_my_own.py")
    assert value["strategy"] == f"{file}:MyOwn" and "$" not in file.read_text(encoding="utf-8")
    made: Any = load_object(value["strategy"])
    assert made.name == "my-own" and made.summary and made.family in FAMILIES
    assert file.read_text(encoding="utf-8").count("\n") < 80


def passes(folder: Path, part: str) -> None:
    """Writes the files, and runs the test that was written."""
    assert init("--strategy", "my-own", "--part", part, "--out", folder).exit_code == 0
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_my_own.py"],
        cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0 and "2 passed" in done.stdout, done.stdout


@pytest.mark.slow
def test_the_written_test_passes_at_once(tmp_path: Path):
    passes(tmp_path, "strategy")


@pytest.mark.slow
@pytest.mark.parametrize("part", ["prompting", "weights"])
def test_the_written_test_passes_at_once_with_a_model(part: str, tmp_path: Path):
    pytest.importorskip("torch")
    passes(tmp_path, part)


@pytest.mark.parametrize("there", ["my_own.py", "test_my_own.py"])
def test_nothing_is_overwritten(there: str, tmp_path: Path):
    (tmp_path / there).write_text("mine", encoding="utf-8")
    done = init("--strategy", "my-own", "--out", tmp_path)
    assert isinstance(done.exception, UsageError) and there in str(done.exception)
    assert [path.name for path in tmp_path.iterdir()] == [there]
    assert (tmp_path / there).read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--strategy", "lora"], "there is a strategy 'lora' already"),
        (["--strategy", "My Own"], "no name of a strategy"),
        (["--strategy", "../own"], "no name of a strategy"),
        (["--strategy", "own", "--part", "weight"], "no part 'weight'"),
    ],
)
def test_what_cant_be_is_refused_in_a_line(words: list[str], why: str, tmp_path: Path):
    done = init(*words, "--out", tmp_path)
    assert isinstance(done.exception, UsageError) and why in str(done.exception)
    assert not list(tmp_path.iterdir())
