"""Whether a run fits into memory, said before a model is loaded."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace

from harness.costs.memory import sized_targets
from harness.costs.workload import Workload
from harness.errors import DataError, UsageError
from harness.models.endpoint import Endpoint
from harness.records.model import Architecture
from harness.runs.estimate_here import alone, memory_bytes, verdict
from harness.runs.lengths import window_of
from harness.runs.plan import Plan
from harness.runs.workloads import pretraining_of, serving_of, training_of
from harness.strategy.adaptation import Adaptation
from harness.strategy.base import Frozen
from harness.strategy.context import Monitor
from harness.types import Row

__all__ = ["check_memory", "needed_bytes"]

SAMPLE = 8  # of the longest rows, by characters


def check_memory(plan: Plan, monitor: Monitor) -> None:
    """Says what a run needs of this machine's memory, or refuses what can't fit.

    What examples and passages add to prompts isn't known yet: it is the least that is needed.

    Raises:
        UsageError: Not even one row at a time fits; with ``--force`` it is only said.
    """
    for other in _others(plan):
        _check(other, monitor, f" for {other.model.name}" if other.model else "")
    _check(plan, monitor)


def _others(plan: Plan) -> list[Plan]:
    """Returns plans for the other models that parts load, one after the other, as they are."""
    as_it_is = Adaptation(weights=Frozen())
    return [replace(plan, model=other, strategy=as_it_is) for other in plan.others.values()]


def _check(plan: Plan, monitor: Monitor, whose: str = "") -> None:
    sizes = _sizes(plan)
    if sizes is None or plan.model is None:
        return
    text = verdict(plan.device, *sizes)
    if not text.startswith("doesn't fit"):
        monitor.message(f"Memory{whose}: {text}.")
    elif plan.config.force:
        monitor.message(f"Memory{whose}: {text}; it is tried, by --force.")
    else:
        raise UsageError(
            f"{plan.model.name} {text}",
            "Take a smaller model, fewer bits, shorter rows (--set max_length), recomputed "
            "activations (--set checkpointing=true), or another machine; --force tries it.",
        )


def needed_bytes(plan: Plan) -> tuple[int, int] | None:
    """Returns what a run needs, and the least, with one row at a time; None where none can say."""
    own = _sizes(plan)
    if own is None:
        return None
    every = [own, *filter(None, map(_sizes, _others(plan)))]
    whole = max(memory_bytes(plan.device, work, sizes) for work, sizes in every)
    return whole, max(memory_bytes(plan.device, alone(work), sizes) for work, sizes in every)


def _sizes(plan: Plan) -> tuple[Workload, Architecture] | None:
    """Returns the quantities of a run and its model's sizes, where it has a model on a device."""
    strategy, model = plan.strategy, plan.model
    if not isinstance(strategy, Adaptation) or model is None or isinstance(model, Endpoint):
        return None
    from harness.models.local.sizes import architecture_of_folder

    try:
        architecture = architecture_of_folder(model.path)
    except DataError:
        return None  # the loader explains better what is wrong
    workload = _workload(plan, strategy)
    return None if workload is None else (workload, architecture)


def _workload(plan: Plan, strategy: Adaptation) -> Workload | None:
    """Returns a run's quantities by its longest rows; None where weights don't declare theirs."""
    planned, window = strategy.weights.workload(), window_of(plan)
    if planned is None or window is None:
        return None
    planned = replace(planned, targets=sized_targets(planned.targets))
    encode, render = window.encoder().encode, plan.task.view.base_prompt
    longest = window.limit or sys.maxsize
    training = None
    if planned.sequences(1):
        most = window.at_most(planned.max_length).limit or sys.maxsize
        examples = [row.example for row in _longest(plan.rows.train)]
        pairs = [encode(render(each.query), each.target) for each in examples]
        lengths = [min(len(pair.ids), most) for pair in pairs]
        labels = [len(pair.ids) - pair.prompt_length for pair in pairs]
        bits = strategy.weights.quantization
        training = training_of(planned, len(plan.rows.train), lengths, labels, bits)
    asked = [encode(render(row.example.query)).ids for row in _longest(plan.rows.test)]
    serving = serving_of(plan, strategy.weights, [min(len(ids), longest) for ids in asked], 0)
    return Workload(training, serving, pretraining_of(strategy, _text(strategy)))


def _text(strategy: Adaptation) -> list[int]:
    """Returns the tokens of a pre-training's longest sequence; nothing where none is known."""
    planned = strategy.pretraining.workload() if strategy.pretraining else None
    return [planned.max_length] if planned and planned.max_length else []


def _longest(rows: Sequence[Row]) -> Sequence[Row]:
    return sorted(rows, key=lambda row: len(row.example.query.text), reverse=True)[:SAMPLE]
