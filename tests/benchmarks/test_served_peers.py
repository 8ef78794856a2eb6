"""A server as the other side of a benchmark gives the same answers, and its processes are timed."""

from __future__ import annotations

import importlib
import json
import os
from pathlib import Path

import pytest

from benchmarks.contract import Options
from benchmarks.rounds import compare
from harness.errors import MissingDependency
from harness.models.serving import PROGRAMS
from harness.models.sources.fetch import is_cached

MODEL = "smollm2-135m-instruct"
ROOT = Path(__file__).parents[2]
RECORDS = sorted((ROOT / "results" / "servers").glob("*.json"))


def line_of(found) -> str:
    """The row of the page on speed for a record."""
    options, ours, peer = found["options"], found["ours"], found["peer"]
    agreement = found["agreement"]
    written = [str(side["figures"].get("new_tokens", "–")) for side in (ours, peer)]
    cells = [
        f"{found['benchmark']}, {options['workload']}, {options['items']} items",
        options["model"],
        f"{peer['name']} {peer['settings']['version']}",
        " / ".join(written),
        f"{ours['seconds']:.1f}",
        f"{peer['seconds']:.1f}",
        f"**{found['ratio']:.2f}** [{found['ratio_low']:.2f}, {found['ratio_high']:.2f}]",
        f"{agreement['share'] * agreement['items']:.0f} of {agreement['items']}",
        f"{ours['peak_bytes'] / 2**30:.1f} / {peer['peak_bytes'] / 2**30:.1f} GiB",
    ]
    return f"| {' | '.join(cells)} |"


def test_the_table_of_servers_is_that_of_the_records():
    page = (ROOT / "docs" / "speed.md").read_text(encoding="utf-8")
    section = page.partition("\n## Against servers\n")[2].partition("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("|")][2:]
    assert table
    assert sorted(table) == sorted(line_of(json.loads(path.read_text())) for path in RECORDS)


@pytest.mark.parametrize("path", [p for p in RECORDS if "-64-" in p.name], ids=lambda p: p.stem)
def test_a_long_answer_was_long(path):
    found = json.loads(path.read_text())
    assert found["options"]["workload"].endswith("-64")
    for side in (found["ours"], found["peer"]):
        assert side["figures"]["new_tokens"] > 40 * found["options"]["items"]


@pytest.mark.slow
@pytest.mark.data
@pytest.mark.model
@pytest.mark.parametrize(
    ("name", "peer"), [("generation", "llama.cpp"), ("generation", "vllm"), ("scoring", "vllm")]
)
def test_a_served_peer_agrees(name, peer):
    if not is_cached(MODEL):
        pytest.skip(f"harness models fetch {MODEL}")
    if not os.environ.get("HARNESS_DATA"):
        pytest.skip("set HARNESS_DATA")
    try:
        PROGRAMS[peer].found()
    except MissingDependency as error:
        pytest.skip(str(error))
    benchmark = importlib.import_module(f"benchmarks.{name}").BENCHMARK
    options = Options("fpb", MODEL, peer, "float32", items=4, threads=1, clock="cpu")
    report = compare(benchmark, options, 1, print)
    assert report.agreement.share == 1.0
    assert report.agreement.largest_difference < 0.05
    assert report.peer.peak_bytes > 150 * 2**20
    found = json.dumps(report.as_dict())
    assert report.peer.settings["version"] and "/models/" not in found
