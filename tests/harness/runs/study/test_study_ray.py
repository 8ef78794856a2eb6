"""What a cell takes of a Ray cluster, and what is said where there is none; no cluster is started."""

from __future__ import annotations

import builtins
import io
import json
import os
import socket
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import Any

import pytest

from harness.config import run_config
from harness.errors import MissingDependency, UsageError
from harness.runs.study import node
from harness.runs.study.edits import Loaded
from harness.runs.study.needs import Needs, memory_of, needs_of, unfit
from harness.runs.study.ray import OnRay

ROOT = Path(__file__).resolve().parents[4]
SMALL = {"CPU": 4.0, "memory": 8e9}
GPUS = {"CPU": 32.0, "GPU": 4.0, "memory": 64e9}


@pytest.mark.parametrize(
    ("values", "nodes", "threads", "memory", "needed"),
    [
        ({"strategy": "tfidf"}, [SMALL], None, None, Needs(1)),
        ({"strategy": "zero-shot", "model": "endpoint:m"}, [GPUS], None, None, Needs(1)),
        ({"strategy": "lora"}, [SMALL], None, (6_000, 2_000), Needs(4, 0, 6_000)),
        ({"strategy": "lora"}, [SMALL], 2, None, Needs(2)),
        ({"strategy": "lora"}, [SMALL, GPUS], None, None, Needs(8, 1)),
        ({"strategy": "encoder-finetune"}, [SMALL, GPUS], None, None, Needs(8, 1)),
        ({"strategy": "embedding-head"}, [SMALL, GPUS], None, None, Needs(1)),
        ({"strategy": "lora", "device": "cpu"}, [SMALL, GPUS], None, None, Needs(32)),
        ({"strategy": "tfidf", "device": "cuda"}, [SMALL, GPUS], None, None, Needs(1)),
        ({"strategy": "lora", "device": "cuda"}, [SMALL], None, None, Needs(1, 1)),
        # Where the whole run finds no room, it is tried with fewer rows at a time.
        ({"strategy": "lora"}, [SMALL], 1, (9 * 10**9, 10**9), Needs(1, 0, 10**9)),
    ],
)
def test_what_a_cell_takes(
    values: dict[str, Any], nodes: list[Any], threads: int | None, memory: Any, needed: Needs
) -> None:
    assert needs_of(run_config(**values), nodes, threads, memory) == needed


def test_memory_is_that_of_the_longest_rows_or_of_the_files(tiny_llama: Path) -> None:
    config = run_config(strategy="lora", task="insurer-ko", model=str(tiny_llama))
    whole, least = memory_of(config, 0, Loaded()) or (0, 0)
    assert whole > least > 10**7
    files = sum(path.stat().st_size for path in tiny_llama.iterdir())
    assert memory_of(config, 1, Loaded()) == (files, files)
    assert memory_of(config.model_copy(update={"task": "missing.yaml"}), 0, Loaded()) is None


def test_a_gpu_has_no_number_on_a_cluster() -> None:
    with pytest.raises(UsageError, match="cuda:1"):
        needs_of(run_config(strategy="lora", device="cuda:1"), [GPUS], None, None)


def test_what_no_node_has_is_said_with_what_the_largest_has() -> None:
    assert unfit(Needs(4, 0, 8 * 10**9), [SMALL]) == ""
    assert unfit(Needs(32, 1), [SMALL, GPUS]) == ""
    assert unfit(Needs(33, 1), [SMALL, GPUS]) == (
        "no node has 33 CPUs, 1 GPU; the largest has 32 CPUs, 4 GPU, 64.0 GB of memory"
    )
    both = "no node has 1 CPU, 1 GPU, 9.0 GB of memory; the largest has 4 CPUs, no GPU, 8.0 GB"
    assert unfit(Needs(1, 1, 9 * 10**9), [SMALL]).startswith(both)
    assert unfit(Needs(1), []).startswith("no node has 1 CPU")


def engine(folder: Path) -> OnRay:
    return OnRay("auto", "small", "small.yaml", lambda cell: [], run_config, folder, print)


def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "ray":
            raise ModuleNotFoundError("No module named 'ray'", name="ray")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingDependency) as raised:
        engine(tmp_path)
    assert raised.value.hint == "Install it with: pip install 'adaptbench[ray]'"


def harness(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, "-m", "harness", "study", *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


@pytest.mark.slow
def test_a_cluster_that_isn_t_there_is_refused_soon(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    (tmp_path / "one.yaml").write_text(
        json.dumps({"name": "one", "include": [{"strategy": "majority"}]})
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    since = time.monotonic()
    done = harness(tmp_path, "one.yaml", "--engine", "ray", "--address", address)
    assert done.returncode == 3 and time.monotonic() - since < 60
    assert done.stderr.splitlines()[0] == f"error: there is no Ray cluster at {address}"
    assert "ray start --head" in done.stderr
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--engine", "rey"), "there is no engine 'rey'"),
        (("--address", "auto"), "--address is that of a Ray cluster"),
        (("--engine", "ray", "--cell", "x"), "--cell runs a cell in this process"),
    ],
)
def test_options_that_don_t_go_together(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    from harness.cli.study import check_engine

    values = dict(zip(arguments[::2], arguments[1::2], strict=True))
    with pytest.raises(UsageError, match=said):
        check_engine(values.get("--engine", "local"), values.get("--address"), values.get("--cell"))


@pytest.mark.slow
def test_records_come_back_whole_under_free_numbers(tmp_path: Path) -> None:
    """Two nodes made an artifact and a run of the same name; nothing is written over."""
    made = tmp_path / "made"
    run = subprocess.run(
        [sys.executable, "-m", "harness", "run", "--strategy", "majority", "--limit", "20",
         "--no-latency", "--results", str(made)],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    (folder,) = made.glob("insurer-ko_*")
    state: Any = {"status": "finished", "run": folder.name}
    parcel = node.pack(made, node.finished(made), float("inf"))
    results = tmp_path / "results"
    result: node.Result = {"state": state, "parcel": parcel}
    assert node.arrive(result, results)["run"] == folder.name
    assert node.arrive(result, results)["run"] == folder.name, "the same again is no other record"
    for ledger in [*made.glob("*/ledger.jsonl"), *made.glob("artifacts/*/ledger.jsonl")]:
        ledger.write_text(ledger.read_text() + " \n")  # as if made at another time
    result["parcel"] = node.pack(made, node.finished(made), float("inf"))
    second = node.arrive(result, results)["run"]
    assert second == folder.name[:-1] + "2"
    value = json.loads((results / second / "run.json").read_text())
    assert value["run_id"] == second and value["artifact"]["name"].endswith("-2")
    assert len(list((results / "artifacts").iterdir())) == 2
    assert not list(results.glob(".parcel-*"))


def test_what_is_hidden_or_too_large_is_not_sent(tmp_path: Path) -> None:
    for name in ("task.yaml", ".env", "sub/rows.csv", "sub/.git/config", "sub/__pycache__/a.pyc"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x" * 10)
    parcel = node.pack(tmp_path, tmp_path.iterdir())
    with tarfile.open(fileobj=io.BytesIO(parcel)) as archive:
        assert sorted(archive.getnames()) == ["sub/rows.csv", "task.yaml"]
    with pytest.raises(UsageError, match="a node doesn't see it"):
        node.pack(tmp_path, tmp_path.iterdir(), most=15)


@pytest.mark.slow
def test_a_cell_dies_with_the_process_that_watches_it(tmp_path: Path) -> None:
    import psutil

    watcher = subprocess.Popen(
        [sys.executable, "-c", "import sys; from pathlib import Path; from harness.runs.study.local"
         " import spawn; spawn(['study', 'quick', '--list', '--offline'], Path(sys.argv[1]),"
         " follow=True)", str(tmp_path / "log")],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=tmp_path,
    )  # fmt: skip
    until = time.monotonic() + 60
    while not (children := psutil.Process(watcher.pid).children()):
        assert time.monotonic() < until and watcher.poll() is None
        time.sleep(0.02)
    watcher.kill()
    watcher.wait()
    psutil.wait_procs(children, timeout=5)
    assert not any(child.is_running() and child.status() != "zombie" for child in children)
