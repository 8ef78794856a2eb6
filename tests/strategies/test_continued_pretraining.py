"""Training on the documents: what it changes, what it leaves alone, what it is billed as."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("transformers")
from safetensors.torch import load_file

from harness.config import run_config
from harness.costs.flops import training_flops
from harness.costs.projection import phase_flops
from harness.errors import UsageError
from harness.models.sources.cache import digest_of_own
from harness.records.ledger import read_ledger, totals
from harness.records.reading import read_record
from harness.runs.contract import _config
from harness.runs.estimate import estimate
from harness.runs.plan import make_plan
from harness.runs.prepare import context_of, ledger_of
from harness.runs.runner import run
from harness.strategy.context import Monitor
from harness.strategy.registry import create_strategy

NAME = "continued-pretraining"
SHORT = {
    "max_steps": None,
    "epochs": 3,
    "max_length": 64,
    "accumulation": 1,
    "learning_rate": 0.003,
}


class _Listening(Monitor):
    """Keeps messages; wants to stop after so many steps."""

    def __init__(self, steps: int = 1000) -> None:
        self.messages: list[str] = []
        self.steps, self.done = steps, 0

    def message(self, text: str) -> None:
        self.messages.append(text)

    def progress(self, label: str, done: float, total: float, **figures: float | None) -> None:
        self.done = done if label == "pretrain" else self.done

    def stopping(self) -> bool:
        return self.done >= self.steps


class _Prepared:
    """A prepared artifact on the contract suite's tiny task."""

    def __init__(self, root: Path, reference: str = NAME, *, seed: int = 0, **values) -> None:
        prefix = f"{NAME}." if "+" in reference else ""
        given = {f"{prefix}{name}": value for name, value in {**SHORT, **values}.items()}
        root.mkdir(parents=True, exist_ok=True)
        config = _config(root, reference, create_strategy(reference, given), given)
        self.config = config.model_copy(update={"seed": seed})
        self.plan, self.root, self.monitor = make_plan(self.config), root, _Listening()

    def prepare(self, monitor: Monitor | None = None):
        folder = self.root / "artifact"
        folder.mkdir(exist_ok=True)
        ledger = ledger_of(self.plan, self.root / "ledger.jsonl")
        self.context = context_of(self.plan, folder, ledger, monitor=monitor or self.monitor)
        self.plan.strategy.prepare(self.context)
        return self

    @property
    def weights(self):
        return load_file(self.root / "artifact" / NAME / "model" / "model.safetensors")

    @property
    def details(self):
        return self.context.details["pretraining"]

    @property
    def spent(self):
        return totals(read_ledger(self.root / "ledger.jsonl"))


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    return _Prepared(tmp_path_factory.mktemp("full")).prepare()


def _differ(a, b):
    return {name for name in a if not a[name].equal(b[name])}


def test_every_weight_learns_the_text_and_the_base_stays(full):
    base = full.plan.model.path
    assert digest_of_own(base) == digest_of_own(
        _Prepared(full.root / "again").plan.model.path
    )  # a folder that nobody trained from
    changed = _differ(load_file(base / "model.safetensors"), full.weights)
    assert any("embed" in name for name in changed) and any("q_proj" in name for name in changed)
    assert full.details["perplexity_after"] < full.details["perplexity_before"] / 2
    assert full.details["held_out_tokens"] > 0
    assert any("held-out tokens" in text for text in full.monitor.messages)
    kept = {path.name for path in (full.root / "artifact" / NAME).iterdir()}
    assert kept == {"model", "pretraining.json"}  # no checkpoint of three times the size


def test_the_bill_has_its_own_phase_and_the_operations_of_all_weights(full):
    total = full.spent["pretrain"]
    assert total.usage.input_tokens == full.details["tokens_trained"]
    assert full.spent["validate"].usage.scored_positions == 2 * full.details["held_out_tokens"]
    assert not full.context.train.rows_read
    model = full.context.load_model()
    counted = phase_flops("pretrain", total, model.info.architecture)
    formula = training_flops(
        model.info.architecture,
        tokens=total.usage.computed_tokens,
        method="full",
        scored_positions=total.usage.scored_positions,
        mean_length=total.usage.computed_tokens / total.quantities["sequences"],
    )
    assert counted == formula > 6 * model.info.architecture.trunk_parameters * 1000


def test_it_answers_as_the_model_that_it_wrote(full):
    queries = [full.plan.example(row).query for row in full.plan.rows.test]
    first, second = (
        {each.id: each.text for each in full.plan.strategy.predictor(full.context).predict(asked)}
        for asked in (queries, queries[::-1])
    )
    assert first == second and len(first) == len(queries)


def test_an_interrupted_training_comes_to_the_same_weights(full, tmp_path):
    cut = _Prepared(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        cut.prepare(_Listening(steps=2))
    assert (tmp_path / "artifact" / NAME / "checkpoints").is_dir()
    cut.prepare()
    assert not _differ(full.weights, cut.weights)
    assert cut.details["tokens_trained"] == full.details["tokens_trained"]
    assert cut.spent["pretrain"].usage.input_tokens == full.details["tokens_trained"]


def test_another_seed_reads_in_another_order(full, tmp_path):
    assert _differ(full.weights, _Prepared(tmp_path, seed=1).prepare().weights)


def test_matrices_are_added_to_the_weights(tmp_path):
    ran = _Prepared(tmp_path, f"{NAME}+few-shot", method="lora", rank=2).prepare()
    base = load_file(ran.plan.model.path / "model.safetensors")
    changed = _differ(base, ran.weights)
    assert changed == {name for name in base if "_proj" in name}
    assert ran.spent["pretrain"].quantities["full"] == 0


@pytest.mark.slow
def test_a_combination_starts_from_what_was_trained(full, tmp_path):
    ran = _Prepared(tmp_path, f"{NAME}+lora")
    ran.plan = make_plan(ran.config.model_copy(update={"set": ran.config.set | {"lora.rank": 1}}))
    ran.prepare()
    assert not _differ(full.weights, ran.weights)
    assert {"pretrain", "train"} <= ran.spent.keys()
    assert ran.spent["train"].quantities["full"] == 0
    base = ran.plan.strategy.pretraining.weights(ran.context.part(NAME))
    tuned = replace(ran.context, base=base).part("lora")
    model = ran.plan.strategy.weights.load(tuned)
    assert model.info.adapter == "merged" and model.info.name == "model"


@pytest.mark.slow
def test_runs_that_begin_alike_pre_train_once(tmp_path):
    usual = _Prepared(tmp_path, f"{NAME}+few-shot").config

    def finished(strategy, **options):
        given = {"strategy": strategy, "latency": False, **options}
        config = usual.model_copy(update=given)
        monitor = _Listening()
        folder = run(config, monitor).folder
        record = read_record(folder)
        artifact = config.results / "artifacts" / record.artifact.name
        spent = read_ledger(folder / "artifact-ledger.jsonl")
        return artifact / NAME, record, spent, "\n".join(monitor.messages)

    first, one, paid, said = finished(f"{NAME}+few-shot")
    assert "taken from" not in said
    second, two, cached, said = finished(NAME)
    assert "taken from" in said
    weights = "model/model.safetensors"
    assert (second / weights).read_bytes() == (first / weights).read_bytes()
    about = [each.artifact.details.model_extra["pretraining"] for each in (one, two)]
    assert about[0] == about[1]
    spans = [[s for s in spans if s.phase == "pretrain"] for spans in (paid, cached)]
    assert [s.paid for s in spans[0]] == ["paid"] and [s.paid for s in spans[1]] == ["cached"]
    assert spans[0][0].usage == spans[1][0].usage
    assert spans[0][0].seconds == spans[1][0].seconds > 0
    third, *_, said = finished(NAME, seed=1)
    assert "taken from" not in said
    assert (third / weights).read_bytes() != (first / weights).read_bytes()


def test_a_task_without_documents_is_told_the_next_step(tmp_path):
    folder = tmp_path / "rows.csv"
    lines = [f"it {('rose', 'fell')[n % 2]} {n},{('up', 'down')[n % 2]}" for n in range(60)]
    folder.write_text("\n".join(["text,label", *lines]), encoding="utf-8")
    options = {
        "data": {"path": folder, "input": "text", "target": "label"},
        "offline": True,
        "results": tmp_path / "r",
    }
    with pytest.raises(UsageError, match="has no documents") as refused:
        make_plan(run_config(strategy=NAME, **options), fetch=False)
    assert "--docs" in refused.value.hint and f"--set {NAME}.rows=true" in refused.value.hint
    config = run_config(strategy=NAME, set={"rows": True}, **options)
    plan = make_plan(config, fetch=False)
    context = context_of(plan, tmp_path, ledger_of(plan, tmp_path / "ledger.jsonl"))
    assert len(plan.strategy.pretraining.texts(context)) == len(plan.rows.train)
    assert not context.train.rows_read


def test_replay_is_its_share_of_the_sequences(full, tmp_path):
    text = tmp_path / "general.txt"
    text.write_text("\n".join(f"The weather of day {n} was fair." for n in range(400)), "utf-8")
    ran = _Prepared(tmp_path / "r", replay=0.5, replay_text=text, max_steps=1).prepare()
    assert ran.details["sequences"] == 2 * full.details["sequences"]
    before = ran.plan.strategy.describe()
    assert str(tmp_path) not in str(before)
    text.write_text("another text", "utf-8")
    assert ran.plan.strategy.describe() != before


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"replay": 0.2}, "no general text is shipped"),
        ({"replay_text": "x.txt"}, "no general text is shipped"),
        ({"min_steps": 5}, "min_steps"),
    ],
)
def test_what_has_no_meaning_is_refused(values, message):
    with pytest.raises(UsageError, match=message):
        create_strategy(NAME, values)


def test_training_on_documents_is_no_retrieval():
    assert not create_strategy(NAME).retrieves and create_strategy(f"{NAME}+rag").retrieves
    assert create_strategy(NAME).required == {"model", "corpus"}


def test_a_dry_run_counts_both_trainings(full, tmp_path):
    lora = {"lora.max_steps": 2, "lora.batch_size": 4}
    ran = _Prepared(tmp_path, f"{NAME}+lora")
    value = estimate(
        ran.config.model_copy(update={"set": ran.config.set | lora}), on="l4", history=()
    )
    assert value["pretrain_tokens"] == 3 * full.details["tokens"] and value["train_tokens"] > 0
    assert value["on"]["gpus_train"] == 1 and "pretrain" in value["notes"]["seconds"]
