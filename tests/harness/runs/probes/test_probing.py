"""A run with a probe: before and after, what it costs, resumed, added later, refused."""

import re

import pytest

from harness.analysis.summary import summary
from harness.cli.shown import print_run
from harness.config import run_config
from harness.costs.book import load_book
from harness.errors import HarnessError, UsageError
from harness.records.ledger import read_ledger
from harness.records.probes import ProbeScore
from harness.records.reading import read_record
from harness.records.schema import recorded
from harness.runs.estimate import estimate
from harness.runs.probes import exams, items, tasks
from harness.runs.probes.marks import kept
from harness.runs.runner import run
from harness.strategy.context import Monitor
from harness.types import Usage
from tests.two_labels import write_two_labels


@pytest.fixture(autouse=True, scope="module")
def few_items():
    """Three items of each kind, in English; no other task."""

    def some(get):
        return lambda language: get(language)[:3]

    with pytest.MonkeyPatch.context() as patch:
        for name in ("texts", "questions", "orders"):
            patch.setattr(exams, name, some(getattr(items, name)))
        patch.setattr(exams, "LANGUAGES", ("en",))
        patch.setattr(exams, "LONGEST", 4)
        patch.setattr(tasks, "GAP_ROWS", 6)
        patch.setattr(tasks, "builtin_tasks", dict)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("probing")


@pytest.fixture(scope="module")
def table(folder):
    return write_two_labels(folder, 20)


class Told(Monitor):
    """Keeps what is said; stops at the n-th sign of life of a probe."""

    def __init__(self, stop=0):
        self.said, self.stop, self.signs = [], stop, 0

    def message(self, text):
        self.said.append(text)

    def progress(self, label, done, total, **figures):
        self.signs += label == "probe"
        if label == "probe" and self.signs == self.stop:
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def probed(table, folder, tiny_llama):
    def start(strategy="lora", monitor=None, *, results, probe=("default",), **more):
        settings = {"max_steps": 2} if strategy == "lora" else {}
        about = {"model": str(tiny_llama), "latency": False, "dtype": "float32", "set": settings}
        config = run_config(
            strategy=strategy,
            data={"path": table, "input": "text", "target": "label"},
            results=folder / results,
            probe=probe,
            **about | more,
        )
        return run(config, monitor or Told()).folder

    return start


@pytest.fixture(scope="module")
def trained(probed):
    """A run of LoRA with its probe."""
    return probed(results="trained")


def scores(folder):
    return [score for probe in read_record(folder).probes for score in probe.scores]


def test_a_trained_model_is_examined_before_and_after(trained):
    (probe,) = read_record(trained).probes
    assert probe.changed and probe.name == "default"
    names = ["general-text-en", "general-choice-en", "instructions-en"]
    before = {(s.name, s.metric): s for s in probe.scores if not s.adapted}
    after = {(s.name, s.metric): s for s in probe.scores if s.adapted}
    assert list(dict.fromkeys(name for name, _ in before)) == names
    for key, was in before.items():
        found = after[key]
        assert found.change == pytest.approx(found.value - was.value), key
        assert found.low <= found.change <= found.high and found.n == was.n == 3
    text = after["general-text-en", "bits_per_byte"]
    assert text.change != 0 and text.stderr > 0 and not text.higher_is_better
    rows = {name: s.n for (name, metric), s in after.items() if metric == "accuracy"}
    assert rows["rows-train"] == 6 and rows["rows-dev"] > 1
    assert rows["rows-test"] == read_record(trained).task.rows.test


def test_the_terminal_says_what_broke_and_what_wasnt_looked_at(trained, probed, capsys):
    print_run(summary(trained, load_book()))
    text = capsys.readouterr().out
    assert "what adapting broke" in text and "general-text-en" in text
    assert re.search(r"forgetting: general text takes [+-]\d+\.\d % bits a byte", text)
    assert re.search(r"accuracy by rows: train \d\.\d+, dev .* train less test [+-]", text)
    print_run(summary(probed("zero-shot", results="trained"), load_book()))
    text = capsys.readouterr().out
    assert "The weights are unchanged: what was before is after." in text and "same" in text


def test_an_estimate_says_that_probing_isnt_in_it(table, tmp_path):
    data = {"path": table, "input": "text", "target": "label"}
    config = run_config(strategy="majority", data=data, results=tmp_path, probe=("default",))
    assert "isn't in the estimate" in estimate(config)["notes"]["probe"]


def test_probing_is_a_phase_and_a_cost_of_neither_development_nor_deployment(trained):
    spans = [span for span in read_ledger(trained / "ledger.jsonl") if span.phase == "probe"]
    assert sum(span.usage.computed_tokens for span in spans) > 500
    assert sum(span.quantities.get("items", 0) for span in spans) > 18
    assert {span.paid for span in spans} == {"paid"}
    report = summary(trained, load_book())
    hours = sum(
        span.seconds
        for name in ("ledger.jsonl", "artifact-ledger.jsonl")
        for span in read_ledger(trained / name)
        if span.phase not in ("probe", "label")
    )
    assert report["cost"]["device_hours"] == pytest.approx(hours / 3600)
    assert "probe: not in the sums" in report["notes"]["apart"]
    assert "probe" in report["ledger"] and "probe" not in report["cost"]["unpriced"]


def test_what_a_model_could_do_before_is_measured_once(trained, probed):
    first, told = trained, Told()
    second = probed("zero-shot", told, results="trained", seed=1)
    (probe,) = read_record(second).probes
    assert probe.changed is False and {score.adapted for score in probe.scores} == {False}
    was = [score for score in scores(first) if not score.adapted]
    assert list(probe.scores) == was
    assert any("from an earlier run that took" in text for text in told.said)
    assert any("the weights are unchanged" in text for text in told.said)
    paid = [span for span in read_ledger(first / "ledger.jsonl") if span.phase == "probe"]
    cached = [span for span in read_ledger(second / "ledger.jsonl") if span.phase == "probe"]
    assert {span.paid for span in cached} == {"cached"}
    texts = [next(s for s in spans if s.quantities.get("items")) for spans in (paid, cached)]
    assert texts[0].usage == texts[1].usage and texts[1].seconds == texts[0].seconds


def test_a_finished_run_is_probed_later_without_answering_again(trained, probed):
    plain = probed(results="a", probe=())
    names = ("predictions.jsonl", "metrics.json")
    answers = [(plain / name).read_bytes() for name in names]
    unprobed = read_record(plain)
    assert probed(results="a") == plain
    assert answers == [(plain / name).read_bytes() for name in names]
    assert scores(plain) == scores(trained)
    record, other = read_record(plain), read_record(trained)
    assert record.config.probe == ("default",)
    assert record.model == unprobed.model == other.model and record.model.adapter
    assert record.keys == unprobed.keys == other.keys and record.key == other.key
    serve = [
        [span.usage for span in read_ledger(folder / "ledger.jsonl") if span.phase == "serve"]
        for folder in (plain, trained)
    ]
    assert serve[0] == serve[1]
    whole = (plain / "run.json").read_bytes(), (plain / "ledger.jsonl").read_bytes()
    assert probed(results="a") == plain
    assert whole == ((plain / "run.json").read_bytes(), (plain / "ledger.jsonl").read_bytes())


def test_a_record_without_what_it_prepared_says_so(probed, folder, tmp_path):
    made = probed("tfidf", results="b", probe=())
    (artifact,) = (folder / "b" / "artifacts").iterdir()
    artifact.rename(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="has to be probed with what it prepared"):
        probed("tfidf", results="b")
    assert read_record(made).probes == () and read_record(made).status == "finished"


def test_a_probe_that_was_killed_goes_on(trained, probed, folder):
    with pytest.raises(KeyboardInterrupt):
        probed(results="c", monitor=Told(2))
    (before,) = (folder / "c" / "probes").glob("*/before.jsonl")
    assert len(kept(before)) == 1
    begun = before.read_text(encoding="utf-8")
    with pytest.raises(KeyboardInterrupt):
        probed(results="c", monitor=Told(6))
    assert before.read_text(encoding="utf-8").startswith(begun) and len(kept(before)) == 3
    (after,) = (folder / "c").glob("*/probes.jsonl")
    begun = after.read_text(encoding="utf-8")
    assert len(kept(after)) == 2
    made = probed(results="c")
    assert after.read_text(encoding="utf-8").startswith(begun)
    assert scores(made) == scores(trained)
    spans = [span for span in read_ledger(made / "ledger.jsonl") if span.phase == "probe"]
    assert {span.paid for span in spans} == {"paid"}


def test_baselines_are_looked_at_for_overfitting_alone(probed):
    (probe,) = read_record(probed("tfidf", results="d")).probes
    assert probe.changed is False and probe.missing == {"model": "no language model takes part"}
    assert [score.name for score in probe.scores] == ["rows-train", "rows-dev", "rows-test"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"probe": ("defualt",)}, "there is no probe 'defualt'"),
        (
            {"model": "endpoint:m", "base_url": "http://127.0.0.1:9/v1"},
            "--probe needs a model on this machine",
        ),
    ],
)
def test_what_cant_be_probed_is_refused_before_anything_is_spent(probed, folder, change, message):
    with pytest.raises(HarnessError, match=message):
        probed("zero-shot", results="none", **change)
    assert not (folder / "none").exists()


def test_tasks_of_lm_eval_are_marked_by_itself_and_compared_unpaired(probed, monkeypatch):
    asked = []

    def evaluate(names, model, *, limit, data_dir, offline, usage):
        usage.add(Usage(7, computed_tokens=5))
        asked.append((names, limit))
        value = 0.5 if model.info.adapter is None else 0.4
        about = {"probe": names[0], "name": "made", "metric": "acc", "higher_is_better": True}
        return [ProbeScore(**about, adapted=False, value=value, stderr=0.03, n=9)]

    monkeypatch.setattr("harness.runs.probes.lm_eval.evaluate", evaluate)
    folder = probed(results="e", probe=("lm-eval:made",))
    found = scores(folder)
    assert [(score.adapted, score.value) for score in found] == [(False, 0.5), (True, 0.4)]
    assert found[1].change == pytest.approx(-0.1) and found[1].method == "unpaired"
    assert found[1].low == pytest.approx(-0.1 - 1.96 * 0.03 * 2**0.5, abs=1e-4)
    assert asked == [(["lm-eval:made"], 100)] * 2
    spans = [span for span in read_ledger(folder / "ledger.jsonl") if span.phase == "probe"]
    assert sum(span.usage.computed_tokens for span in spans) == 10


def test_a_task_file_of_lm_eval_is_named_without_its_folder(tmp_path):
    kept = recorded(run_config(probe=(f"lm-eval:{tmp_path}/own.yaml", "default")))
    assert kept.probe == ("lm-eval:own.yaml", "default")
