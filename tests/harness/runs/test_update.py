"""Catching up with changed facts, measured: an index by its chunks, a classifier anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from harness.cli import app
from harness.cli.update import settings_of
from harness.config import run_config
from harness.errors import UsageError
from harness.runs.update import GROUPS, measure_update

ROWS = 30


def measure(folder: Path, strategy: str, **set_: Any) -> dict[str, Any]:
    config = run_config(strategy=strategy, results=folder, limit=20, set=set_)
    return measure_update(config, 1, 2, per_group=ROWS)


@pytest.mark.slow
def test_an_index_is_updated_by_what_changed(tmp_path: Path):
    made = measure(tmp_path, "rag", retriever="bm25", generate="false")
    first, caught = (made[name]["quantities"]["index"] for name in ("first", "catching_up"))
    assert first["chunks_added"] == first["chunks"]
    assert 0 < caught["chunks_added"] < 0.5 * caught["chunks"]
    assert caught["chunks_added"] + caught["chunks_kept"] == caught["chunks"]
    assert made["catching_up"]["rows_relabelled"] == 0
    changed = made["groups"]["changed"]
    assert changed["after"]["value"] > changed["before"]["value"]
    still = made["groups"]["unchanged"]
    assert still["after"]["value"] == pytest.approx(still["before"]["value"], abs=0.15)


@pytest.mark.slow
def test_what_was_learnt_is_learnt_anew(tmp_path: Path):
    made = measure(tmp_path, "tfidf")
    assert made["groups"]["changed"]["before"]["value"] == 0
    assert made["groups"]["changed"]["after"]["value"] > 0
    caught = made["catching_up"]
    assert 0 < caught["rows_relabelled"] < caught["rows_labelled"]
    assert set(made["groups"]) == set(GROUPS)
    assert all(group["after"]["n"] <= ROWS for group in made["groups"].values())
    stored = json.loads(next(tmp_path.glob("updates/*/update.json")).read_text(encoding="utf-8"))
    assert stored == made


@pytest.mark.slow
def test_the_table_is_printed(tmp_path: Path):
    asked = ["run", "--strategy", "majority", "--update-to", "2", "--update-rows", "5",
             "--results", str(tmp_path)]  # fmt: skip
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    assert "version 1 to 2" in done.output
    assert all(group in done.output for group in GROUPS)


def test_a_task_without_versions_is_refused(tmp_path: Path):
    with pytest.raises(UsageError, match="what changed"):
        measure_update(run_config(strategy="majority", task="insurer-claims-ko",
                                  results=tmp_path), 1, 2, per_group=5)  # fmt: skip


def test_a_setting_of_a_part_goes_to_the_strategies_with_that_part():
    settings = {"rag.k": "1", "qlora.epochs": "2", "seed": "3"}
    assert settings_of("qlora+rag", settings) == settings
    assert settings_of("rag", settings) == {"rag.k": "1", "seed": "3"}
    assert settings_of("zero-shot", settings) == {"seed": "3"}


def test_a_setting_of_no_part_is_refused(tmp_path: Path):
    asked = ["run", "--strategy", "majority", "--update-to", "2", "--set", "rga.k=1",
             "--results", str(tmp_path)]  # fmt: skip
    done = CliRunner().invoke(app, asked)
    assert done.exit_code != 0
    assert "rga" in str(done.exception)
