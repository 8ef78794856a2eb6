"""An encoder with a head: what is trained, stored, counted, cut and refused."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from units import context, rows  # noqa: E402

from harness import devices  # noqa: E402
from harness.costs.projection import phase_flops  # noqa: E402
from harness.errors import DataError, UsageError  # noqa: E402
from harness.models.local.classifier import load_classifier  # noqa: E402
from harness.models.local.tiny import tiny_bert, tiny_llama  # noqa: E402
from harness.records.ledger import read_ledger, totals  # noqa: E402
from harness.strategy.long_rows import LongRows  # noqa: E402
from strategies.encoder_finetune import EncoderFineTune  # noqa: E402

CPU = devices.select("cpu", "float32")
QUERIES = [row.query for row in rows(12, "test")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_bert(tmp_path_factory.mktemp("bert"))


def _strategy(folder, **parameters):
    usual = {"batch_size": 8, "max_steps": 12, "learning_rate": 3e-3}
    return EncoderFineTune(encoder=str(folder), **{**usual, **parameters})


def _fit(folder, room, seed=0, parameters=None, **changes):
    made = context(room, seed, device=CPU, **changes)
    _strategy(folder, **(parameters or {})).prepare(made)
    return made, (room / "model" / "model.safetensors").read_bytes()


def _answers(folder, made, queries=QUERIES, **parameters):
    predictor = _strategy(folder, **parameters).predictor(made)
    return {output.id: output for output in predictor.predict(queries)}


@pytest.fixture(scope="module")
def trained(folder, tmp_path_factory):
    before = (folder / "model.safetensors").read_bytes()
    made, weights = _fit(
        folder, tmp_path_factory.mktemp("run") / "a", parameters={"evaluations": 2}
    )
    assert (folder / "model.safetensors").read_bytes() == before, "the encoder's own file stays"
    return made, weights


def test_it_learns_the_labels_and_gives_the_probability_of_each(folder, trained):
    made, _ = trained
    answers = _answers(folder, made)
    right = {row.query.id: row.target for row in rows(12, "test")}
    assert {id_: answer.text for id_, answer in answers.items()} == right
    for answer in answers.values():
        assert list(answer.scores) == ["up", "down"] and answer.chosen
        assert sum(answer.scores.values()) == pytest.approx(1)
    assert made.train.rows_read == 16 and made.dev.rows_read == 6


def test_answers_alone_are_those_of_a_batch(folder, trained):
    made, _ = trained
    together = _answers(folder, made)
    for query in QUERIES[:4]:
        alone = _answers(folder, made, [query])[query.id]
        assert alone.scores == pytest.approx(together[query.id].scores, abs=1e-5)
        assert alone.usage.input_tokens == together[query.id].usage.input_tokens > 5


def test_seeds_decide_the_weights(folder, trained, tmp_path):
    same = _fit(folder, tmp_path / "same", parameters={"evaluations": 2})[1]
    other = _fit(folder, tmp_path / "other", seed=1, parameters={"evaluations": 2})[1]
    assert same == trained[1] != other


def test_a_killed_training_goes_on_to_the_same_weights(folder, trained, tmp_path, monkeypatch):
    import harness.training.loop as loop

    rate = loop.learning_rate

    def killed(step, steps, recipe):
        if step == 7:
            raise KeyboardInterrupt
        return rate(step, steps, recipe)

    settings = {"evaluations": 2, "checkpoint_every": 1}
    monkeypatch.setattr(loop, "learning_rate", killed)
    with pytest.raises(KeyboardInterrupt):
        _fit(folder, tmp_path / "cut", parameters=settings)
    monkeypatch.setattr(loop, "learning_rate", rate)
    made, weights = _fit(folder, tmp_path / "cut", parameters=settings)
    assert weights == trained[1]
    assert made.details["training"]["steps"] == 12


def test_the_ledger_has_each_phase_and_the_encoders_own_operations(folder, trained):
    made, _ = trained
    spent = totals(read_ledger(made.artifact / "ledger.jsonl"))
    assert {"load", "train", "validate", "save"} <= set(spent)
    train, info = spent["train"], _strategy(folder).predictor(made).model_info
    sizes = info.architecture
    assert sizes.trunk_parameters == 2 * (4 * 64 * 64 + 2 * 64 * 128) and not sizes.vocabulary
    assert train.quantities["steps"] == 12 and train.quantities["full"] == 1
    assert train.usage.computed_tokens >= train.usage.input_tokens > 12 * 8 * 5
    flops = phase_flops("train", train, sizes)
    assert 1 <= flops / (6 * sizes.trunk_parameters * train.usage.computed_tokens) < 1.2
    assert info.name == folder.name and info.digest and info.dtype == "float32"


def test_a_wide_encoder_gets_the_papers_rate_and_a_narrow_one_a_higher(folder, tmp_path):
    made, _ = _fit(folder, tmp_path / "run", parameters={"learning_rate": None, "max_steps": 1})
    assert made.details["training"]["learning_rate"] == 1e-4
    wide = load_classifier(folder, "tiny", device=CPU, labels=["up", "down"])
    wide.module.config.hidden_size = 768
    assert EncoderFineTune()._rated(wide).learning_rate == 5e-5
    assert EncoderFineTune(learning_rate=1e-4)._rated(wide).learning_rate == 1e-4


def test_what_was_saved_is_a_model_of_transformers(trained):
    import transformers

    made, _ = trained
    model = transformers.AutoModelForSequenceClassification.from_pretrained(made.artifact / "model")
    assert model.config.id2label == {0: "up", 1: "down"}


@pytest.mark.parametrize("rule", ["skip", "cut", "fail"])
def test_rows_too_long_are_told_and_never_cut_in_silence(folder, tmp_path, rule):
    made = context(tmp_path / rule, device=CPU, long_rows=LongRows(rule))
    words = " and so on" * 20
    made.train._rows = (*made.train._rows[:-1], rows(1, "long", words)[0])
    strategy = _strategy(folder, max_length=40, max_steps=2)
    if rule == "fail":
        with pytest.raises(
            DataError, match=r"too long to train on: row long-0 \(\d+ tokens, 40 fit"
        ):
            strategy.prepare(made)
        return
    strategy.prepare(made)
    fate = "left out" if rule == "skip" else "cut"
    assert any("1 of 16 rows" in text and f"are {fate}" in text for text in made.monitor.said)
    assert list(made.long_rows.rows) == ["long-0"]
    assert made.train.rows_read == (15 if rule == "skip" else 16)
    asked = [QUERIES[0], replace(QUERIES[1], text=QUERIES[1].text + words)]
    answers = _answers(folder, made, asked, max_length=40)
    short, long = (answers[query.id] for query in asked)
    assert short.excess == "" and long.excess.endswith("40 fit")
    assert long.finish == ("too_long" if rule == "skip" else None)
    assert (long.text is None) == (rule == "skip")


def test_control_tokens_in_a_text_are_text(folder):
    model = load_classifier(folder, "tiny", device=CPU, labels=["up", "down"])
    (pad,) = model.tokenizer.convert_tokens_to_ids(["<pad>"])
    assert pad not in model.tokens("a <pad> b")


def test_one_label_and_no_encoder_are_refused(folder, tmp_path):
    made = context(tmp_path / "one", device=CPU)
    made.train._rows = made.train._rows[::2]
    with pytest.raises(DataError, match="all 8 training rows have the label 'up'"):
        _strategy(folder).prepare(made)
    with pytest.raises(UsageError, match="there is no encoder 'bert'"):
        EncoderFineTune(encoder="bert").prepare(context(tmp_path / "none", device=CPU))
    llama = tiny_llama(tmp_path / "llama")
    with pytest.raises(UsageError, match="llama is no text encoder"):
        load_classifier(llama, "llama", device=CPU, labels=["up", "down"])


def test_an_encoder_that_lacks_weights_is_refused(folder, tmp_path):
    from safetensors.torch import load_file, save_file

    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    weights = load_file(folder / "model.safetensors")
    weights.pop(next(name for name in weights if "attention" in name))
    save_file(weights, tmp_path / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(DataError, match="lacks 1 of its weights"):
        load_classifier(tmp_path, "tiny", device=CPU, labels=["up", "down"])


def test_a_hub_encoder_that_is_not_here_is_refused_offline(tmp_path, monkeypatch):
    from harness.errors import MissingDependency

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(MissingDependency, match="klue/bert-base"):
        EncoderFineTune(encoder="klue/bert-base").prepare(context(tmp_path / "run", device=CPU))


def test_a_folder_is_known_by_what_it_holds(folder, tmp_path):
    about = json.dumps(_strategy(folder).describe())
    other = tiny_bert(tmp_path / "other", seed=1)
    assert _strategy(folder).describe()["encoder_digest"] in about
    assert (
        _strategy(folder).describe()["encoder_digest"]
        != _strategy(other).describe()["encoder_digest"]
    )
