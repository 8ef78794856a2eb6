"""Distillation: whose answers are learned, what they cost, and what is said of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sentences import configured, write_task

from harness.analysis.summary import cost_of
from harness.costs.book import load_book
from harness.errors import DataError, MissingDependency, UsageError
from harness.records.ledger import Ledger, read_ledger, totals
from harness.records.reading import read_record
from harness.runs.loader import loader_of
from harness.runs.plan import make_plan
from harness.runs.prepare import context_of
from harness.runs.runner import run
from harness.strategy import preparing
from harness.strategy.base import Pairs
from harness.strategy.registry import create_strategy
from harness.types import Output
from tests.heard import Heard

SMALL = {"distill.rows": 12, "distill.shots": 2, "distill.checked": 4}


class Answering:
    """A teacher that gives chosen answers, and keeps what it was asked."""

    def __init__(self, texts: dict[str, Output], fails_after: int | None = None) -> None:
        self.texts, self.asked, self.fails_after = texts, [], fails_after

    def predict(self, queries):
        for query in queries:
            if self.fails_after is not None and len(self.asked) >= self.fails_after:
                raise KeyboardInterrupt
            self.asked.append(query.id)
            yield replace(self.texts.get(query.text) or Output(query.id, "up"), id=query.id)


def context(folder: Path, model: Path, parameters: dict, monitor=None, **options):
    """The strategy's context as a run makes it, and the strategy."""
    config = configured(
        folder, "distill+few-shot", model, set={"distill.teacher": "self", **parameters}, **options
    )
    plan = make_plan(config)
    artifact = folder / "artifact"
    artifact.mkdir(exist_ok=True)
    made = context_of(plan, artifact, Ledger(folder / "ledger.jsonl"), monitor=monitor)
    return made, plan.strategy


def taught(strategy, made, predictor, monkeypatch):
    """Fits the labelling with a teacher that gives chosen answers; returns the rows."""
    asking = type(strategy.labelling.asking)
    original = asking.predictor

    def instead(self, context):
        original(self, context)  # the model is loaded, and named
        return predictor

    monkeypatch.setattr(asking, "predictor", instead)
    part = made.part("distill")
    strategy.labelling.fit(part)
    monkeypatch.undo()
    return strategy.labelling.labelled(part)


@pytest.mark.parametrize(
    ("expression", "parameters", "message"),
    [
        ("distill", {"teacher": "self"}, "nothing here learns"),
        ("distill+rag", {"teacher": "self"}, "nothing here learns"),
        ("distill+lora", {}, "teacher has to be given: --set distill.teacher"),
        ("distill+lora", {"teacher": "endpoint:x"}, "isn't on this machine"),
        ("distill+lora", {"teacher": "self", "teacher_strategy": "lora"}, "can't be asked by lora"),
        ("distill+lora", {"teacher": "self", "teacher_strategy": "majority"}, "can't be asked"),
        (
            "distill+lora",
            {"teacher": "self", "teacher_strategy": "prompt-search"},
            "can't be asked by prompt-search",
        ),
        (
            "distill+lora",
            {"teacher": "self", "teacher_strategy": "rag", "settings": "rag.generate=false"},
            "can't be asked by rag",
        ),
        ("distill+lora", {"teacher": "self", "settings": "few-shot.kk=3"}, "'few-shot.kk'"),
    ],
)
def test_what_cant_teach_is_refused(expression, parameters, message):
    with pytest.raises(UsageError, match=message):
        create_strategy(expression, parameters)


def test_parameters_of_the_teachers_prompt_are_given_as_text():
    made = create_strategy(
        "distill:self+lora",
        {"teacher_strategy": "few-shot+rag", "settings": "rag.k=1, few-shot.choose=random"},
    )
    few, rag = made.labelling.asking.prompting
    split = create_strategy("distill:self+lora", {"settings": ["few-shot.k=2"]})
    assert split.labelling.asking.prompting[0].k == 2  # as --set divides at commas
    assert (few.k, few.choose, rag.k) == (8, "random", 1)
    assert "corpus" in made.required and not made.retrieves
    assert create_strategy("distill:self+lora+rag").retrieves


def test_another_models_answers_are_learned_and_paid(tmp_path, tiny_llama, tiny_llama_base):
    heard = Heard()
    values = {**SMALL, "distill.teacher": str(tiny_llama), "few-shot.k": 2}
    result = run(configured(tmp_path, "distill+few-shot", tiny_llama_base, set=values), heard)
    record = read_record(result.folder)
    details = record.artifact.details
    assert record.model.name == tiny_llama_base.name
    assert details.models["teach"].name == tiny_llama.name
    assert details.models["teach"].architecture.parameters > 0
    teacher = details.teacher
    assert teacher["asked"] == teacher["kept"] + sum(teacher["dropped"].values()) == 12
    assert (teacher["dev"]["metric"], teacher["dev"]["n"]) == ("accuracy", 4)
    assert any("accuracy" in text and "on 4 dev rows" in text for text in heard.said)
    assert any(text.startswith(f"Memory for {tiny_llama.name}: fits") for text in heard.said)
    spent = totals(read_ledger(result.folder / "artifact-ledger.jsonl"))
    assert spent["teach"].usage.input_tokens > 0
    assert spent["teach"].quantities["requests"] == teacher["asked"] + 4
    people = spent["label"].quantities
    assert people == {"train_rows": teacher["labelled"], "dev_rows": 4}
    projection = cost_of(result.folder, load_book()).projection
    assert projection.gpu_hours_by_phase["teach"] > 0
    assert f"teach: by the sizes of {tiny_llama.name}" in projection.assumptions


def _folder(root: Path) -> Path:
    (folder,) = (root / "results" / "artifacts").iterdir()
    return folder


def test_the_teachers_weights_are_in_the_key(tmp_path, tiny_llama, tiny_llama_base):
    def keys(teacher: str, **values):
        named = {"distill.teacher": teacher, **values}
        return make_plan(configured(tmp_path, "distill+few-shot", tiny_llama_base, set=named)).keys

    moved = tmp_path / "moved"
    moved.mkdir()
    for file in tiny_llama.iterdir():
        (moved / file.name).write_bytes(file.read_bytes())
    before = keys(str(moved)).artifact
    assert keys(str(moved)).artifact == before
    config = json.loads((moved / "config.json").read_text()) | {"rms_norm_eps": 1e-3}
    (moved / "config.json").write_text(json.dumps(config))
    assert keys(str(moved)).artifact != before
    assert keys("self").artifact != keys("self", **{"distill.shots": 3}).artifact


def test_a_teacher_that_isnt_here_ends_a_run_before_it_starts(tmp_path, tiny_llama, monkeypatch):
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    named = {"distill.teacher": "gemma-3-270m"}
    config = configured(tmp_path, "distill+few-shot", tiny_llama, set=named)
    with pytest.raises(MissingDependency, match="gemma-3-270m isn't in the cache"):
        make_plan(config)
    assert make_plan(config, fetch=False).others == {}  # an estimate fetches nothing


def test_only_answers_that_can_be_used_are_learned(tmp_path, tiny_llama, monkeypatch):
    made, strategy = context(
        tmp_path, tiny_llama, SMALL | {"distill.checked": 0}, heard := Heard(), readout="generate"
    )
    texts = [query.text for query in made.train.queries]
    bad = [
        Output("", "I wonder"),
        Output("", ""),
        Output("", None, finish="refused"),
        Output("", None, finish="too_long"),
        Output("", None, error="no answer"),
    ]
    spoilt = {text: bad[n // 2 % len(bad)] for n, text in enumerate(texts) if n % 2}
    teacher = Answering(spoilt)
    rows = taught(strategy, made, teacher, monkeypatch)
    known = {row.query.id: row.target for row in made.train.known}
    assert not known.keys() & {*teacher.asked}
    dropped = {q.id for q in made.train.queries if q.text in spoilt} & {*teacher.asked}
    learned = {row.query.id: row.target for row in rows}
    assert not dropped & learned.keys()
    assert {learned[id_] for id_ in learned.keys() - known.keys()} == {"up"}
    assert known.items() <= learned.items()
    told = made.details["teacher"]
    assert sum(told["dropped"].values()) == len(dropped) > 0
    assert told["dev"] is None and any("aren't measured" in text for text in heard.said)
    assert any("dropped: " in text and "none" not in text for text in heard.said)


def test_a_label_of_little_likelihood_is_dropped(tmp_path, tiny_llama, monkeypatch):
    made, strategy = context(tmp_path, tiny_llama, SMALL | {"distill.confidence": 0.9})
    sure = Output("", "down", scores={"up": -5.0, "down": -0.1}, chosen=True)
    unsure = Output("", "down", scores={"up": -0.7, "down": -0.6}, chosen=True)
    texts = [query.text for query in made.train.queries]
    answers = {text: (sure, unsure)[n % 2] for n, text in enumerate(texts)}
    rows = taught(strategy, made, Answering(answers), monkeypatch)
    told = made.details["teacher"]
    assert told["dropped"].keys() == {"unsure"}
    assert len(rows) == told["kept"] + told["labelled"]


def test_a_text_is_as_sure_as_its_tokens(tmp_path, tiny_llama, monkeypatch):
    made, strategy = context(
        tmp_path, tiny_llama, SMALL | {"distill.confidence": 0.5}, readout="generate"
    )
    texts = [query.text for query in made.train.queries]
    sure = (Output("", "up", confidence=0.9), Output("", "up", confidence=0.2), Output("", "up"))
    answers = {text: sure[n % 3] for n, text in enumerate(texts)}
    rows = taught(strategy, made, Answering(answers), monkeypatch)
    told = made.details["teacher"]
    kept = {row.query.text for row in rows} - {row.query.text for row in made.train.known}
    assert kept and kept <= {text for text in texts if answers[text] is sure[0]}
    assert told["dropped"] == {"unsure": told["asked"] - len(kept)}


def test_what_is_looked_at_is_drawn_from_all_rows(tmp_path, tiny_llama, monkeypatch):
    """Files are often sorted by label."""
    made, strategy = context(tmp_path, tiny_llama, SMALL)
    asked = Answering({})
    taught(strategy, made, asked, monkeypatch)
    first = {query.id for query in made.train.queries[: SMALL["distill.rows"]]}
    told = {row.query.id for row in strategy.labelling.labelled(made.part("distill"))}
    assert told - first


def test_a_teacher_without_a_usable_answer_ends_the_run(tmp_path, tiny_llama, monkeypatch):
    made, strategy = context(tmp_path, tiny_llama, SMALL, readout="generate")
    texts = {query.text: Output("", "hm") for query in made.train.queries}
    with pytest.raises(DataError, match=r"no answer of .* can be used \(dropped: 1\d unparsed\)"):
        taught(strategy, made, Answering(texts), monkeypatch)


def test_after_a_kill_nothing_is_asked_again(tmp_path, tiny_llama, monkeypatch):
    monkeypatch.setattr(preparing, "CHUNK", 4)
    made, strategy = context(tmp_path, tiny_llama, SMALL)
    first = Answering({}, fails_after=9)  # 4 dev rows, a chunk, and one row of the next
    with pytest.raises(KeyboardInterrupt):
        taught(strategy, made, first, monkeypatch)
    monkeypatch.setattr(preparing, "CHUNK", 4)
    made, strategy = context(tmp_path, tiny_llama, SMALL)
    second = Answering({})
    rows = taught(strategy, made, second, monkeypatch)
    assert not {*first.asked[:8]} & {*second.asked}
    assert len(first.asked[:8] + second.asked) == made.details["teacher"]["asked"] + 4
    assert made.dev.rows_read == 4 and len(rows) >= 12
    spent = totals(read_ledger(tmp_path / "ledger.jsonl"))["teach"]
    assert spent.quantities["requests"] == len(first.asked[:8] + second.asked)


def test_the_student_learns_from_these_rows_alone(tmp_path, tiny_llama, monkeypatch):
    made, strategy = context(tmp_path, tiny_llama, SMALL)
    seen = {}

    def fit(self, context, pairs: Pairs):
        seen.update({pair.id: pair.target for pair in pairs.train()})

    monkeypatch.setattr(type(strategy.weights), "fit", fit)
    strategy.prepare(made)
    labelled = strategy.labelling.labelled(made.part("distill"))
    assert seen == {row.query.id: row.target for row in labelled}
    assert made.train.rows_read == made.details["teacher"]["labelled"] < len(seen)


def test_the_teacher_may_read_documents_that_the_student_doesnt(tmp_path, tiny_llama, monkeypatch):
    made, strategy = context(
        tmp_path,
        tiny_llama,
        {
            **SMALL,
            "distill.teacher_strategy": "few-shot+rag",
            "distill.settings": "rag.retriever=bm25,rag.k=1",
        },
    )
    strategy.labelling.fit(made.part("distill"))
    asking = strategy.labelling.asking.render(made.part("distill").part("asking"))
    query = made.dev.queries[0]
    assert asking(query).evidence
    assert (tmp_path / "artifact" / "distill" / "asking" / "rag" / "index").is_dir()


def test_the_runs_model_isnt_taken_for_another(tmp_path, tiny_llama, tiny_llama_base):
    write_task(tmp_path)
    plan = make_plan(configured(tmp_path, "zero-shot", tiny_llama))
    loader = loader_of(plan)
    assert loader.other(None)().info.name == tiny_llama.name
    with pytest.raises(Exception, match="don't name it"):
        loader.other(str(tiny_llama_base))


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["distill+qlora+rag", "distill+few-shot"])
def test_combinations_keep_the_contract(strategy):
    from harness.runs.contract import check_strategy

    small = {"rag.retriever": "bm25"} if "rag" in strategy else {}
    value = check_strategy(strategy, small)
    assert value["passed"], value["checks"]
