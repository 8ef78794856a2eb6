"""Weights of a user's own: estimated by what they declare, never by what they seem to be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.config import DataSource, RunConfig, run_config
from harness.costs.projection import phase_flops
from harness.records.ledger import read_ledger, totals
from harness.runs import estimate as estimating
from harness.runs.estimate import estimate
from harness.runs.runner import run
from harness.strategy.base import Frozen, Weights
from harness.strategy.registry import create_strategy
from harness.strategy.training_plan import UNTRAINED, TrainingPlan

pytest.importorskip("transformers")
OWN = '''
"""Trains one kind of projection, a row at a time, with plain gradient descent."""
from typing import ClassVar

import torch
from safetensors.torch import load_file, save_file

from harness.strategy import Pairs, TrainingPlan, Weights
from harness.training.losses import answer_loss


class Undeclared(Weights):
    name: ClassVar[str] = "undeclared"
    summary: ClassVar[str] = "trains, and doesn't say how much"
    needs: ClassVar[frozenset[str]] = frozenset({"model", "train"})

    passes: int = 3
    used: int = 20

    def fit(self, context, pairs: Pairs) -> None:
        model = context.load_model()
        learning = self.learning(model.module)
        model.module.requires_grad_(False)
        for weight in learning.values():
            weight.requires_grad_(True)
        rows = [model.encode(pair.prompt, pair.target) for pair in pairs.train()[: self.used]]
        optimizer = torch.optim.SGD(learning.values(), lr=0.1)
        with context.ledger.phase("train") as spend:
            spend.count(trainable_parameters=sum(weight.numel() for weight in learning.values()))
            for row in rows * self.passes:
                loss, _ = answer_loss(model.module, [row], model.pad_id, model.device.torch)
                loss.backward()
                optimizer.step()
                optimizer.zero_grad()
                spend.usage.input_tokens += len(row.ids)
                spend.usage.scored_positions += len(row.ids) - row.prompt_length
                spend.count(sequences=1)
        kept = {name: weight.detach() for name, weight in learning.items()}
        save_file(kept, context.artifact / "own.safetensors")

    def load(self, context):
        model = context.load_model()
        model.module.load_state_dict(load_file(context.artifact / "own.safetensors"), strict=False)
        return model

    @staticmethod
    def learning(module):
        return {name: w for name, w in module.named_parameters() if "down_proj" in name}


class Declared(Undeclared):
    name: ClassVar[str] = "declared"
    summary: ClassVar[str] = "trains, and says how much"

    trained: int

    def workload(self) -> TrainingPlan:
        return TrainingPlan("adapters", self.passes, rows=self.used, trainable=self.trained)
'''


@pytest.fixture
def asked(tmp_path: Path, tiny_llama: Path) -> Any:
    (tmp_path / "own.py").write_text(OWN, encoding="utf-8")
    table = tmp_path / "rows.csv"
    lines = [f"profit rose {n},up\nsales fell {n},down" for n in range(40)]
    table.write_text("text,label\n" + "\n".join(lines) + "\n", encoding="utf-8")

    def config(name: str, **settings: Any) -> RunConfig:
        return run_config(
            strategy=f"{tmp_path / 'own.py'}:{name}", model=str(tiny_llama), device="cpu",
            data=DataSource(path=table, input="text", target="label"), dtype="float32",
            results=tmp_path / "results", set=settings, latency=False,
        )  # fmt: skip

    return config


def down_projections(folder: Path) -> int:
    """How many weights the tiny model's ``down_proj`` have, counted in its file."""
    from safetensors import safe_open

    with safe_open(folder / "model.safetensors", "pt") as file:
        names = [name for name in file.keys() if "down_proj" in name]  # noqa: SIM118
        return sum(file.get_tensor(name).numel() for name in names)


def test_declared_weights_are_estimated_as_they_are_measured(
    asked: Any, tiny_llama: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = asked("Declared", trained=down_projections(tiny_llama))
    given: list[Any] = []
    here = estimating.here
    monkeypatch.setattr(estimating, "here", lambda *args: given.append(args) or here(*args))
    value = estimate(config, on="l4")
    _, workload, architecture, *_ = given[0]
    train = totals(read_ledger(run(config).folder / "artifact-ledger.jsonl"))["train"]
    assert train.quantities["sequences"] == 60  # 3 passes over 20 rows
    assert value["train_tokens"] == pytest.approx(train.usage.input_tokens, rel=0.01)
    measured = phase_flops("train", train, architecture)
    assert workload.training.flops(architecture) == pytest.approx(measured, rel=0.03)
    assert workload.training.trainable(architecture) == train.quantities["trainable_parameters"]
    assert workload.training.steps == 60
    assert value["seconds"] > 0 and value["on"]["development_usd"] > 0


def test_undeclared_weights_that_train_are_not_known(asked: Any) -> None:
    value = estimate(asked("Undeclared"), on="l4")
    reason = "not known: declare workload() of Undeclared"
    assert value["notes"]["train_tokens"] == value["notes"]["on"] == reason
    assert value["train_tokens"] is value["seconds"] is value["memory_bytes"] is None
    assert "on" not in value and value["test_input_tokens"] > 0


def test_weights_without_a_fit_of_their_own_are_untrained() -> None:
    class Elsewhere(Weights):
        pass

    assert Frozen().workload() == Elsewhere().workload() == UNTRAINED
    assert UNTRAINED.sequences(100) == 0


@pytest.mark.parametrize(
    ("plan", "sequences"),
    [
        (TrainingPlan(epochs=2), 200),
        (TrainingPlan(epochs=0.5), 50),
        (TrainingPlan(epochs=2, rows=30), 60),
        (TrainingPlan(epochs=2, rows=300), 200),
        (TrainingPlan(max_steps=60, batch_size=2, accumulation=2), 240),
    ],
)
def test_how_often_a_row_goes_through_the_model(plan: TrainingPlan, sequences: float) -> None:
    assert plan.sequences(100) == sequences


@pytest.mark.parametrize(
    ("strategy", "parameters", "method"),
    [("full-finetune", {}, "full"), ("lora", {"rank": 4}, "lora"), ("qlora", {"rank": 4}, "qlora")],
)
def test_built_in_weights_declare_their_recipe(
    strategy: str, parameters: dict[str, Any], method: str
) -> None:
    made: Any = create_strategy(strategy, parameters | {"epochs": 3, "checkpointing": True})
    plan = made.weights.workload()
    assert (plan.method, plan.rank) == (method, parameters.get("rank", 0))
    assert (plan.epochs, plan.recompute, plan.batch_size) == (3, True, 16)
    assert bool(plan.targets) == (method != "full")
