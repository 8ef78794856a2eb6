"""Sheets for raters: out, filled in, back, and what their grades say of all rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from harness.analysis.summary import summary
from harness.cli import app
from harness.config import run_config
from harness.costs.book import load_book
from harness.costs.options import PriceOptions
from harness.errors import DataError, UsageError
from harness.records.ledger import read_ledger
from harness.records.reading import read_record
from harness.runs.external import score_logs
from harness.runs.grading.apply import grade_run, needed
from harness.runs.grading.back import read_grades
from harness.runs.grading.sheet import COLUMNS, TEXTS
from harness.runs.rescore import rescore_run

ROWS, DRAWN = 90, 40
NAMES = ("short-model", "long-model")


def answers(number: int) -> tuple[str, str]:
    """A short answer and one in a sentence; a third and a fifth of them are wrong."""
    right = f"{number} days"
    short = right if number % 3 else "12 years"
    return short, f"It takes {right}, I think." if number % 5 else short


@pytest.fixture
def graded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, list[Path]]:
    """A folder of results with two runs of one table, and the runs' folders."""
    monkeypatch.chdir(tmp_path)
    numbers = range(1, ROWS + 1)
    write(Path("rows.jsonl"), [
        {"id": f"r{n}", "q": f"=How long does case {n} take?", "a": f"{n} days"} for n in numbers
    ])  # fmt: skip
    folders = []
    for at, name in enumerate(NAMES):
        file = Path(f"{name}.jsonl")
        write(file, [{"id": f"r{n}", "answer": answers(n)[at]} for n in numbers])
        columns = {"input": "q", "target": "a", "id": "id", "kind": "qa", "split": "0/0/100"}
        config = run_config(
            strategy=name, data={"path": Path("rows.jsonl"), **columns}, results=Path("results")
        )
        folders.append(tmp_path / score_logs(config, file, None)[0])
    return Path("results"), folders


def write(path: Path, rows: list[dict[str, str]]) -> None:
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")


def call(*words: object, code: int = 0) -> Any:
    done = CliRunner().invoke(app, [*map(str, words), "--results", "results"])
    assert done.exit_code == code, (done.output, done.exception)
    return done


def export(folders: list[Path], raters: int = 2) -> list[Path]:
    names = [folder.name for folder in folders]
    words = ["--to", "grades", "--rows", DRAWN, "--raters", raters, "--data", "rows.jsonl"]
    value = json.loads(call("export", *names, *words, "--json").stdout)
    return [Path(file) for file in value["files"]]


def fill(path: Path, lenient: bool = False, **cells: dict[int, object]) -> None:
    """Grades by whether the right answer stands in the answer; ``cells`` puts others by row."""
    book = openpyxl.load_workbook(path)
    sheet = book.active
    place = {name: at for at, name in enumerate(COLUMNS, 1)}
    for row in range(2, sheet.max_row + 1):
        answer, right = (sheet.cell(row, place[name]).value for name in ("answer", "right answer"))
        grade = "right" if right in answer else 0.5 if lenient and row % 9 == 0 else "wrong"
        sheet.cell(row, place["grade"]).value = grade
        sheet.cell(row, place["minutes"]).value = 0.5
    for name, by_row in cells.items():
        for row, value in by_row.items():
            sheet.cell(row, place[name]).value = value
    book.save(path)


def test_a_sheet_is_blind_and_the_same_each_time(graded: tuple[Path, list[Path]]) -> None:
    results, folders = graded
    files = export(folders)
    before = [file.read_bytes() for file in files]
    assert [file.read_bytes() for file in export(folders)] == before
    seen: list[list[tuple[object, ...]]] = []
    for file in files:
        sheet = openpyxl.load_workbook(file).active
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        assert tuple(rows[0]) == COLUMNS
        assert not any(name in str(row) for row in rows for name in NAMES)
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
        seen.append([tuple(row[1:5]) for row in rows[1:]])
    assert set(seen[0]) == set(seen[1]) and seen[0] != seen[1], "each rater has an order"
    assert len({row[0] for row in seen[0]}) == DRAWN < len(seen[0]) < 2 * DRAWN
    (key,) = (results / "grades").glob("*.json")
    assert json.loads(key.read_text())["runs"] == [folder.name for folder in folders]
    (more,) = export(folders[:1], raters=1)
    small = openpyxl.load_workbook(more).active
    assert {row[1].value for row in small.iter_rows(min_row=2)} == {row[0] for row in seen[0]}


def test_grades_of_two_raters_become_an_estimate(graded: tuple[Path, list[Path]]) -> None:
    results, folders = graded
    files = export(folders)
    fill(files[0])
    fill(files[1], lenient=True)
    both = [part for file in files for part in ("--grades", file)]
    long = folders[1]
    call("rescore", long.name, *both, "--data", "rows.jsonl")
    report = summary(long, load_book())
    grades, people, found, exact = report["grades"], *(
        report["metrics"][n] for n in ("graded_correctness", "graded_estimate", "exact_match"))  # fmt: skip
    assert (grades["rows"], grades["raters"], grades["predict_from"]) == (DRAWN, 2, "exact_match")
    assert grades["agreement"]["value"] > 0.9 and grades["kappa"]["value"] <= 1
    assert people["n"] == found["n"] == DRAWN and exact["value"] == pytest.approx(12 / ROWS)
    assert (
        found["low"] <= 84 / ROWS <= found["high"] and "exact_match of 90 rows" in found["method"]
    )
    assert report["ledger"]["grade"]["quantities"]["people_minutes"] == grades["minutes"] > 0
    cost = report["cost"]
    assert cost["by_phase"]["grade"] is None and "--expert" in report["notes"]["grade"]
    shown = call("show", long.name).stdout
    assert "graded_estimate" in shown and "between two: agreement" in shown
    assert f"{grades['minutes']:g} minutes, unpriced (--expert names their hour's price)" in shown
    words = ("rescore", long.name, "--data", "rows.jsonl", "--expert", "us-claims-adjuster")
    again = json.loads(call(*words, "--json").stdout)["cost"]
    assert again["by_phase"]["grade"] == pytest.approx(grades["minutes"] / 60 * 36.07)
    assert (
        again["expert"]["date"] == "2023-05" and again["development_usd"] == cost["development_usd"]
    )
    assert "(us-claims-adjuster, 2023-05)" in call("show", *words[1:2], *words[-2:]).stdout

    short = folders[0]
    done = call("rescore", short.name, *both, "--data", "rows.jsonl", "--predict-from", "contains")
    assert f"less {long.name}" in done.stdout and "grades in all" in done.stdout
    (alone, difference) = needed(short, results)
    assert difference["low"] <= (60 - 84) / ROWS <= difference["high"] < 0
    assert read_record(short).grades.agreement.value < 1
    assert alone["grades"] is None or alone["grades"] > DRAWN


def test_the_same_grades_again_charge_nothing_and_metrics_stay(
    graded: tuple[Path, list[Path]],
) -> None:
    results, folders = graded
    (file,) = export(folders[1:], raters=1)
    fill(file)
    for _ in range(2):
        grade_run(folders[1], [file], results)
        rescore_run(folders[1], data=Path("rows.jsonl"))
    spans = [each for each in read_ledger(folders[1] / "ledger.jsonl") if each.phase == "grade"]
    assert [span.quantities for span in spans] == [{"rows": DRAWN, "people_minutes": DRAWN / 2}]
    before = (folders[1] / "metrics.json").read_bytes()
    assert rescore_run(folders[1], data=Path("rows.jsonl")) == 0
    assert (folders[1] / "metrics.json").read_bytes() == before
    fill(file, minutes={2: 0.25})
    grade_run(folders[1], [file], results)
    assert read_record(folders[1]).grades.minutes == DRAWN / 2 - 0.25
    report = summary(folders[1], load_book())
    assert report["ledger"]["grade"]["quantities"]["people_minutes"] == DRAWN / 2 - 0.25
    fill(file, minutes=dict.fromkeys(range(2, DRAWN + 2)))
    grade_run(folders[1], [file], results)
    report = summary(folders[1], load_book(), PriceOptions(expert="us-claims-adjuster"))
    assert report["cost"]["by_phase"]["grade"] is None, "minutes that nobody noted aren't free"
    assert "nobody noted" in report["notes"]["grade"]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"grade": {5: "maybe"}}, "row 5: 'grade' is 'maybe'"),
        ({"grade": {5: 1.5}}, "row 5: 'grade' is '1.5'"),
        ({"grade": {5: "nan"}}, "row 5: 'grade' is 'nan'"),
        ({"minutes": {7: "-3"}}, "row 7: 'minutes' is '-3'"),
        ({"answer": {4: "better words"}}, "row 4: 'answer' isn't what was exported"),
        ({"right answer": {4: "1 day"}}, "row 4: 'right answer' isn't"),
        ({"code": {9: "other"}}, "row 9: the code 'other' is none"),
        ({"grade": dict.fromkeys(range(2, 99))}, "has no grade"),
    ],
)  # fmt: skip
def test_what_is_doubtful_is_refused_with_its_place(
    graded: tuple[Path, list[Path]], cells: Any, said: str
) -> None:
    results, folders = graded
    (file,) = export(folders[:1], raters=1)
    fill(file, **cells)
    with pytest.raises(DataError) as caught:
        read_grades([file], results, lambda text: None)
    assert said in caught.value.message and "grades.xlsx" in caught.value.message


def test_a_row_or_a_rater_twice_and_sheets_of_others_are_refused(
    graded: tuple[Path, list[Path]], tmp_path: Path
) -> None:
    results, folders = graded
    files = export(folders)
    for file in files:
        fill(file)
    with pytest.raises(DataError, match="is rater 1's, as grades-1.xlsx is"):
        read_grades([files[0], files[0]], results, lambda text: None)
    first = openpyxl.load_workbook(files[0]).active.cell(2, 1).value
    fill(files[1], code={3: first})
    with pytest.raises(DataError, match="is none of this sheet"):
        read_grades([files[1]], results, lambda text: None)
    fill(files[0], code={3: first}, **copied(files[0]))
    with pytest.raises(DataError, match="row 3: the code '.*' stands there a second time"):
        read_grades([files[0]], results, lambda text: None)
    (single,) = export(folders[:1], raters=1)
    fill(single)
    with pytest.raises(UsageError, match="isn't of"):
        grade_run(folders[1], [single], results)
    with pytest.raises(DataError, match="was not exported from"):
        read_grades([single], tmp_path / "elsewhere", lambda text: None)
    with pytest.raises(UsageError, match="nothing has no value from 0 to 1"):
        grade_run(folders[0], [single], results, predict_from="nothing")


def copied(file: Path) -> dict[str, dict[int, object]]:
    """The texts of row 2, for row 3."""
    sheet = openpyxl.load_workbook(file).active
    return {name: {3: sheet.cell(2, COLUMNS.index(name) + 1).value} for name in TEXTS}


def test_holes_are_said_and_a_beginning_is_not_taken_for_one(
    graded: tuple[Path, list[Path]],
) -> None:
    results, folders = graded
    (file,) = export(folders[:1], raters=1)
    said: list[str] = []
    fill(file, grade=dict.fromkeys(range(32, 42)))
    _, grades = read_grades([file], results, said.append)
    assert len(grades) == 30 and said == ["grades.xlsx: 10 of 40 answers have no grade"]
    said.clear()
    fill(file, grade={10: None}, minutes={11: None})
    read_grades([file], results, said.append)
    assert "before others that have one (first: grades.xlsx" in said[0] and "row 10" in said[0]
    assert "no minutes beside 1 grades" in said[1]


def test_runs_of_different_rows_and_wrong_numbers_are_refused(
    graded: tuple[Path, list[Path]],
) -> None:
    _, folders = graded
    words = ("export", folders[0].name, "--to", "grades", "--data", "rows.jsonl")
    assert isinstance(call(*words, "--rows", "1", code=1).exception, UsageError)
    with_two = ("export", folders[0].name, folders[1].name, "--to", "lm-eval")
    assert "is of one run" in str(call(*with_two, code=1).exception)
