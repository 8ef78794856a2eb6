"""The probes of one run: the model as it is, before anything is adapted, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import cast

from harness.errors import UsageError, nearest
from harness.models.endpoint import Endpoint
from harness.records.files import storage_errors
from harness.records.ledger import Ledger
from harness.records.locks import locked
from harness.records.probes import ProbeRecord, ProbeScore
from harness.records.reading import known_artifact, read_record, write_record
from harness.records.schema import RunRecord, recorded
from harness.records.store import FINISHED
from harness.runs.abstaining import predictor_of
from harness.runs.loader import loader_of
from harness.runs.plan import Plan
from harness.runs.prepare import LEDGER, context_of, ledger_of
from harness.runs.probes.before import before_file, sit
from harness.runs.probes.exams import Exam, Examinee, general_exams
from harness.runs.probes.items import VERSION
from harness.runs.probes.lm_eval import PREFIX, lm_eval_exam
from harness.runs.probes.marks import Sitting, figures, without_interval
from harness.runs.probes.tasks import gap_exams, row_metric, sat_in_test, task_exams
from harness.strategy.adaptation import Adaptation
from harness.strategy.base import HoldsModel, Predictor
from harness.strategy.context import Context, Monitor
from harness.text import duration

__all__ = ["Probing", "check_probes", "probe_finished"]

DEFAULT = "default"
MARKS = "probes.jsonl"
"""The marks of the adapted model, in the run's folder."""
NO_MODEL = "no language model takes part"
MADE = "the run makes its own model: there is none as it was before"
OWN_MODEL = "the strategy doesn't say which model it answers with"


def check_probes(plan: Plan) -> None:
    """Refuses what can't be probed, before anything is spent.

    Raises:
        UsageError: There is no such probe, or the model is behind a server.
    """
    for label, name in _asked(plan).items():
        if name.startswith(PREFIX):
            lm_eval_exam(label, name, plan.config)
        elif name != DEFAULT:
            raise UsageError(
                f"there is no probe {name!r}", nearest(name, [DEFAULT, f"{PREFIX}NAME"])
            )
    if plan.config.probe and isinstance(plan.model, Endpoint):
        raise UsageError(
            "--probe needs a model on this machine: nothing changes the weights behind a server",
            "Leave --probe out.",
        )


def _asked(plan: Plan) -> dict[str, str]:
    """Returns the probes by the name that a record gives them: a file's without its folder."""
    return dict(zip(recorded(plan.config).probe, plan.config.probe, strict=True))


def probe_finished(plan: Plan, folder: Path, monitor: Monitor) -> None:
    """Adds the probes that a finished record lacks; nothing is answered again.

    Raises:
        UsageError: What the run had prepared isn't here any more.
    """
    record = read_record(folder)
    done = {probe.name for probe in record.probes if probe.version == VERSION}
    if done >= _asked(plan).keys():
        return
    with locked(folder, monitor.message):
        probing = Probing(plan, folder, ledger_of(plan, folder / LEDGER), monitor)
        artifact = (
            plan.config.results / "artifacts" / (record.artifact.name if record.artifact else "")
        )
        prepared = known_artifact(artifact)
        if prepared is None or prepared.status != FINISHED:
            raise UsageError(
                f"{folder.name} has to be probed with what it prepared, and that isn't here",
                "--force prepares it again, beside this record.",
            )
        probing.before()
        context = context_of(plan, artifact, probing.ledger, loader_of(plan), monitor)
        probing.after(context, None, record)
        names = dict.fromkeys((*record.config.probe, *_asked(plan)))
        record.config = record.config.model_copy(update={"probe": tuple(names)})
        write_record(folder, record)


@dataclass(frozen=True)
class Probing:
    """Probes a run. `before` comes before its model is adapted, `after` when rows are answered."""

    plan: Plan
    folder: Path
    ledger: Ledger
    monitor: Monitor

    @cached_property
    def _model_missing(self) -> str:
        """Why there is no model to examine; empty where there is one."""
        strategy = self.plan.strategy
        if "model" not in strategy.required:
            return NO_MODEL
        if strategy.makes_model:
            return MADE
        return "" if isinstance(strategy, Adaptation) else OWN_MODEL

    @property
    def _changed(self) -> bool | None:
        strategy = self.plan.strategy
        if self._model_missing == NO_MODEL:
            return False
        return strategy.changes_weights if isinstance(strategy, Adaptation) else None

    @cached_property
    def _exams(self) -> tuple[dict[str, list[Exam]], dict[str, str]]:
        """The exams of each probe, and why some of the default one's can't be sat."""
        plan, missing = self.plan, dict[str, str]()
        exams: dict[str, list[Exam]] = {}
        for label, name in _asked(plan).items():
            exams[label] = []
            if self._model_missing:
                missing["model"] = self._model_missing
            elif name == DEFAULT:
                context = context_of(plan, self.folder, self.ledger, loader_of(plan), self.monitor)
                others, missing = task_exams(plan, context)
                exams[label] = [*general_exams(), *others]
            else:
                exams[label] = [lm_eval_exam(label, name, plan.config)]
        return exams, missing

    @property
    def _all(self) -> list[Exam]:
        return [exam for exams in self._exams[0].values() for exam in exams]

    def before(self) -> None:
        """Examines the model as it is, unless that is known from an earlier run."""
        if not self._all:
            return
        path = before_file(self.plan)
        with storage_errors(path.parent):
            path.parent.mkdir(parents=True, exist_ok=True)
        with locked(path.parent, self.monitor.message):
            _, found = sit(self._all, path, self._plain, *self._meters)
        if found and not self.ledger.earlier("probe"):  # else an attempt before this one paid
            for sitting in found:
                self.ledger.record(sitting.cached)
            took = duration(sum(sitting.seconds for sitting in found))
            self.monitor.message(f"probe: before adapting, from an earlier run that took {took}")

    @property
    def _meters(self) -> tuple[Ledger, Monitor]:
        return self.ledger, self.monitor

    def _plain(self) -> Examinee:
        """Loads the run's model as it is; the record names the adapted one."""
        return cast(Examinee, loader_of(self.plan, form="trained")())

    def _adapted(self, predictor: Predictor, context: Context) -> Examinee:
        """Returns the model that a predictor answers with; the gap's exams ask the predictor."""
        model = predictor.model if isinstance(predictor, HoldsModel) else None
        strategy = self.plan.strategy
        if model is None and self._changed and isinstance(strategy, Adaptation):
            model = strategy.model(context)
        return cast(Examinee, model)

    def after(self, context: Context, predictor: Predictor | None, record: RunRecord) -> None:
        """Examines what was prepared, and adds the figures to the record."""
        if not self.plan.config.probe:
            return
        prepared = _once(lambda: predictor or predictor_of(self.plan, context))
        gap = gap_exams(self.plan, prepared) if DEFAULT in self._exams[0] else []
        exams = [*(self._all if self._changed else []), *gap]
        path = self.folder / MARKS
        after, _ = sit(exams, path, lambda: self._adapted(prepared(), context), *self._meters)
        before: dict[str, Sitting] = {}
        if self._all:
            before, _ = sit(self._all, before_file(self.plan), self._plain, *self._meters)
        if not self._changed and self._all:
            self.monitor.message("probe: the weights are unchanged, so that after is before")
        probes = [self._record(name, before, after, gap, record) for name in self._exams[0]]
        kept = [probe for probe in record.probes if probe.name not in self._exams[0]]
        record.probes = (*kept, *probes)
        write_record(self.folder, record)

    def _record(
        self,
        name: str,
        before: dict[str, Sitting],
        after: dict[str, Sitting],
        gap: Sequence[Exam],
        record: RunRecord,
    ) -> ProbeRecord:
        exams, missing = self._exams
        scores: list[ProbeScore] = []
        for exam in exams[name]:
            was = before[exam.name]
            scores += figures(name, was, exam.metrics, adapted=False)
            if self._changed:
                scores += figures(name, after[exam.name], exam.metrics, was, adapted=True)
        if name == DEFAULT and gap:
            tested = sat_in_test(self.plan, self.folder, record)
            metric, better = row_metric(self.plan.task.primary)
            for sitting in (*(after[exam.name] for exam in gap), tested):
                scores += figures(name, sitting, {metric: better}, adapted=True)
        missing = missing if name == DEFAULT or self._model_missing else {}
        return ProbeRecord(
            name=name,
            version=VERSION,
            changed=self._changed,
            scores=tuple(scores),
            missing=missing | without_interval(scores),
        )


def _once(make: Callable[[], Predictor]) -> Callable[[], Predictor]:
    """Makes a predictor when it is first asked for."""
    made: list[Predictor] = []

    def get() -> Predictor:
        if not made:
            made.append(make())
        return made[0]

    return get
