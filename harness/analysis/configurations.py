"""Runs that differ by seed alone are a configuration; those of one strategy compete on dev rows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from harness.analysis.rows import values_of
from harness.analysis.trials import Excluded, Trial
from harness.analysis.words import Reason
from harness.metrics.registry import sign_of
from harness.metrics.statistics.counts import METRICS
from harness.records.phases import TRAINING
from harness.records.reading import known_artifact
from harness.records.schema import RunRecord

__all__ = [
    "Configuration",
    "configurations_of",
    "mean_of_all",
    "pick_on_dev",
    "row_metric",
    "row_values_of",
    "same_work",
    "settings_of",
    "versions_of",
    "with_models",
]


@dataclass(frozen=True)
class Configuration:
    """A strategy with its hyper-parameters on a model."""

    name: str  # unique among those of its model
    settings: str  # that its name leaves out, as all of its strategy share them
    strategy: str
    comparable: str  # equal where hyper-parameters alone differ: these compete on dev rows
    runs: tuple[Trial, ...]  # one a seed
    random: bool  # whether another seed can give other answers
    dev_score: float | None  # mean over the runs, higher is better; None where it wasn't measured

    @property
    def record(self) -> RunRecord:
        """The first run's record: what all runs of the configuration share."""
        return self.runs[0].record


def row_metric(run: Trial) -> str:
    """Names what is compared row by row: the primary metric, or what it is made of."""
    return "correct" if run.primary in METRICS else run.primary


def row_values_of(configuration: Configuration, metric: str) -> list[dict[str, float]]:
    """Returns each row's value by id, for each run; turned round where lower is better."""
    sign = sign_of(metric)
    runs = (values_of(run.rows, metric) for run in configuration.runs)
    return [{name: sign * value for name, value in run.items()} for run in runs]


def settings_of(configurations: Sequence[Configuration]) -> str:
    """Writes once what names leave out: ``few-shot (k=24); lora, qlora (batch_size=2)``."""
    by_strategy: dict[str, str] = {}
    for each in configurations:
        by_strategy.setdefault(each.strategy, each.settings)
    strategies: dict[str, list[str]] = {}
    for strategy, settings in by_strategy.items():
        strategies.setdefault(settings, []).append(strategy)
    alike = ((", ".join(names), settings) for settings, names in strategies.items() if settings)
    return "; ".join(f"{names} ({settings})" for names, settings in alike)


def configurations_of(runs: Sequence[Trial], beside: Sequence[Trial] = ()) -> list[Configuration]:
    """Groups runs by everything but the seed, in the order of their names.

    A name has what tells a strategy's configurations apart, those of `beside` too: what all of them
    share isn't in it.
    """
    groups: dict[str, list[Trial]] = {}
    for run in runs:
        groups.setdefault(_key(run.record), []).append(run)
    records = [group[0].record for group in groups.values()]
    shared = _shared([*records, *(run.record for run in beside)])
    names = _names(records, shared)
    configurations = [
        Configuration(
            name,
            ", ".join(shared[group[0].record.strategy.name]),
            group[0].record.strategy.name,
            _comparable_key(group[0].record),
            tuple(sorted(group, key=lambda run: (run.record.config.seed, run.folder.name))),
            any(_draws(run) for run in group),
            mean_of_all([_dev_score(run) for run in group]),
        )
        for name, group in zip(names, groups.values(), strict=True)
    ]
    return sorted(configurations, key=lambda each: (each.name, each.runs[0].model or ""))


def with_models(configurations: Sequence[Configuration]) -> list[Configuration]:
    """Names each one's model as well, where there are several."""
    several = len({each.runs[0].model for each in configurations} - {None}) > 1
    return [
        replace(each, name=f"{each.name} · {each.runs[0].model}")
        if several and each.runs[0].model
        else each
        for each in configurations
    ]


def pick_on_dev(
    configurations: Sequence[Configuration],
) -> tuple[list[Configuration], list[Excluded], list[str]]:
    """Keeps one configuration of each strategy where dev rows say which.

    Returns those that go on to the test rows, those that dev rows ruled out, and the strategies all
    of whose configurations go on, as not all of them have a dev score.
    """
    kept: list[Configuration] = []
    out: list[Excluded] = []
    open_: list[str] = []
    groups: dict[str, list[Configuration]] = {}
    for each in configurations:
        groups.setdefault(each.comparable, []).append(each)
    for members in groups.values():
        scores = [each.dev_score for each in members if each.dev_score is not None]
        if len(members) > 1 and len(scores) == len(members):
            best = members.pop(scores.index(max(scores)))
            out += [Excluded(each.name, Reason("dev", {"best": best.name})) for each in members]
            members = [best]
        elif len(members) > 1:
            open_.append(members[0].strategy)
        kept += members
    return kept, out, open_


def same_work(record: RunRecord) -> tuple[str, ...]:
    """Returns what repeats have in common: the task's declaration, and all but the seed."""
    return record.task.digest, _key(record)


def _key(record: RunRecord) -> str:
    if record.tuning:  # the seeds of one effort are one configuration, whatever each has found
        return json.dumps(
            [_comparable_key(record), record.fixed, versions_of(record)], sort_keys=True
        )
    return json.dumps([_comparable_key(record), record.strategy.parameters], sort_keys=True)


def versions_of(record: RunRecord) -> list[object]:
    """Returns what the parts of a strategy are, without their parameters."""
    parts = record.strategy.parameters.get("parts")
    several = parts if isinstance(parts, list) else [record.strategy.parameters]
    names = ("name", "version", "source")
    return [[part.get(name) for name in names] for part in several if isinstance(part, dict)]


def _comparable_key(record: RunRecord) -> str:
    """All that isn't a hyper-parameter; no mean is taken over two kinds of machines."""
    model = record.model
    source = [model and model.digest, model and model.dtype]
    work = [record.readout, record.device.device_class, record.config.form]
    effort = [record.tuning.budget] if record.tuning else []
    return json.dumps([record.strategy.name, record.config.train_limit, *work, source, *effort])


def _shared(records: Sequence[RunRecord]) -> dict[str, list[str]]:
    """Returns by strategy what was set alike in all of its configurations."""
    shared: dict[str, list[str]] = {}
    for record in records:
        known = shared.get(record.strategy.name, record.chosen)
        shared[record.strategy.name] = [each for each in known if each in record.chosen]
    return shared


def _named(record: RunRecord, shared: Sequence[str]) -> str:
    own = [each for each in record.chosen if each not in shared]
    return f"{record.strategy.name} ({', '.join(own)})" if own else record.strategy.name


def _names(records: Sequence[RunRecord], shared: Mapping[str, Sequence[str]]) -> list[str]:
    """Writes what tells a model's configurations apart: what was set, then labels, readout, type."""
    models = [record.model_name for record in records]
    names = [_named(record, shared[record.strategy.name]) for record in records]

    def doubled() -> list[bool]:
        often = Counter(zip(names, models, strict=True))
        return [often[pair] > 1 for pair in zip(names, models, strict=True)]

    details: dict[str, Callable[[RunRecord], object]] = {
        "labels": lambda record: record.config.train_limit or "all",
        "readout": lambda record: record.readout,
        "device": lambda record: record.device.device_class,
        "dtype": lambda record: record.model and record.model.dtype,
        "parameters": lambda record: json.dumps(record.strategy.parameters),
    }
    for title, detail in details.items():
        names = [
            f"{name}, {title}={detail(record)}" if twice else name
            for name, record, twice in zip(names, records, doubled(), strict=True)
        ]
    again = doubled()
    return [f"{name} #{i}" if again[i] else name for i, name in enumerate(names)]


def _draws(run: Trial) -> bool:
    """Whether random numbers were drawn: as the artifact says, else where something was trained."""
    if run.record.tuning:  # the search itself draws
        return True
    artifact = run.record.artifact
    folder = run.folder.parent / "artifacts" / artifact.name if artifact else None
    if folder and (record := known_artifact(folder)) and record.streams is not None:
        return bool(record.streams)
    if run.record.source:  # answers made elsewhere: nobody knows
        return True
    phases = {spend.phase for spend in run.spent[0]}
    return run.model is not None and bool(phases & {*TRAINING, "label", "tune"})


def mean_of_all(values: Sequence[float | None]) -> float | None:
    """Returns the mean; None as soon as one value isn't known."""
    known = [value for value in values if value is not None]
    return fmean(known) if known and len(known) == len(values) else None


def _dev_score(run: Trial) -> float | None:
    """A measured dev metric, else the dev loss with its sign turned."""
    if tuning := run.record.tuning:
        value = tuning.tried[tuning.best].value
        return None if value is None else sign_of(tuning.metric) * value
    if run.record.artifact is None:
        return None
    details = run.record.artifact.details
    score = (details.dev or {}).get(run.primary)
    if score is not None:
        return score
    loss = details.training.best_dev_loss if details.training else None
    return None if loss is None else -loss
