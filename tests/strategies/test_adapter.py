"""Bottleneck adapters as a strategy: what a run of it trains, counts and gives again."""

from __future__ import annotations

import json

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("peft")

from units import context  # noqa: E402

from harness import devices  # noqa: E402
from harness.costs.flops import training_flops  # noqa: E402
from harness.models.base import Pair  # noqa: E402
from harness.models.local.model import load_local  # noqa: E402
from harness.models.local.tiny import tiny_llama  # noqa: E402
from harness.records.ledger import read_ledger, totals  # noqa: E402
from harness.runs.workloads import training_of  # noqa: E402
from harness.strategy.base import Pairs  # noqa: E402
from harness.types import Prompt, Section  # noqa: E402
from strategies.adapter import Adapter  # noqa: E402

CPU = devices.select("cpu", "float32")


def _pairs(count=8):
    def prompt(n):
        return Prompt((Section("question", f"was unit {n} up or down"),))

    return [Pair(str(n), prompt(n), "up" if n % 2 else "down") for n in range(count)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_llama(tmp_path_factory.mktemp("llama"))


def _fit(folder, room, seed=0, **parameters):
    """Trains in a folder; returns the adapter's bytes and the context."""
    made = context(
        room, seed, loader=lambda base=None, **options: load_local(folder, device=CPU, **options)
    )
    strategy = Adapter(**{"batch_size": 4, "max_steps": 4, "evaluations": 1, **parameters})
    strategy.fit(made, Pairs(_pairs, lambda: _pairs(2)))
    return (room / "adapter" / "bottleneck.safetensors").read_bytes(), made


def test_the_same_seed_gives_the_same_adapter_and_another_one_another(folder, tmp_path):
    first, _ = _fit(folder, tmp_path / "a")
    assert first == _fit(folder, tmp_path / "b")[0]
    assert first != _fit(folder, tmp_path / "c", seed=1)[0]


def test_a_killed_training_goes_on_to_the_same_adapter(folder, tmp_path, monkeypatch):
    import harness.training.loop as loop

    whole, _ = _fit(folder, tmp_path / "whole")
    rate = loop.learning_rate

    def killed(step, steps, recipe):
        if step == 2:
            raise KeyboardInterrupt
        return rate(step, steps, recipe)

    monkeypatch.setattr(loop, "learning_rate", killed)
    with pytest.raises(KeyboardInterrupt):
        _fit(folder, tmp_path / "cut", checkpoint_every=1)
    monkeypatch.setattr(loop, "learning_rate", rate)
    resumed, made = _fit(folder, tmp_path / "cut", checkpoint_every=1)
    assert resumed == whole
    assert made.details["training"]["steps"] == 4


def test_a_training_is_in_the_ledger_and_its_plan_foresees_it(folder, tmp_path):
    _, made = _fit(folder, tmp_path / "run")
    spent = totals(read_ledger(tmp_path / "run" / "ledger.jsonl"))
    assert set(spent) == {"load", "train", "validate", "save"}
    train, strategy = spent["train"], Adapter(batch_size=4, max_steps=4)
    model = load_local(folder, device=CPU)
    sizes = model.info.architecture
    rows = [model.encode(pair.prompt, pair.target) for pair in _pairs()]
    labels = [len(row.ids) - row.prompt_length for row in rows]
    plan = training_of(strategy.workload(), 8, [len(row.ids) for row in rows], labels, None)
    trained = train.quantities["trainable_parameters"]
    assert plan.trainable(sizes) == trained == made.details["training"]["trainable_parameters"]
    assert plan.tokens == train.usage.input_tokens
    products = 4 * sizes.trunk_parameters + 6 * trained
    assert training_flops(sizes, tokens=1, method="adapters", trainable=trained) == products
    assert made.details["training"]["adapted"] == (
        "self_attn_adapter, mlp_adapter in 2 of 2 layers"
    )


def test_it_says_what_it_saved(folder, tmp_path):
    _fit(folder, tmp_path / "run", kind="pfeiffer", reduction=8, activation="relu")
    said = json.loads((tmp_path / "run" / "adapter" / "bottleneck.json").read_text())
    assert said == {"kind": "pfeiffer", "reduction": 8, "activation": "relu"}
    assert Adapter().floor("classification") == 120 and Adapter(min_steps=7).floor("qa") == 7
