import pytest
import torch

from harness import devices
from harness.errors import TrainingDiverged
from harness.ledger import Ledger
from harness.models.local import load_local
from harness.training.batches import plan_steps
from harness.training.loop import _Trainer, learning_rate, train
from harness.training.recipe import Recipe
from harness.types import Prompt, Section


@pytest.fixture
def setting(tiny_llama, tmp_path):
    device = devices.select("cpu", "float32")

    def make():
        model = load_local(tiny_llama, device=device)
        model.module.requires_grad_(True)
        rows = [
            model.encode(Prompt((Section("question", f"question {n}"),)), f"answer {n % 3}")
            for n in range(8)
        ]
        return model, rows

    def fit(recipe, folder="a", **more):
        model, rows = make()
        ledger = Ledger(tmp_path / f"{folder}.jsonl")
        with ledger.phase("train") as spend:
            result = train(
                model.module, rows, recipe=recipe, device=device.torch, seed=1,
                pad_id=model.pad_id, checkpoint_dir=tmp_path / folder, ledger=ledger,
                spend=spend, **more,
            )  # fmt: skip
        return model, result

    return make, fit


def test_the_loss_is_that_of_transformers_over_the_answers(setting):
    make, _ = setting
    model, rows = make()
    trainer = _Trainer(model.module, rows, Recipe(), torch.device("cpu"), 0, model.pad_id, ())
    losses = []
    for row in rows:
        ids = torch.tensor([row.ids])
        labels = ids.clone()
        labels[0, : row.prompt_length] = -100
        count = len(row.ids) - row.prompt_length
        losses.append(model.module(input_ids=ids, labels=labels).loss.item() * count)
    assert trainer._loss(rows).item() == pytest.approx(sum(losses), rel=1e-4)


def test_it_learns(setting):
    _, fit = setting
    _, result = fit(Recipe(max_steps=60, batch_size=8, learning_rate=5e-3))
    assert result.final_loss < 0.2 < result.history[0]["loss"]


def test_accumulation_is_one_larger_batch(setting):
    _, fit = setting
    one, _ = fit(Recipe(max_steps=1, batch_size=8), "one")
    two, _ = fit(Recipe(max_steps=1, batch_size=4, accumulation=2), "two")
    for a, b in zip(one.module.parameters(), two.module.parameters(), strict=True):
        assert torch.allclose(a, b, atol=1e-4)


def test_an_interrupted_training_ends_as_an_uninterrupted_one(setting):
    _, fit = setting
    recipe = Recipe(max_steps=6, batch_size=4)
    whole, _ = fit(recipe, "whole")
    asked = iter([False, False, True])
    with pytest.raises(KeyboardInterrupt):
        fit(recipe, "cut", should_stop=lambda: next(asked))
    resumed, result = fit(recipe, "cut")
    assert result.steps == 6
    for a, b in zip(whole.module.parameters(), resumed.module.parameters(), strict=True):
        assert torch.equal(a, b)


def test_a_loss_that_is_no_number_stops(setting):
    _, fit = setting
    with pytest.raises(TrainingDiverged, match="step"):
        fit(Recipe(max_steps=50, learning_rate=1e30, max_grad_norm=1e30, warmup_ratio=0))


def test_the_plan_holds_each_row_once_an_epoch():
    plan = plan_steps([5, 9, 2, 7, 7], Recipe(epochs=2, batch_size=2), seed=3)
    rows = sorted(row for step in plan for batch in step for row in batch)
    assert rows == sorted([0, 1, 2, 3, 4] * 2)
    assert plan == plan_steps([5, 9, 2, 7, 7], Recipe(epochs=2, batch_size=2), seed=3)


def test_the_schedule_warms_up_and_falls():
    recipe = Recipe(learning_rate=1.0, warmup_ratio=0.1)
    rates = [learning_rate(step, 100, recipe) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == pytest.approx(1.0)
    assert rates[-1] < 0.01
