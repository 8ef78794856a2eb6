"""Tuned runs are ranked with tuned ones only, and older records count as they were made."""

import json

import pytest

from harness.analysis.configurations import configurations_of
from harness.analysis.recommend.advise import recommend
from harness.analysis.recommend.question import make_question
from harness.analysis.trials import read_trials
from harness.config import run_config
from harness.costs.book import load_book
from harness.records.reading import records_of
from harness.report.build import build_report
from harness.runs.runner import run
from tests.two_labels import write_two_labels

MODEL_FREE = {"latency": False, "limit": 60}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("effort")
    table = write_two_labels(folder, 120)
    data = {"path": table, "input": "text", "target": "label"}

    def made(strategy, **more):
        run(run_config(strategy=strategy, data=data, results=folder / "r", **MODEL_FREE, **more))

    made("majority")
    made("tfidf")
    for seed in (0, 1):
        made("tfidf", tune=3, seed=seed)
    return folder / "r"


def names(results, effort="auto"):
    runs, excluded = read_trials(results, "rows", effort)
    kept = {run.record.label for run in runs}
    return kept, {each.reason.code for each in excluded}


def test_tuned_and_untuned_runs_are_never_ranked_together(results):
    tuned = "tfidf (tuned: 3 settings)"
    assert names(results) == ({"majority", tuned}, {"effort_tuned"})
    assert names(results, "untuned") == ({"majority", "tfidf"}, {"effort_untuned"})
    assert names(results, "all") == ({"majority", "tfidf", tuned}, set())


def test_seeds_of_one_effort_are_one_configuration_whatever_each_found(results):
    runs, _ = read_trials(results, "rows", "tuned")
    (tuned,) = [each for each in configurations_of(runs) if each.strategy == "tfidf"]
    assert len(tuned.runs) == 2 and tuned.random
    values = [run.record.tuning.tried[run.record.tuning.best].value for run in tuned.runs]
    assert tuned.dev_score == pytest.approx(sum(values) / 2)


def test_the_advice_says_what_it_left_out_and_can_be_asked_for_the_others(results):
    for effort, code in (("auto", "effort_tuned"), ("untuned", "effort_untuned")):
        question = make_question(task="rows", effort=effort)
        advice = recommend([results], question, load_book(), draws=50)
        reasons = {each.reason.code: each.say() for each in advice.excluded}
        assert "ranked with tuned ones only" in reasons[code]


def test_the_report_shows_both_and_ranks_one(results):
    (task,) = build_report([results], load_book()).data.tasks
    rows = {row.label: row for row in task.rows}
    tuned = next(row for row in rows.values() if row.effort == "tuned")
    default = next(row for row in rows.values() if row.strategy == "tfidf" and row is not tuned)
    assert tuned.ranked and not default.ranked and default.effort == "default"
    assert default.why_not.en.startswith("its hyper-parameters were not searched for")


def test_labels_have_a_price_beside_runs_whose_seconds_set_none(results):
    for folder, _ in records_of(results):
        value = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        (folder / "run.json").write_text(json.dumps(value | {"shared": True}), encoding="utf-8")
    question = make_question(task="rows", label_cost=0.5)
    advice = recommend([results], question, load_book(), draws=50)
    assert advice.lines and all(line.once_usd is None for line in advice.lines)


def test_a_record_without_the_field_is_a_default_one(results):
    for folder, record in records_of(results):
        value = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        for name in ("tune", "tune_usd"):
            del value["config"][name]
        del value["tuning"]
        old = type(record).model_validate(value)
        assert old.effort == ("set" if value["config"]["set"] else "default")
