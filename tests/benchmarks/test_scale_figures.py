"""The page on speed has the figures of the records of scale, and no others."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks.cli import app

ROOT = Path(__file__).parents[2]
RECORDS = sorted((ROOT / "results" / "scale").glob("*.json"))
PAGE = (ROOT / "docs" / "speed.md").read_text(encoding="utf-8")
SCALE = PAGE.partition("\n## Scale\n")[2].partition("\n## ")[0]


def line_of(each) -> str:
    took = f"{each['cpu_seconds']:.0f} s | {each['peak_bytes'] / 1e9:.2f} GB"
    return f"| {each['kind']} | {each['items']:,} | `{each['command']}` | {took} |"


def test_the_table_of_scale_is_that_of_the_records() -> None:
    measured = [each for path in RECORDS for each in json.loads(path.read_text())["measured"]]
    assert measured and not any(each["exit_code"] for each in measured)
    table = [line for line in SCALE.splitlines() if line.startswith("|")][2:]
    assert sorted(table) == sorted(map(line_of, measured))


@pytest.mark.slow
def test_the_benchmark_of_scale_writes_its_record(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(ROOT)
    out = tmp_path / "scale" / "rows.json"
    options = ["scale", "--kinds", "rows", "--items", "60", "--out", str(out)]
    assert CliRunner().invoke(app, options).exit_code == 0
    measured = json.loads(out.read_text())["measured"]
    assert [each["command"] for each in measured] == ["show", "compare", "recommend", "report"]
    assert not any(each["exit_code"] for each in measured)
