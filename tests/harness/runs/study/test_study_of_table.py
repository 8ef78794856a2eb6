"""A study of a table of one's own: its cells' names, its mistakes, and what is printed of quality."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from harness.cli import app
from harness.cli import study as verb
from harness.errors import HarnessError, TooManyErrors
from harness.runs.study import StudyConfig, run_cell
from harness.runs.study.execute import Ended
from harness.strategy.context import Monitor
from tests.two_labels import write_two_labels

DATA = {"path": "rows.jsonl", "input": "text", "target": "label"}


def test_a_cell_is_named_by_its_table() -> None:
    (cell,) = StudyConfig(name="s", include=[{"strategy": "majority", "data": DATA}]).cells()
    assert cell.label == "rows.jsonl · majority"
    (cell,) = StudyConfig(name="s", include=[{"strategy": "majority"}]).cells()
    assert cell.label == "insurer-ko · majority"


def test_a_setting_changes_one_column_of_it() -> None:
    other = {"when": {"strategy": "tfidf"}, "then": {"data": {"input": "title"}}}
    study = StudyConfig(name="s", defaults={"data": DATA}, settings=[other],
                        matrix={"strategy": ["majority", "tfidf"]})  # fmt: skip
    tables = [cell.run_config().data for cell in study.cells()]
    assert [table and (table.input, table.target) for table in tables] == [
        ("text", "label"),
        ("title", "label"),
    ]


@pytest.mark.parametrize(
    ("data", "match"),
    [
        ("rows.jsonl", "data is made of fields\n.*path: rows.csv"),
        ({**DATA, "inptu": "text"}, "data has no field 'inptu'\n.*Did you mean 'input'"),
        ({"input": "text"}, "data lacks the field 'path'\n.*path: rows.csv"),
    ],
)
def test_what_is_wrong_with_its_form_is_said(data: object, match: str) -> None:
    with pytest.raises(HarnessError, match=match):
        StudyConfig(name="s", include=[{"strategy": "majority", "data": data}]).cells()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study of two cells and one that fails, whose cells run in this process."""
    write_two_labels(tmp_path, 40)
    study = {"name": "small", "defaults": {"data": DATA, "latency": False},
             "include": [{"strategy": "majority"}, {"strategy": "tfidf"},
                         {"strategy": "majority", "data": {**DATA, "input": "none"}}]}  # fmt: skip
    (tmp_path / "small.yaml").write_text(json.dumps(study), encoding="utf-8")

    def engine(name: str, address: str | None, file: str, config: StudyConfig, states, local):  # type: ignore[no-untyped-def]
        def run(cells):  # type: ignore[no-untyped-def]
            for cell in cells:
                try:
                    run_cell(config, cell, cell.run_config(**local), Monitor())
                except HarnessError as error:
                    assert "none" in error.message
                yield Ended(cell, states.read(cell), 1.0)

        return run

    monkeypatch.setattr(verb, "_engine", engine)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*words: str, fails: bool = False) -> str:
    done = CliRunner().invoke(app, ["study", "small.yaml", *words])
    assert isinstance(done.exception, TooManyErrors) if fails else done.exit_code == 0
    return done.output


def of_tfidf() -> dict[str, float]:
    (path,) = Path("results").glob("rows_tfidf_*/metrics.json")
    return dict(json.loads(path.read_text(encoding="utf-8"))["metrics"]["accuracy"])


def test_quality_is_printed_as_cells_finish_and_the_best_stands_first(here: Path) -> None:
    text = call(fails=True)
    figure = of_tfidf()
    shown = f"{figure['value']:.3f}  [{figure['low']:.3f}, {figure['high']:.3f}]"
    reports, table = re.split(r"small +\n", text)
    assert "2/3 finished · rows.jsonl · tfidf · 1.0 s" in reports
    assert f"  accuracy {shown}, n {figure['n']}" in reports
    head, *rows = table.splitlines()
    assert "accuracy  [95 % interval]" in head
    assert [row.split()[2] for row in rows[:3]] == ["tfidf", "majority", "majority"]
    assert shown in rows[0] and "failed" in rows[2] and " - " in rows[2]
    assert re.match(r"[0-9a-f]{10}: rows.jsonl has no column 'none'", rows[3])
    assert rows[-1].endswith(": harness recommend")
    again = call(fails=True)
    assert again.count("reused") == 2 and f"  accuracy {shown}" in again, "so do cells of before"


def test_and_stands_in_the_json_in_the_order_of_the_file(here: Path) -> None:
    call(fails=True)
    cells = json.loads(call("--status", "--json"))["cells"]
    assert [cell["label"].split()[2] for cell in cells] == ["majority", "tfidf", "majority"]
    assert cells[1]["quality"]["value"] == of_tfidf()["value"]
    assert cells[1]["quality"]["metric"] == "accuracy" and "quality" not in cells[2]


def test_less_is_better_where_the_metric_is_a_loss() -> None:
    def cell(task: str, value: float | None, better: bool) -> verb.Json:
        return {
            "task": task,
            "label": value,
            "quality": {"value": value, "higher_is_better": better},
        }

    rows = [cell("a", 0.1, True), cell("b", 900.0, False), cell("a", None, True),
            cell("b", 20.0, False), cell("a", 0.4, True)]  # fmt: skip
    found = [row["label"] for row in verb._best_first([*rows, {"task": "b", "label": "left"}])]
    assert found == [0.4, 0.1, None, 20.0, 900.0, "left"]
