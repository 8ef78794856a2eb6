"""Signals, a killed process and a full disk: what was done is kept, and the end is the same."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
pytest.importorskip("torch")


@pytest.fixture(scope="module")
def command(tiny_llama, tmp_path_factory):
    """A LoRA run of eighty short steps, as a process."""
    lines = [{"text": f"profit {'rose' if n % 2 else 'fell'} {n}", "label": "ud"[n % 2]}
             for n in range(200)]  # fmt: skip
    table = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    table.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")

    def make(results):
        return [
            sys.executable, "-m", "harness", "run", "--strategy", "lora", "--data", str(table),
            "--input", "text", "--target", "label", "--model", str(tiny_llama), "--device", "cpu",
            "--dtype", "float32", "--set", "max_steps=80", "--set", "checkpoint_every=5",
            "--set", "rank=2", "--results", str(results), "--log-format", "json", "--offline",
            "--no-latency",
        ]  # fmt: skip

    return make


@pytest.fixture(scope="module")
def undisturbed(command, tmp_path_factory):
    """The results of the same command, which nothing stops."""
    folder = tmp_path_factory.mktemp("undisturbed")
    subprocess.run(command(folder / "whole"), check=True, capture_output=True, cwd=folder)
    return folder / "whole"


def stopped(command, number, cwd):
    """Starts it, sends a signal once it trains, and returns code and stderr."""
    process = subprocess.Popen(
        command, cwd=cwd, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    text = ""
    for line in process.stderr:
        text += line
        if '"event": "train"' in line:
            break
    folder = Path(command[command.index("--results") + 1])
    while process.poll() is None and not list(folder.glob("artifacts/*/*/checkpoints/last/*")):
        time.sleep(0.01)
    process.send_signal(number)
    text += process.communicate(timeout=60)[1]
    return process.returncode, text


def predictions(results):
    (path,) = results.glob("*/predictions.jsonl")
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [(line["id"], line["predicted"], line.get("scores")) for line in lines]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 130), (signal.SIGKILL, -9)])
def test_training_goes_on_where_it_was_stopped(command, undisturbed, tmp_path, number, code):
    broken = tmp_path / "broken"
    returned, text = stopped(command(broken), number, tmp_path)
    assert returned == code, text
    if number != signal.SIGKILL:
        assert "the same command goes on" in text
    done = subprocess.run(command(broken), capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    first = next(json.loads(x) for x in done.stderr.splitlines() if '"event": "train"' in x)
    assert first["done"] > 5, "it began again"
    assert predictions(broken) == predictions(undisturbed)
    ledger = next(broken.glob("*/artifact-ledger.jsonl")).read_text(encoding="utf-8")
    spends = [json.loads(line) for line in ledger.splitlines()]
    assert sum(row["phase"] == "train" for row in spends) >= 2, "what was paid before is kept"


@pytest.fixture
def small_disk():
    """A file system of 256 KiB; needs the right to mount one."""
    folder = Path(tempfile.mkdtemp())
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        folder.rmdir()
        pytest.skip("no right to mount a small file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)
    folder.rmdir()


def test_a_full_disk_is_said_and_the_run_goes_on_when_there_is_room(command, small_disk, tmp_path):
    ballast = small_disk / "ballast"
    ballast.write_bytes(os.urandom(200 * 1024))
    done = subprocess.run(command(small_disk / "r"), capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert "No space left" in done.stderr or "full" in done.stderr
    ballast.unlink()
    subprocess.run(["mount", "-o", "remount,size=16m", str(small_disk)], check=True)
    done = subprocess.run(command(small_disk / "r"), capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(predictions(small_disk / "r")) > 20
