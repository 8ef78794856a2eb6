"""``--dry-run``: what a run would do, and about how much it would take."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.config import RunConfig
from harness.context import Monitor
from harness.costs.flops import inference_flops, training_flops
from harness.costs.memory import TrainingSetup, inference_memory, training_memory
from harness.ledger import Ledger
from harness.loading import loader_of
from harness.models.base import Architecture
from harness.models.endpoint import Endpoint
from harness.planning import Plan, make_plan
from harness.runner import context_of
from harness.store import ARTIFACT, RUN
from harness.strategy import Adaptation
from harness.types import Prompt, Row

__all__ = ["estimate"]

SAMPLE = 64
"""Rows whose prompts are tokenised; the mean is taken for the rest."""
UTILISATION = 0.25
"""Share of a large matrix product's speed that training and scoring reach, roughly."""


def estimate(config: RunConfig, monitor: Monitor | None = None) -> dict[str, Any]:
    """Says what would run, without training, answering, or fetching anything.

    Args:
        config: What would run.
        monitor: Is told of what is looked up.

    Returns:
        Items, tokens by the model's own tokenizer, seconds and bytes; unknown ones are None with
        a reason in ``notes``.
    """
    plan = make_plan(config, monitor, fetch=False)
    rows, notes = plan.rows, {}
    value: dict[str, Any] = {
        "task": plan.task.name,
        "strategy": config.strategy,
        "parameters": json.dumps(plan.strategy.describe(), ensure_ascii=False),
        "model": plan.model.name if plan.model else None,
        "device": plan.device.device_class,
        "dtype": plan.device.dtype,
        "readout": plan.readout,
        "train_rows": len(rows.train) if "train" in plan.strategy.required else 0,
        "test_rows": len(rows.test),
        "already_there": _there(plan),
        "train_tokens": None,
        "test_input_tokens": None,
        "seconds": None,
        "memory_bytes": None,
    }
    if not isinstance(plan.strategy, Adaptation):
        notes["seconds"] = "no language model takes part: seconds"
    elif isinstance(plan.model, Endpoint):
        notes["test_input_tokens"] = "only the server knows its tokens"
    elif plan.model is None:
        notes["train_tokens"] = "the model isn't cached; `harness models fetch` gets it"
    else:
        value |= _with_model(plan, plan.strategy, plan.model.path, notes)
    return value | {"notes": notes}


def _there(plan: Plan) -> str:
    """Whether the record, or the artifact, is there already."""
    root = plan.config.results
    for kind, folder, key in (
        (RUN, root, plan.keys.run),
        (ARTIFACT, root / "artifacts", plan.keys.artifact),
    ):
        for path in folder.glob(f"*/{kind}"):
            if json.loads(path.read_text(encoding="utf-8")).get("key") == key:
                return f"{kind.removesuffix('.json')} {path.parent.name}"
    return "nothing"


def _with_model(
    plan: Plan, strategy: Adaptation, folder: Path, notes: dict[str, str]
) -> dict[str, Any]:
    from transformers import AutoTokenizer

    from harness.models.local import architecture_of_folder
    from harness.models.render import Encoder

    encoder = Encoder(AutoTokenizer.from_pretrained(str(folder)))
    architecture = architecture_of_folder(folder)
    render = _renderer(plan, strategy)

    def mean(rows: Sequence[Row], answers: bool) -> float:
        sample = rows[:SAMPLE]
        lengths = [
            len(encoder.encode(render(row), row.example.target if answers else None).ids)
            for row in sample
        ]
        return sum(lengths) / max(1, len(lengths))

    length, answered = mean(plan.rows.test, False), plan.task.max_tokens
    generated = 0 if plan.readout == "loglikelihood" else answered * len(plan.rows.test)
    test_tokens = round(length * len(plan.rows.test))
    flops = inference_flops(
        architecture, tokens=test_tokens + generated, scored_positions=len(plan.rows.test)
    )
    memory = inference_memory(architecture, batch=32, length=round(length) + answered).total
    train_tokens = 0
    if hasattr(strategy.weights, "epochs"):
        trained = mean(plan.rows.train, True)
        train_tokens, more, needed = _training(plan, strategy.weights, architecture, trained)
        flops, memory = flops + more, max(memory, needed)
    notes["seconds"] = (
        f"rough: a matrix product's speed measured now, {UTILISATION:.0%} of it reached; "
        "generating short texts one by one takes longer"
    )
    return {
        "train_tokens": train_tokens,
        "test_input_tokens": test_tokens,
        "output_tokens_at_most": generated,
        "seconds": round(flops / (_matrix_speed(plan) * UTILISATION), 1),
        "memory_bytes": memory,
    }


def _renderer(plan: Plan, strategy: Adaptation) -> Any:
    """Renders as the run will: promptings are fitted in a folder that goes away."""
    with tempfile.TemporaryDirectory(prefix="adaptbench-") as folder:
        artifact = Path(folder)
        context = context_of(plan, artifact, Ledger(artifact / "ledger"), loader_of(plan, {}))
        renderers = []
        for part in strategy.prompting:
            part.fit(context.part(part.name))
            renderers.append(part.renderer(context.part(part.name)))

    def render(row: Row) -> Prompt:
        prompt = plan.task.view.base_prompt(row.example.query)
        for renderer in renderers:
            prompt = renderer(row.example.query, prompt)
        return prompt

    return render


def _training(
    plan: Plan, weights: Any, architecture: Architecture, length: float
) -> tuple[int, float, int]:
    """Tokens, FLOPs and bytes of the training."""
    rows = len(plan.rows.train) * (weights.epochs or 0)
    if weights.max_steps:
        rows = weights.max_steps * weights.batch_size * weights.accumulation
    tokens = round(rows * length)
    full = not hasattr(weights, "rank")
    method = "full" if full else ("qlora" if weights.quantization else "lora")
    trainable = architecture.parameters if full else _lora_size(weights, architecture)
    flops = training_flops(
        architecture,
        tokens=tokens,
        method="full" if full else "lora",
        trainable=trainable,
        recompute=weights.checkpointing,
        scored_positions=round(0.2 * tokens),
    )
    setup = TrainingSetup(
        method=method,
        trainable=trainable,
        batch=weights.batch_size,
        length=round(length),
        recompute=weights.checkpointing,
        scored_fraction=0.2,
    )
    return tokens, flops, training_memory(architecture, setup).total


def _lora_size(weights: Any, architecture: Architecture) -> int:
    """About 2 r h for each projection; the wide ones have four times that on one side."""
    return int(
        architecture.layers * len(weights.targets) * 2.5 * weights.rank * architecture.hidden
    )


def _matrix_speed(plan: Plan) -> float:
    """FLOP/s of a large product in the run's own type, measured for a fraction of a second."""
    import torch

    device, n = plan.device, 1024
    a = torch.ones(n, n, dtype=device.torch_dtype, device=device.torch)
    _ = a @ a
    since, count = time.perf_counter(), 0
    while time.perf_counter() - since < 0.2:
        _ = (a @ a)[0, 0].item()
        count += 1
    return count * 2 * n**3 / (time.perf_counter() - since)
