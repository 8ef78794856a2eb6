"""A large study: how long its report takes, how large it gets, and that it stays the same."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from synthetic import STRATEGIES, write_records

MEASURE = """
import resource, sys
from pathlib import Path
from harness.costs.book import load_book
from harness.report import write_report
from harness.report.build import build_report
files = write_report(build_report([Path(sys.argv[1])], load_book()), Path(sys.argv[2]))
print(files[0].bytes, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


@pytest.mark.slow
def test_twelve_strategies_six_tasks_three_seeds(tmp_path):
    assert len(STRATEGIES) == 12
    tasks = [f"task-{number}" for number in range(6)]
    write_records(tmp_path / "results", tasks=tasks, seeds=3, items=500)
    page, since = tmp_path / "report.html", time.process_time()
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, tmp_path / "results", page],
        capture_output=True, text=True, timeout=300, check=True,
        cwd=Path(__file__).parents[3],
    )  # fmt: skip
    seconds, (size, memory) = time.monotonic() - started, map(int, done.stdout.split())
    assert size == page.stat().st_size <= 8e6
    assert memory < 2e9
    assert seconds < 60, f"{seconds:.0f} s of wall time, {time.process_time() - since:.0f} s here"
