"""Hyper-parameters are searched on dev rows, all of it is charged, and nothing is paid twice."""

from dataclasses import replace
from itertools import product
from statistics import fmean

import pytest

from harness.analysis.summary import spends, summary
from harness.config import run_config
from harness.costs.book import load_book
from harness.costs.projection import phase_flops
from harness.errors import UsageError
from harness.records.ledger import Spend, totals
from harness.records.model import Architecture
from harness.records.reading import read_record
from harness.records.tuning import expected_best
from harness.runs.plan import make_plan
from harness.runs.runner import run
from harness.runs.tuning.tries import Looks
from harness.strategy.context import Monitor
from harness.strategy.registry import open_space, strategies
from harness.strategy.space import Range
from harness.types import Usage
from tests.two_labels import write_two_labels

OWN = """
from typing import ClassVar
from harness.strategy.base import Strategy
from harness.strategy.space import Range
from harness.types import Output

class Coin(Strategy):
    name: ClassVar[str] = "coin"
    needs: ClassVar[frozenset[str]] = frozenset({"train"})
    space: ClassVar[dict] = {"every": Range(1, 6), "word": ("up", "down")}
    every: int = 6
    word: str = "up"

    @property
    def readout(self):
        return "classifier"

    def prepare(self, context):
        with context.ledger.phase("train") as spend:
            if self.every == 3:
                raise ValueError("three is no number")
            spend.count(rows=len(list(context.train)[: self.every]))

    def predictor(self, context):
        return self

    def predict(self, queries):
        for number, query in enumerate(queries):
            right = "up" if "profit" in query.text else "down"
            yield Output(query.id, self.word if number % self.every else right, chosen=True)
"""


def rows(tmp_path, count):
    return write_two_labels(tmp_path, count)


@pytest.fixture
def table(tmp_path):
    return rows(tmp_path, 400)  # enough dev rows to stop at a look


@pytest.fixture
def small(tmp_path):
    return rows(tmp_path, 60)


@pytest.fixture
def coin(tmp_path):
    path = tmp_path / "coin.py"
    path.write_text(OWN, encoding="utf-8")
    return f"{path}:Coin"


def config(table, folder, strategy, **more):
    data = {"path": table, "input": "text", "target": "label", "split": "20/20/60"}
    base = {"latency": False, "limit": 30}
    return run_config(strategy=strategy, data=data, results=folder, **{**base, **more})


def tries(folder):
    (search,) = (folder / "searches").iterdir()
    return {path.name: (path / "try.json").read_bytes() for path in (search / "tries").iterdir()}


def test_the_best_setting_on_dev_rows_is_taken_and_everything_is_charged(table, tmp_path, coin):
    results = tmp_path / "results"
    folder = run(config(table, results, coin, tune=9)).folder
    record = read_record(folder)
    tuning = record.tuning
    assert tuning is not None and record.effort == "tuned"
    assert tuning.counts()["failed"] >= 1 and tuning.counts()["pruned"] >= 1
    assert tuning.tried[0].origin == "default" and tuning.tried[0].parameters == {}
    finished = [each.value for each in tuning.tried if each.status == "finished"]
    assert tuning.tried[tuning.best].value == max(finished) > finished[0]
    assert record.config.set == tuning.found
    assert record.strategy.parameters["every"] == tuning.found["every"]
    ledger = totals(spends(folder)[0])
    works = ledger["tune"].works
    others = {f"{n}/train" for n in range(9) if n != tuning.best}
    assert {work for work in works if work.endswith("/train")} == others, "failed and pruned too"
    answered = {f"{n}/dev/serve" for n, each in enumerate(tuning.tried) if each.rows}
    assert answered <= set(works)
    requests = sum(each.quantities.get("requests", 0) for each in works.values())
    assert requests == sum(each.rows for each in tuning.tried)
    labels = ledger["label"].quantities
    assert labels["dev_rows"] == record.task.rows.dev, "dev labels are paid once"
    assert labels["train_rows"] == record.task.rows.train
    report = summary(folder, load_book())
    assert report["cost"]["by_phase"]["tune"] > 0
    assert report["effort"] == "tuned" and "tuned: 9 settings" in report["label"]


def test_the_same_command_finds_its_record_and_the_default_run_is_another(small, tmp_path):
    results = tmp_path / "results"
    tuned = run(config(small, results, "tfidf", tune=3))
    again = run(config(small, results, "tfidf", tune=3))
    assert again.reused and again.folder == tuned.folder
    default = run(config(small, results, "tfidf"))
    assert not default.reused and default.folder != tuned.folder
    assert read_record(default.folder).effort == "default"
    keys = {make_plan(config(small, results, "tfidf", tune=n)).keys.result for n in (None, 3, 4)}
    assert len(keys) == 3


def test_what_was_found_is_the_artifact_of_a_run_with_those_parameters(small, tmp_path):
    results = tmp_path / "results"
    tuned = read_record(run(config(small, results, "tfidf", tune=3)).folder)
    plain = read_record(run(config(small, results, "tfidf", set=tuned.config.set)).folder)
    assert plain.artifact.name == tuned.artifact.name and plain.artifact.reused
    assert not tuned.artifact.reused, "the search trained it, and this run paid"
    assert plain.keys.result != tuned.keys.result
    assert len(list((results / "artifacts").iterdir())) == 1, "those of the others are deleted"


def test_another_limit_uses_the_search_again_and_counts_it_in_full(small, tmp_path):
    results = tmp_path / "results"
    first = run(config(small, results, "tfidf", tune=3)).folder
    second = run(config(small, results, "tfidf", tune=3, limit=20)).folder
    assert len(list((results / "searches").iterdir())) == 1
    one, two = (totals(spends(folder)[0])["tune"] for folder in (first, second))
    assert two.paid == "reused" and one.paid == "paid"
    assert two.seconds == one.seconds


def test_another_seed_uses_the_search_again_and_pays_its_own_training(small, tmp_path):
    results = tmp_path / "results"
    first, second = (
        run(config(small, results, "tfidf", tune=3, seed=seed)).folder for seed in (0, 1)
    )
    assert len(list((results / "searches").iterdir())) == 1
    one, two = (read_record(folder) for folder in (first, second))
    assert one.tuning.found == two.tuning.found and two.tuning.reused and not one.tuning.reused
    assert one.keys.artifact != two.keys.artifact
    one, two = (totals(spends(folder)[0]) for folder in (first, second))
    assert two["train"].paid == "paid" and two["tune"].paid == "reused"
    works = [{w for w in ledger["tune"].works if w.endswith("/train")} for ledger in (one, two)]
    assert works[1] == {f"{number}/train" for number in range(3)} > works[0], (
        "the best one was trained with the search's seed too"
    )


def test_dev_rows_of_a_search_can_be_fewer(table, tmp_path):
    results = tmp_path / "results"
    record = read_record(run(config(table, results, "tfidf", tune=2, tune_rows=25)).folder)
    assert record.tuning.rows == 25 and {each.rows for each in record.tuning.tried} == {25}
    keys = {
        make_plan(config(table, results, "tfidf", tune=2, tune_rows=n)).keys for n in (None, 25)
    }
    assert len({each.search for each in keys}) == 2, "other rows, another search"
    with pytest.raises(UsageError, match="--tune-rows limits a search"):
        run(config(table, results, "tfidf", tune_rows=25))


class StopsAt(Monitor):
    def __init__(self, text):
        self.text, self.told = text, []

    def message(self, text):
        self.told.append(text)
        if text.startswith(self.text):
            raise KeyboardInterrupt


def test_a_stopped_search_goes_on_with_what_is_through(table, tmp_path, coin):
    whole = run(config(table, tmp_path / "whole", coin, tune=6))
    parts = tmp_path / "parts"
    with pytest.raises(KeyboardInterrupt):
        run(config(table, parts, coin, tune=6), StopsAt("setting 3"))
    before = tries(parts)
    assert set(before) == {"0", "1", "2"}
    monitor = StopsAt("never")
    resumed = run(config(table, parts, coin, tune=6), monitor)
    after = tries(parts)
    assert before == {name: after[name] for name in before}
    said = [text for text in monitor.told if text.startswith("setting ")]
    assert len(said) == 3, "only what wasn't through is tried"
    one, two = (read_record(each.folder).tuning for each in (whole, resumed))
    assert [t.parameters for t in one.tried] == [t.parameters for t in two.tried]
    assert [t.value for t in one.tried] == [t.value for t in two.tried]
    assert one.best == two.best and not two.reused


def test_dollars_end_a_search_before_the_setting_that_would_exceed_them(
    small, tmp_path, monkeypatch
):
    monkeypatch.setattr("harness.runs.tuning.search.usd_of", lambda *_: 0.3)
    record = read_record(run(config(small, tmp_path / "r", "tfidf", tune_usd=1.0)).folder)
    assert record.tuning.stopped == "usd" and len(record.tuning.tried) == 3
    assert record.tuning.budget == "$1"


def test_dollars_need_a_price(small, tmp_path, monkeypatch):
    monkeypatch.setattr("harness.costs.book.PriceBook.machine_for", lambda *_: None)
    with pytest.raises(UsageError, match="--tune-usd needs a price") as error:
        run(config(small, tmp_path / "r", "tfidf", tune_usd=1.0))
    assert "--tune N" in error.value.hint


def test_what_is_set_is_not_searched(small, tmp_path):
    tuned = run(config(small, tmp_path / "r", "tfidf", tune=3, set={"c": 2.0})).folder
    record = read_record(tuned)
    assert set(record.tuning.space) == {"max_features"}
    assert record.strategy.parameters["c"] == 2.0 and record.fixed == {"c": 2.0}


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"set": {"c": 1, "max_features": 200}}, "all that can be tuned is set"),
        ({"strategy": "majority"}, "no parameters to tune"),
    ],
)
def test_nothing_to_search_is_refused(small, tmp_path, more, message):
    with pytest.raises(UsageError, match=message):
        run(config(small, tmp_path / "r", **{"strategy": "tfidf", "tune": 3, **more}))


def test_a_task_without_dev_rows_is_refused(small, tmp_path):
    data = {"path": small, "input": "text", "target": "label", "split": "50/0/50"}
    with pytest.raises(UsageError, match="dev rows; .* has none"):
        run(run_config(strategy="tfidf", data=data, results=tmp_path / "r", tune=3))


def test_a_small_space_is_tried_once(small, tmp_path):
    record = read_record(
        run(config(small, tmp_path / "r", "tfidf", tune=50, set={"c": 1.0})).folder
    )
    assert record.tuning.stopped == "space" and len(record.tuning.tried) == 3


def test_expected_best_is_the_mean_over_all_draws():
    values = [0.2, 0.5, 0.9]
    for higher, pick in ((True, max), (False, min)):
        expected = expected_best(values, higher=higher)
        for k in (1, 2, 3):
            every = fmean(pick(draw) for draw in product(values, repeat=k))
            assert expected[k - 1] == pytest.approx(every)


def test_of_losses_the_large_ones_are_stopped():
    looks = Looks(200, "expected_loss")
    assert looks.ends == [50, 100]
    for value in (1.0, 2.0, 3.0, 4.0):
        assert not looks.poor(50, 9.0), "four have to be there"
        looks.note({50: value})
    assert looks.poor(50, 9.0) and not looks.poor(50, 2.0)


def test_every_published_space_holds_values_that_its_strategy_takes():
    for part in strategies().parts.values():
        required = dict(part.trial)
        for name, space in part.space.items():
            assert name in part.model_fields, f"{part.name} has no parameter {name}"
            ends = (space.low, space.high) if isinstance(space, Range) else space
            for value in ends:
                part(**{**required, name: value})


def test_a_space_names_the_part_where_there_are_several():
    space = open_space("lora+few-shot", {"rank": 8, "few-shot.k": 2})
    assert "few-shot.choose" in space and "lora.learning_rate" in space
    assert not {"lora.rank", "few-shot.k"} & set(space)
    preset = open_space("rag", {"preset": "reference"})
    assert not {"k", "retriever", "split", "chunk_size"} & set(preset), "a preset's are fixed"


def test_operations_are_counted_of_each_setting_by_itself():
    sizes = Architecture(1000, 800, 2, 16, 2, 8, 50)
    trained = Spend("tune", work="1/train", seconds=1)
    trained.usage.add(Usage(100, computed_tokens=100))
    trained.count(trainable_parameters=10, sequences=4)
    answered = Spend("tune", work="1/dev/serve", seconds=1)
    answered.usage.add(Usage(60, computed_tokens=60))
    indexed = Spend("tune", work="1/index", seconds=1)
    indexed.usage.add(Usage(900, computed_tokens=900))
    total = totals([trained, answered, indexed])["tune"]
    assert total.seconds == 3 and total.usage.input_tokens == 1060
    apart = [
        phase_flops(phase, totals([spend])["tune"], sizes)
        for phase, spend in (("train", replace(trained, work="")), ("serve", answered))
    ]
    assert phase_flops("tune", total, sizes) == sum(apart), "an index is another model's work"


@pytest.mark.slow
def test_weights_are_tuned_and_what_training_took_is_projected(small, tmp_path, tiny_llama):
    chosen = {"max_steps": 2, "batch_size": 4, "dropout": 0.0}
    more = {"model": str(tiny_llama), "device": "cpu", "set": chosen, "tune": 2, "limit": 8}
    folder = run(config(small, tmp_path / "r", "lora", **more)).folder
    record = read_record(folder)
    assert [each.status for each in record.tuning.tried] == ["finished", "finished"]
    works = totals(spends(folder)[0])["tune"].works
    lost = 1 - record.tuning.best
    assert works[f"{lost}/train"].quantities["trainable_parameters"] > 0
    assert works[f"{lost}/dev/serve"].usage.input_tokens > 0
    hours = summary(folder, load_book())["cost"]["projection"]["gpu_hours_by_phase"]
    assert hours["tune"] > hours["train"] > 0
    assert record.artifact.details.training is not None
