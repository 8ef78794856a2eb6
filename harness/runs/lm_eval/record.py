"""A run of one of lm-eval's tasks, from start to end, and its record."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.config import RunConfig
from harness.devices import Device, select
from harness.errors import UsageError, nearest
from harness.metrics.aggregate import outcomes
from harness.records.files import Json, write_json, write_lines
from harness.records.keys import digest
from harness.records.ledger import Ledger
from harness.records.locks import locked
from harness.records.meters import meter
from harness.records.predictions import IDS, check_predictions, ids_digest
from harness.records.presence import present
from harness.records.probes import ProbeScore
from harness.records.reading import known_record, read_record, write_record
from harness.records.schema import DeviceRecord, Figure, Keys, Metrics, RunRecord
from harness.records.scrub import without_places
from harness.records.store import FINISHED, LEDGER, METRICS, PREDICTIONS, RUN, Store
from harness.runs.exports.figures import LM_EVAL
from harness.runs.lm_eval.evaluator import Results, evaluated, figures_of
from harness.runs.lm_eval.rows import lines_of, row_id, row_metrics
from harness.runs.lm_eval.settings import Parameters, asks_lm_eval, check_options, parameters_of
from harness.runs.lm_eval.tasks import PREFIX, Loaded, library, load_tasks
from harness.runs.plan import Rows
from harness.runs.record import RunResult, begin_record, closing
from harness.strategy.context import Monitor
from harness.text import words
from harness.types import Example, Query, Row

if TYPE_CHECKING:
    from harness.models.sources.catalog import ModelFolder
    from harness.runs.lm_eval.model import HarnessLM

__all__ = ["asks_lm_eval", "run"]

KEPT = words("results groups group_subtasks configs versions n-shot higher_is_better n-samples")
NORMAL = 1.959964
"""Standard errors on each side of a 95 % interval."""


@dataclass(frozen=True)
class Asked:
    """One of lm-eval's tasks or groups, with its rows."""

    name: str
    loaded: Loaded
    parameters: Parameters
    limit: int | None

    @property
    def tasks(self) -> Loaded:
        """The tasks in it, by name."""
        tasks: Loaded = self.loaded["tasks"]
        return tasks

    @property
    def kind(self) -> str:
        """What lm-eval asks of a model: ``multiple_choice``, ``generate_until``, ..."""
        return " + ".join(sorted({str(task.OUTPUT_TYPE) for task in self.tasks.values()}))

    def largest_loss(self, rows: Iterable[Row]) -> None:
        """None of lm-eval's tasks declares what a mistake costs."""

    def documents(self) -> Iterator[tuple[str, int]]:
        """Yields task and number of each document that is asked."""
        for name, task in self.tasks.items():
            count = len(task.eval_docs)
            for number in range(min(count, self.limit or count)):
                yield name, number

    def rows(self) -> Rows:
        """Returns the documents as rows, without their content."""
        ids = [row_id(name, number, len(self.tasks)) for name, number in self.documents()]
        digests = {"test": self._data(), IDS: ids_digest(ids)}
        return Rows([], [], [Row(Example(Query(id_, ""), "")) for id_ in ids], digests)

    def _data(self) -> str:
        """Returns the digest of all documents that are asked, and of those shown as examples."""
        found = []
        for task in self.tasks.values():
            docs = list(task.eval_docs)[: self.limit]
            shown = list(task.fewshot_docs() or ()) if task.get_config("num_fewshot") else []
            found.append(digest([_plain(each) for each in (*docs, *shown)]))
        return digest(found)

    def describe(self) -> Json:
        """Returns what a record keeps of the task."""
        configs = {name: _plain(dict(task.dump_config())) for name, task in self.tasks.items()}
        versions = [task.VERSION for task in self.tasks.values()]
        whole = isinstance(versions[0], (int, float))
        first = next(iter(self.tasks.values()))
        return {
            "name": f"{PREFIX}{self.name}",
            "version": int(versions[0]) if whole else 1,
            "digest": digest([configs, self.parameters.model_dump(mode="json")]),
            "kind": self.kind,
            "summary": f"a task of lm-evaluation-harness, on {first.get_config('dataset_path')}",
            "parameters": self.parameters.model_dump(mode="json", exclude_none=True),
        }


def _plain(value: object) -> Json:
    """Returns JSON values without folders of this machine."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    plain: Json = without_places(json.loads(text))
    return plain


def run(config: RunConfig, monitor: Monitor, *, wait: bool = False) -> RunResult:
    """Asks a model one of lm-eval's tasks, by lm-eval's evaluator, and writes a record of it.

    Nothing of an interrupted run can be used: the evaluator gives its results at its end.

    Raises:
        UsageError: There is no such task, or an option that has no part in it.
        DataError: The task, or its data, can't be used.
        MissingDependency: A package, the data or the model isn't there.
    """
    check_options(config)
    with library():
        asked = _asked(config)
        config = config.model_copy(update={"task": f"{PREFIX}{asked.name}"})
        device, model = select(config.device, config.dtype), _model(config, monitor)
        rows = asked.rows()
        about = {"task": asked.describe(), "data": rows.digests, "seed": config.seed}
        about |= {"model": model.digest, "dtype": device.dtype, "strategy": config.strategy}
        result = digest(about)
        key = digest([result, device.device_class])
        names = (f"{PREFIX}{asked.name}", config.strategy, model.name)
        stem = "_".join([*(name.replace(":", "-").replace("/", "-") for name in names), ""])
        stem += f"s{config.seed}_{key[:8]}"
        store = Store(config.results)
        folder, done = store.folder(RUN, stem, key, known_record, force=config.force)
        if done and _whole(folder):
            return RunResult(folder, reused=True)
        with locked(folder, monitor.message if wait else None), present():
            record = begin_record(
                folder,
                config,
                asked,
                rows,
                key=key,
                keys=Keys(artifact=None, result=result),
                device=DeviceRecord(device_class=device.device_class, dtype=device.dtype),
                readout="generate" if asked.kind == "generate_until" else "loglikelihood",
                metrics=(),
            )
            write_record(folder, record)
            with closing(folder, record):
                _execute(asked, folder, record, (device, model), monitor)
    return RunResult(folder, reused=False)


def _asked(config: RunConfig) -> Asked:
    parameters = parameters_of(config)
    given = config.task.removeprefix(PREFIX)
    loaded = load_tasks(
        [given],
        data_dir=config.data_dir,
        offline=config.offline,
        shots=parameters.num_fewshot,
        seed=config.seed,
    )
    tasks, groups = loaded["tasks"], loaded["groups"]
    name = next(iter(groups or tasks))
    if not groups and len(tasks) > 1:
        raise UsageError(
            f"lm-eval's {given} is {len(tasks)} tasks without a common figure",
            f"Name one of them, or ask all by --probe: {', '.join(sorted(tasks)[:8])}, ...",
        )
    measured = {metric for task in tasks.values() for metric in task.aggregation()}
    if (wanted := parameters.metric) and wanted.partition(",")[0] not in measured:
        raise UsageError(f"lm-eval's {given} has no metric {wanted!r}", nearest(wanted, measured))
    for task in tasks.values():
        shown = task.get_config("num_fewshot")
        if parameters.num_fewshot not in (None, shown):
            raise UsageError(
                f"lm-eval's {task.config.task} shows {shown} examples, whatever is asked for",
                "Leave num_fewshot out.",
            )
    return Asked(name, loaded, parameters, config.limit or None)


def _model(config: RunConfig, monitor: Monitor) -> ModelFolder:
    from harness.models.sources.fetch import resolve

    if config.model is None:
        raise UsageError("a task of lm-eval has no model of its own", "Name one: --model NAME.")
    return resolve(
        config.model, revision=config.revision, offline=config.offline, notify=monitor.message
    )


def _whole(folder: Path) -> bool:
    check_predictions(folder, read_record(folder))
    return True


def _execute(
    asked: Asked,
    folder: Path,
    record: RunRecord,
    where: tuple[Device, ModelFolder],
    monitor: Monitor,
) -> None:
    from harness.models.local.model import load_local
    from harness.runs.lm_eval.model import HarnessLM

    device, weights = where
    ledger = Ledger(folder / LEDGER, meter=meter(device), device=device.device_class)
    with ledger.phase("load"):
        model = load_local(weights, device=device)
    record.model = model.info

    @contextmanager
    def serving() -> Iterator[None]:
        with ledger.phase("serve") as spend:
            lm.usage, first = spend.usage, not lm.requests
            yield
            spend.count(requests=record.task.rows.test if first else 0)

    lm = HarnessLM(model, monitor.progress, seed=record.config.seed, around=serving)
    parameters = asked.parameters
    results = evaluated(
        lm,
        asked.loaded,
        limit=asked.limit,
        chat=parameters.apply_chat_template,
        system=parameters.system_instruction,
    )
    notes = tuple(_notes(lm, asked.kind))
    if record.data is not None and notes:
        record.data = record.data.model_copy(update={"notes": notes})
    for note in notes:
        monitor.message(note)
    _write(asked, folder, record, results)


def _write(asked: Asked, folder: Path, record: RunRecord, results: Results) -> None:
    figures = {each.metric: each for each in figures_of(results, asked.name)}
    of_rows = row_metrics(results)
    usual = next((name for name in figures if name in of_rows), next(iter(figures)))
    primary = asked.parameters.metric or usual
    record.metrics = tuple(figures)
    write_lines(folder / PREDICTIONS, lines_of(results, primary, record.config.store_text))
    metrics = Metrics(
        outcomes=outcomes([]) | {"ok": record.task.rows.test},
        n=record.task.rows.test,
        primary=primary,
        metrics={name: _figure(figure) for name, figure in figures.items()},
        slices={
            f"task={task}": {each.metric: _figure(each) for each in figures_of(results, task)}
            for task in (asked.tasks if len(asked.tasks) > 1 else ())
        },
    )
    write_json(folder / METRICS, metrics.as_json(), indent=None)
    write_json(folder / LM_EVAL, _plain({name: results.get(name) for name in KEPT}))
    check_predictions(folder, record.model_copy(update={"status": FINISHED}))


def _notes(lm: HarnessLM, kind: str) -> Iterator[str]:
    """Yields what a reader of the figures should know."""
    if lm.shortened:
        yield (
            f"{lm.shortened} of {lm.requests} requests are longer than the context and lost their "
            "beginning, as in lm-eval"
        )
    if lm.penalty != 1.0 and "generate" in kind:
        yield (
            f"the model's generation_config.json asks for repetition_penalty={lm.penalty:g}: "
            "lm-eval's own model applies it, this doesn't"
        )


def _figure(score: ProbeScore) -> Figure:
    plain = Figure(**score.model_dump(include={"value", "n", "higher_is_better"}))
    if score.value is None or score.stderr is None:
        return plain.model_copy(update={"method": "no interval"})
    ends = {"low": score.value - NORMAL * score.stderr, "high": score.value + NORMAL * score.stderr}
    return plain.model_copy(update={**ends, "method": "lm-eval's standard error, normal"})
