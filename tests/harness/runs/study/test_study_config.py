"""What a study file stands for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import DataError, HarnessError, UsageError
from harness.runs.study import StudyConfig, read_study, shipped
from harness.runs.study.execute import shard

MATRIX = {"strategy": ["majority", "few-shot"], "model": ["a", "b"], "seed": [0, 1]}


def test_a_matrix_is_crossed_and_a_baseline_runs_once_for_all_models():
    cells = StudyConfig(name="s", matrix=MATRIX).cells()
    assert [cell.values["strategy"] for cell in cells].count("few-shot") == 4
    assert [cell.values["strategy"] for cell in cells].count("majority") == 2
    assert len({cell.id for cell in cells}) == len(cells) == 6


def test_include_exclude_and_settings():
    study = StudyConfig(
        name="s",
        defaults={"task": "fpb", "set": {}},
        matrix={"strategy": ["majority", "few-shot", "tfidf"]},
        include=[{"strategy": "few-shot", "set": {"k": 2}}],
        exclude=[{"strategy": ["tfidf"]}],
        settings=[{"when": {"strategy": "few-shot"}, "then": {"set": {"choose": "random"}}}],
    )
    found = [(cell.values["strategy"], cell.values["set"]) for cell in study.cells()]
    assert found == [
        ("majority", {}),
        ("few-shot", {"choose": "random"}),
        ("few-shot", {"k": 2, "choose": "random"}),
    ]


def test_settings_of_a_machine_make_no_other_cell():
    (cell,) = StudyConfig(name="s", include=[{"strategy": "majority"}]).cells()
    config = cell.run_config(results=Path("elsewhere"), offline=True)
    assert (config.strategy, config.results, config.offline) == (
        "majority",
        Path("elsewhere"),
        True,
    )
    with pytest.raises(UsageError, match="no field 'results'"):
        StudyConfig(name="s", include=[{"strategy": "majority", "results": "x"}]).cells()


@pytest.mark.parametrize(
    ("values", "match"),
    [
        ({"include": [{"strategi": "majority"}]}, "Did you mean 'strategy'"),
        ({"include": [{"task": "fpb"}]}, "no strategy"),
        ({"include": [{"strategy": "majorty"}]}, "majority"),
        ({"include": [{"strategy": "majority", "seed": -1}]}, "seed"),
        ({}, "no cell"),
    ],
)
def test_what_is_wrong_with_a_study_is_said(values, match):
    with pytest.raises(HarnessError, match=match):
        StudyConfig(name="s", **values).cells()


def test_a_file_that_is_no_study(tmp_path: Path):
    with pytest.raises(UsageError, match="Did you mean 'quick'"):
        read_study("quik")
    with pytest.raises(DataError, match="no file"):
        read_study(str(tmp_path / "none.yaml"))
    path = tmp_path / "bad.yaml"
    path.write_text(json.dumps({"name": "s", "matrx": {}}))
    with pytest.raises(DataError, match="matrx"):
        read_study(str(path))


@pytest.mark.parametrize("name", sorted(shipped()))
def test_a_shipped_study_stands_for_cells(name):
    study = read_study(name)
    assert study.name == name
    assert study.summary
    assert len(study.cells()) > 4


@given(st.integers(1, 7))
def test_shards_have_every_cell_once(n: int):
    cells = StudyConfig(name="s", matrix=MATRIX).cells()
    parts = [shard(cells, f"{at}/{n}") for at in range(1, n + 1)]
    assert sorted(cell.id for part in parts for cell in part) == sorted(cell.id for cell in cells)


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "a/b"])
def test_a_share_that_is_none(text):
    with pytest.raises(UsageError, match="no share"):
        shard((), text)


def test_a_cell_of_a_task_file_has_the_task_s_name(tmp_path: Path) -> None:
    file = tmp_path / "inquiries.yaml"
    study = {"name": "s", "defaults": {"task": str(file)}, "include": [{"strategy": "majority"}]}
    (cell,) = StudyConfig(**study).cells()
    assert cell.label == "inquiries.yaml · majority"  # there is none; the run says so
    before = cell.id
    file.write_text("name: questions-of-customers\nkind: [", encoding="utf-8")
    assert cell.label == "inquiries.yaml · majority"  # no YAML
    file.write_text("name: questions-of-customers\nkind: qa\n", encoding="utf-8")
    assert cell.label == "questions-of-customers · majority"
    assert cell.task == "questions-of-customers" and cell.id == before
    assert cell.values["task"] == str(file)  # what is run stays the file
