"""A study is run: processes of their own, failures, resuming, shards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[4]


def harness(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, "-m", "harness", *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A study of three cells, of which one can't work: its task has two labels only in name."""
    rows = [{"text": f"{word} {n}", "label": word} for n in range(40) for word in ("up", "down")]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    task = {"name": "words", "kind": "classification", "source": {"files": [{"path": "rows.jsonl"}]},
            "columns": {"input": "text", "target": "label"},
            "labels": {"up": "up", "down": "down"}, "metrics": ["accuracy"],
            "primary": "accuracy"}  # fmt: skip
    (tmp_path / "words.yaml").write_text(json.dumps(task), encoding="utf-8")
    study = {
        "name": "small", "summary": "three cells", "defaults": {"task": "words.yaml"},
        "matrix": {"strategy": ["majority", "tfidf"]},
        "include": [{"strategy": "tfidf", "task": "missing.yaml"}],
    }  # fmt: skip
    (tmp_path / "small.yaml").write_text(json.dumps(study), encoding="utf-8")
    return tmp_path


def statuses(folder: Path) -> list[Any]:
    value = json.loads(harness(folder, "study", "small.yaml", "--status", "--json").stdout)
    return [cell["status"] for cell in value["cells"]]


@pytest.mark.slow
def test_a_study_goes_on_after_a_failure_and_runs_nothing_twice(folder: Path):
    done = harness(folder, "study", "small.yaml")
    assert done.returncode == 5, done.stderr
    assert "1 of 3 cells failed" in done.stderr
    assert "missing.yaml" in done.stderr
    assert statuses(folder) == ["finished", "finished", "failed"]
    runs = sorted(path.name for path in (folder / "results").glob("words_*"))
    assert len(runs) == 2
    again = harness(folder, "study", "small.yaml")
    assert again.stderr.count("reused") == 2
    assert sorted(path.name for path in (folder / "results").glob("words_*")) == runs


@pytest.mark.slow
def test_shards_and_single_cells(folder: Path):
    assert harness(folder, "study", "small.yaml", "--shard", "1/3").returncode == 0
    assert statuses(folder) == ["finished", "waiting", "waiting"]
    value = json.loads(harness(folder, "study", "small.yaml", "--list", "--json").stdout)
    done = harness(folder, "study", "small.yaml", "--cell", value["cells"][1]["id"])
    assert done.returncode == 0, done.stderr
    assert statuses(folder) == ["finished", "finished", "waiting"]
    for path in (folder / "results").glob("words_tfidf*/run.json"):
        path.unlink()
    assert statuses(folder) == ["finished", "waiting", "waiting"]


@pytest.mark.slow
def test_a_cell_whose_table_was_edited_runs_again(folder: Path):
    harness(folder, "study", "small.yaml", "--shard", "1/3")
    kept = harness(folder, "study", "small.yaml", "--status", "--json").stdout
    table = folder / "rows.jsonl"
    table.touch()  # the same content is the same work
    assert harness(folder, "study", "small.yaml", "--status", "--json").stdout == kept
    table.write_text(table.read_text(encoding="utf-8").replace("up 1", "up one"), encoding="utf-8")
    assert statuses(folder) == ["edited", "waiting", "waiting"]
    assert "edited since" in harness(folder, "study", "small.yaml", "--status").stdout
    forecast = json.loads(harness(folder, "study", "small.yaml", "--list", "--json").stdout)
    assert forecast["forecast"]["cells"] == 3
    done = harness(folder, "study", "small.yaml", "--shard", "1/3")
    assert "reused" not in done.stderr
    assert statuses(folder) == ["finished", "waiting", "waiting"]
    assert len(list((folder / "results").glob("words_majority*"))) == 2
    task = folder / "words.yaml"
    task.write_text(
        task.read_text(encoding="utf-8").replace("accuracy", "macro_f1"), encoding="utf-8"
    )
    value = json.loads(harness(folder, "study", "small.yaml", "--status", "--json").stdout)
    assert value["cells"][0]["edited"] == "the task or its prompt"
    task.unlink()
    value = json.loads(harness(folder, "study", "small.yaml", "--status", "--json").stdout)
    assert value["cells"][0]["status"] == "finished"
    assert value["cells"][0]["unchecked"] == "there is no file words.yaml"
