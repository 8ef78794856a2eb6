"""A world whose pools run dry says which one, and what to do, wherever it is asked for."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from harness.cli import app
from harness.config import run_config
from harness.errors import UsageError
from harness.runs.plan import load_rows, open_task
from harness.strategy.registry import builtin_folder
from harness.task.task import generator_module
from tasks.insurer import draw


@dataclass(frozen=True)
class Days:
    """A value as a language writes it."""

    key: str
    kind: str = "days"
    text: str = ""
    variants: tuple[str, ...] = ()


def test_a_dry_pool_names_world_and_fact() -> None:
    values = [Days("3"), Days("5")]
    drawn = draw.Draw(4711)
    assert {drawn.pick(name, values).key for name in ("leave.a", "leave.b")} == {"3", "5"}
    with pytest.raises(draw.Exhausted, match="world 4711, version 1.*all 2 values.*'leave.c'") as e:
        drawn.pick("leave.c", values)
    assert "another seed" in str(e.value)
    assert isinstance(e.value, LookupError) and isinstance(e.value, ValueError)


@pytest.fixture
def dry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The generator as the program loads it, with a fact that nothing is left for."""
    folder = builtin_folder("tasks")
    module = generator_module(folder, "insurer")
    loaded = sys.modules[f"{module.__name__}.draw"]
    sample = loaded.random.Random.sample

    def short(self: object, pool: object, count: int) -> object:
        return [] if count == len(pool) else sample(self, pool, count)  # type: ignore[arg-type]

    monkeypatch.setattr(loaded.random.Random, "sample", short)


def test_a_run_and_a_build_say_it_as_a_user_s_error(dry: None, tmp_path: Path) -> None:
    config = run_config(strategy="majority", task="insurer-ko", task_set={"world": 99})
    with pytest.raises(UsageError, match="insurer: world 99.*another world") as e:
        load_rows(config, open_task(config))
    assert "--task-set world=" in str(e.value.hint)
    for language in ("ko", "en"):
        done = CliRunner().invoke(
            app, ["build", "insurer", "--seed", "99", "--language", language, "--out",
                  str(tmp_path / language)],
        )  # fmt: skip
        assert isinstance(done.exception, UsageError) and "world 99" in str(done.exception)


@pytest.mark.slow
def test_a_build_takes_distractors_and_twins(tmp_path: Path) -> None:
    sizes = []
    for name, more in (("plain", ["--distractors", "0"]),
                       ("hard", ["--distractors", "3", "--near-twins", "2"])):  # fmt: skip
        done = CliRunner().invoke(
            app, ["build", "insurer", "--language", "en", "--out", str(tmp_path / name), *more]
        )
        assert done.exit_code == 0, done.output
        sizes.append(sum(p.stat().st_size for p in (tmp_path / name / "documents").iterdir()))
    assert sizes[1] > 1.1 * sizes[0]
    wrong = CliRunner().invoke(app, ["build", "insurer", "--distractors", "9", "--out", "x"])
    assert isinstance(wrong.exception, UsageError) and "from 0 to 3" in str(wrong.exception)
    shown = CliRunner().invoke(app, ["build", "--help"], env={"COLUMNS": "200"}).stdout
    assert "--language en" in shown
