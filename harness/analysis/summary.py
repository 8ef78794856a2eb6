"""What a record says: metrics derived from predictions, and one summary for table and JSON."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.analysis.alarms import alarms
from harness.analysis.foreign import log_shown
from harness.analysis.forgetting import probes_of
from harness.costs.book import PriceBook
from harness.costs.options import PriceOptions
from harness.costs.pricing import Cost, price
from harness.costs.serving import MeasuredSpeed
from harness.costs.tokens import api_price, batch_factor, token_usd
from harness.metrics.aggregate import aggregate, outcomes, slices
from harness.metrics.collapse import one_answer
from harness.metrics.graded import ESTIMATE, GRADED, graded_estimate
from harness.metrics.ragas import count_states
from harness.metrics.registry import kinds, known
from harness.metrics.statistics.quantiles import upper_bound
from harness.records.files import write_json
from harness.records.ledger import PhaseTotal, Spend, read_ledger, totals
from harness.records.load import Load
from harness.records.predictions import scored_rows
from harness.records.reading import read_load, read_metrics, read_record
from harness.records.schema import Figure, LongRows, Metrics, OneAnswer, RunRecord
from harness.records.store import METRICS
from harness.types import Estimate, Usage

if TYPE_CHECKING:
    from harness.task.task import Task

__all__ = [
    "SCHEMA_VERSION",
    "cost_of",
    "measured_speed",
    "price_of",
    "sharing",
    "spends",
    "summary",
    "summary_of",
    "understated",
    "write_metrics",
]

SCHEMA_VERSION = 1
BUSY = 0.1  # share of the machine's processor time taken by others, from which a record says so


def write_metrics(folder: Path, record: RunRecord, task: Task, metrics: Sequence[str]) -> None:
    """Derives metrics.json from the predictions; needs no model.

    A metric of the user's that has no value, since it failed on every row, is left out.
    """
    scored = scored_rows(folder, record)
    metrics = [name for name in metrics if name in known() or name in scored.values]
    options: dict[str, Any] = {"kind": task.kind, "labels": task.labels, "metrics": metrics}
    by_slice = slices(scored, task.slices, **options)
    currency = task.spec.decision.currency if task.spec.decision else ""
    estimates = aggregate(scored, **options)
    if record.grades:
        estimates |= aggregate(scored, **options | {"metrics": [GRADED]})
        estimates[ESTIMATE] = graded_estimate(scored.answered, record.grades.predict_from)
    value = Metrics(
        outcomes=outcomes(scored),
        n=len(scored.answered),
        primary=task.primary,
        metrics=_figures(estimates, currency),
        slices={name: _figures(estimates, currency) for name, estimates in by_slice.items()},
        judged=count_states(scored.judged),
    )
    same = None if kinds()[task.kind].mute else one_answer(scored, task.labels)
    if same:
        value = value.model_copy(update={"one_answer": OneAnswer(**asdict(same))})
    write_json(folder / METRICS, value.as_json(), indent=None)


def _figures(estimates: dict[str, Estimate], currency: str) -> dict[str, Figure]:
    """Estimates, each with its direction, and with its unit where it is money."""
    figures = {}
    for name, estimate in estimates.items():
        info = known().get(name)
        unit = {"unit": f"{currency} per 1,000 cases"} if info and info.money else {}
        better = info.higher_is_better if info else True if name in (GRADED, ESTIMATE) else None
        figures[name] = Figure(**asdict(estimate), higher_is_better=better, **unit)
    return figures


def spends(folder: Path, record: RunRecord | None = None) -> tuple[list[Spend], list[Spend]]:
    """Reads what a run's artifact took (``reused``: paid for earlier), and what answering took."""
    record = record or read_record(folder)
    artifact = read_ledger(folder / "artifact-ledger.jsonl")
    if record.artifact and record.artifact.reused:
        artifact = [each if each.work else replace(each, paid="reused") for each in artifact]
    return artifact, read_ledger(folder / "ledger.jsonl")


def cost_of(folder: Path, book: PriceBook, choices: PriceOptions | None = None) -> Cost:
    """Prices a run by the price book of today; the record itself holds only quantities.

    What isn't chosen is as an earlier version kept it with the run.
    """
    record = read_record(folder)
    return price_of(record, *spends(folder, record), book, choices, load=read_load(folder))


def measured_speed(record: RunRecord, load: Load | None) -> MeasuredSpeed:
    """Returns what was measured of latency, as a bound, and of the rates that are sustained."""
    high = upper_bound(record.latency.seconds) if record.latency else None
    points, device = load.points if load else (), record.device.device_class
    return MeasuredSpeed(high, tuple(each for each in points if each.device_class == device))


def price_of(
    record: RunRecord,
    developed: list[Spend],
    served: list[Spend],
    book: PriceBook,
    choices: PriceOptions | None = None,
    *,
    load: Load | None = None,  # what it sustains, where that was measured
) -> Cost:
    """Prices a record whose spans were read."""
    options = (choices or PriceOptions()).over(record.prices, book)
    if waited(record):
        options = replace(options, wait=True)
    cost = price(
        development=totals(developed),
        deployment=totals(served),
        device_class=record.device.device_class,
        model=record.model,
        book=book,
        options=options,
        measured=measured_speed(record, load),
        others=record.artifact.details.models if record.artifact else {},
    )
    if (
        record.judge and not record.judge.local
    ):  # by the judge's price, whatever the run's own model costs
        spent, usd = totals(served).get("judge"), api_price(record.judge.name, book=book)
        counted = spent and not spent.quantities.get("unmetered_requests")
        cost.by_phase["judge"] = token_usd(spent.usage, usd) if spent and counted and usd else None
    return cost


def waited(record: RunRecord) -> bool:
    """Whether all requests went in batches: their seconds say nothing, and they cost less."""
    return record.server is not None and record.server.waited


def _server(
    record: RunRecord, book: PriceBook, choices: PriceOptions | None, spent: PhaseTotal | None
) -> dict[str, object] | None:
    """Says what a server was asked, and what that was expected to take; dollars by today's prices."""
    if record.server is None:
        return None
    value = record.server.model_dump(mode="json")
    if record.server.estimate is None or record.model is None:
        return value
    price = api_price(record.model.asked, choices.provider if choices else None, book)
    usages = [*record.server.estimate.usages(), spent.usage if spent else Usage()]
    metered = spent and not spent.quantities.get("unmetered_requests")
    share = (batch_factor(price, book) or 1.0) if price and waited(record) else 1.0
    dollars = [token_usd(usage, price, batch=share) if price else None for usage in usages]
    value["estimate"] |= {"usd": dollars[:3], "actual_usd": dollars[3] if metered else None}
    return value


def _judge(
    record: RunRecord, derived: Metrics | None, cost: Cost, served: list[Spend]
) -> dict[str, object] | None:
    """Says who judged, what that took, and how many answers got no verdict."""
    if record.judge is None:
        return None
    spent = totals(served).get("judge", PhaseTotal())
    return record.judge.as_json() | {
        "tokens": spent.usage.as_dict(),
        "requests": spent.quantities.get("judge_requests", 0),
        "failed": spent.quantities.get("judge_failed", 0),
        "usd": cost.by_phase.get("judge"),
        "states": derived.judged if derived else {},
    }


def summary(folder: Path, book: PriceBook, choices: PriceOptions | None = None) -> dict[str, Any]:
    """Returns what the table and ``--json`` show of a run; ``notes`` say why a value is None."""
    record = read_record(folder)
    return summary_of(folder, record, read_metrics(folder), spends(folder, record), book, choices)


def summary_of(
    folder: Path,
    record: RunRecord,
    derived: Metrics | None,
    spent: tuple[list[Spend], list[Spend]],
    book: PriceBook,
    choices: PriceOptions | None = None,
) -> dict[str, Any]:
    """Returns the same of a record that was read."""
    (developed, served), load = spent, read_load(folder)
    cost = price_of(record, developed, served, book, choices, load=load)
    notes = dict(cost.notes)
    if derived is None:
        notes["metrics"] = f"the run is {record.status}, not finished"
    if shared := sharing(record):
        notes["shared"] = shared
    notes |= {about: alarm.en for about, alarm in alarms(record, derived).items()}
    notes |= _recorded_notes(record)
    return {
        "schema_version": SCHEMA_VERSION,
        "run_id": record.run_id,
        "path": str(folder),
        "status": record.status,
        **_configuration(record),
        **_figures_shown(derived),
        "rows": record.task.rows.as_json(),
        "data": record.data and record.data.model_dump(mode="json"),
        "readout": record.readout,
        "log": log_shown(folder, record),
        "judge": _judge(record, derived, cost, served),
        "probes": probes_of(record),
        "long_rows": record.long_rows and record.long_rows.as_json(),
        "ledger": _ledger(developed, served),
        "cost": cost.as_dict(),
        "latency": _latency(record, notes),
        "load": [point.shown() for point in load.points] if load else [],
        "throughput": None if waited(record) else throughput(totals(served).get("serve")),
        "device": record.device.device_class,
        "server": _server(record, book, choices, totals(served).get("serve")),
        "shared": record.shared,
        "machine_use": record.machine_use and record.machine_use.as_json(),
        "grades": record.grades and record.grades.as_json(),
        "artifact": record.artifact and record.artifact.as_json(),
        "documents": record.artifact and record.artifact.details.documents,
        "wall_seconds": record.wall_seconds,
        "finished": record.finished,
        "notes": notes,
    }


def _configuration(record: RunRecord) -> dict[str, object]:
    task, model = record.task, record.model
    return {
        "strategy": record.strategy.name,
        "label": record.label,
        "effort": record.effort,
        "tuning": record.tuning and record.tuning.model_dump(mode="json"),
        "parameters": record.strategy.parameters,
        "task": task.name,
        "language": task.language,
        "synthetic": task.synthetic,
        "model": record.model_name,
        "weights_origin": model and model.weights_origin,
        "quantization": model and model.quantization,
        "form": record.config.form,
        "adapter": model and model.adapter,
        "seed": record.config.seed,
    }


def _figures_shown(derived: Metrics | None) -> dict[str, object]:
    """What was derived from the predictions; nothing where the run isn't finished."""
    if derived is None:
        return {"n": None, "outcomes": {}, "primary": None, "metrics": {}, "slices": {}}
    fields = {"n", "outcomes", "primary", "metrics", "slices"}
    return derived.model_dump(mode="json", include=fields, exclude_unset=True)


def sharing(record: RunRecord) -> str | None:
    """Says that a run wasn't alone on its machine; None where it was, or nobody knows."""
    if record.shared:
        phases = ", ".join(record.shared_phases or ["some phases"])
        return f"another run was on the machine during {phases}: the seconds don't compare"
    share = record.machine_use.others_cpu_share if record.machine_use else 0.0
    if share >= BUSY:
        return f"other programs took {share:.0%} of the machine's processor time"
    return None


def understated(record: RunRecord) -> str:
    """Says where a form's few bits cost less than they would: the weights had no more before."""
    few = record.config.form in ("nf4", "gguf-q4") and record.model
    if not few or not re.search("q4|nf4|4.bit", few.weights_origin, re.IGNORECASE):
        return ""
    return (
        f"{record.config.form}: weights that were 4-bit before understate what 4-bit costs "
        f"({few.weights_origin})"
    )


def _recorded_notes(record: RunRecord) -> dict[str, str]:
    """Notes that the record alone gives."""
    notes = {}
    if record.long_rows:
        notes["long_rows"] = _long_rows(record.long_rows)
    if record.server and record.server.note:
        notes["server"] = record.server.note
    if said := understated(record):
        notes["form"] = said
    if record.model is None:
        notes["weights_origin"] = "no language model takes part"
    return notes | _pretraining(record)


def _pretraining(record: RunRecord) -> dict[str, str]:
    """Says what training on plain text came to; nothing where there was none."""
    details = record.artifact.details.model_extra if record.artifact else None
    found = (details or {}).get("pretraining") or {}
    said = "; ".join(map(str, found.get("notes", ())))
    return {"pretraining": said} if said else {}


def _long_rows(rows: LongRows) -> str:
    """Says how many rows were longer than the context, what became of them, and where they are."""
    unread = rows.test - rows.cut
    fates = (
        (rows.train, "of training cut" if rows.rule == "cut" else "of training left out"),
        (rows.cut, "of the test cut"),
        (unread, "of the test not asked, which counts as wrong"),
    )
    counts = ", ".join(f"{count} {fate}" for count, fate in fates if count)
    return f"longer than the context: {counts}; {'; '.join(rows.places)}"


def _latency(record: RunRecord, notes: dict[str, str]) -> dict[str, object] | None:
    latency = record.latency
    if latency is None:
        notes["latency"] = "not measured"
        return None
    if latency.stopped_by == "time":
        notes["latency"] = f"only {latency.requests} requests were timed: each takes long"
    high = upper_bound(latency.seconds)
    if high is None:
        notes["p95"] = f"no upper bound of p95: {latency.requests} requests were timed, it takes 59"
    value = latency.model_dump(mode="json", exclude={"seconds"}, exclude_unset=True)
    return value | {"p95_high_seconds": high}


def throughput(served: PhaseTotal | None) -> dict[str, float | None] | None:
    """Returns requests and tokens of the test that were answered in a second, as they are priced.

    The mean batch is None where a model isn't run by us; ``prefixes_shared`` says whether what
    prompts begin with ran once for several.
    """
    requests = served.quantities.get("requests", 0) if served else 0
    if served is None or not served.seconds or not requests:
        return None
    usage = served.usage
    batches = usage.passes - usage.decode_steps
    return {
        "requests_per_second": requests / served.seconds,
        "tokens_per_second": (usage.input_tokens + usage.output_tokens) / served.seconds,
        "output_tokens_per_second": usage.output_tokens / served.seconds,
        "requests_per_batch": requests / batches if batches > 0 else None,
        "prefixes_shared": 0 < usage.computed_tokens < usage.input_tokens,
        "priced": True,
    }


def _ledger(developed: list[Spend], served: list[Spend]) -> dict[str, dict[str, object]]:
    """Phases with seconds and tokens; loading for training and for serving apart."""
    table: dict[str, dict[str, object]] = {}
    for suffix, part in (("", developed), ("serve ", served)):
        for phase, total in totals(part).items():
            name = phase if phase not in table else f"{suffix}{phase}"
            table[name] = {
                "seconds": round(total.seconds, 3),
                "device_seconds": round(total.device_seconds, 3),
                "tokens": total.usage.as_dict(),
                "quantities": total.quantities,
                "peak_memory_bytes": total.peak_memory_bytes,
                "energy_joules": total.energy_joules,
                "attempts": total.attempts,
                "paid": total.paid,
            }
    return table
