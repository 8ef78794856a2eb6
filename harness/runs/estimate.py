"""``--dry-run``: what a run would do, and about how much it would take, here or on other hardware."""

from __future__ import annotations

import functools
import json
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.analysis.calibration import Observation, records
from harness.config import RunConfig
from harness.costs.book import PriceBook, load_book
from harness.costs.known import known_architecture
from harness.costs.workload import Serving, Training, Workload, on_hardware
from harness.errors import UsageError
from harness.models.endpoint import Endpoint
from harness.records.ledger import Ledger
from harness.records.model import Architecture
from harness.records.store import ARTIFACT, RUN, read_head
from harness.runs.estimate_here import here
from harness.runs.plan import Plan, Rows, make_plan
from harness.runs.prepare import LEDGER, context_of
from harness.strategy.adaptation import Adaptation
from harness.strategy.base import TrainingPlan, Weights
from harness.strategy.context import Monitor
from harness.task.task import Task
from harness.types import Prompt, Row

if TYPE_CHECKING:
    from harness.models.render import Encoder

__all__ = ["estimate", "training_of"]

SAMPLE = 64
"""Rows whose prompts are tokenised; the mean is taken for the rest."""
HOST_BATCH_TOKENS = 2048
"""Positions of a batch that is scored on a CPU (see `harness.models.local.scoring`)."""


def estimate(
    config: RunConfig,
    monitor: Monitor | None = None,
    *,
    on: str | None = None,
    given: tuple[Task, Rows] | None = None,
    history: Sequence[Observation] | None = None,
) -> dict[str, Any]:
    """Says what would run, without training, answering, or fetching anything.

    Args:
        config: What would run.
        monitor: Is told of what is looked up.
        on: Row of the price book, or a GPU's id, to put the run on as well; the model then needs
            only be known by its sizes.
        given: The task with its rows, where they were loaded before.
        history: What earlier runs took; by default those of the folder of the records.

    Returns:
        Items, tokens by the model's own tokenizer, seconds and bytes; unknown ones are None with
        a reason in ``notes``.

    Raises:
        UsageError: The price book has no such GPU, or something in the configuration is unknown.
    """
    book = load_book(config.prices)
    if on is not None:
        _gpu_row(book, on)  # a misspelled name is said before anything is loaded
    sizes = known_architecture(config.model) if config.model else None
    elsewhere = sizes is not None and not _is_here(config)
    plan = make_plan(
        config.model_copy(update={"model": None}) if elsewhere else config,
        monitor,
        fetch=False,
        given=given,
    )
    notes: dict[str, str] = {}
    value = _asked(plan, elsewhere)
    if elsewhere:
        value["model"] = config.model
    if not isinstance(plan.strategy, Adaptation):
        notes["seconds"] = "no language model takes part: seconds"
        if on is not None:
            notes["on"] = "no language model takes part: a GPU would have nothing to do"
        return value | {"notes": notes}
    if isinstance(plan.model, Endpoint):
        notes["test_input_tokens"] = "only the server knows its tokens"
        return value | {"notes": notes}
    if plan.model is None:
        notes["train_tokens"] = "the model isn't cached; `harness models fetch` gets it"
        return value | {"notes": notes}
    counted = _Counted.of(plan, plan.strategy, plan.model.path)
    weights = plan.strategy.weights
    workload = _workload(plan, weights, counted)
    value |= _tokens(_serving(plan, weights, counted), workload)
    if workload is None:
        reason = f"not known: declare workload() of {type(weights).__name__}"
        notes |= dict.fromkeys(["train_tokens", "seconds", "memory_bytes"], reason)
        return value | {"notes": notes | ({} if on is None else {"on": reason})}
    if elsewhere:
        notes["test_input_tokens"] = (
            f"counted with the tokenizer of {plan.model.name}: that of {config.model} isn't here"
        )
        notes["seconds"] = "the model isn't here: name hardware with --on"
    else:
        seen = records(config.results, book) if history is None else history
        value |= here(plan, workload, counted.architecture, seen, notes)
    if on is not None:
        machine, gpu = _gpu_row(book, on)
        projection = on_hardware(workload, sizes or counted.architecture, machine=machine, gpu=gpu)
        value["on"] = projection.as_dict()
    return value | {"notes": notes}


def _asked(plan: Plan, elsewhere: bool) -> dict[str, Any]:
    """What would run; what isn't known yet is None."""
    config, rows = plan.config, plan.rows
    local = plan.model.name if plan.model else None
    return {
        "task": plan.task.name,
        "strategy": config.strategy,
        "parameters": json.dumps(plan.strategy.describe(), ensure_ascii=False),
        "model": local,
        "device": plan.device.device_class,
        "dtype": plan.device.dtype,
        "readout": plan.readout,
        "train_rows": len(rows.train) if "train" in plan.strategy.required else 0,
        "test_rows": len(rows.test),
        "already_there": "nothing" if elsewhere else _there(plan),
        "train_tokens": None,
        "test_input_tokens": None,
        "seconds": None,
        "memory_bytes": None,
    }


def _is_here(config: RunConfig) -> bool:
    """Whether the model that was named is in the catalogue, or is a file or folder."""
    from harness.models.sources.catalog import catalog

    name = config.model or ""
    return name in catalog() or Path(name).expanduser().exists()


def _gpu_row(book: PriceBook, name: str) -> tuple[Any, Any]:
    machine = book.machine(name)
    if machine.gpu is None:
        raise UsageError(
            f"the price row {machine.id} is no GPU", "`harness prices list gpus` shows them."
        )
    return machine, book.gpu(machine.gpu)


def _there(plan: Plan) -> str:
    """Whether the record, or the artifact, is there already."""
    root = plan.config.results
    for kind, folder, key in (
        (RUN, root, plan.keys.run),
        (ARTIFACT, root / "artifacts", plan.keys.artifact),
    ):
        for path in folder.glob(f"*/{kind}"):
            if read_head(path).key == key:
                return f"{kind.removesuffix('.json')} {path.parent.name}"
    return "nothing"


@dataclass(frozen=True)
class _Counted:
    """Lengths of a sample of rows, rendered as the run will, and the model's sizes."""

    architecture: Architecture
    trained: list[int]
    labels: list[int]
    asked: list[int]
    shared: int

    @classmethod
    def of(cls, plan: Plan, strategy: Adaptation, folder: Path) -> _Counted:
        from harness.models.local.sizes import architecture_of_folder

        encoder = _encoder(folder)
        render = _renderer(plan, strategy)
        train = [
            encoder.encode(render(row), row.example.target) for row in plan.rows.train[:SAMPLE]
        ]
        asked = [encoder.encode(render(row), None) for row in plan.rows.test[:SAMPLE]]
        return cls(
            architecture_of_folder(folder),
            [len(row.ids) for row in train],
            [len(row.ids) - row.prompt_length for row in train],
            [len(row.ids) for row in asked],
            len(os.path.commonprefix([list(row.ids) for row in asked])) if len(asked) > 1 else 0,
        )


@functools.cache
def _encoder(folder: Path) -> Encoder:
    """A large vocabulary takes seconds to load, and a study asks for it again and again."""
    from transformers import AutoTokenizer

    from harness.models.render import Encoder

    return Encoder(AutoTokenizer.from_pretrained(str(folder)))


def _renderer(plan: Plan, strategy: Adaptation) -> Callable[[Row], Prompt]:
    """Renders as the run will: promptings are fitted in a folder that goes away."""
    with tempfile.TemporaryDirectory(prefix="adaptbench-") as folder:
        artifact = Path(folder)
        context = context_of(plan, artifact, Ledger(artifact / LEDGER))  # thrown away: no meter
        renderers = []
        for part in (each.draft() for each in strategy.prompting):
            part.fit(context.part(part.name))
            renderers.append(part.renderer(context.part(part.name)))

    def render(row: Row) -> Prompt:
        prompt = plan.task.view.base_prompt(row.example.query)
        for renderer in renderers:
            prompt = renderer(row.example.query, prompt)
        return prompt

    return render


def _workload(plan: Plan, weights: Weights, counted: _Counted) -> Workload | None:
    """Puts the run into quantities; None where the weights don't declare their training."""
    planned = weights.workload()
    if planned is None:
        return None
    rows = len(plan.rows.train) if counted.trained else 0
    training = training_of(planned, rows, counted.trained, counted.labels, weights.quantization)
    return Workload(training, _serving(plan, weights, counted))


def _serving(plan: Plan, weights: Weights, counted: _Counted) -> Serving:
    prompt, longest = _mean(counted.asked), max(counted.asked)
    generates = plan.readout != "loglikelihood"
    batch = 32 if generates else max(1, HOST_BATCH_TOKENS // longest)
    return Serving(
        requests=len(plan.rows.test),
        prompt=prompt,
        longest=longest,
        generated=float(plan.task.max_tokens) if generates else 0.0,
        batch=min(batch, len(plan.rows.test)),
        quantization=weights.quantization,
        shared=counted.shared,
    )


def training_of(
    planned: TrainingPlan,
    rows: int,
    lengths: Sequence[int],
    labels: Sequence[int],
    quantization: str | None,
) -> Training | None:
    """Puts a planned training into quantities; None where nothing is trained.

    Args:
        planned: What the weights declare.
        rows: Training rows that there are.
        lengths: Tokens of a sample of them, prompt and answer.
        labels: Tokens of their answers.
        quantization: Of the frozen weights.
    """
    sequences = planned.sequences(rows)
    if not sequences:
        return None
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


def _tokens(serving: Serving, workload: Workload | None) -> dict[str, Any]:
    trained = None
    if workload is not None:
        trained = round(workload.training.tokens) if workload.training else 0
    return {
        "train_tokens": trained,
        "test_input_tokens": round(serving.requests * serving.prompt),
        "shared_prefix_tokens": round(serving.shared),
        "output_tokens_at_most": round(serving.requests * serving.generated),
    }
