"""Tasks on real rows have the rows that their sets have, and a classical baseline's known score."""

import json
import os
from pathlib import Path

import pytest

from harness.analysis.summary import summary
from harness.config import run_config
from harness.costs.book import load_book
from harness.runs.plan import load_rows, open_task
from harness.runs.runner import run
from harness.task.not_run import not_run
from harness.task.task import builtin_tasks, load_task

DATA = os.environ.get("HARNESS_DATA")
READ = {  # rows of all files, and test rows where the set divides them itself
    "banking77": (13_083, 3_080),
    "fiqa": (1_173, 235),
    "fpb": (3_453, None),
    "fpb-fingpt": (6_058, 1_212),
    "fpb-ko": (4_846, None),
    "tfns": (2_388, None),
    "headlines": (11_412, None),
    "policy-interpretation": (138, None),
    "finqa": (883, None),
    "financial-math": (1_000, 200),
    "xbrl-term": (651, None),
    "fintextqa": (240, None),
    "sec-ner": (1_467, 303),
}
FLOORS = {"fiqa": ("accuracy", 0.719), "banking77": ("accuracy", 0.914)}
"""TF-IDF and logistic regression, computed with scikit-learn alone on the sets' own division."""

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not DATA, reason="HARNESS_DATA names no folder of real data"),
]


@pytest.mark.parametrize("name", READ)
def test_a_set_has_all_its_rows(name):
    config = run_config(task=name, data_dir=Path(DATA), limit=0)
    rows = load_rows(config, open_task(config))
    read, test = READ[name]
    assert sum(map(len, (rows.train, rows.dev, rows.test))) == read
    assert test is None or len(rows.test) == test


def test_every_file_of_the_sets_is_a_task_s_or_says_why_it_is_not_run():
    manifest = Path(DATA) / "MANIFEST.json"
    if not manifest.is_file():
        pytest.skip("the folder of data sets doesn't list its files")
    listed = json.loads(manifest.read_text(encoding="utf-8"))
    there = {f"{each['set']}/{each['file']}": each["rows"] for each in listed}
    asked = set()
    for name in builtin_tasks():
        spec = load_task(name).spec
        files = (*spec.source.files, *(spec.corpus.files if spec.corpus else ()))
        asked |= {each.path for each in files}
    declared = {path: each for each in not_run().values() for path in each.files}
    assert asked.isdisjoint(declared) and there.keys() == asked | declared.keys()
    assert all(there[each.files[0]] == each.rows for each in declared.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", FLOORS)
def test_the_baseline_gets_what_scikit_learn_gets(name, tmp_path):
    config = run_config(
        task=name, strategy="tfidf", limit=0, data_dir=Path(DATA), results=tmp_path, latency=False
    )
    metric, floor = FLOORS[name]
    figures = summary(run(config).folder, load_book(None))["metrics"]
    assert figures[metric]["value"] == pytest.approx(floor, abs=0.02)
