"""A study on a real cluster of raylets on this machine, some of which are killed."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from harness.records.ledger import read_ledger
from harness.runs.study import read_study, run_cell
from harness.strategy.context import Monitor

ray = pytest.importorskip("ray")
pytest.importorskip("torch")
pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[4]
NODE = {"node_ip_address": "127.0.0.1", "object_store_memory": 80 * 2**20}
ENVIRONMENT = {"PYTHONPATH": str(ROOT), "NO_COLOR": "1", "OMP_NUM_THREADS": "1",
               "RAY_USAGE_STATS_ENABLED": "0", "RAY_worker_niceness": "0"}  # fmt: skip


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A head without processors, and two nodes of one each."""
    from ray._private import ray_constants
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ray_constants, "ENABLE_RAY_CLUSTER", False)  # 127.0.0.1 stays what it is
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        head = {**NODE, "num_cpus": 0, "include_dashboard": False}
        made = Cluster(initialize_head=True, head_node_args=head)
        for _ in range(2):
            made.add_node(**NODE, num_cpus=1)
        yield made
        made.shutdown()


@pytest.fixture(scope="module")
def folder(tiny_llama: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of three cells, one of them trained, and a copy of it for this machine alone."""
    made = tmp_path_factory.mktemp("study")
    rows = [{"text": f"{word} {n}", "label": word} for n in range(60) for word in ("up", "down")]
    (made / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    task = {"name": "words", "kind": "classification", "source": {"files": [{"path": "rows.jsonl"}]},
            "columns": {"input": "text", "target": "label"}, "metrics": ["accuracy"],
            "labels": {"up": "up", "down": "down"}, "primary": "accuracy"}  # fmt: skip
    (made / "words.yaml").write_text(json.dumps(task), encoding="utf-8")
    trained = {"strategy": "lora", "model": str(tiny_llama), "dtype": "float32", "device": "cpu",
               "set": {"max_steps": 600, "checkpoint_every": 5, "rank": 2}}  # fmt: skip
    study = {"name": "small", "defaults": {"task": "words.yaml", "latency": False},
             "include": [trained, {"strategy": "majority"}, {"strategy": "tfidf"}]}  # fmt: skip
    (made / "study.yaml").write_text(json.dumps(study), encoding="utf-8")
    light = study | {"name": "light", "include": [], "matrix": {
        "strategy": ["majority", "tfidf"], "seed": [0, 1]}}  # fmt: skip
    (made / "light.yaml").write_text(json.dumps(light), encoding="utf-8")
    wide = study | {"name": "wide", "include": [{"strategy": "majority"},
                                                trained | {"device": "cuda"}]}  # fmt: skip
    (made / "wide.yaml").write_text(json.dumps(wide), encoding="utf-8")
    return made


def begin(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "harness", "study", *arguments, "--offline"]
    return subprocess.Popen(
        command, cwd=folder, env={**os.environ, **ENVIRONMENT}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def run_here(folder: Path, file: str, results: str) -> None:
    """Runs all cells in this process, for records to compare with."""
    study = read_study(str(folder / file))
    with contextlib.chdir(folder):
        for cell in study.cells():
            run_cell(study, cell, cell.run_config(results=Path(results)), Monitor())


def on(cluster: Any) -> tuple[str, ...]:
    return "--engine", "ray", "--address", cluster.address


def cells(folder: Path) -> list[psutil.Process]:
    """The processes of cells that are at work in a folder."""
    found = []
    for process in psutil.process_iter(["cmdline", "cwd"]):
        words = process.info["cmdline"] or []
        if "--cell" in words and process.info["cwd"] == str(folder):
            found.append(process)
    return found


def wait(condition: Callable[[], Any], process: subprocess.Popen[str]) -> Any:
    until = time.monotonic() + 300
    while not (met := condition()):
        assert process.poll() is None and time.monotonic() < until, process.communicate()
        time.sleep(0.02)
    return met


def steps(results: Path) -> int:
    """How many steps the last checkpoint of the trained cell holds; 0 without one."""
    for path in results.glob("artifacts/*/*/checkpoints/last/state.json"):
        with contextlib.suppress(OSError):  # the next one takes its place
            return int(json.loads(path.read_text(encoding="utf-8"))["result"]["steps"])
    return 0


def record(results: Path, strategy: str) -> tuple[Any, ...]:
    """What must be the same wherever a cell ran: answers, figures, and what was counted."""
    (run,) = results.glob(f"words_{strategy}_*")
    lines = [json.loads(line) for line in (run / "predictions.jsonl").read_text().splitlines()]
    metrics = json.loads((run / "metrics.json").read_text())
    value = json.loads((run / "run.json").read_text())
    served = [span.usage.input_tokens for span in read_ledger(run / "ledger.jsonl")]
    artifact = results / "artifacts" / value["artifact"]["name"]
    made = sorted((path.name, path.read_bytes()) for path in artifact.rglob("*.safetensors"))
    assert value["run_id"] == run.name and value["status"] == "finished"
    assert (artifact / "artifact.json").is_file()
    return lines, metrics, value["keys"], served, made


def test_a_study_goes_on_after_ctrl_c_a_killed_worker_and_a_killed_node(
    cluster: Any, folder: Path
) -> None:
    run_here(folder, "study.yaml", "local")
    results = folder / "results"
    stopped = begin(folder, "study.yaml", *on(cluster))
    wait(lambda: steps(results) >= 2, stopped)
    stopped.send_signal(signal.SIGINT)
    _, said = stopped.communicate(timeout=60)
    assert stopped.returncode == 130, said
    assert cells(folder) == []
    assert "Traceback" not in said and "raylet" not in said
    ray.init(address=cluster.address, log_to_driver=False)
    try:
        assert ray.available_resources()["CPU"] == ray.cluster_resources()["CPU"] == 2
    finally:
        ray.shutdown()

    before = steps(results)
    assert before >= 2
    study = begin(folder, "study.yaml", *on(cluster))
    wait(lambda: steps(results) > before, study)
    (cell,) = [each for each in cells(folder) if each.memory_info().rss > 2e8]
    worker = cell.parent()
    worker.kill()
    before = steps(results)
    wait(lambda: steps(results) > before, study)
    (cell,) = [each for each in cells(folder) if each.memory_info().rss > 2e8]
    raylet = cell.parent().parent()
    assert raylet.name() == "raylet" and raylet != worker
    raylet.kill()
    raylet.wait()  # it is this process' child; while nobody asks how it ended, its workers go on
    out, said = study.communicate(timeout=240)
    assert study.returncode == 0, said
    assert "raylet" not in out + said, "Ray's own words stay away"
    assert said.count("was lost") >= 2 and "3/3 finished" in said, said
    log = next(path for path in results.glob("studies/small/*.log") if "train" in path.read_text())
    assert "train 1/600" not in log.read_text() and "train 2/600" not in log.read_text()
    for strategy in ("lora", "majority", "tfidf"):
        assert record(results, strategy) == record(folder / "local", strategy)
    assert not list(results.glob("studies/small/seen-*"))


def test_what_no_node_has_is_said_at_once(cluster: Any, folder: Path) -> None:
    study = begin(folder, "wide.yaml", *on(cluster), "--results", "wide")
    _, said = study.communicate(timeout=120)
    assert study.returncode == 5, said
    first, why, then = said.splitlines()[:3]
    assert first.startswith("1/2 failed · words · lora")
    assert "no node has 1 CPU, 1 GPU" in why and "the largest has 1 CPUs, no GPU" in why
    assert then.startswith("2/2 finished")


LONE = """
import sys
from ray._private import ray_constants
from ray._private.node import Node
from ray._private.parameter import RayParams

ray_constants.ENABLE_RAY_CLUSTER = False
parameters = RayParams(
    gcs_address=sys.argv[1], node_ip_address="127.0.0.1", object_store_memory=int(sys.argv[2]),
    num_cpus=2, node_manager_port=0, include_log_monitor=False, dashboard_agent_listen_port=None,
)
Node(parameters, head=False, shutdown_at_exit=True, spawn_reaper=True)
sys.stdin.read()
"""


@pytest.fixture
def lone(cluster: Any, folder: Path, tmp_path: Path) -> Iterator[Path]:
    """A node that has another, empty folder where the study's is; yields its cache."""
    if not shutil.which("unshare") or subprocess.run(["unshare", "-m", "true"]).returncode:
        pytest.skip("no right to a mount namespace")
    alive = nodes(cluster)
    hide = f'mount -t tmpfs tmpfs {folder} && exec {sys.executable} -c "$0" "$@"'
    store = str(NODE["object_store_memory"])
    node = subprocess.Popen(
        ["unshare", "-m", "sh", "-c", hide, LONE, cluster.address, store],
        env={**os.environ, **ENVIRONMENT, "HARNESS_CACHE": str(tmp_path / "cache")},
        cwd=tmp_path, stdin=subprocess.PIPE, text=True,
    )  # fmt: skip
    wait(lambda: nodes(cluster) > alive, node)
    yield tmp_path / "cache"
    node.communicate(timeout=60)


def nodes(cluster: Any) -> int:
    return sum(node["Alive"] for node in cluster.global_state.node_table())


def test_a_node_without_the_folder_gets_it_and_sends_records_back(
    cluster: Any, folder: Path, lone: Path
) -> None:
    run_here(folder, "light.yaml", "light-local")
    study = begin(folder, "light.yaml", *on(cluster), "--results", "light")
    _, said = study.communicate(timeout=240)
    assert study.returncode == 0, said
    assert said.count("A node doesn't see this folder") == 1, said
    runs = sorted(path.name for path in (folder / "light").glob("words_*"))
    assert runs == sorted(path.name for path in (folder / "light-local").glob("words_*"))
    for run in runs:
        both = [
            (folder / name / run / "metrics.json").read_text() for name in ("light", "light-local")
        ]
        assert both[0] == both[1]
    assert len(list((folder / "light").glob("studies/light/*.log"))) == 4
    assert not list((folder / "light").rglob(".parcel-*"))
    there = {path.name for path in lone.glob("ray/light-*/*/words_*")}
    assert there and there <= set(runs)
