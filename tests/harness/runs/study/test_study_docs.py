"""docs/study.md: its file is a study, its templates run every cell once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from harness.runs.plan import load_rows, open_task
from harness.runs.study import StudyConfig, read_study
from tests.documents import ROOT, blocks, flat, text

GUIDE = "docs/study.md"
PLACES = ("Slurm", "Kubernetes", "AWS")


def block(language: str) -> str:
    (only,) = blocks(GUIDE, language)
    return only


@pytest.fixture
def cluster(tmp_path: Path) -> dict[str, str]:
    """A folder as every node sees it, with the program on its path and a study of four cells."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "harness"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m harness "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    lines = [{"text": f"{word} {n}", "label": word} for n in range(40) for word in ("up", "down")]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    task = {"name": "words", "kind": "classification", "source": {"files": [{"path": "rows.jsonl"}]},
            "columns": {"input": "text", "target": "label"},
            "labels": {"up": "up", "down": "down"}, "metrics": ["accuracy"],
            "primary": "accuracy"}  # fmt: skip
    (tmp_path / "words.yaml").write_text(json.dumps(task), encoding="utf-8")
    study = {"name": "nodes", "defaults": {"task": "words.yaml", "strategy": "majority"},
             "matrix": {"seed": [0, 1, 2, 3]}}  # fmt: skip
    (tmp_path / "study.yaml").write_text(json.dumps(study), encoding="utf-8")
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}


def shards(
    cluster: dict[str, str], folder: Path, command: list[str], jobs: Sequence[int] = range(4)
) -> list[str]:
    """Runs jobs of four, and returns which cell each one ran."""
    ran: list[str] = []
    for done_before, at in enumerate(jobs):
        index = {"SLURM_ARRAY_TASK_ID": str(at + 1), "SLURM_ARRAY_TASK_COUNT": "4",
                 "JOB_COMPLETION_INDEX": str(at)}  # fmt: skip
        done = subprocess.run(
            command, cwd=folder, env=cluster | index, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        states = sorted(path.stem for path in (folder / "results/studies/nodes").glob("*.json"))
        ran += sorted(set(states) - set(ran))
        assert len(ran) == done_before + 1
    return ran


@pytest.mark.slow
def test_the_slurm_array_runs_every_cell_once(cluster: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "study.sh").write_text(block("bash"), encoding="utf-8")
    ran = shards(cluster, tmp_path, ["bash", "study.sh"])
    cells = read_study(str(tmp_path / "study.yaml")).cells()
    assert ran == [cell.id for cell in cells]


@pytest.mark.slow
def test_the_indexed_job_runs_the_cell_of_its_number(
    cluster: dict[str, str], tmp_path: Path
) -> None:
    job = yaml.safe_load(block("yml"))
    assert job["spec"]["completionMode"] == "Indexed" and job["spec"]["completions"] == 4
    (container,) = job["spec"]["template"]["spec"]["containers"]
    cells = read_study(str(tmp_path / "study.yaml")).cells()
    assert shards(cluster, tmp_path, container["command"], [2]) == [cells[2].id]


def test_the_templates_are_of_about_ten_lines() -> None:
    assert len(block("bash").splitlines()) <= 10 and len(block("yml").splitlines()) <= 10


def test_the_file_of_the_guide_is_a_study() -> None:
    file, _ = blocks(GUIDE, "yaml")
    cells = StudyConfig(**yaml.safe_load(file)).cells()
    named = [(cell.values["strategy"], cell.values.get("seed")) for cell in cells]
    assert named == [("majority", 0), ("tfidf", 0), ("tfidf", 1), ("bm25-answer", None)]
    assert [cell.values.get("train_limit") for cell in cells] == [None, 200, 200, None]


def test_so_is_the_one_of_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, own = blocks(GUIDE, "yaml")
    cells = StudyConfig(**yaml.safe_load(own)).cells()
    assert [cell.label for cell in cells][:2] == ["rows.csv · majority", "rows.csv · tfidf"]
    lines = [f"Q{n},what is {n}?,{n}" for n in range(30)]
    text = "\n".join(("id,question,answer", *lines))
    (tmp_path / "rows.csv").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    config = cells[0].run_config()
    assert {row.id for row in load_rows(config, open_task(config)).test} <= {
        f"Q{n}" for n in range(30)
    }


def test_the_table_tells_how_many_cells_there_are() -> None:
    assert f"{len(read_study('korean-insurance').cells())} cells" in text(GUIDE)


def test_the_templates_of_a_cluster_can_be_read() -> None:
    (script,) = blocks("docs/cluster.md", "bash")
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)
    (job,), (cloud,) = blocks("docs/cluster.md", "yaml"), blocks("docs/cluster.md", "yml")
    cluster = yaml.safe_load(job)["spec"]["rayClusterSpec"]
    (workers,) = cluster["workerGroupSpecs"]
    assert workers["template"] == cluster["headGroupSpec"]["template"]
    assert cluster["headGroupSpec"]["rayStartParams"]["num-cpus"] == "0"
    types = yaml.safe_load(cloud)["available_node_types"]
    assert types["head"]["resources"] == {"CPU": 0} and types["nodes"]["min_workers"] == 3
    assert [f"not run on {place}" in flat("docs/cluster.md") for place in PLACES] == [True] * 3
