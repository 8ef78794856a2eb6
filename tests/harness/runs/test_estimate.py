"""``--dry-run``: what a run would take here, and on hardware that nobody here has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from harness.analysis.summary import cost_of
from harness.cli import app
from harness.config import DataSource, RunConfig, run_config
from harness.costs.book import load_book
from harness.costs.options import PriceOptions
from harness.errors import UsageError
from harness.models.local.tiny import tiny_bert
from harness.records.ledger import read_ledger
from harness.records.reading import read_record
from harness.runs.estimate import estimate
from harness.runs.plan import make_plan
from harness.runs.runner import run

pytest.importorskip("transformers")
L40S = 48e9


@pytest.fixture
def asked(tmp_path: Path, tiny_llama: Path) -> Any:
    table = tmp_path / "rows.csv"
    lines = [f"profit rose {n},up\nsales fell {n},down" for n in range(40)]
    table.write_text("text,label\n" + "\n".join(lines) + "\n", encoding="utf-8")
    data = DataSource(path=table, input="text", target="label")

    def make(strategy: str = "lora", model: str = str(tiny_llama), **more: Any) -> RunConfig:
        return run_config(
            strategy=strategy, data=data, model=model, results=tmp_path / "results",
            device="cpu", **more,
        )  # fmt: skip

    return make


def test_a_run_is_estimated_here_and_on_a_gpu_of_the_book(asked: Any) -> None:
    value = estimate(asked(set={"epochs": 3, "batch_size": 4}), on="l40s")
    assert value["train_tokens"] and value["seconds"] and value["memory_bytes"]
    on = value["on"]
    assert on["gpu"] == "NVIDIA L40S" and on["fits"] and on["memory_bytes"] == L40S
    assert on["kind"] == "projection" and on["lower_bound"]
    assert on["usd"] == pytest.approx(on["gpu_hours"] * 1.86)
    assert 0 < on["train_bytes"] < value["memory_bytes"]  # without the program and its slack
    more = estimate(asked(set={"epochs": 6, "batch_size": 4}))
    assert more["train_tokens"] == pytest.approx(2 * value["train_tokens"], abs=2)
    assert "on" not in more


def test_full_fine_tuning_needs_more_than_an_adapter(asked: Any) -> None:
    full, lora = (estimate(asked(name), on="l4")["on"] for name in ("full-finetune", "lora"))
    assert full["train_bytes"] > lora["train_bytes"]


def test_nothing_is_trained_nothing_is_paid_for_training(asked: Any) -> None:
    on = estimate(asked("few-shot", set={"k": 2}), on="l4")["on"]
    assert on["train_bytes"] is None and on["gpus_train"] is None and on["development_usd"] == 0
    assert on["usd_per_1k_requests"] > 0


def test_a_model_that_isn_t_here_is_known_by_its_sizes(
    asked: Any, tiny_llama: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from harness.models.sources import catalog

    monkeypatch.setattr(catalog, "default_model", lambda language: str(tiny_llama))
    value = estimate(asked("qlora", "mistralai/Mistral-7B-v0.1"), on="a100-40")
    assert value["model"] == "mistralai/Mistral-7B-v0.1" and value["already_there"] == "nothing"
    assert tiny_llama.name in value["notes"]["test_input_tokens"]
    assert value["seconds"] is None and "--on" in value["notes"]["seconds"]
    on = value["on"]
    assert on["fits"] and on["gpus_train"] == 1 and not on["lower_bound"]
    assert 3.5e9 < on["serve_bytes"] < 8e9  # a 7B model in NF4
    low, high = value["token_ratio"]  # another tokenizer counted: no figure without a range
    assert low < high and f"{low:g} to {high:g}" in value["notes"]["test_input_tokens"]
    assert any("may lie outside" in note for note in on["notes"])
    assert on["usd_per_1k_requests_low"] < on["usd_per_1k_requests"]
    assert on["usd_per_1k_requests_high"] > on["usd_per_1k_requests"]
    full = estimate(asked("full-finetune", "mistral-7b"), on="a100-40")["on"]
    assert not full["fits"] and full["gpus_train"] >= 4


def test_a_strategy_without_a_model_says_so(asked: Any) -> None:
    value = estimate(asked("majority"), on="l4")
    assert "on" not in value and "nothing to do" in value["notes"]["on"]


def test_an_encoder_is_estimated_by_its_own_sizes_and_tokens(asked: Any, tmp_path: Path) -> None:
    encoder = tiny_bert(tmp_path / "bert")
    config = asked("encoder-finetune", set={"encoder": str(encoder), "max_steps": 3})
    value = estimate(config, on="l4")
    assert value["seconds"] and value["memory_bytes"] and value["on"]["train_bytes"]
    folder = run(config).folder
    train = read_ledger(folder / "artifact-ledger.jsonl")[1]
    assert train.phase == "train"
    assert train.usage.input_tokens == pytest.approx(value["train_tokens"], rel=0.02)
    serve = sum(
        span.usage.input_tokens
        for span in read_ledger(folder / "ledger.jsonl")
        if span.phase == "serve"
    )
    assert serve == pytest.approx(value["test_input_tokens"], abs=2)
    record = read_record(folder)
    assert record.model and record.model.name == "bert" and record.model.architecture
    assert record.model.architecture.layers == 2 and record.readout == "classifier"
    cost = cost_of(folder, load_book(None), PriceOptions())
    assert cost.projection and cost.projection.gpu_hours_by_phase["train"] > 0
    other = make_plan(config.model_copy(update={"dtype": "float16"}))
    assert other.keys.artifact != record.keys.artifact


def test_a_search_of_an_encoder_takes_all_its_settings(asked: Any, tmp_path: Path) -> None:
    encoder = {"encoder": str(tiny_bert(tmp_path / "bert")), "max_steps": 3}
    one, eight = (estimate(asked("encoder-finetune", set=encoder, tune=tune)) for tune in (None, 8))
    assert eight["seconds"] > 3 * one["seconds"] and "8.0 settings" in eight["notes"]["tune"]


def test_an_encoder_that_isn_t_here_says_so(asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    value = estimate(asked("encoder-finetune", set={"encoder": "nobody/bert"}))
    assert value["seconds"] is None and "isn't here" in value["notes"]["train_tokens"]


def test_a_gpu_that_isn_t_in_the_book_is_said_first(asked: Any) -> None:
    with pytest.raises(UsageError, match="l5"):
        estimate(asked(), on="l5")
    with pytest.raises(UsageError, match="is no GPU"):
        estimate(asked(), on="aws-m7i.large")


def test_the_command_line_prints_it(asked: Any, tiny_llama: Path) -> None:
    table = asked().data.path
    common = [
        "run", "--strategy", "lora", "--model", str(tiny_llama), "--data", str(table), "--input",
        "text", "--target", "label", "--device", "cpu", "-q",
    ]  # fmt: skip
    shown = CliRunner().invoke(app, [*common, "--dry-run", "--on", "l40s"])
    assert shown.exit_code == 0, shown.output
    assert "on NVIDIA L40S" in shown.stdout and "fits" in shown.stdout
    alone = CliRunner().invoke(app, [*common, "--on", "l40s"])
    assert isinstance(alone.exception, UsageError) and "--dry-run" in str(alone.exception)
