"""Published results of the shipped tasks: declared in whole, and in no key of a committed record."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from harness.metrics.registry import known
from harness.records.published import TEST
from harness.task.task import builtin_tasks, load_task

DATA = os.environ.get("HARNESS_DATA")
RESULTS = Path(__file__).resolve().parents[2] / "results"


QUOTING = [name for name in builtin_tasks() if load_task(name).spec.published]


def test_the_sets_of_published_comparisons_quote_them() -> None:
    assert {"fpb-fingpt", "fiqa", "tfns", "banking77", "ko-finance-rag"} <= set(QUOTING)
    ours = {"fpb-fingpt": 11, "fiqa": 2, "tfns": 0}
    for name, count in ours.items():
        results = load_task(name).spec.published
        same = [each for each in results if each.rows == TEST]
        assert len(same) == count and len(results) > count, name
        assert all(each.metric in known() for each in same)


@pytest.mark.parametrize("name", QUOTING)
def test_a_share_is_a_share_and_no_result_stands_there_twice(name: str) -> None:
    results = load_task(name).spec.published
    assert all(0 < each.value < 1 and 2005 <= each.year <= 2026 for each in results)
    assert len({(each.system, each.metric, each.rows) for each in results}) == len(results)


@pytest.mark.data
@pytest.mark.skipif(not DATA, reason="HARNESS_DATA names no folder of real data")
@pytest.mark.parametrize("name", [name for name in QUOTING if name not in ("headlines", "tfns")])
def test_the_test_has_as_many_rows_as_the_results_on_it_say(name: str) -> None:
    """Loading checks it: see `harness.task.published`."""
    data = load_task(name).load(data_dir=Path(DATA or ""), offline=True)
    on_it = {each.n for each in load_task(name).spec.published if each.rows == TEST}
    assert on_it <= {len(data.test)}


def test_what_is_published_is_in_no_key_of_a_committed_record() -> None:
    seen = set()
    for path in RESULTS.glob("*/*/run.json"):
        task = json.loads(path.read_text(encoding="utf-8"))["task"]
        if task["name"] in QUOTING and task["name"] not in seen:
            assert load_task(task["name"]).digest == task["digest"], path.parent.name
            seen.add(task["name"])
    assert {"fpb", "fpb-ko"} <= seen
