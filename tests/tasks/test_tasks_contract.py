"""Every task that is shipped loads, splits without leaks, and names metrics that exist."""

import os
from pathlib import Path

import pytest

from harness.runs.contract import check_task
from harness.task.task import builtin_tasks, load_task

DATA = os.environ.get("HARNESS_DATA")
OWN = [name for name in builtin_tasks() if load_task(name).spec.source.generator]
REAL = [name for name in builtin_tasks() if name not in OWN]


@pytest.mark.parametrize("name", OWN)
def test_an_invented_task_passes(name):
    value = check_task(Path(name))
    assert value["passed"], value["checks"]


@pytest.mark.data
@pytest.mark.skipif(not DATA, reason="HARNESS_DATA names no folder of real data")
@pytest.mark.parametrize("name", REAL)
def test_a_task_on_real_data_passes(name):
    value = check_task(Path(name), data_dir=Path(DATA))
    assert value["passed"], value["checks"]
