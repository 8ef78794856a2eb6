"""A row of the main table: quality, both costs, machine, speed, outcomes of a configuration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from harness.analysis.alarms import alarms
from harness.analysis.configurations import mean_of_all
from harness.analysis.forgetting import changes_of, gap_of
from harness.analysis.summary import summary_of
from harness.analysis.words import Phrase
from harness.costs.book import PriceBook
from harness.costs.options import PriceOptions
from harness.costs.serving import Month
from harness.records.ledger import labelled_rows, totals
from harness.records.phases import TRAINING, phase_of
from harness.records.schema import RunRecord, StrategyRecord
from harness.report.collect import NamedConfiguration, machine_of
from harness.report.values import ConfigurationRow, Figure, PairedDifference

__all__ = ["families_of", "group_of", "make_row", "mark_frontier", "summaries_of"]

Summary = Mapping[str, Any]
COSTS = (  # fields of a row that are the mean of the same field of its runs' costs
    "development_usd",
    "usd_per_1k_requests",
    "usd_per_1k_tokens",
    "usd_per_1k_output_tokens",
    "projected_gpu_hours",
    "energy_kwh",
)


def summaries_of(
    named: NamedConfiguration, book: PriceBook, choices: PriceOptions
) -> list[dict[str, Any]]:
    """Returns the priced summaries of a configuration's runs, with their phases of development."""
    return [
        summary_of(run.folder, run.record, run.derived, run.spent, book, choices)
        | {"developed": list(totals(run.spent[0]))}
        for run in named.configuration.runs
    ]


def group_of(runs: Sequence[Summary], strategy: StrategyRecord) -> str:
    """Says by the ledger what a configuration does: no strategy has to be known by its name."""
    if strategy.ceiling:
        return "ceiling"
    if "encoder" in (strategy.families or ()):
        return "encoder"
    if all(run["model"] is None for run in runs):
        return "baseline"
    phases = {phase for run in runs for phase in run["ledger"]}
    trained, retrieved = bool(phases & set(TRAINING)), "index" in phases
    if trained:
        return "tuning-retrieval" if retrieved else "tuning"
    return "retrieval" if retrieved else "prompting"


def families_of(group: str, strategy: StrategyRecord, *, whole: bool) -> tuple[str, ...]:
    """Returns a strategy's families; an older record's by what its ledger shows.

    There training is of the family ``full`` where all weights were trained, else ``low-rank``.
    """
    if strategy.families is not None:
        return strategy.families
    trained = "full" if whole else "low-rank"
    older = {"tuning": (trained,), "tuning-retrieval": ("retrieval", trained)}
    return older.get(group, ("retrieval" if group == "ceiling" else group,))


def _mean(runs: Sequence[Summary], part: str, name: str) -> float | None:
    """The mean of a figure in a part of the summaries; None as soon as one run hasn't it."""
    return mean_of_all([(run[part] or {}).get(name) for run in runs])


def make_row(
    named: NamedConfiguration,
    runs: Sequence[Summary],
    *,
    quality: Figure,
    metrics: Mapping[str, Figure],
    letters: str,
    to_best: PairedDifference | None,
    usual_machine: str,
) -> ConfigurationRow:
    """Makes a row."""
    configuration, first = named.configuration, runs[0]
    records = [run.record for run in configuration.runs]
    machine = machine_of(configuration.record)
    shared = any(run.record.shared for run in configuration.runs)
    outcomes: Counter[str] = Counter()
    for run in runs:
        outcomes.update(run["outcomes"])
    return ConfigurationRow(
        label=named.label,
        model=named.model,
        **_identity(named, runs),
        machine=machine,
        device=first["device"],
        ranked=named.why_not is None,
        why_not=None if named.why_not is None else Phrase.of(named.why_not),
        seconds_compare=not shared and machine == usual_machine,
        shared=shared,
        alarms=tuple(
            dict.fromkeys(
                alarm
                for run in configuration.runs
                for alarm in alarms(run.record, run.derived).values()
            )
        ),
        quality=quality,
        letters=letters,
        to_best=to_best,
        metrics=metrics,
        outcomes=dict(outcomes),
        **_costs(runs),
        **_speed(runs),
        frontier=False,
        notes=first["notes"],
        changes=tuple(changes_of(records)),
        weights_kept=_kept(records),
        gap=gap_of(records),
    )


def _kept(records: Sequence[RunRecord]) -> bool:
    """Whether probes have looked at a model, and say that its weights are as it came."""
    looked = [probe for record in records for probe in record.probes if probe.scores]
    seen = any(not score.adapted for probe in looked for score in probe.scores)
    return seen and all(probe.changed is False for probe in looked)


def _identity(named: NamedConfiguration, runs: Sequence[Summary]) -> dict[str, Any]:
    configuration, first = named.configuration, runs[0]
    strategy = configuration.record.strategy
    trained = (
        run["ledger"].get(phase, {}).get("quantities", {}) for run in runs for phase in TRAINING
    )
    group, whole = group_of(runs, strategy), any(amounts.get("full") for amounts in trained)
    return {
        "name": configuration.name,
        "strategy": configuration.strategy,
        "group": group,
        "families": families_of(group, strategy, whole=whole),
        "parameters": strategy.parameters,
        "effort": first["effort"],
        "model_origin": first["weights_origin"],
        "quantization": first["quantization"],
        "readout": first["readout"],
        "seeds": tuple(run["seed"] for run in runs),
        "runs": tuple(run["run_id"] for run in runs),
        "trains_all": whole,
    }


def _costs(runs: Sequence[Summary]) -> dict[str, Any]:
    means = {name: _mean(runs, "cost", name) for name in COSTS}
    cpu = runs[0]["device"].startswith("cpu")
    projections = [run["cost"]["projection"] for run in runs]
    return means | {
        "labelled_rows": fmean(
            labelled_rows(run["ledger"].get("label", {}).get("quantities", {})) for run in runs
        ),
        "once": _once(runs),
        "unpriced": tuple(dict.fromkeys(name for run in runs for name in run["cost"]["unpriced"])),
        "basis": runs[0]["cost"]["basis"],
        "months": _months(runs),
        "gpu_hours": _mean(runs, "cost", "gpu_hours") or 0.0,
        "cpu_hours": (_mean(runs, "cost", "device_hours") or 0.0) if cpu else 0.0,
        "projected_gpu": projections[0]["gpu"] if all(projections) else None,
        "projected_usd_per_1k": mean_of_all(
            [each and each["usd_per_1k_requests"] for each in projections]
        ),
        "projected_is_least": any(each["lower_bound"] for each in projections if each),
    }


def _months(runs: Sequence[Summary]) -> tuple[Month, ...]:
    """What serving costs a month, the mean over the runs."""
    months = zip(*(run["cost"]["months"] for run in runs), strict=True)
    return tuple(
        Month(each[0]["requests"], mean_of_all([m["usd"] for m in each])) for each in months
    )


def _once(runs: Sequence[Summary]) -> dict[str, float | None]:
    """Dollars of development by phase; loading for serving isn't in it."""
    phases = dict.fromkeys(
        name
        for run in runs
        for name in run["cost"]["by_phase"]
        if name in run["developed"] and phase_of(name).development
    )
    return {
        name: mean_of_all([run["cost"]["by_phase"].get(name, 0.0) for run in runs])
        for name in phases
    }


def _speed(runs: Sequence[Summary]) -> dict[str, Any]:
    phases = [phase for run in runs for phase in run["ledger"].values()]
    memory = [phase["peak_memory_bytes"] for phase in phases if phase["peak_memory_bytes"]]
    latency = [run["latency"] for run in runs if run["latency"]]
    speed = runs[0]["throughput"] or {}
    return {
        "train_seconds": fmean(
            sum(run["ledger"].get(phase, {}).get("seconds", 0.0) for phase in TRAINING)
            for run in runs
        ),
        "peak_memory_bytes": max(memory, default=None),
        "p50_seconds": _mean(runs, "latency", "p50_seconds"),
        "p95_seconds": _mean(runs, "latency", "p95_seconds"),
        "latency_requests": min((each["requests"] for each in latency), default=0),
        "requests_per_second": _mean(runs, "throughput", "requests_per_second"),
        "requests_per_batch": speed.get("requests_per_batch"),
        "prefixes_shared": bool(speed.get("prefixes_shared")),
        "input_tokens": mean_of_all([_tokens(run, "input_tokens") for run in runs]),
        "output_tokens": mean_of_all([_tokens(run, "output_tokens") for run in runs]),
        "wall_seconds": fmean(run["wall_seconds"] for run in runs),
    }


def _tokens(run: Summary, name: str) -> float | None:
    """Tokens of a request; None where no language model takes part."""
    served = run["ledger"].get("serve")
    requests = served["quantities"].get("requests", 0) if served else 0
    if not requests or run["model"] is None:
        return None
    return float(served["tokens"].get(name, 0) / requests)


def mark_frontier(rows: Sequence[ConfigurationRow]) -> set[str]:
    """Returns the labels of configurations that no other one beats in both quality and cost.

    Only those that were measured alone, on the machine that most were on, have comparable costs.
    """
    known = [
        (row.label, usd, -value if row.quality.higher_is_better is False else value)
        for row in rows
        if row.ranked and row.seconds_compare
        if (usd := row.usd_per_1k_requests) is not None and (value := row.quality.value) is not None
    ]
    return {
        label
        for label, usd, value in known
        if not any((u <= usd and v >= value) and (u < usd or v > value) for _, u, v in known)
    }
