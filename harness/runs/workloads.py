"""What a run computes, in tokens and steps, from the lengths of a sample of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.costs.memory import sized_targets
from harness.costs.workload import Serving, Training, Workload
from harness.runs.plan import Plan
from harness.strategy.adaptation import Adaptation
from harness.strategy.base import Weights
from harness.strategy.classifying import Reading
from harness.strategy.training_plan import TrainingPlan

__all__ = [
    "SAMPLE",
    "encoder_workload",
    "learnt_tokens",
    "pretraining_of",
    "serving_of",
    "training_of",
]

SAMPLE = 64
"""Rows whose prompts are tokenised; the others are taken to have the sample's mean."""
HOST_BATCH_TOKENS, HOST_BATCH_ROWS, HOST_CACHED_TOKENS = 2048, 32, 16384
"""Positions of a batch that is scored on a CPU, rows of one that is generated, and positions of its
cache (see `harness.models.local.scoring` and `generation`)."""


def encoder_workload(plan: Plan, reading: Reading) -> Workload:
    """Returns the quantities of a run whose texts an encoder reads, by a sample of its rows."""
    trained, asked = (
        [reading.tokens(row.example.query.text) for row in rows[:SAMPLE]]
        for rows in (plan.rows.train, plan.rows.test)
    )
    rows, longest = len(plan.rows.train), max(asked)
    training = training_of(reading.training, rows, trained, [1] * len(trained), None)
    serving = Serving(
        requests=len(plan.rows.test),
        prompt=_mean(asked),
        longest=longest,
        batch=max(1, min(HOST_BATCH_TOKENS // longest, len(plan.rows.test))),
    )
    return Workload(training, serving)


def pretraining_of(strategy: Adaptation, lengths: Sequence[int]) -> Training | None:
    """Returns the quantities of a pre-training on sequences of so many tokens each."""
    planned = strategy.pretraining.workload() if strategy.pretraining else None
    if planned is None or not lengths:
        return None
    planned = replace(planned, targets=sized_targets(planned.targets))
    return training_of(planned, len(lengths), lengths, [n - 1 for n in lengths], None)


def serving_of(
    plan: Plan,
    weights: Weights,
    prompts: Sequence[int],  # Tokens of a sample of the prompts
    shared: int,  # Tokens of the prefix that they have in common
) -> Serving:
    """Returns the quantities of answering a plan's test rows."""
    learnt = learnt_tokens(weights)
    prompt, longest = _mean(prompts) + learnt, max(prompts) + learnt
    generates = plan.readout != "loglikelihood"
    most = HOST_BATCH_TOKENS // longest
    if generates:
        most = min(HOST_BATCH_ROWS, HOST_CACHED_TOKENS // (longest + plan.task.max_tokens))
    return Serving(
        requests=len(plan.rows.test),
        prompt=prompt,
        longest=longest,
        generated=float(plan.task.max_tokens) if generates else 0.0,
        batch=max(1, min(most, len(plan.rows.test))),
        quantization=weights.quantization,
        shared=shared + learnt,
    )


def training_of(
    planned: TrainingPlan,
    rows: int,
    lengths: Sequence[int],  # Tokens of a sample of the rows, prompt and answer
    labels: Sequence[int],  # Tokens of the sample's answers
    quantization: str | None,
) -> Training | None:
    """Returns the quantities of a training that weights declare; None where nothing is trained."""
    sequences = planned.sequences(rows)
    if not sequences:
        return None
    lengths = [length + planned.virtual for length in lengths]
    return Training(
        method=planned.method,
        tokens=round(sequences * _mean(lengths)),
        steps=max(1, round(sequences / (planned.batch_size * planned.accumulation))),
        micro_batches=max(1, round(sequences / planned.batch_size)),
        batch=planned.batch_size,
        length=max(lengths),
        mean_length=_mean(lengths),
        scored_fraction=sum(labels) / sum(lengths),
        rank=planned.rank,
        targets=planned.targets,
        weights=planned.trainable,
        quantization=quantization,
        kbit_prepared=planned.float32_rest,
        recompute=planned.recompute,
    )


def _mean(lengths: Sequence[int]) -> float:
    return sum(lengths) / max(1, len(lengths))


def learnt_tokens(weights: Weights) -> int:
    """Returns how many learnt tokens stand before each text: computed, and no input."""
    workload = weights.workload()
    return workload.virtual if workload else 0
