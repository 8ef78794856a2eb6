"""Predicted next to measured, over one's own records.

Each record's work is counted by formula; what its machine reached of it a second is the rate of
that record. A record is predicted by the rates of the *others* on the same kind of work and
machine, never by its own: the error that is left is what a prediction for the next run has.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from harness.analysis.summary import spends
from harness.costs.book import PriceBook
from harness.costs.gpu_runs import gpu_runs
from harness.costs.projection import phase_flops
from harness.records.ledger import PhaseTotal, Spend, totals
from harness.records.phases import TRAINING
from harness.records.reading import read_record, records_of
from harness.records.schema import Machine, RunRecord
from harness.records.store import FINISHED

__all__ = [
    "Observation",
    "Prediction",
    "benchmarked",
    "calibrated_rate",
    "leave_one_out",
    "observe",
    "observe_spent",
    "records",
    "work_of",
]

LEAST_SECONDS = 1.0  # below that, starting up is most of it


@dataclass(frozen=True, slots=True)
class Observation:
    """The work of one phase of one record, and what it took."""

    run: str  # its id
    strategy: str
    phase: str  # ``train`` or ``serve``
    work: tuple[str, ...]  # its kind, from `work_of`: rates of the same kind compare
    flops: float  # operations by formula
    seconds: float  # measured
    mfu: float | None  # share of the GPU's peak that was reached; None on a CPU

    @property
    def rate(self) -> float:
        """FLOP/s that were reached."""
        return self.flops / self.seconds


@dataclass(frozen=True, slots=True)
class Prediction:
    """An observation, predicted by the others."""

    observation: Observation  # what was measured
    others: int  # how many records of the same kind of work there are beside it
    seconds: float | None  # predicted; None without others

    @property
    def error(self) -> float | None:
        """Predicted over measured, less one."""
        return None if self.seconds is None else self.seconds / self.observation.seconds - 1

    def as_dict(self) -> dict[str, object]:
        """Returns the fields as JSON values."""
        value = asdict(self.observation) | {"rate": self.observation.rate}
        return value | {
            "work": " ".join(self.observation.work),
            "others": self.others,
            "predicted_seconds": self.seconds,
            "error": self.error,
        }


def observe(folder: Path, book: PriceBook) -> list[Observation]:
    """Reads the work of a finished run. What its artifact took counts where this run did it.

    Phases in which another run was on the machine are left out.
    """
    record = read_record(folder)
    return observe_spent(record, spends(folder, record), book)


def observe_spent(
    record: RunRecord, spent: tuple[list[Spend], list[Spend]], book: PriceBook
) -> list[Observation]:
    """Reads the same of a record whose spans were read."""
    model = record.model
    if record.status != FINISHED or model is None or model.architecture is None:
        return []
    developed, served = spent
    sums: dict[str, PhaseTotal] = {}
    if not (record.artifact and record.artifact.reused):
        here = [span for span in developed if span.paid == "paid"]
        sums |= {k: v for k, v in totals(here).items() if k in TRAINING}
    if record.server is None:  # else another program computed
        sums |= {k: v for k, v in totals(served).items() if k == "serve"}
    device = record.device.device_class
    gpu = next((row for row in book.gpus if row.is_called(device)), None)
    observations = []
    for phase, total in sums.items():
        flops = phase_flops(phase, total, model.architecture)
        if not flops or total.seconds < LEAST_SECONDS or total.shared:
            continue  # beside another run a second holds less work
        rate = flops / total.device_seconds if total.device_seconds else 0.0
        dtype = "float32" if total.quantities.get("full") else str(record.device.dtype)
        phase = "train" if phase in TRAINING else phase  # the same loop, at the same rates
        work = work_of(
            phase,
            readout=record.readout,
            weights=model.quantization or dtype,
            device=device,
            machine=record.provenance.machine,
        )
        about = (record.run_id, record.strategy.name, phase, work)
        mfu = rate / gpu.peak if gpu else None
        observations.append(Observation(*about, flops, total.seconds, mfu))
    return observations


def work_of(
    phase: str, *, readout: str, weights: str, device: str, machine: Machine
) -> tuple[str, ...]:
    """Returns a kind of work: only what has the same is predicted by another."""
    where = f"{machine.cpu or ''} x{machine.threads or ''}"
    kind = readout if phase == "serve" else "training"
    return (phase, kind, weights, where if device == "cpu" else device)


def leave_one_out(observations: Sequence[Observation]) -> list[Prediction]:
    """Predicts each observation by the geometric mean of the others' rates."""
    groups: dict[tuple[str, ...], list[Observation]] = defaultdict(list)
    for one in observations:
        groups[one.work].append(one)
    predictions = []
    for one in observations:
        others = [other.rate for other in groups[one.work] if other.run != one.run]
        seconds = one.flops / _mean(others) if others else None
        predictions.append(Prediction(one, len(others), seconds))
    return predictions


def calibrated_rate(observations: Sequence[Observation], work: tuple[str, ...]) -> float | None:
    """Returns the FLOP/s that one's own records reached on a kind of work; None without any."""
    rates = [one.rate for one in observations if one.work == work]
    return _mean(rates) if rates else None


def _mean(rates: Sequence[float]) -> float:
    return math.exp(sum(map(math.log, rates)) / len(rates))


def benchmarked(results: Path) -> list[Observation]:
    """Reads what the GPU benchmark measured; parts of one file don't predict one another."""
    observations = []
    for path, run in gpu_runs(results):
        for part in run.ran:
            if not part.phase or not part.flops or part.seconds < LEAST_SECONDS:
                continue
            kind = {"readout": part.readout, "weights": part.weights, "device": run.device}
            work = work_of(part.phase, **kind, machine=Machine())
            about = (path.stem, part.strategy, part.phase, work)
            observations.append(Observation(*about, part.flops, part.seconds, part.mfu))
    return observations


def records(results: Path, book: PriceBook) -> list[Observation]:
    """Reads all finished runs of a folder, and the runs of the GPU benchmark in it."""
    runs = [one for folder, _ in records_of(results) for one in observe(folder, book)]
    return runs + benchmarked(results)
