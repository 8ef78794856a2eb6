"""``--dry-run``: what a run would do, and about what it would take, here or on another machine."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.analysis.calibration import Observation, records
from harness.config import RunConfig
from harness.costs.book import PriceBook, load_book
from harness.costs.known import known_architecture
from harness.costs.rows import Gpu, Machine
from harness.costs.vendors import token_ratio
from harness.costs.workload import OTHERS, Serving, Workload, in_other_tokens, on_gpu
from harness.errors import MissingDependency, UsageError
from harness.models.endpoint import Endpoint, is_endpoint
from harness.records.ledger import Ledger
from harness.records.model import Architecture
from harness.records.reading import known_artifact, known_record
from harness.records.store import ARTIFACT, RUN
from harness.runs.estimate_here import here, searched
from harness.runs.estimate_server import UNPRICED, served
from harness.runs.lengths import encoder_of, fitting
from harness.runs.plan import Plan, Rows, announce, make_plan
from harness.runs.prepare import LEDGER, context_of
from harness.runs.probes.probing import check_probes
from harness.runs.workloads import (
    SAMPLE,
    encoder_workload,
    learnt_tokens,
    pretraining_of,
    serving_of,
    training_of,
)
from harness.strategy.adaptation import Adaptation
from harness.strategy.base import TUNE
from harness.strategy.classifying import Classifier, Reading
from harness.strategy.context import Context, Monitor
from harness.task.task import Task
from harness.types import Prompt, Query

__all__ = ["estimate"]


def estimate(
    config: RunConfig,
    monitor: Monitor | None = None,
    *,
    on: str | None = None,  # Machine or GPU of the price book; the model's sizes are enough
    show: int = 0,  # Requests to a server that are given as they will be sent
    given: tuple[Task, Rows] | None = None,  # Where they were loaded before
    history: Sequence[Observation] | None = None,  # Of earlier runs; by default those on disk
) -> dict[str, Any]:
    """Says what would run, without training, answering, or fetching anything.

    Values are rows, tokens, seconds and bytes; unknown ones are None with a reason in ``notes``.

    Raises:
        UsageError: The price book has no such GPU, or something in the configuration is unknown.
    """
    book = load_book(config.prices)
    target = None if on is None else _gpu_row(book, on)  # first, since a name may be misspelled
    sizes = known_architecture(config.model) if config.model else None
    elsewhere = sizes is not None and not _is_here(config)
    planned = config.model_copy(update={"model": None}) if elsewhere else config
    plan = make_plan(planned, monitor, fetch=False, given=given)
    check_probes(plan)
    if given is None and monitor is not None:
        announce(plan.rows, monitor)
    if not elsewhere:
        plan = fitting(plan, monitor or Monitor())
    strategy, model, notes = plan.strategy, plan.model, _beyond(plan)
    notes |= _reasons(plan, on is not None)
    value = _run_of(plan, config.model if elsewhere else None) | _judged(plan, book, notes)
    if isinstance(model, Endpoint):
        return value | served(plan, book, SAMPLE, show, notes)
    if isinstance(strategy, Classifier) and (read := _reading(strategy, notes)):
        runs = _history(config, book, history)
        return value | _encoder_figures(plan, read, runs, book, target, notes) | {"notes": notes}
    if not isinstance(strategy, Adaptation) or not (model or strategy.makes_model):
        return value | {"notes": notes}
    lengths = _SampledLengths.of(plan, strategy, model.path if model else None)
    workload = _workload(plan, strategy, lengths)
    serving = serving_of(plan, strategy.weights, lengths.prompts, lengths.shared)
    value |= _tokens(serving, workload, learnt_tokens(strategy.weights))
    if workload is None:
        return value | {"notes": notes}
    ratio = _other_tokens(plan, config, book, notes) if elsewhere else None
    if ratio is not None:
        value["token_ratio"] = list(ratio[:2])
    else:
        runs = _history(config, book, history)
        value |= _here(plan, workload, lengths.architecture, runs, book, notes)
    return value | _on(workload, sizes or lengths.architecture, target, ratio) | {"notes": notes}


def _other_tokens(
    plan: Plan, config: RunConfig, book: PriceBook, notes: dict[str, str]
) -> tuple[float, float, str]:
    """Says whose tokenizer counted, and how far the model's own may be from that."""
    name = plan.model.name if plan.model else "its own model"
    ratio = token_ratio(book, plan.task.language, name)
    counted = f"counted with the tokenizer of {name}: that of {config.model} isn't here"
    notes["test_input_tokens"] = f"{counted}; {OTHERS}: {ratio[2]}"
    notes["seconds"] = "the model isn't here: name a machine with --on"
    return ratio


def _history(
    config: RunConfig, book: PriceBook, history: Sequence[Observation] | None
) -> Sequence[Observation]:
    return records(config.results, book) if history is None else history


def _on(
    workload: Workload,
    sizes: Architecture,
    target: tuple[Machine, Gpu] | None,
    ratio: tuple[float, float, str] | None = None,  # Where another model's tokenizer counted
) -> dict[str, object]:
    """Returns what a workload would take on a GPU, where one was named."""
    if target is None:
        return {}
    machine, gpu = target
    if ratio is not None:
        return {"on": in_other_tokens(workload, sizes, ratio, machine=machine, gpu=gpu).as_dict()}
    return {"on": on_gpu(workload, sizes, machine=machine, gpu=gpu).as_dict()}


def _reading(strategy: Classifier, notes: dict[str, str]) -> Reading | None:
    """Returns what an encoder will do; None where that isn't known, or nothing to speak of."""
    none = dict(notes)
    for name in ("seconds", "on"):
        notes.pop(name, None)
    try:
        reading = strategy.reading()
    except MissingDependency as error:
        notes["train_tokens"] = f"the encoder isn't here: {error.message}"
        return None
    if reading is None:  # then no model takes part that would be worth a figure
        notes |= none
    return reading


def _encoder_figures(
    plan: Plan,
    reading: Reading,
    history: Sequence[Observation],
    book: PriceBook,
    target: tuple[Machine, Gpu] | None,
    notes: dict[str, str],
) -> dict[str, object]:
    work, sizes = encoder_workload(plan, reading), reading.architecture
    trained = round(work.training.tokens) if work.training else 0
    asked = round(work.serving.read)
    seconds = _here(plan, work, sizes, history, book, notes)
    return {
        "train_tokens": trained,
        "test_input_tokens": asked,
        **seconds,
        **_on(work, sizes, target),
    }


def _beyond(plan: Plan) -> dict[str, str]:
    """Returns what a run does that isn't in the estimate."""
    notes, strategy = {}, plan.strategy
    if beyond := [part.unestimated for part in strategy.parts if part.unestimated]:
        notes["without"] = f"{', '.join(beyond)}: not estimated"
    if isinstance(plan.model, Endpoint) and plan.config.tunes:
        notes["tuning"] = "of one setting: the search comes on top"
    if plan.config.probe:
        notes["probe"] = "what it takes isn't in the estimate"
    if strategy.abstain == TUNE:
        notes["abstain"] = f"answering {len(plan.rows.dev)} dev rows comes on top"
    return notes


def _judged(plan: Plan, book: PriceBook, notes: dict[str, str]) -> dict[str, float | None]:
    """Returns what a judge will take; nothing where there is none, or it computes here."""
    config, strategy = plan.config, plan.strategy
    if config.judge is None:
        return {}
    if not is_endpoint(config.judge):
        notes["judge"] = "what judging takes isn't in the estimate"
        return {}
    from harness.runs.estimate_judge import NOTE, estimate_judge

    render = _renderer(plan, strategy) if isinstance(strategy, Adaptation) else None
    value = estimate_judge(
        plan, book, lambda row: render(plan.example(row).query).evidence if render else row.passages
    )
    notes["judge"] = NOTE
    if strategy.retrieves and render is None:
        notes["judge_passages"] = f"the gold ones stand for what {config.strategy} will find"
    most, usd = config.judge_max_cost, value["high_judge_usd"]
    if usd is None:
        notes["judge_usd"] = UNPRICED
    elif most is not None and usd > most:
        notes["judge_max_cost"] = "--judge-max-cost may end the run before all rows are judged"
    return value


def _here(
    plan: Plan,
    workload: Workload,
    architecture: Architecture,
    history: Sequence[Observation],
    book: PriceBook,
    notes: dict[str, str],
) -> dict[str, float]:
    """Estimates seconds and bytes on this machine, those of a search included."""
    value = here(plan, workload, architecture, history, notes)
    if plan.config.tunes:
        named = plan.config.machine
        row = book.machine(named) if named else book.machine_for(plan.device.device_class)
        rate = row.usd_per_device_hour if row else 0.0
        seconds = searched(plan, workload, architecture, history, rate, notes)
        value["seconds"] = round(seconds, 4)
    return value


def _reasons(plan: Plan, on: bool) -> dict[str, str]:
    """Returns by field why a figure can't be known; nothing where all can."""
    if isinstance(plan.model, Endpoint):
        return {"seconds": "as fast as the server answers"}
    if not isinstance(plan.strategy, Adaptation):
        nothing = "no language model takes part: a GPU would have nothing to do"
        seconds = "no language model takes part: seconds"
        return {"seconds": seconds, **({"on": nothing} if on else {})}
    if plan.model is None and not plan.strategy.makes_model:
        return {"train_tokens": "the model isn't cached; `harness models fetch` gets it"}
    weights, before = plan.strategy.weights, plan.strategy.pretraining
    undeclared = [part for part in (before, weights) if part and part.workload() is None]
    if undeclared:
        name = type(undeclared[0]).__name__
        fields = ["train_tokens", "seconds", "memory_bytes", *(["on"] if on else [])]
        return dict.fromkeys(fields, f"not known: declare workload() of {name}")
    return {"on": "without the search: of one setting"} if on and plan.config.tunes else {}


def _run_of(plan: Plan, elsewhere: str | None) -> dict[str, Any]:
    """Returns what would run, maybe of a model that isn't here; None for figures to come."""
    trains = "train" in plan.strategy.required
    own = "its own" if plan.strategy.makes_model else None
    return {
        "task": plan.task.name,
        "strategy": plan.config.strategy,
        "parameters": json.dumps(plan.strategy.describe(), ensure_ascii=False),
        "model": elsewhere or (plan.model.name if plan.model else own),
        "device": plan.device.device_class,
        "dtype": plan.device.dtype,
        "readout": plan.readout,
        "train_rows": len(plan.rows.train) if trains else 0,
        "test_rows": len(plan.rows.test),
        "already_there": "nothing" if elsewhere else _there(plan),
        **dict.fromkeys(["train_tokens", "test_input_tokens", "seconds", "memory_bytes"]),
    }


def _is_here(config: RunConfig) -> bool:
    """Whether the model is in the catalogue, or is a file or folder."""
    from harness.models.sources.catalog import catalog

    name = config.model or ""
    return name in catalog() or Path(name).expanduser().exists()


def _gpu_row(book: PriceBook, name: str) -> tuple[Machine, Gpu]:
    machine = book.machine(name)
    if machine.gpu is None:
        raise UsageError(
            f"the price row {machine.id} is no GPU", "`harness prices list gpus` shows them."
        )
    return machine, book.gpu(machine.gpu)


def _there(plan: Plan) -> str:
    """Names the record or the artifact that is there already."""
    root = plan.config.results
    for path in root.glob(f"*/{RUN}"):
        if (record := known_record(path.parent)) and record.key == plan.keys.run:
            return f"run {path.parent.name}"
    for path in root.glob(f"artifacts/*/{ARTIFACT}"):
        if (artifact := known_artifact(path.parent)) and artifact.key == plan.keys.artifact:
            return f"artifact {path.parent.name}"
    return "nothing"


@dataclass(frozen=True)
class _SampledLengths:
    """Tokens of a sample of rows, rendered as the run will, and the model's sizes."""

    architecture: Architecture
    trained: list[int]  # prompt and answer of training rows
    labels: list[int]  # their answers alone
    prompts: list[int]  # prompts of test rows
    shared: int  # the prefix that these prompts have in common
    text: list[int]  # sequences of a pre-training: all of them

    @classmethod
    def of(cls, plan: Plan, strategy: Adaptation, model: Path | None) -> _SampledLengths:
        """Counts by the tokenizer of the model's folder, or of the one that would be made."""
        from harness.models.local.sizes import architecture_of_folder

        render, part = _renderer(plan, strategy), strategy.pretraining
        with _drafting(plan) as context:
            folder = (part.draft(context) if part else None) or model
            assert folder is not None
            encode, architecture = encoder_of(folder).encode, architecture_of_folder(folder)
            text = part.lengths(context, folder) if part else []
        examples = [row.example for row in plan.rows.train[:SAMPLE]]
        train = [encode(render(each.query), each.target) for each in examples]
        test = [encode(render(row.example.query), None).ids for row in plan.rows.test[:SAMPLE]]
        return cls(
            architecture,
            [len(row.ids) for row in train],
            [len(row.ids) - row.prompt_length for row in train],
            [len(ids) for ids in test],
            len(os.path.commonprefix([list(ids) for ids in test])) if len(test) > 1 else 0,
            text,
        )


@contextmanager
def _drafting(plan: Plan) -> Iterator[Context]:
    """Gives a context with a folder that isn't kept, and no meter."""
    with tempfile.TemporaryDirectory(prefix="adaptbench-") as folder:
        artifact = Path(folder)
        yield context_of(plan, artifact, Ledger(artifact / LEDGER))


def _renderer(plan: Plan, strategy: Adaptation) -> Callable[[Query], Prompt]:
    """Renders as the run will; promptings are fitted in a temporary folder."""
    prompting = tuple(part.draft() for part in strategy.prompting)
    with _drafting(plan) as context:
        for part in prompting:
            part.fit(context.part(part.name))
        return strategy.model_copy(update={"prompting": prompting}).render(context)


def _workload(plan: Plan, strategy: Adaptation, lengths: _SampledLengths) -> Workload | None:
    """Returns the run's quantities; None where a part doesn't declare its training."""
    weights, before = strategy.weights, strategy.pretraining
    planned = weights.workload()
    if planned is None or (before and before.workload() is None):
        return None
    rows = len(plan.rows.train) if lengths.trained else 0
    training = training_of(planned, rows, lengths.trained, lengths.labels, weights.quantization)
    serving = serving_of(plan, weights, lengths.prompts, lengths.shared)
    return Workload(training, serving, pretraining_of(strategy, lengths.text))


def _tokens(serving: Serving, workload: Workload | None, learnt: int) -> dict[str, int | None]:
    training = workload.training if workload else None
    trained, before = round(training.tokens) if training else 0, workload and workload.pretraining
    return {
        **({"pretrain_tokens": round(before.tokens)} if before else {}),
        "train_tokens": trained if workload else None,
        "test_input_tokens": round(serving.requests * (serving.prompt - learnt)),
        "shared_prefix_tokens": round(serving.shared),
        "output_tokens_at_most": round(serving.requests * serving.generated),
    }
