"""A model of one's own: made of the text, named in the record, and of no use as a default."""

from __future__ import annotations

import pytest

pytest.importorskip("transformers")
from transformers import AutoTokenizer

from harness.errors import UsageError
from harness.records.reading import read_record
from harness.runs.contract import _config
from harness.runs.estimate import estimate
from harness.runs.plan import make_plan
from harness.runs.runner import run
from harness.runs.study import read_study, shipped
from harness.strategy.registry import create_strategy, find_part

NAME = "from-scratch"
TINY = {f"{NAME}.{name}": value for name, value in find_part(NAME).trial.items()}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    root = tmp_path_factory.mktemp("scratch")
    config = _config(root, NAME, create_strategy(NAME, TINY), TINY)
    config = config.model_copy(update={"latency": False, "probe": ("default",)})
    return config, run(config).folder


def test_the_record_names_the_model_that_was_made(finished):
    config, folder = finished
    record = read_record(folder)
    assert config.model is None
    assert record.model.name == "scratch-1x32" and record.model.digest is None
    details = record.artifact.details.model_extra["pretraining"]
    assert 300 < details["vocabulary"] == record.model.architecture.vocabulary <= 400
    assert details["weights"] == record.model.architecture.parameters
    assert details["compute_optimal_tokens"] == 20 * details["weights"]
    assert "compute-optimal" in details["notes"][-1]
    artifact = config.results / "artifacts" / record.artifact.name
    kept = {path.name for path in (artifact / NAME).iterdir()}
    assert kept == {"scratch-1x32", "pretraining.json", "key.json", "ledger.jsonl"}
    assert "makes its own model" in record.probes[0].missing["model"]
    again = make_plan(config)
    assert again.keys.run == record.key


def test_its_tokenizer_writes_any_language(finished):
    config, folder = finished
    artifact = config.results / "artifacts" / read_record(folder).artifact.name
    tokens = AutoTokenizer.from_pretrained(str(artifact / NAME / "scratch-1x32"))
    for text in ("profit rose sharply", "육아 휴직 기간은 1년이다"):
        assert tokens.decode(tokens(text, add_special_tokens=False).input_ids) == text


def test_a_dry_run_makes_no_model_and_knows_its_sizes(finished):
    config, folder = finished
    value = estimate(config, history=())
    trained = read_record(folder).artifact.details.model_extra["pretraining"]["tokens"]
    assert value["model"] == "its own" and value["memory_bytes"] > 0
    assert value["pretrain_tokens"] >= trained and value["train_tokens"] > 0


def test_tuning_follows_unless_other_weights_are_named():
    alone, named = create_strategy(NAME), create_strategy(f"{NAME}+lora")
    assert alone.weights.name == "full-finetune" and alone.weights.learning_rate == 1e-3
    assert named.weights.name == "lora" and named.makes_model
    assert create_strategy(NAME, {"full-finetune.epochs": 1}).weights.epochs == 1
    assert create_strategy(NAME, {"preset": "1m"}).pretraining.hidden == 128
    with pytest.raises(UsageError, match="ambiguous"):
        create_strategy(NAME, {"epochs": 1})
    with pytest.raises(UsageError, match="multiple of 2 heads"):
        create_strategy(NAME, {"hidden": 50, "heads": 4})


def test_a_model_that_has_no_part_is_refused(finished):
    with pytest.raises(UsageError, match="makes its own model"):
        make_plan(finished[0].model_copy(update={"model": "gemma-3-270m"}))


def test_no_shipped_study_pre_trains():
    for name in shipped():
        for cell in read_study(name).cells():
            parts = create_strategy(cell.values["strategy"], cell.values.get("set")).parts
            assert "pre-training" not in {part.family for part in parts}, cell.label
