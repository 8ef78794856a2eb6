"""Published results stand beside what answered the same test rows, all of them; others are said to be on other rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from synthetic import Kind, report_data, write_records

from harness.costs.book import PriceBook
from harness.report.literature import LiteratureInfo, literature_info
from harness.report.page import render

TRAINED, PLAIN = Kind("lora", 0.6, trains=True), Kind("zero-shot", 0.4)
QUOTED = {"metric": "exact_match", "source": "A paper", "year": 2023}
RESULTS = [
    {"system": "Low", "value": 0.01, "rows": "test", "n": 60} | QUOTED,
    {"system": "High", "value": 0.99, "rows": "test", "n": 60, "note": "With rules."} | QUOTED,
    {"system": "Away", "value": 0.5, "rows": "275 rows of its own", "n": 275} | QUOTED,
    {"system": "Else", "value": 0.3, "rows": "test", "n": 60} | QUOTED | {"metric": "F-score"},
]


def write(folder: Path, published: Any, kind: Kind = TRAINED, items: int = 60) -> None:
    for run in write_records(folder, kinds=[kind], items=items):
        record = json.loads((run / "run.json").read_text())
        record["task"]["published"] = published
        (run / "run.json").write_text(json.dumps(record))


def info(folder: Path, book: PriceBook) -> LiteratureInfo | None:
    (task,) = report_data([folder], book).tasks
    return literature_info(task)


def test_a_run_of_the_same_rows_stands_between_the_published_ones(
    tmp_path: Path, book: PriceBook
) -> None:
    write(tmp_path, RESULTS)
    write(tmp_path, [], PLAIN)  # written before anything was published: the rows decide
    table = info(tmp_path, book)
    assert table is not None and table.beside is None
    names = [(line.name, line.metric, line.measured) for line in table.lines]
    assert names == [
        ("High", "exact_match", False),
        ("lora", "exact_match", True),
        ("zero-shot", "exact_match", True),
        ("Low", "exact_match", False),
        ("Away", "exact_match", False),
        ("Else", "F-score", False),
    ]
    rows = {line.name: line.rows.en for line in table.lines}
    assert rows["lora"] == rows["High"] == "the 60 test rows"
    assert rows["Away"] == "on other rows: 275 rows of its own"
    assert table.lines[1].figure.low is not None and table.lines[0].figure.low is None


@pytest.mark.parametrize("items", [59, 61])
def test_a_run_of_fewer_rows_or_of_another_test_stands_beside_nothing(
    tmp_path: Path, book: PriceBook, items: int
) -> None:
    write(tmp_path, RESULTS, items=items)
    table = info(tmp_path, book)
    assert table is not None and not any(line.measured for line in table.lines)
    assert table.beside is not None and "all of these test rows" in table.beside.en


def test_test_rows_that_were_learnt_from_are_counted_beside_the_run(
    tmp_path: Path, book: PriceBook
) -> None:
    leak = {"split": "test", "also_in": {"train": 40}, "exact": 39, "spelling": 1, "near": 0,
            "other_numbers": 5, "examples": []}  # fmt: skip
    write(tmp_path, RESULTS)
    write(tmp_path, [], PLAIN)  # reads no label: it can't have learnt from them
    for path in tmp_path.glob("*/run.json"):
        record = json.loads(path.read_text())
        record["data"] = {"leaks": [leak]}
        path.write_text(json.dumps(record))
    table = info(tmp_path, book)
    assert table is not None
    rows = {line.name: line.rows.en for line in table.lines if line.measured}
    assert rows["zero-shot"] == "the 60 test rows"
    assert rows["lora"].startswith("the 60 test rows, of which 40 stand in train or dev")


def test_nothing_is_said_of_own_runs_where_all_results_are_of_other_rows(
    tmp_path: Path, book: PriceBook
) -> None:
    write(tmp_path, RESULTS[2:3])
    table = info(tmp_path, book)
    assert table is not None and table.beside is None and len(table.lines) == 1


def test_the_page_has_the_table_where_there_is_something_to_quote(
    tmp_path: Path, book: PriceBook
) -> None:
    write(tmp_path / "a", RESULTS)
    page = render(report_data([tmp_path / "a"], book), {})
    for said in (
        "Published results",
        "발표된 결과",
        "A paper (2023)",
        "With rules.",
        "on other rows",
    ):
        assert said in page, said
    write(tmp_path / "b", [])
    assert info(tmp_path / "b", book) is None
    assert "Published results" not in render(report_data([tmp_path / "b"], book), {})
