"""What the kills are held to can fail: each kind of damage to a disturbed record is named."""

import io
import json
import os
import random
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.chaos.check import differences
from benchmarks.chaos.hosts import apart, hosts, kill
from benchmarks.chaos.jobs import KILLS, Job, jobs, write_inputs
from benchmarks.chaos.lanes import Lane, disturb, undisturbed
from benchmarks.chaos.phases import lengths
from benchmarks.chaos.run import _groups

JOB = Job("light", lambda results: [], {"serve": 3, "any": 2})


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A real run of a few rows."""
    from harness.config import DataSource, RunConfig
    from harness.runs.runner import run

    folder = tmp_path_factory.mktemp("whole")
    table = folder / "rows.jsonl"
    rows = [{"text": f"line {n}", "label": "ab"[n % 2]} for n in range(40)]
    table.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    source = DataSource(path=table, input="text", target="label")
    lane = Lane(folder, seconds=60.0, code=0)
    run(RunConfig(strategy="majority", data=source, results=lane.results, latency=False))
    return lane


@pytest.fixture
def lane(whole, tmp_path):
    shutil.copytree(whole.results, tmp_path / "results")
    return Lane(tmp_path, seconds=60.0, code=0)


def test_a_copy_is_the_same(lane, whole):
    assert differences(JOB, lane, whole, Counter()) == []


def _doubled(path):
    first, _, rest = path.read_text(encoding="utf-8").partition("\n")
    path.write_text(f"{first}\n{first}\n{rest}", encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("predictions.jsonl", _doubled, "twice"),
        (
            "metrics.json",
            lambda p: p.write_text(p.read_text().replace('"n": ', '"n": 1')),
            "metrics",
        ),
        ("run.json", lambda p: p.write_text(p.read_text().replace("finished", "failed", 1)), ""),
        (".predictions.jsonl.abc", lambda p: p.write_text(""), "left behind"),
        (".lock", lambda p: p.write_text(""), "left behind"),
    ],
)
def test_what_was_lost_or_left_behind_is_named(lane, whole, name, change, said):
    (folder,) = (path.parent for path in lane.results.glob("*/run.json"))
    change(folder / name)
    assert any(said in text for text in differences(JOB, lane, whole, Counter()))


def test_seconds_that_did_not_pass_are_named(lane, whole):
    (ledger,) = lane.results.glob("*_majority*/ledger.jsonl")
    lines = [json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines()]
    ledger.write_text("".join(json.dumps(e | {"seconds": 100.0}) + "\n" for e in lines))
    assert any("are billed" in text for text in differences(JOB, lane, whole, Counter()))


@given(st.integers(1, 200))
def test_kills_are_divided_over_all_jobs(kills):
    for job in jobs(Path(), ""):
        wanted = round(kills * job.share)
        phases = [phase for group in _groups(job, wanted) for _, part in group for phase in part]
        assert len(phases) == wanted and set(phases) <= set(job.kills)
    assert sum(sum(job.kills.values()) for job in jobs(Path(), "")) == KILLS


@pytest.mark.skipif(not apart(), reason="this user may not make namespaces")
def test_hosts_do_not_see_each_other(tmp_path):
    with hosts() as (first, second):
        init = [
            subprocess.check_output(
                ["nsenter", "--target", str(host._init), "--pid", "--uts", "--mount", "hostname"]
            )
            for host in (first, second)
        ]
        assert init[0] != init[1]
        with (tmp_path / "out").open("wb") as out:
            process = first.start(["list", "strategies"], dict(os.environ), out, tmp_path)
            assert kill(process), "it ended before it could be killed"


@pytest.mark.slow
def test_a_killed_training_ends_as_the_undisturbed_one(tmp_path):
    write_inputs(tmp_path)
    job = jobs(tmp_path, "")[0]
    with hosts() as (first, second):
        whole, lane = Lane(tmp_path / "whole"), Lane(tmp_path / "lane")
        undisturbed(job, whole, first)
        assert whole.code == 0, (whole.folder / "output.txt").read_text()
        times = lengths(whole.results)
        disturb(job, lane, ["train", "serve"], times, (second, second), random.Random(1))
    assert [k.aimed for k in lane.kills] + lane.missed == ["train", "serve"]
    assert differences(job, lane, whole, Counter()) == []


def test_output_is_told_in_words():
    from rich.console import Console

    from benchmarks.chaos.lanes import Kill
    from benchmarks.chaos.run import Chaos, LaneReport, show

    killed = Kill("train", "serve", "serve", "first-host", True, 1.0)
    found = Chaos(0, 2, [LaneReport("train", [killed], 3.0, 1, ["the metrics differ"])])
    out = io.StringIO()
    show(found, Console(file=out, width=100))
    for text in ("1 kills", "two hosts", "train: serve", "the metrics differ", "differ from"):
        assert text in out.getvalue()
    assert found.as_dict()["holds"] is False
