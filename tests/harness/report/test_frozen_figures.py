"""The committed records come to the same figures as they always did.

`frozen_figures.json` holds numbers of `harness report --format json` from before the record was
typed, to nine digits. A change there is a change of results, and is made on purpose or not at all.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.costs.book import load_book
from harness.report.build import build_report
from harness.report.data import Scenario
from harness.report.exports.json_file import json_text

ROOT = Path(__file__).resolve().parents[3]
FROZEN = json.loads((Path(__file__).parent / "frozen_figures.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    made = build_report(
        [ROOT / "results" / "korean-insurance"], load_book(), Scenario(), command="x"
    )
    value: dict[str, Any] = json.loads(json_text(made.data))["report"]
    return value


def at(value: Any, path: str) -> Any:
    """Follows a path of names; a name may hold dots itself."""
    if isinstance(value, list):
        head, _, rest = path.partition(".")
        return at(value[int(head)], rest) if rest else value[int(head)]
    if path in value:
        return value[path]
    heads = (name for name in value if path.startswith(f"{name}."))
    head = max(heads, key=len)
    return at(value[head], path.removeprefix(f"{head}."))


def differences(found: Any, frozen: dict[str, float]) -> list[str]:
    return [
        f"{name}: {at(found, name)} was {value}"
        for name, value in frozen.items()
        if at(found, name) != pytest.approx(value, rel=1e-8, abs=1e-12)
    ]


def test_every_run_is_there_with_its_figure(report: dict[str, Any]) -> None:
    runs = {run["run_id"]: run for run in report["runs"]}
    assert runs.keys() == FROZEN["runs"].keys()
    assert [
        d for name, frozen in FROZEN["runs"].items() for d in differences(runs[name], frozen)
    ] == []


@pytest.mark.parametrize("task", FROZEN["tasks"])
def test_metrics_intervals_and_costs_of_each_setting(report: dict[str, Any], task: str) -> None:
    (made,) = [each for each in report["tasks"] if each["name"] == task]
    frozen = FROZEN["tasks"][task]
    rows = {row["label"]: row for row in made["rows"]}
    assert rows.keys() == frozen["rows"].keys()
    assert [d for name, row in frozen["rows"].items() for d in differences(rows[name], row)] == []
    pairs = {f"{pair['a']} | {pair['b']}": pair for pair in made["pairs"]}
    assert pairs.keys() == frozen["pairs"].keys()
    assert [
        d for name, pair in frozen["pairs"].items() for d in differences(pairs[name], pair)
    ] == []


@pytest.mark.parametrize("task", FROZEN["tasks"])
def test_figures_of_each_slice(report: dict[str, Any], task: str) -> None:
    (made,) = [each for each in report["tasks"] if each["name"] == task]
    slices = {f"{each['column']}={each['value']}": each["figures"] for each in made["slices"]}
    for name, figures in FROZEN["tasks"][task]["slices"].items():
        for label, frozen in figures.items():
            figure = slices[name][label]
            for end, value in zip(("value", "low", "high"), frozen, strict=True):
                same = value if value is None else pytest.approx(value, rel=1e-8, abs=1e-12)
                assert figure[end] == same, (name, label, end)
