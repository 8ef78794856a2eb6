"""Records as data frames: the columns that the documentation promises, and what is in them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

import harness
from harness.analysis.frames import OPEN, SCHEMA
from harness.config import run_config
from harness.errors import UsageError
from harness.runs.external import score_logs
from harness.runs.runner import run

DOCS = Path(__file__).resolve().parents[3] / "docs" / "results.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):  # type: ignore[no-untyped-def]
    results = tmp_path_factory.mktemp("results")
    run(run_config(strategy="majority", limit=40, results=results))
    run(run_config(strategy="tfidf", limit=40, seed=3, results=results))
    return results


@pytest.fixture(scope="module")
def results(folder):  # type: ignore[no-untyped-def]
    return harness.load_results(folder)


def promised():  # type: ignore[no-untyped-def]
    """Columns and types by frame, from the tables of the documentation."""
    parts = re.split(r"^## (\w+)$", DOCS.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {
        name: dict(re.findall(r"^\| `([\w.*]+)` \| (\w+) \|", text, flags=re.MULTILINE))
        for name, text in zip(parts[::2], parts[1::2], strict=True)
    }


def test_the_documentation_has_every_column_and_type() -> None:
    code = {
        name: types | {f"{start}*": kind for start, kind in OPEN.get(name, {}).items()}
        for name, types in SCHEMA.items()
    }
    assert promised() == code


@pytest.mark.parametrize("name", sorted(SCHEMA))
def test_frames_have_the_columns_that_are_promised(results, name) -> None:  # type: ignore[no-untyped-def]
    frame, fixed = getattr(results, name), SCHEMA[name]
    assert list(frame.columns[: len(fixed)]) == list(fixed)
    assert {column: str(kind) for column, kind in frame.dtypes.items() if column in fixed} == fixed
    others = frame.columns[len(fixed) :]
    assert all(column.startswith(tuple(OPEN.get(name, ()))) for column in others)
    assert len(frame) > 0 and frame["run_id"].notna().all()


def test_the_figures_are_those_of_the_record(folder, results) -> None:  # type: ignore[no-untyped-def]
    runs = results.runs.set_index("run_id")
    assert set(runs["strategy"]) == {"majority", "tfidf"}
    for name, row in runs.iterrows():
        derived = json.loads((folder / str(name) / "metrics.json").read_text(encoding="utf-8"))
        assert row["value"] == derived["metrics"]["exact_match"]["value"]
        answers = results.predictions[results.predictions["run_id"] == name]
        assert answers["value.exact_match"].mean() == pytest.approx(row["value"])
        assert row["n"] == len(answers) == 40
    primary = results.metrics[results.metrics["primary"] & (results.metrics["slice"] == "")]
    assert dict(zip(primary["run_id"], primary["value"], strict=True)) == dict(runs["value"])
    assert runs["model"].isna().all()


def test_quantities_keep_their_part_and_phase(results) -> None:  # type: ignore[no-untyped-def]
    served = results.spends[results.spends["phase"] == "serve"]
    assert set(served["part"]) == {"run"}
    assert (served.groupby("run_id")["quantity.requests"].sum() == 40).all()
    labels = results.spends[results.spends["phase"] == "label"]
    assert set(labels["part"]) == {"artifact"} and (labels["quantity.train_rows"] > 0).all()


def test_a_single_run_and_answers_made_elsewhere_can_be_read(folder, tmp_path) -> None:  # type: ignore[no-untyped-def]
    one = next(folder.glob("*majority*"))
    assert list(harness.load_results(one).runs["run_id"]) == [one.name]
    answers = tmp_path / "answers.jsonl"
    ids = harness.load_results(one).predictions["id"]
    answers.write_text("\n".join(json.dumps({"id": id_, "answer": "x"}) for id_ in ids), "utf-8")
    score_logs(run_config(strategy="mine", limit=40, results=tmp_path / "r"), answers, None)
    made = harness.load_results(tmp_path / "r")
    assert made.runs.loc[0, "readout"] == "declared"
    assert pd.isna(made.runs.loc[0, "artifact"])


def test_a_damaged_record_is_named_and_the_others_are_read(folder, tmp_path) -> None:  # type: ignore[no-untyped-def]
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "run.json").write_text("{", encoding="utf-8")
    (tmp_path / "fine").symlink_to(next(folder.glob("*tfidf*")))
    made = harness.load_results(tmp_path)
    assert len(made.runs) == 1
    assert made.skipped[0][0] == "broken" and "can't be read" in made.skipped[0][1]


def test_an_empty_folder_is_an_error(tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UsageError, match="no run"):
        harness.load_results(tmp_path)


def test_the_package_offers_what_it_names() -> None:
    assert all(hasattr(harness, name) for name in harness.__all__)
    with pytest.raises(AttributeError, match="load_result"):
        _ = harness.load_result


def test_the_example_of_the_documentation_runs(folder, monkeypatch, capsys) -> None:  # type: ignore[no-untyped-def]
    example = re.search(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert example
    (folder / "results").symlink_to(folder)
    monkeypatch.chdir(folder)
    exec(compile(example[1], "docs/results.md", "exec"), {})
    assert "majority" in capsys.readouterr().out
