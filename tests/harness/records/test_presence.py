"""Which runs shared the machine: seen by both, whichever began first; and who used the processors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from harness.analysis.summary import summary
from harness.cli import app
from harness.costs.book import load_book
from harness.records import ledger as ledgers
from harness.records.ledger import Ledger, any_shared, read_ledger, totals
from harness.records.presence import CpuWatch, Neighbours

ROOT = Path(__file__).resolve().parents[3]
OTHER = """
import sys, time
from pathlib import Path
from harness.records.presence import Neighbours
with Neighbours(Path(sys.argv[1])).present():
    print("here", flush=True)
    sys.stdin.read(1)
"""


class Other:
    """Another process that is there as a run is, until it is told to go."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", OTHER, str(folder)], cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self.process.stdout and self.process.stdout.readline() == "here\n"

    def leave(self) -> None:
        self.process.communicate("x", timeout=30)

    def die(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "presence"


@pytest.fixture
def other(folder: Path) -> Iterator[Callable[[], Other]]:
    made: list[Other] = []

    def start() -> Other:
        made.append(Other(folder))
        return made[-1]

    yield start
    for each in made:
        each.process.kill()
        each.process.communicate()


def test_alone_is_alone_and_nobody_there_is_unknown(folder: Path) -> None:
    here = Neighbours(folder)
    assert here.seen(0.0) is None
    with here.present():
        assert here.seen(0.0) is False
    assert [path.suffix for path in folder.iterdir()] in ([], [".done"])


def test_one_that_lives_is_seen_and_one_that_came_and_went_too(folder: Path, other: Any) -> None:
    here = Neighbours(folder)
    with here.present():
        before = time.time()
        beside = other()
        assert here.seen(before) is True
        beside.leave()
        assert here.seen(before) is True  # although it is gone
        time.sleep(0.05)
        assert here.seen(time.time()) is False


def test_one_that_was_killed_counts_to_its_last_sign_of_life(folder: Path, other: Any) -> None:
    here = Neighbours(folder)
    with here.present():
        before = time.time()
        other().die()
        assert here.seen(before) is True
        assert here.seen(time.time() + 0.01) is False


def test_a_process_id_that_came_round_again_is_nobody(folder: Path) -> None:
    here = Neighbours(folder)
    with here.present():
        stranger = folder / f"{os.getppid()}-12300-45600.run"
        stranger.touch()
        os.utime(stranger, (50, 50))
        assert here.seen(100.0) is False and here.seen(40.0) is True


def test_old_files_go_and_those_that_somebody_may_ask_for_stay(folder: Path, other: Any) -> None:
    old = Neighbours(folder)
    with old.present():
        pass
    beside = other()
    with old.present():
        pass
    left = sorted(path.suffix for path in folder.iterdir())
    assert left == [".done", ".run"]  # the one from before the other began is gone
    beside.leave()


def test_a_folder_that_can_t_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    here = Neighbours(tmp_path / "file" / "presence")
    with here.present():
        assert here.seen(0.0) is None


def test_spans_are_marked_one_by_one(folder: Path, tmp_path: Path, other: Any) -> None:
    here = Neighbours(folder)
    ledger = Ledger(tmp_path / "ledger.jsonl", neighbours=here)
    with here.present():
        with ledger.phase("train"):
            other().leave()
        time.sleep(0.05)
        with ledger.phase("serve"):
            pass
    found = totals(read_ledger(tmp_path / "ledger.jsonl"))
    assert (found["train"].shared, found["serve"].shared) == (True, False)


def test_a_killed_span_keeps_its_mark(
    folder: Path, tmp_path: Path, other: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledgers, "BEAT_SECONDS", 0.02)
    here, path = Neighbours(folder), tmp_path / "ledger.jsonl"
    with here.present(), Ledger(path, neighbours=here).phase("train"):
        beside = other()
        time.sleep(0.1)
        beside.leave()
    events = path.read_text(encoding="utf-8").splitlines()
    assert json.loads(events[-2])["event"] == "beat"
    path.write_text("\n".join(events[:-1]), encoding="utf-8")
    (spend,) = read_ledger(path)
    assert spend.shared is True and not spend.finished


def test_marks_are_joined() -> None:
    assert any_shared([False, None, True]) is True
    assert any_shared([False, None]) is None and any_shared([]) is None
    assert any_shared([False, False]) is False


def test_others_are_told_from_one_s_own_work() -> None:
    watch, until = CpuWatch(), time.monotonic() + 0.4
    while time.monotonic() < until:  # own work isn't others'
        sum(range(1000))
    quiet = watch.read()
    assert 0 <= quiet.others_cpu_share <= 1 and quiet.seconds >= 0.4
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        time.sleep(0.3)  # until it is under way
        busy = CpuWatch()
        time.sleep(0.8)
        share = busy.read().others_cpu_share * (os.cpu_count() or 1)  # noqa: TID251
    finally:
        process.kill()
        process.wait()
    # it is a child of this process, but one that wasn't waited for: somebody else's work
    assert share > 0.3


@pytest.fixture
def table(tmp_path: Path) -> Path:
    lines = [f"profit rose {n},up\nsales fell {n},down" for n in range(40)]
    path = tmp_path / "rows.csv"
    path.write_text("text,label\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_record_says_so_and_its_summary_why(
    table: Path, folder: Path, tmp_path: Path, other: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from harness.config import DataSource, run_config
    from harness.runs.runner import run

    monkeypatch.setenv("HARNESS_PRESENCE", str(folder))

    def made(strategy: str) -> dict[str, Any]:
        data = DataSource(path=table, input="text", target="label")
        config = run_config(strategy=strategy, data=data, results=tmp_path / "results")
        return summary(run(config).folder, load_book())

    quiet = made("majority")
    assert quiet["shared"] is False and "another run" not in quiet["notes"].get("shared", "")
    assert 0 <= quiet["machine_use"]["others_cpu_share"] <= 1
    beside = other()
    loud = made("tfidf")
    beside.leave()
    assert loud["shared"] is True
    assert "another run was on the machine during" in loud["notes"]["shared"]
    assert "serve" in loud["notes"]["shared"] and "train" in loud["notes"]["shared"]
    listed = CliRunner().invoke(app, ["list", "runs", "--results", str(tmp_path / "results")])
    marks = {line.split()[0]: " ~ " in line for line in listed.stdout.splitlines() if "_s0" in line}
    assert marks == {quiet["run_id"]: False, loud["run_id"]: True}
    assert "another run was on the machine" in listed.stdout
