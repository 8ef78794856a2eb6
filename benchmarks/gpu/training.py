"""QLoRA by the reference recipe, LoRA of the same model, full fine-tuning of a smaller one.

Each goes the way of a run: the strategy's own `fit` loads, attaches, trains, writes checkpoints
and saves; what it saved is loaded again and asked.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping
from typing import Any

from benchmarks.gpu import shapes, work
from benchmarks.gpu.measure import Facts, Setting, ledger, measured
from benchmarks.gpu.shapes import Shape
from harness.costs.workload import Training
from harness.errors import HarnessError
from harness.models.render import Encoded
from harness.records.model import Architecture
from harness.runs.workloads import training_of
from harness.strategy.base import Pairs, Weights
from harness.strategy.context import Context, CountedRows
from harness.strategy.registry import create_strategy
from harness.task.task import load_task

__all__ = ["full", "lora", "qlora"]

ADAPTER = {"rank": 32, "alpha": 32, "learning_rate": 2e-4}
"""The reference recipe's; its targets are QLoRA's."""
WORDS, ANSWER = 210, 65  # about 480 tokens a row, a fifth of them the answer's


def qlora(setting: Setting) -> dict[str, Any]:
    """The reference recipe on the 7B shape: NF4, paged optimizer, recomputed activations."""
    steps = setting.pick(30, 2)
    changed = {"preset": "reference", "max_steps": steps, "checkpoint_every": steps // 2}
    return _trained(setting, shapes.LARGE, "qlora", changed)


def lora(setting: Setting) -> dict[str, Any]:
    """LoRA on the 7B shape in 16 bits."""
    reference: Any = create_strategy("qlora", {"preset": "reference"})
    changed = ADAPTER | {"targets": reference.weights.targets, "max_steps": setting.pick(30, 2)}
    return _trained(setting, shapes.LARGE, "lora", changed | {"batch_size": setting.pick(8, 2)})


def full(setting: Setting) -> dict[str, Any]:
    """All weights of the 1B shape, with float32 masters."""
    sizes = {"max_steps": setting.pick(60, 2), "batch_size": setting.pick(8, 2)}
    return _trained(setting, shapes.SMALL, "full-finetune", sizes)


def _trained(
    setting: Setting, shape: Shape, name: str, parameters: Mapping[str, Any]
) -> dict[str, Any]:
    """Trains, loads what was saved, and asks it.

    Raises:
        HarnessError: The training or the loaded model gave something that is no number.
    """
    shape = setting.pick(shape, shapes.tiny(shape))
    folder = shape.folder(setting.work, setting.device)
    strategy: Any = create_strategy(name, parameters)
    weights = strategy.weights
    artifact = setting.work / name
    shutil.rmtree(artifact, ignore_errors=True)
    path = artifact / "ledger.jsonl"
    seen: dict[str, Any] = {}
    context = _context(setting, folder, path, seen)
    rows = work.pairs(setting.pick(64, 8), setting.pick(WORDS, 12), setting.pick(ANSWER, 4))
    weights.fit(context, Pairs(lambda: rows, lambda: []))
    served = weights.load(context)
    encoded = [served.encode(pair.prompt, pair.target) for pair in rows]
    result = context.details["training"]
    asked = list(served.score(work.score_requests(4, 8)))
    values = [result["final_loss"], *(value for one in asked for value in one.logprobs)]
    if not all(map(math.isfinite, values)):
        raise HarnessError(f"{name} trained to a loss or to answers that are no numbers")
    sizes: Architecture = seen["architecture"]
    full_ = name == "full-finetune"
    facts = Facts(
        phase="train",
        strategy=name,
        architecture=sizes,
        predicted_bytes=_training(weights, encoded).memory(sizes).total,
        weights="float32" if full_ else weights.quantization or setting.device.dtype,
        details={
            "model": shape.name,
            "parameters": sizes.parameters,
            "steps": result["steps"],
            "rows_of_a_step": weights.batch_size * weights.accumulation,
            "mean_length": sum(len(row.ids) for row in encoded) / len(encoded),
            "optimizer": result["optimizer"],
            "losses": [result["history"][0]["loss"], result["final_loss"]],
        },
    )
    return measured(setting, path, facts)


def _context(setting: Setting, folder: Any, path: Any, seen: dict[str, Any]) -> Context:
    from harness.models.local.model import load_local

    def load(base: Any = None, **options: Any) -> Any:
        model = load_local(base or folder, device=setting.device, **options)
        seen["architecture"] = model.info.architecture
        return model

    return Context(
        task=load_task("fpb").view,
        train=CountedRows([]),
        dev=CountedRows([]),
        artifact=path.parent,
        ledger=ledger(setting, path),
        seed=0,
        readout="loglikelihood",
        loader=load,
    )


def _training(weights: Weights, rows: list[Encoded]) -> Training:
    """Puts the training into quantities, for its memory by formula."""
    planned = weights.workload()
    assert planned is not None
    lengths = [len(row.ids) for row in rows]
    labels = [len(row.ids) - row.prompt_length for row in rows]
    training = training_of(planned, len(rows), lengths, labels, weights.quantization)
    assert training is not None
    return training
