"""Prompt tuning: what it learns, begins as, is read by peft as, and costs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
peft = pytest.importorskip("peft")

from soft_bench import Bench  # noqa: E402

from harness.models.local.soft_prompt import soft_prompt  # noqa: E402
from harness.records.ledger import read_ledger, totals  # noqa: E402
from harness.runs.lengths import window_of  # noqa: E402
from harness.runs.plan import make_plan  # noqa: E402


@pytest.fixture(scope="module", params=["llama", pytest.param("gemma3", marks=pytest.mark.slow)])
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp(request.param), request.param)


def test_it_learns_and_leaves_the_model_alone(bench: Bench):
    before = bench.digest()
    made = bench.prepared("prompt-tuning", max_steps=12, tokens=4, relative_rate=0.3)
    losses = [line["loss"] for line in made.training["history"]]
    assert losses[-1] < losses[0] - 0.1
    assert made.training["trainable_parameters"] == 4 * 64
    assert made.training["packed"]
    assert bench.digest() == before
    again = bench.prepared("prompt-tuning", max_steps=12, tokens=4, relative_rate=0.3)
    other = bench.prepared("prompt-tuning", seed=1, max_steps=12, tokens=4, relative_rate=0.3)
    assert again.scores() == made.scores()
    assert other.scores() != made.scores()


def test_peft_reads_what_is_written(bench: Bench):
    made = bench.prepared("prompt-tuning", max_steps=3, tokens=4)
    base = bench.load().module
    theirs = peft.PeftModel.from_pretrained(base, str(made.adapter)).eval()
    ours, ids = made.load().module, [7, 12, 9, 30, 41]
    soft = soft_prompt(ours)
    assert soft is not None
    learnt = list(range(soft.first, soft.first + 4))
    with torch.no_grad():
        expected = theirs(input_ids=torch.tensor([ids])).logits[0, 4:]
        found = ours(input_ids=torch.tensor([learnt + ids])).logits[0, 4:]
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)


def test_batches_change_no_answer(bench: Bench, monkeypatch: Any):
    made = bench.prepared("prompt-tuning", max_steps=3, tokens=4)
    assert made.scores(batch=1) == pytest.approx(made.scores(), abs=1e-4)


@pytest.mark.parametrize("begin", ["instructions", "vocabulary"])
def test_what_it_begins_as(bench: Bench, begin: str):
    made = bench.prepared("prompt-tuning", max_steps=1, learning_rate=1e-9, tokens=30, begin=begin)
    soft = soft_prompt(made.load().module)
    assert soft is not None
    words = soft.embedding(torch.arange(soft.first)).float()
    near = (soft.source.weight[:, None] - words).detach().norm(dim=-1)
    assert float(near.min(1).values.max()) < 1e-3  # each vector is a word's
    chosen = near.argmin(1).tolist()
    tokens = made.load().tokenizer("Did it go up or down?", add_special_tokens=False).input_ids
    assert (chosen == (tokens * 30)[:30]) == (begin == "instructions")


def test_the_default_rate_goes_with_the_size_of_the_words(bench: Bench):
    made = bench.prepared("prompt-tuning", max_steps=1, relative_rate=0.5)
    soft = soft_prompt(made.load().module)
    assert soft is not None
    size = soft.embedding(torch.arange(soft.first)).float().square().mean().sqrt()
    assert made.training["learning_rate"] == pytest.approx(0.5 * float(size.detach()), rel=1e-4)


def test_learnt_tokens_are_computed_and_no_input(bench: Bench):
    lines = {}
    for tokens in (4, 14):
        made = bench.prepared("prompt-tuning", max_steps=2, tokens=tokens)
        lines[tokens] = totals(read_ledger(made.ledger))["train"]
    few, many = lines[4], lines[14]
    assert many.usage.input_tokens == few.usage.input_tokens
    assert many.usage.computed_tokens == few.usage.computed_tokens + 2 * 10  # once a batch
    assert set(totals(read_ledger(made.ledger))) == {"load", "train", "save"}


def test_an_interrupted_training_ends_as_one_that_was_not(bench: Bench):
    options = {"max_steps": 6, "tokens": 4, "checkpoint_every": 1}
    whole = bench.prepared("prompt-tuning", **options)
    resumed = bench.prepared("prompt-tuning", stop_after=3, **options)
    assert resumed.scores() == whole.scores()
    assert [line["loss"] for line in resumed.training["history"]] == pytest.approx(
        [line["loss"] for line in whole.training["history"]]
    )


def test_the_folder_is_safe_and_small(bench: Bench):
    made = bench.prepared("prompt-tuning", max_steps=1, tokens=4)
    assert {path.name for path in Path(made.adapter).iterdir()} == {
        "adapter_config.json", "adapter_model.safetensors",
    }  # fmt: skip
    config = json.loads((made.adapter / "adapter_config.json").read_text(encoding="utf-8"))
    assert (config["peft_type"], config["num_virtual_tokens"]) == ("PROMPT_TUNING", 4)


@pytest.mark.slow
@pytest.mark.parametrize(
    "strategy", [("prompt-tuning", {"tokens": 4}), ("peft", {"method": "prefix"})]
)
def test_recomputed_activations_change_no_loss(bench: Bench, strategy: Any):
    name, values = strategy
    usual = bench.prepared(name, max_steps=3, **values)
    again = bench.prepared(name, max_steps=3, checkpointing=True, **values)
    found, expected = (
        [line["loss"] for line in made.training["history"]] for made in (again, usual)
    )
    assert found == pytest.approx(expected, abs=1e-4)


def test_rows_leave_room_for_the_learnt_tokens(bench: Bench):
    config = bench.config.model_copy(update={"strategy": "prompt-tuning", "set": {"tokens": 30}})
    window = window_of(make_plan(config))
    assert window is not None and window.limit == bench.load().context_length - 30
