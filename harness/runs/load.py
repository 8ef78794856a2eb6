"""Measures a prepared run under load: how long requests take that come at a steady rate."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from harness import devices
from harness.errors import DataError, UsageError
from harness.metrics.statistics.quantiles import independent, lower_bound, upper_bound
from harness.models.endpoint import Endpoint
from harness.records.files import write_json
from harness.records.ledger import Spend, read_ledger
from harness.records.load import LOAD, Load, OperatingPoint, Percentile
from harness.records.locks import locked
from harness.records.machine import Machine
from harness.records.predictions import stored_predictions
from harness.records.presence import present
from harness.records.reading import read_load, read_record
from harness.records.store import MAX_ERRORS
from harness.runs.abstaining import predictor_of
from harness.runs.latency import REQUESTS, WARM_UP
from harness.runs.loader import ModelNote, loader_of
from harness.runs.plan import Plan
from harness.runs.prepare import LEDGER, context_of, ledger_of
from harness.runs.prepared import prepared
from harness.runs.record import now
from harness.runs.traffic import IN_FLIGHT, Driven, arrivals, in_flight, named, one_machine
from harness.strategy.base import Predictor, WarmsUp
from harness.strategy.context import Monitor
from harness.types import Query

__all__ = ["BATCH", "Traffic", "measure_load", "point_of"]

BATCH = 8
"""Most waiting requests that are answered together, unless it is named."""
KEPT = 0.9
"""Share of the arrivals' rate that answers have to reach: else a queue grows."""
PERCENTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


@dataclass(frozen=True, slots=True)
class Traffic:
    """How requests come, and how many are answered together."""

    rates: tuple[float, ...]  # a second
    requests: int = REQUESTS  # at each rate
    batch: int = BATCH
    seed: int = 0  # of the arrivals

    def __post_init__(self) -> None:
        if not self.rates or not all(0 < rate < 1e6 for rate in self.rates):
            raise UsageError("a rate is more than 0 requests a second", "Example: --rate 1,2,4")
        if self.requests < 1 or self.batch < 1:
            raise UsageError("at least one request comes, and is answered at a time")


@present()
def measure_load(
    folder: Path,  # of a finished run
    traffic: Traffic,
    config: Mapping[str, object],  # options of this machine, as of `prepared`
    monitor: Monitor | None = None,
) -> tuple[OperatingPoint, ...]:
    """Drives what a run prepared at each rate, and notes the latencies in its `LOAD`.

    A server's model is asked; what that takes is paid for, and its tokens are noted.

    Raises:
        UsageError: The run has nothing prepared that could be asked.
        DataError: No request was answered.
    """
    monitor = monitor or Monitor()
    plan, artifact = prepared(folder, config, monitor)
    queries, note = _asked(plan, folder), ModelNote()
    points = []
    with tempfile.TemporaryDirectory(prefix="adaptbench-load-") as scratch, note:
        ledger = ledger_of(plan, Path(scratch) / LEDGER)
        context = context_of(plan, artifact, ledger, loader_of(plan, note), monitor)
        predictor = predictor_of(plan, context)
        warm = predictor.warm(queries) if isinstance(predictor, WarmsUp) else nullcontext(0)
        with warm, locked(folder, monitor.message):
            for output in predictor.predict(named(queries, WARM_UP, "warm-up")):
                if output.error is not None:
                    raise DataError(f"no request is answered: {output.error}", "Try `harness ask`.")
            for rate in sorted(set(traffic.rates)):
                with ledger.phase("latency") as spend:
                    made = _drive(plan, predictor, queries, rate, traffic, monitor)
                    spend.usage.add(made.usage)
                spend = read_ledger(Path(scratch) / LEDGER)[-1]
                points.append(point_of(made, rate, traffic, spend, server=_server(plan)))
                kept = read_load(folder) or Load(points=())
                write_json(folder / LOAD, kept.with_points((points[-1],)).model_dump(mode="json"))
    return tuple(points)


def _server(plan: Plan) -> bool:
    return isinstance(plan.model, Endpoint)


def _asked(plan: Plan, folder: Path) -> list[Query]:
    """The test rows that the model can read."""
    record = read_record(folder)
    if record.config.data is not None and not plan.rows.test:
        raise UsageError(
            f"{folder.name} is of a table of one's own, whose test rows are asked",
            "Name the table: --data FILE.",
        )
    unread = {line["id"] for line in stored_predictions(folder, record) if line.get("excess")}
    queries = [plan.example(row).query for row in plan.rows.test if row.id not in unread]
    if not queries:
        raise UsageError(f"{folder.name} has no test row that its model can read")
    return queries


def _drive(
    plan: Plan,
    predictor: Predictor,
    queries: Sequence[Query],
    rate: float,
    traffic: Traffic,
    monitor: Monitor,
) -> Driven:
    due = arrivals(rate, traffic.requests, traffic.seed)
    queries = named(queries, len(due), f"{rate:g} a second")

    def progress(count: int) -> None:
        monitor.progress(f"{rate:g} a second", count, len(due))

    if _server(plan):
        return in_flight(predictor, queries, due, progress=progress)
    return one_machine(predictor, queries, due, batch=traffic.batch, progress=progress)


def point_of(
    made: Driven, rate: float, traffic: Traffic, spend: Spend, *, server: bool = False
) -> OperatingPoint:
    """Returns what is noted of one rate. Raises `DataError`: no request was answered."""
    due = arrivals(rate, traffic.requests, traffic.seed)
    numbers = sorted(made.latencies)
    if not numbers:
        why = next(iter(made.errors.values()), "none was answered in time")
        raise DataError(f"at {rate:g} a second no request was answered: {why}")
    seconds = [made.latencies[number] for number in numbers]
    periods = [made.periods[number] for number in numbers]
    worth = {name: independent(seconds, periods, share) for name, share in PERCENTILES.items()}
    done = len(made.latencies) + len(made.errors)
    took = made.finished - due[0]
    return OperatingPoint(
        requests_per_second=rate,
        wanted=traffic.requests,
        requests=len(seconds),
        errors=len(made.errors),
        kept=done == len(due)
        and took <= (due[-1] - due[0]) / KEPT + min(seconds)
        and len(made.errors) <= MAX_ERRORS * done,
        answered_per_second=len(seconds) / took,
        batch_limit=1 if server else traffic.batch,
        mean_batch=done / made.calls,
        in_flight=IN_FLIGHT if server else None,
        latency={
            name: _percentile(seconds, share, worth[name]) for name, share in PERCENTILES.items()
        },
        independent=worth["p95"],
        seconds=tuple(round(each, 6) for each in seconds),
        tokens=made.usage.as_dict(),
        seed=traffic.seed,
        device_class=spend.device,
        machine=Machine(**devices.machine_info()),
        shared=spend.shared,
        measured=now(),
    )


def _percentile(seconds: Sequence[float], share: float, worth: float) -> Percentile:
    import numpy as np

    return Percentile(
        value=float(np.quantile(seconds, share)),
        low=lower_bound(seconds, share, worth=worth),
        high=upper_bound(seconds, share, worth=worth),
    )
