"""Forecasts the time and money that a study's cells take, and says what each figure rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from harness.analysis.calibration import Observation, records
from harness.analysis.summary import cost_of, spends
from harness.config import NO_SEARCH, RunConfig, RunSettings
from harness.costs.book import PriceBook
from harness.costs.options import PriceOptions
from harness.devices import threads
from harness.errors import HarnessError, UsageError
from harness.records.keys import digest
from harness.records.reading import records_of
from harness.records.schema import RunRecord, recorded
from harness.records.store import FINISHED
from harness.runs.estimate import estimate
from harness.runs.latency import SECONDS as LATENCY_SECONDS
from harness.runs.study.config import Cell, StudyConfig
from harness.runs.study.edits import Loaded
from harness.runs.study.state import States

__all__ = ["Forecast", "Forecaster", "check_limit", "total"]

SAME = {"strategy", "task", "set", "task_set", "limit", "train_limit", "readout", "data"}
SAME |= set(NO_SEARCH)
"""Fields of a run that decide how long it takes, beside its model; the seed isn't among them."""


NOTED = ("seconds", "latency", "tune", "probe", "abstain", "without")
"""Notes of an estimate that say how good its time is, and what isn't in it."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a cell will take, or took; None for what isn't known."""

    seconds: float | None  # Wall time
    usd: float | None  # For the machine in that time
    memory_bytes: int | None  # The peak
    # ``finished``, ``same`` (runs of the same work, of any seed), ``estimate``, ``light`` (no
    # language model takes part, so it takes seconds), or ``unknown``.
    basis: str
    note: str  # How good the figure is, or why there is none


@dataclass(frozen=True, slots=True)
class StudyForecast:
    """What the unfinished cells of a study take, one after another; sums are of known figures."""

    cells: int
    seconds: float
    usd: float
    unknown: int  # Cells whose time isn't known
    core_hours: float  # of the cores that compute here


def total(forecasts: Sequence[Forecast]) -> StudyForecast:
    """Adds up the forecasts of unfinished cells."""
    left = [each for each in forecasts if each.basis != FINISHED]
    return StudyForecast(
        len(left),
        sum(each.seconds or 0.0 for each in left),
        sum(each.usd or 0.0 for each in left),
        sum(each.basis == "unknown" for each in left),
        sum(each.seconds or 0.0 for each in left) * threads() / 3600,
    )


def check_limit(study: StudyConfig, forecasts: Sequence[Forecast]) -> None:
    """Refuses a study that would take more core-hours than its file allows.

    Raises:
        UsageError: It would, or nobody knows.
    """
    most, left = study.max_core_hours, total(forecasts)
    if most is None:
        return
    hint = "`--list` shows what each cell takes; fewer rows, seeds or settings; --force runs it."
    if left.core_hours > most:
        raise UsageError(
            f"{study.name} would take about {left.core_hours:.1f} core-hours, more than the {most:g} "
            "of its max_core_hours",
            hint,
        )
    if left.unknown:
        raise UsageError(
            f"{study.name} may take more than its max_core_hours: of {left.unknown} cells nobody "
            "knows how long they take",
            hint,
        )


class Forecaster:
    """Forecasts cells. Rows, tokenizers and earlier runs are read once for all of them."""

    def __init__(self, results: Path, book: PriceBook, states: States) -> None:
        self._book, self._states = book, states
        self._history: list[Observation] = records(results, book)
        self._loaded = Loaded()
        self._known: dict[str, Forecast] = {}
        self._runs: dict[str, list[tuple[Path, RunRecord]]] = {}
        self._searched: dict[str, str] = {}  # Id of the cell that searches, by work
        for folder, record in records_of(results):
            if record.status == FINISHED and not record.source:
                asked = record.config.model_copy(update={"set": record.fixed})
                self._runs.setdefault(_same(asked), []).append((folder, record))

    def forecast(self, cell: Cell, config: RunConfig) -> Forecast:
        """Forecasts a cell's run on this machine; nothing is trained, answered or fetched."""
        key = _key(config)
        if config.tunes and self._searched.setdefault(key, cell.id) != cell.id:
            # Another seed: the search is shared, the setting that it finds is trained anew.
            config = config.model_copy(update=NO_SEARCH)
            key = _key(config)
        state = self._states.read(cell)
        if state["status"] == FINISHED:
            return Forecast(state["seconds"], state.get("usd"), None, FINISHED, "measured")
        if key not in self._known:
            self._known[key] = self._same_work(key, config) or self._estimate(config)
        return self._known[key]

    def _same_work(self, key: str, config: RunConfig) -> Forecast | None:
        """Returns the mean over runs of the same work, of any seed; None without any."""
        runs = [
            run for run in self._runs.get(key.partition(" ")[0], []) if _is_of(run[1], config.model)
        ]
        if not runs:
            return None
        alone = [(folder, record) for folder, record in runs if not record.shared]
        seconds = fmean(_seconds(*run) for run in alone or runs)
        note = f"as {len(runs)} earlier {'run' if len(runs) == 1 else 'runs'} of the same work took"
        if not alone:
            note += ", beside others on the machine"
        usd = spent_usd(runs[-1][0], self._book, config)
        return Forecast(seconds, usd, None, "same", note)

    def _estimate(self, config: RunConfig) -> Forecast:
        try:
            figures = estimate(config, given=self._loaded.of(config), history=self._history)
        except HarnessError as error:
            return Forecast(None, None, None, "unknown", f"{error.message}. {error.hint}".strip())
        notes, seconds, memory = figures["notes"], figures["seconds"], figures["memory_bytes"]
        if seconds is None or memory is None:
            light = figures["model"] is None and "seconds" in notes
            reason = notes.get("seconds") or notes.get("train_tokens") or "nothing to go by"
            return Forecast(None, None, None, "light" if light else "unknown", reason)
        if config.latency:
            seconds += LATENCY_SECONDS
            notes["latency"] = (
                f"single requests taken to last their {LATENCY_SECONDS:.0f} s at most"
            )
        usd = self._usd(config, figures["device"], seconds)
        note = "; ".join(notes[name] for name in NOTED if name in notes)
        return Forecast(seconds, usd, int(memory), "estimate", note)

    def _usd(self, config: RunConfig, device: str, seconds: float) -> float | None:
        """Returns the machine's price for that time; of a GPU, --machine has to be given."""
        machine = config.machine or (self._book.defaults.cpu if device.startswith("cpu") else None)
        if machine is None:
            return None
        return self._book.machine(machine).usd_per_hour * seconds / 3600


def _key(config: RunConfig) -> str:
    return f"{_same(recorded(config))} {config.model}"


def _same(settings: RunSettings) -> str:
    """What two runs of the same work have in common, wherever its files lie."""
    plain = settings.model_dump(mode="json", include=SAME)
    plain["task"] = Path(settings.task).stem
    return digest(plain)


def _is_of(record: RunRecord, model: str | None) -> bool:
    """Whether a run was of a model; a baseline is of any, and the usual model has no name."""
    named = record.model_name
    return named is None or model is None or named == Path(model).name


def _seconds(folder: Path, record: RunRecord) -> float:
    """Wall time, including that of the artifact where an earlier run prepared it."""
    seconds = record.wall_seconds
    if record.artifact and record.artifact.reused:
        seconds += sum(spend.seconds for spend in spends(folder)[0])
    return seconds


def spent_usd(folder: Path, book: PriceBook, config: RunConfig) -> float | None:
    """Returns the dollars of a run's phases that have a price; None where none has one."""
    cost = cost_of(folder, book, PriceOptions.of(config, book))
    priced = [usd for usd in cost.by_phase.values() if usd is not None]
    return sum(priced) if priced else None
