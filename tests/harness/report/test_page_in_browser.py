"""The report in a real browser: the policy lets our own scripts run, and the charts are drawn."""

import shutil
import subprocess

import pytest

from harness.config import run_config
from harness.costs.book import load_book
from harness.report import write_report
from harness.runner import run

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--virtual-time-budget=15000",
    "--dump-dom",
]


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium")
def test_the_charts_are_drawn(tmp_path):
    for strategy in ("majority", "tfidf"):
        run(run_config(strategy=strategy, limit=40, results=tmp_path / "results"))
    page = tmp_path / "report.html"
    write_report(tmp_path / "results", page, load_book())
    done = subprocess.run(
        [CHROMIUM, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", page.as_uri()],
        capture_output=True, text=True, encoding="utf-8", timeout=120,
    )  # fmt: skip
    assert 'data-ready="yes"' in done.stdout, done.stderr[-2000:]
    assert "main-svg" in done.stdout
