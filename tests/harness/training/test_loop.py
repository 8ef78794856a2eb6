import shutil
from contextlib import nullcontext
from unittest.mock import Mock

import numpy as np
import pytest
import torch
from peft import LoraConfig, get_peft_model
from tiny_models import with_adapter

from harness import devices
from harness.errors import HarnessError, TrainingDiverged
from harness.models.local.forward import inference_mode
from harness.models.local.model import load_local
from harness.models.local.packing import packing
from harness.records.ledger import Ledger, read_ledger, totals
from harness.training.checkpoints import load_checkpoint, save_checkpoint
from harness.training.kbit import prepare_kbit
from harness.training.loop import REPEATED, _Trainer, train
from harness.training.optimizers import Masters, learning_rate, make_optimizer
from harness.training.recipe import Recipe, plan_steps
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


@pytest.mark.parametrize("packed", [True, False])
def test_the_loss_is_that_of_transformers_over_the_answers(setting, packed):
    make, _ = setting
    model, rows = make()
    trainer = _Trainer(model.module, rows, Recipe(), torch.device("cpu"), 0, model.pad_id, ())
    assert trainer.packs
    trainer.packs = packed
    losses = []
    for row in rows:
        ids = torch.tensor([row.ids])
        labels = ids.clone()
        labels[0, : row.prompt_length] = -100
        count = len(row.ids) - row.prompt_length
        losses.append(model.module(input_ids=ids, labels=labels).loss.item() * count)
    with packing(model.module) if packed else nullcontext():
        loss, ran = trainer._loss(rows)
    assert loss.item() == pytest.approx(sum(losses), rel=1e-4)
    lengths = [len(row.ids) - 1 for row in rows]
    assert ran < sum(lengths) if packed else ran == len(rows) * max(lengths)


def plain_loop(model, rows, recipe, seed):
    """What anybody would write: pad, let transformers take the loss, step."""
    trained = [p for p in model.module.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=recipe.peak, weight_decay=recipe.weight_decay)
    plan = plan_steps([len(row.ids) for row in rows], recipe, seed)
    model.module.train()
    losses = []
    for step, batches in enumerate(plan):
        optimizer.param_groups[0]["lr"] = learning_rate(step, len(plan), recipe)
        (chosen,) = batches
        width = max(len(rows[row].ids) for row in chosen)
        ids = torch.tensor([rows[r].ids + [0] * (width - len(rows[r].ids)) for r in chosen])
        labels = torch.full_like(ids, -100)
        for line, row in enumerate(chosen):
            answer = slice(rows[row].prompt_length, len(rows[row].ids))
            labels[line, answer] = ids[line, answer]
        loss = model.module(
            input_ids=ids, attention_mask=(labels > -200).long(), labels=labels
        ).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, recipe.max_grad_norm)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses


KINDS = {"full": None, "lora": None, "qlora": "nf4"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("folder", ["tiny_llama", "tiny_gemma3"])
def test_the_loss_curve_is_that_of_a_plain_loop(request, tmp_path, folder, kind):
    device = devices.select("cpu", "float32")
    recipe = Recipe(max_steps=6, batch_size=4, learning_rate=1e-2, weight_decay=0.1)
    curves = []
    for way in ("plain", "ours"):
        folder_ = request.getfixturevalue(folder)
        model = load_local(folder_, device=device, quantization=KINDS[kind])
        model.module.requires_grad_(kind == "full")
        if kind != "full":
            model.module = with_adapter(model.module, "lora")
        rows = [
            model.encode(Prompt((Section("question", f"{'profit ' * (n % 4)} {n}"),)), f"up {n}")
            for n in range(10)
        ]
        if way == "plain":
            curves.append(plain_loop(model, rows, recipe, 1))
            continue
        ledger = Ledger(tmp_path / "ledger.jsonl")
        with ledger.phase("train") as spend:
            result = train(
                model.module, rows, recipe=recipe, device=device.torch, seed=1,
                pad_id=model.pad_id, checkpoint_dir=tmp_path / "a", ledger=ledger, spend=spend,
            )  # fmt: skip
        assert result.packed
        assert spend.usage.computed_tokens < spend.usage.input_tokens
        curves.append([line["loss"] for line in result.history])
    assert curves[1] == pytest.approx(curves[0], rel=2e-4)
    assert curves[0][-1] != pytest.approx(curves[0][0], rel=0.01)


def test_dropout_falls_on_each_row_alone(setting):
    make, _ = setting
    model, rows = make()
    model.module.requires_grad_(False)
    config = LoraConfig(r=4, target_modules=["q_proj"], lora_dropout=0.5, task_type="CAUSAL_LM")
    module = get_peft_model(model.module, config)
    trainer = _Trainer(module, rows, Recipe(), torch.device("cpu"), 0, model.pad_id, ())
    module.train()
    with packing(module):
        _, apart = trainer._loss(rows)
        module.eval()
        _, shared = trainer._loss(rows)
    assert shared < apart == sum(len(row.ids) - 1 for row in rows)


def test_narrow_weights_learn_through_float32_masters(tiny_llama, tmp_path):
    model = load_local(tiny_llama, device=devices.select("cpu", "bfloat16"))
    model.module.requires_grad_(True)
    rows = [model.encode(Prompt((Section("question", f"q {n}"),)), "answer") for n in range(8)]
    recipe = Recipe(max_steps=40, batch_size=8, learning_rate=2e-3)
    ledger = Ledger(tmp_path / "ledger.jsonl")
    with ledger.phase("train") as spend:
        result = train(
            model.module, rows, recipe=recipe, device=torch.device("cpu"), seed=1,
            pad_id=model.pad_id, checkpoint_dir=tmp_path / "a", ledger=ledger, spend=spend,
        )  # fmt: skip
    assert {p.dtype for p in model.module.parameters()} == {torch.bfloat16}
    assert all(p.grad is None for p in model.module.parameters())
    assert result.final_loss < 0.5 < result.history[0]["loss"]


def test_masters_keep_updates_that_bf16_would_lose():
    module = torch.nn.Linear(4, 1, bias=False).to(torch.bfloat16)
    with torch.no_grad():
        module.weight.fill_(1.0)
    masters = Masters(module)
    optimizer = torch.optim.SGD(masters.weights.values(), lr=2**-10)
    for _ in range(8):  # each step is an eighth of what bf16 can tell from 1
        module(torch.ones(1, 4, dtype=torch.bfloat16)).sum().backward()
        optimizer.step()
        optimizer.zero_grad()
        masters.publish()
    assert masters.weights["weight"].flatten().tolist() == [1 - 2**-7] * 4
    assert module.weight.flatten().tolist() == [1 - 2**-7] * 4


def test_batches_hold_rows_of_like_length_in_random_order():
    lengths = np.random.default_rng(0).lognormal(4, 0.4, 2000).astype(int) + 1
    recipe = Recipe(epochs=1, batch_size=16)
    plan = [step[0] for step in plan_steps(lengths.tolist(), recipe, seed=0)]
    padded = sum(len(batch) * lengths[batch].max() for batch in plan)
    assert padded < 1.2 * lengths.sum()
    means = np.array([lengths[batch].mean() for batch in plan])
    assert abs(np.corrcoef(means[:-1], means[1:])[0, 1]) < 0.3
    other = [step[0] for step in plan_steps(lengths.tolist(), recipe, seed=1)]
    company = [set(batch) for batch in other]
    stay = max(len(company[n] & set(batch)) for batch in plan for n in range(len(company)))
    assert stay <= 5  # another order brings other rows together


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


def test_a_killed_training_counts_what_its_checkpoint_kept(setting, tmp_path):
    _, fit = setting
    recipe = Recipe(max_steps=8, batch_size=4, checkpoint_every=3)
    fit(recipe, "whole")
    kills = iter([(5, "first"), (7, "second")])
    at, name = next(kills)

    def log(line):
        """Copies what is on disk at a step, as a kill would leave it."""
        if line.step == at:
            shutil.copytree(tmp_path / "cut", tmp_path / name)
            shutil.copyfile(tmp_path / "cut.jsonl", tmp_path / f"{name}.jsonl")

    fit(Recipe(**dict(recipe) | {"log_every": 1}), "cut", on_log=log)
    _, result = fit(recipe, "first")
    assert result.steps == 8
    spans = [
        totals(read_ledger(tmp_path / f"{name}.jsonl"))["train"] for name in ("whole", "first")
    ]
    whole, resumed = spans
    assert resumed.attempts == 2
    # The kill came before a sign of life: steps 4 and 5 are neither kept nor counted.
    assert resumed.usage == whole.usage and resumed.quantities == whole.quantities


def test_steps_that_are_taken_again_are_named(setting, tmp_path, monkeypatch):
    _, fit = setting
    recipe = Recipe(max_steps=8, batch_size=4, checkpoint_every=3, log_every=1)
    fit(recipe, "whole")
    for stop in (5, 7, 8):  # after steps 3 and 6 a checkpoint was written

        def fail(line, stop=stop):
            if line.step == stop:
                raise RuntimeError("cut off")

        with pytest.raises(RuntimeError, match="cut off"):
            fit(recipe, "cut", on_log=fail)
    fit(recipe, "cut")
    whole, cut = (totals(read_ledger(tmp_path / f"{n}.jsonl"))["train"] for n in ("whole", "cut"))
    assert cut.quantities[REPEATED] == 2 + 1 + 2
    assert cut.quantities["steps"] - cut.quantities[REPEATED] == whole.quantities["steps"] == 8
    assert cut.usage.scored_positions > whole.usage.scored_positions


def starve(monkeypatch, rows, when=lambda calls: True):
    """Lets memory run out in the backward pass of more rows than that."""
    loss, calls = _Trainer._loss, []

    def starved(self, some):
        calls.append(len(some))
        total, ran = loss(self, some)
        if len(some) > rows and when(calls):
            total.register_hook(out_of_memory)
        return total, ran

    monkeypatch.setattr(_Trainer, "_loss", starved)
    return calls


def out_of_memory(gradient):
    raise torch.OutOfMemoryError("CUDA out of memory")


def test_memory_that_runs_out_halves_the_micro_batch(setting, monkeypatch):
    _, fit = setting
    recipe = Recipe(max_steps=2, batch_size=4, accumulation=2)
    _, whole = fit(recipe, "whole")
    # not at the first micro-batch: the gradients of those before it are thrown away too
    calls = starve(monkeypatch, 2, when=lambda calls: len(calls) > 1)
    _, halved = fit(recipe, "halved")
    assert calls == [4, 4, 2, 2, 2, 2, 2, 2, 2, 2]
    losses = [[line["loss"] for line in result.history] for result in (whole, halved)]
    assert losses[1] == pytest.approx(losses[0], rel=1e-4)


def test_halving_is_counted_and_what_was_thrown_away_is_not(setting, monkeypatch, tmp_path):
    _, fit = setting
    fit(Recipe(max_steps=1, batch_size=8), "whole")
    starve(monkeypatch, 2)
    fit(Recipe(max_steps=1, batch_size=8), "halved")
    whole, halved = (read_ledger(tmp_path / f"{name}.jsonl")[0] for name in ("whole", "halved"))
    assert "halvings" not in whole.quantities and halved.quantities["halvings"] == 2
    assert whole.usage.input_tokens == halved.usage.input_tokens
    # what all prompts begin with runs once a micro-batch
    assert whole.usage.computed_tokens < halved.usage.computed_tokens
    assert halved.usage.computed_tokens < 2 * whole.usage.computed_tokens


def test_a_single_row_that_is_too_large_says_what_to_do(setting, monkeypatch):
    _, fit = setting
    starve(monkeypatch, 0)
    with pytest.raises(HarnessError, match="micro-batches of 1 rows"):
        fit(Recipe(max_steps=1, batch_size=4))


@pytest.mark.parametrize("name", ["paged_adamw_32bit", "adamw_8bit"])
def test_the_state_of_bitsandbytes_survives_a_checkpoint(tmp_path, name):
    """Its `state_dict` hides tensors in a dictionary, and 8-bit weights share a table."""
    pytest.importorskip("bitsandbytes")
    recipe = Recipe(optimizer=name, learning_rate=1e-2)
    ends = []
    for cut in (False, True):
        torch.manual_seed(0)
        weights = {key: torch.nn.Parameter(torch.randn(80, 80)) for key in "ab"}
        optimizer, _ = make_optimizer(weights, recipe)
        for step in range(4):
            if cut and step == 2:
                save_checkpoint(tmp_path / name, weights, optimizer, None, {"result": {}})
                weights = {key: torch.nn.Parameter(torch.zeros(80, 80)) for key in "ab"}
                optimizer, _ = make_optimizer(weights, recipe)
                asked = Mock(wraps=optimizer.get_state_buffer)
                optimizer.get_state_buffer = asked
                load_checkpoint(tmp_path / name, weights, optimizer)
                assert asked.call_count == (4 if name.startswith("paged") else 0)
            for number, weight in enumerate(weights.values()):
                weight.grad = torch.full((80, 80), 0.1 * step + number + 0.5)
            optimizer.step()
        ends.append(weights)
    assert all(torch.equal(ends[0][key], ends[1][key]) for key in "ab")


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


def test_a_look_at_the_dev_loss_leaves_4_bit_weights_trainable(tiny_llama):
    model = load_local(tiny_llama, device=devices.select("cpu", "bfloat16"), quantization="nf4")
    prepare_kbit(model.module, checkpointing=False, float32_rest=False)
    model.module = with_adapter(model.module, "lora")
    row = model.encode(Prompt((Section("question", "net profit"),)), "up")

    def slopes():
        model.module.zero_grad()
        model.module.train()
        model.module(input_ids=torch.tensor([row.ids])).logits.float().logsumexp(
            -1
        ).sum().backward()
        return {n: p.grad.clone() for n, p in model.module.named_parameters() if p.requires_grad}

    before = slopes()
    with inference_mode(model.module):
        model.module(input_ids=torch.tensor([row.ids]))
    after = slopes()
    assert all(torch.equal(before[name], after[name]) for name in before)
