"""A large study: how long its report takes, how large it gets, and that it stays the same."""

import subprocess
import sys
from pathlib import Path

import pytest
from synthetic import STRATEGIES, write_records

MEASURE = """
import sys, time
from pathlib import Path
from benchmarks.memory import peak_bytes  # not ru_maxrss, which counts the process that started us
from harness.costs.book import load_book
from harness.report import write_report
from harness.report.build import build_report
files = write_report(build_report([Path(sys.argv[1])], load_book()), Path(sys.argv[2]))
print(files[0].bytes, time.process_time(), peak_bytes())
"""


@pytest.mark.slow
def test_twelve_strategies_six_tasks_three_seeds(tmp_path):
    assert len(STRATEGIES) == 12
    tasks = [f"task-{number}" for number in range(6)]
    write_records(tmp_path / "results", tasks=tasks, seeds=3, items=500)
    page = tmp_path / "report.html"
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, tmp_path / "results", page],
        capture_output=True, text=True, timeout=300, check=True,
        cwd=Path(__file__).parents[3],
    )  # fmt: skip
    size, seconds, memory = map(float, done.stdout.split())
    assert size == page.stat().st_size <= 8e6
    assert memory < 2e9
    assert seconds < 60  # of the processor: other work on the machine doesn't count
