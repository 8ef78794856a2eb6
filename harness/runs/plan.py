"""Resolves a run's configuration: strategy, rows, model, device and keys. Nothing is trained."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from harness import devices
from harness.config import NO_SEARCH, RunConfig
from harness.errors import DataError, MissingDependency, UsageError
from harness.metrics.metric import CHOICE, DECISION
from harness.metrics.registry import check_metrics, kinds, known
from harness.metrics.retrieval import RETRIEVAL
from harness.metrics.score import Rules
from harness.metrics.selective import SELECTIVE
from harness.metrics.sources import GROUNDED, SOURCE
from harness.models.endpoint import Endpoint, is_endpoint
from harness.records.data import DataReport
from harness.records.keys import Keys, digest, make_keys
from harness.records.predictions import IDS, ids_digest
from harness.runs.forms import check_form
from harness.runs.models import fetched, other_models
from harness.runs.plugins import OwnMetric, own_metrics
from harness.runs.servers import (
    check_masking,
    check_structured,
    check_weights,
    model_endpoint,
    named_judge,
)
from harness.runs.work import divided, evaluated_metrics, judging, long_rows
from harness.strategy.base import TUNE, Strategy
from harness.strategy.context import Monitor
from harness.strategy.long_rows import LongRows
from harness.strategy.registry import create_strategy
from harness.strategy.tuning import wanted
from harness.task.corpus import Corpus
from harness.task.report import report_lines, report_of, with_copies
from harness.task.rows import rows_digest
from harness.task.rules import rules_of
from harness.task.splits import first
from harness.task.table import task_from_data
from harness.task.task import Task, load_task
from harness.task.twins import without_twins
from harness.text import begins_another
from harness.types import Example, Row

if TYPE_CHECKING:
    from harness.models.sources.catalog import ModelFolder

__all__ = [
    "SALT",
    "Plan",
    "Rows",
    "announce",
    "load_rows",
    "make_plan",
    "model_key",
    "open_task",
    "with_parameters",
]

SALT = "adaptbench-limit"
NO_TEST = (
    "Some rows have to be named test, or --test FILE; --split 0/0/100 makes all rows the test."
)


@dataclass(frozen=True)
class Rows:
    """The rows of a run's splits, limits applied; test rows are never given to a strategy."""

    train: list[Row]
    dev: list[Row]
    test: list[Row]
    digests: dict[str, str]  # sha256 of each split as limited, and of how test rows are grouped
    report: Callable[[], DataReport] = DataReport  # looks for repeats and leaks when it is called


@dataclass(frozen=True)
class Plan:
    """A run, resolved."""

    config: RunConfig
    strategy: Strategy
    task: Task
    rows: Rows
    model: ModelFolder | Endpoint | None  # None where the run loads no language model
    device: devices.Device
    readout: str
    keys: Keys
    plugins: Mapping[str, OwnMetric]  # The user's own
    corpus: Corpus | None = None  # None where the strategy needs no documents
    evaluated: tuple[str, ...] = ()  # Metrics of ragas, computed when all rows are answered
    long_rows: LongRows = field(default_factory=LongRows)  # What becomes of those too long to read
    others: Mapping[str, ModelFolder] = field(default_factory=dict)  # Models that parts name
    trained: int = 0  # Training rows by which a strategy is sized, too long ones included

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of all metrics, the task's first."""
        kind, retrieves = self.task.kind, self.strategy.retrieves
        has_gold = retrieves and self.task.spec.columns.passages
        retrieval = RETRIEVAL if has_gold and not kinds()[kind].mute else ()
        given = retrieves or "gold_passages" in self.strategy.required
        sources = (*(GROUNDED if given else ()), *((SOURCE,) if retrieval else ()))
        fitting = (name for name in sources if kinds()[kind].among(known()[name].kinds))
        held = SELECTIVE if self.strategy.abstain is not None else ()
        names = (*self.task.metrics, *held, *retrieval, *fitting, *self.evaluated, *self.plugins)
        return tuple(dict.fromkeys(names))

    @property
    def rules(self) -> Rules:
        """How a row is scored."""
        return rules_of(self.task)

    def example(self, row: Row) -> Example:
        """Returns a row as the strategy may see it: with gold passages only where it needs them."""
        if "gold_passages" not in self.strategy.required:
            return row.example
        return replace(row.example, query=replace(row.example.query, passages=row.passages))

    @property
    def stem(self) -> str:
        """The name of the run's folder, without the number of a repeated run."""
        names = [self.task.name, self.config.strategy, self.model.name if self.model else "none"]
        names += [self.config.form] * (self.config.form != "trained")
        readable = "_".join(re.sub(r"[^\w+.-]+", "-", Path(name).name) for name in names)
        return f"{readable}_s{self.config.seed}_{self.keys.run[:8]}"


def open_task(config: RunConfig) -> Task:
    """Returns the task that a configuration names, parameters set."""
    if config.data is None:
        if config.task.startswith("lm-eval:"):
            raise UsageError(
                f"{config.task} is asked and scored by lm-eval, from prompt to metric",
                "It goes with `harness run` and with --probe.",
            )
        task = load_task(config.task)
    else:
        task = task_from_data(**dict(config.data))
    if config.docs is not None:
        task = replace(task, docs=config.docs)
    return task.with_parameters(config.task_set) if config.task_set else task


def load_rows(config: RunConfig, task: Task) -> Rows:
    """Loads a task's rows and applies the limits; a split that is needed must not be empty.

    Raises:
        DataError: A split that is needed is empty.
    """
    data = task.load(data_dir=config.data_dir, offline=config.offline)
    parts = {"train": data.train, "dev": data.dev, "test": data.test}
    read = sum(map(len, parts.values()))
    dropped: dict[str, int] = {}
    if config.drop_leaked:  # of all test rows, so that --limit changes nothing that is learned
        parts, dropped = without_twins(parts)
    # Limits take the first rows by hash: a smaller limit's rows are among a larger one's, and
    # labels keep their shares.
    if config.train_limit:
        parts["train"] = first(parts["train"], config.train_limit, SALT)
    limit = task.spec.test_limit if config.limit is None else config.limit
    if limit:
        parts["test"] = first(parts["test"], limit, SALT)
    if not parts["test"]:
        raise DataError(f"the task {task.name} has no test rows", NO_TEST)
    digests = {name: rows_digest(rows) for name, rows in parts.items()}
    # In no key: the answers stay, their slices and intervals are made anew.
    grouping = [(r.id, r.example.cluster, dict(r.columns)) for r in parts["test"]]
    digests["grouping"] = digest(sorted(grouping))
    digests[IDS] = ids_digest([row.id for row in parts["test"]])

    @cache
    def report() -> DataReport:
        return report_of(task, parts, read=read, notes=data.notes, dropped=dropped)

    return Rows(**parts, digests=digests, report=report)


def announce(rows: Rows, monitor: Monitor) -> None:
    """Says what was seen in the rows, before anything is spent on them."""
    for about, line in report_lines(rows.report()):
        monitor.message(f"{about}: {line}")


def make_plan(
    config: RunConfig,
    monitor: Monitor | None = None,
    *,
    fetch: bool = True,  # Otherwise the plan has no model where it isn't there
    given: tuple[Task, Rows] | None = None,  # In place of those of the configuration
    made_of: int
    | None = None,  # Rows its artifact learned: where it is there, nothing else is needed
) -> Plan:
    """Resolves a run: loads the rows, fetches the model if it isn't there, makes the keys.

    Raises:
        UsageError: Something unknown, or parts that don't fit together.
        MissingDependency: The model or the device isn't there.
    """
    monitor = monitor or Monitor()
    strategy = create_strategy(config.strategy, config.set)
    check_masking(config, strategy)
    check_weights(config, strategy)
    plugins = own_metrics(config.metrics)
    task = given[0] if given else open_task(config)
    check_metrics(task.metrics, kind=task.kind, plugins=plugins)
    if strategy.readout == "retrieval" or kinds()[task.kind].mute:
        task = task.as_ranking()
    evaluated = evaluated_metrics(config, strategy, task)
    rows = given[1] if given else load_rows(config, task)
    learned = len(rows.train) if made_of is None else made_of
    strategy = strategy.sized(learned, task.kind)
    corpus = _corpus(config, strategy, task, rows) if made_of is None else None
    if corpus is not None:
        rows = _looked_up(rows, corpus)
    device, model = _device_and_model(config, strategy, task, fetch, monitor)
    others = other_models(strategy, config.offline, fetch, monitor)
    if fetch and config.judge and evaluated:
        named_judge(config, task, monitor)  # is fetched
    readout = strategy.readout or _readout(config, task, model)
    check_form(config, strategy, model, readout)
    check_structured(config, strategy, task, model, readout)
    origins = {row.id: row.origin for row in (*rows.train, *rows.dev)}
    none = Keys("", "", "")
    plan = Plan(
        *(config, strategy, task, rows, model, device, readout, none, plugins, corpus, evaluated),
        *(LongRows(config.long_rows, origins), others, learned),
    )
    return _with_keys(plan)


def with_parameters(plan: Plan, parameters: Mapping[str, object]) -> Plan:
    """Returns a plan with hyper-parameters that are set beside those it has, and no search.

    Raises:
        UsageError: They can't be set.
    """
    chosen = {**plan.config.set, **parameters}
    config = plan.config.model_copy(update={"set": chosen, **NO_SEARCH})
    strategy = create_strategy(config.strategy, chosen).sized(plan.trained, plan.task.kind)
    readout = strategy.readout or _readout(config, plan.task, plan.model)
    return _with_keys(replace(plan, config=config, strategy=strategy, readout=readout))


def _with_keys(plan: Plan) -> Plan:
    """Returns a plan with the keys of its work."""
    config, task, test = plan.config, plan.task, plan.rows.test
    prepared, served = divided(plan.strategy, plan.others)
    # Metrics of the user's own are values beside the answers.
    scoring: dict[str, object] = {"readout": plan.readout, "metrics": [], **long_rows(config)}
    choices = {row.example.query.choices or task.labels for row in test}
    if config.structured:
        scoring["structured"] = 1  # raised when what a server is sent for it changes
    if plan.readout == "loglikelihood" and any(map(begins_another, choices)):
        scoring["ended"] = 1  # the end of such choices is scored too
    keys = make_keys(
        strategy=prepared,
        needs=plan.strategy.required | ({"dev"} if plan.strategy.abstain == TUNE else set()),
        model=model_key(plan.strategy, plan.model, plan.device),
        task={"name": task.name, "digest": task.digest, **long_rows(config, "cut")},
        data=plan.rows.digests | ({"corpus": plan.corpus.digest} if plan.corpus else {}),
        seed=config.seed,
        decoding={**scoring, **served, **judging(config)},
        device_class=plan.device.device_class,
        tuning=wanted(config) if config.tunes or config.tune_rows else None,
        form=config.form,
    )
    return replace(plan, keys=keys)


def _looked_up(rows: Rows, corpus: Corpus) -> Rows:
    """Lets the report look for the test rows in ready passages; files aren't read for it."""
    if corpus.folder is not None:
        return rows
    plain, texts = rows.report, [passage.text for passage in corpus.passages]
    return replace(rows, report=lambda: with_copies(plain(), rows.test, texts))


def _device_and_model(
    config: RunConfig, strategy: Strategy, task: Task, fetch: bool, monitor: Monitor
) -> tuple[devices.Device, ModelFolder | Endpoint | None]:
    if "model" not in strategy.required:
        if strategy.behind_api:
            return devices.Device("api"), None
        if "encoder" in strategy.required:
            return devices.select(config.device, config.dtype), None
        if "embedder" in strategy.required:  # it always computes in float32
            return devices.select(config.device, "float32"), None
        return devices.Device("cpu", 0, "CPU", "float32"), None  # works without torch
    if config.model and is_endpoint(config.model):
        return devices.Device("api"), model_endpoint(config, task)
    device = devices.select(config.device, config.dtype)
    if strategy.makes_model:
        if config.model:
            raise UsageError(
                f"{config.strategy} makes its own model; {config.model} has no part in it",
                "Leave --model out.",
            )
        return device, None
    if fetch:
        return device, _resolve(config, task, monitor)
    try:
        return device, _resolve(config.model_copy(update={"offline": True}), task, monitor)
    except MissingDependency:
        return device, None


def model_key(
    strategy: Strategy, model: ModelFolder | Endpoint | None, device: devices.Device
) -> dict[str, object] | None:
    """Returns what a model is in a key; of one that is made, or an encoder, parameters say it."""
    if model is not None:
        return {"digest": model.digest, "dtype": device.dtype}
    computes = strategy.makes_model or "encoder" in strategy.required
    return {"dtype": device.dtype} if computes else None


def _readout(config: RunConfig, task: Task, model: ModelFolder | Endpoint | None) -> str:
    """Returns the user's readout, else the task's; of an endpoint, which may know no other, text."""
    usual = "generate" if isinstance(model, Endpoint) else task.readout
    readout = usual if config.readout == "auto" else config.readout
    if readout == "loglikelihood" and not kinds()[task.kind].among(CHOICE | DECISION):
        raise UsageError(
            f"the answers of {task.name} ({task.kind}) are written, not chosen by likelihood",
            "Leave --readout out.",
        )
    if readout == "loglikelihood" and config.wait:
        raise UsageError(
            "batches are of answers that are written", "Leave --wait or --readout out."
        )
    return readout


def _check_needs(strategy: Strategy, task: Task, rows: Rows) -> None:
    for part in strategy.parts:
        if part.kinds and task.kind not in part.kinds:
            raise UsageError(
                f"{part.name} is for {', '.join(sorted(part.kinds))}; {task.name} is {task.kind}",
                "`harness list strategies` shows the others.",
            )
    if "train" in strategy.required and not rows.train:
        raise DataError(
            f"{strategy.name or 'this strategy'} needs training rows; {task.name} has none",
            "Use --strategy zero-shot, or give it some: --split 70/10/20, or rows named train.",
        )
    if "gold_passages" in strategy.required and not task.spec.columns.passages:
        raise UsageError(
            f"{task.name} names no gold passages", "Its task file needs columns: passages."
        )


def _corpus(config: RunConfig, strategy: Strategy, task: Task, rows: Rows) -> Corpus | None:
    """Checks what the strategy needs, and returns the documents where it needs them."""
    _check_needs(strategy, task, rows)
    if "corpus" not in strategy.required | strategy.optional:
        return None
    corpus = task.corpus(data_dir=config.data_dir, keep=config.results / "corpora")
    if corpus is None and "corpus" in strategy.required:
        takes_rows = [part.name for part in strategy.parts if "rows" in type(part).model_fields]
        other = "use a strategy without documents"
        if takes_rows and not strategy.retrieves:
            other = f"--set {takes_rows[0]}.rows=true trains on the questions of the training rows"
        raise UsageError(
            f"the task {task.name} has no documents", f"Name a folder with --docs, or {other}."
        )
    return corpus


def _resolve(config: RunConfig, task: Task, monitor: Monitor) -> ModelFolder:
    from harness.models.sources.catalog import default_model

    name = config.model or default_model(task.language)
    return fetched(name, config.revision, config.offline, monitor)
