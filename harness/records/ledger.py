"""What a run spent: an append-only list of quantities, written as it goes.

Each line of the file is an event: a phase starts, is alive (every ten seconds, and before a phase
in it starts), or ends. A phase that was killed is billed to its last sign of life; what is kept of
its work (a checkpoint, an index) is billed before it is written, so nothing kept is missing here.
The ledger holds quantities and no money: prices are applied when a report is made, so that an old
record can be priced anew.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from harness.errors import DataError, HarnessError
from harness.records.files import RESTORE, Json, append_lines, each_line, stored
from harness.records.meters import Meter, NoMeter
from harness.records.phases import PHASES, known_phase
from harness.records.presence import Neighbours
from harness.types import Usage

__all__ = [
    "Ledger",
    "Paid",
    "PhaseTotal",
    "Spend",
    "any_shared",
    "labelled_rows",
    "read_ledger",
    "totals",
]

Paid = Literal["paid", "cached", "reused", "partly cached"]
log = logging.getLogger(__name__)
BEAT_SECONDS = 10.0
FACTS = frozenset(
    ["trainable_parameters", "trained_matrices", "frozen_matrices", "recompute", "full"]
)
"""Quantities that say what a span was; they don't add up over the attempts at it."""


@dataclass(slots=True)
class Spend:
    """One span of a phase."""

    phase: str
    seconds: float = 0.0  # Wall seconds on the device, without nested phases
    device: str = "cpu"  # Device class that it ran on (``cpu``, ``cuda:NVIDIA L4``)
    devices: int = 1  # How many devices were allocated
    usage: Usage = field(default_factory=Usage)
    quantities: dict[str, float] = field(default_factory=dict)  # Others, such as rows labelled
    peak_memory_bytes: int | None = None  # Highest memory during the span, or None
    energy_joules: float | None = None  # From a real counter, or None
    energy_note: str = ""  # Which counter, or why there is none
    attempt: int = 1  # Counts up when the work was started again
    # Whether this run paid; what comes from a cache, or a reused artifact, has what it took then.
    paid: Paid = "paid"
    finished: bool = False  # False where the process died in it
    shared: bool | None = None  # Another run was on the machine; None where nobody looked
    # Of a phase ``tune`` that tries a setting: which one, and what it did: ``3/train``.
    work: str = ""

    def count(self, **amounts: float) -> None:
        """Adds to named quantities (``rows=1``)."""
        for name, amount in amounts.items():
            self.quantities[name] = self.quantities.get(name, 0) + amount

    def as_dict(self) -> Json:
        """Returns the span as JSON values."""
        value = {**asdict(self), "usage": self.usage.as_dict()}
        return (
            value if self.work else {name: each for name, each in value.items() if name != "work"}
        )


class Ledger:
    """Writes the ledger of one run or one artifact; `clock` gives monotonic seconds."""

    def __init__(
        self,
        path: Path,
        *,
        meter: Meter | None = None,
        device: str = "cpu",
        clock: Callable[[], float] = time.monotonic,
        neighbours: Neighbours | None = None,
    ) -> None:
        self._path = path
        self._neighbours = neighbours or Neighbours()
        self._meter = meter or NoMeter()
        self._elsewhere: Callable[[], int] | None = None
        self.device = device
        self._clock = clock
        self._stack: list[tuple[str, Spend]] = []
        self._cached: dict[str, Spend] = {}  # by the span in which it was taken from a cache
        self._since = self._written = clock()
        self._lock = threading.RLock()
        earlier = list(_events(path))
        self._spans = max((int(event["span"]) for event in earlier), default=0)
        attempts = (event["attempt"] for event in earlier if event["event"] == "start")
        self.attempt = 1 + max(attempts, default=0)

    def watch(self, peak: Callable[[], int]) -> None:
        """Takes the memory of phases that begin now from other processes, which do the work."""
        self._elsewhere = peak

    @contextlib.contextmanager
    def phase(self, name: str) -> Iterator[Spend]:
        """Measures a phase as a span, which pauses an outer one; the caller adds amounts to it.

        Raises:
            UsageError: There is no such phase.
        """
        known_phase(name)
        with self._lock:
            self._meter.start()  # waits for a GPU: what still runs there is the outer phase's work
            self.alive()
            span, spend = str(self._spans + 1), Spend(name, device=self.device)
            spend.attempt = self.attempt
            self._spans += 1
            self._stack.append((span, spend))
            self._write("start", span, spend)
        stop, since = threading.Event(), time.time()
        beat = threading.Thread(target=self._beat, args=(span, spend, stop, since), daemon=True)
        beat.start()
        try:
            yield spend
            spend.finished = True
        finally:
            stop.set()
            beat.join()
            with self._lock:
                reading = self._meter.stop()  # waits for a GPU, whose work belongs to the phase
                self._settle()
                self._stack.pop()
                there = self._elsewhere
                spend.peak_memory_bytes = there() if there else reading.peak_memory_bytes
                spend.energy_joules = reading.energy_joules
                spend.energy_note = reading.energy_note
                spend.shared = self._neighbours.seen(since)
                self._write("end", span, spend)
                if span in self._cached:
                    self.record(self._cached.pop(span))

    def from_cache(self, seconds: float, tokens: int = 0) -> None:
        """Adds to the innermost phase what something took that a cache held when it was computed.

        It is a span of its own, ``cached``, so that the phase costs as much as with an empty cache.
        """
        with self._lock:
            if self._stack and (tokens or seconds):
                span, outer = self._stack[-1]
                cached = self._cached.setdefault(
                    span,
                    Spend(outer.phase, device=self.device, attempt=self.attempt, paid="cached"),
                )
                cached.finished, cached.energy_note = True, "unknown of what a cache held"
                cached.seconds += seconds
                cached.usage.add(Usage(tokens, computed_tokens=tokens))

    def alive(self, seconds: float = 0.0) -> None:
        """Writes what the innermost phase took so far, if the last line is older than `seconds`."""
        with self._lock:
            self._settle()
            if self._stack and self._clock() - self._written >= seconds:
                self._write("beat", *self._stack[-1])

    def earlier(self, phase: str) -> list[Spend]:
        """Returns the spans of a phase that stand in the ledger from attempts before this one."""
        spans = read_ledger(self._path)
        return [span for span in spans if span.phase == phase and span.attempt < self.attempt]

    def record(self, spend: Spend) -> None:
        """Appends a span that was measured elsewhere, such as a reused artifact's."""
        with self._lock:
            self._spans += 1
            self._write("end", str(self._spans), spend)

    def _settle(self) -> None:
        """Gives the time since the last change to the phase that ran in it."""
        now = self._clock()
        if self._stack:
            self._stack[-1][1].seconds += now - self._since
        self._since = now

    def _beat(self, span: str, spend: Spend, stop: threading.Event, since: float) -> None:
        while not stop.wait(BEAT_SECONDS):
            # A full disk, or a lock that is lost, is the phase's own next error.
            with self._lock, contextlib.suppress(HarnessError):
                self._settle()
                spend.shared = self._neighbours.seen(since)
                self._write("beat", span, spend)

    def _write(self, event: str, span: str, spend: Spend) -> None:
        line = {"event": event, "span": span, "time": round(time.time(), 3), **spend.as_dict()}
        append_lines(self._path, [line])
        self._written = self._clock()


def _line_model() -> type[BaseModel]:
    """What a line may hold: an event with the fields of `Spend`, and no other."""
    hints = get_type_hints(Spend) | {"usage": dict[str, int]}
    kinds: dict[str, Any] = {name: (hints[name], None) for name in Spend.__slots__}
    kinds |= {
        "event": (Literal["start", "beat", "end"], ...),
        "span": (str, Field(pattern=r"^[0-9]+$")),
    }
    kinds |= {"phase": (str, ...), "time": (float, 0.0)}
    limits = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)
    return create_model("LedgerLine", __config__=limits, **kinds)


_LINE = _line_model()


def _events(path: Path) -> Iterator[Json]:
    """Yields the events of a ledger; `DataError` where one is damaged, or of a newer version."""
    for number, event in enumerate(each_line(path), 1):
        try:
            _LINE.model_validate(event)
            Usage(**event.get("usage", {}))
        except (ValidationError, TypeError) as error:
            raise DataError(f"{stored(path)} is damaged in event {number}", RESTORE) from error
        yield event


def read_ledger(path: Path) -> list[Spend]:
    """Reads the spans of a ledger by their start, killed ones up to their last sign of life."""
    spans: dict[str, Spend] = {}
    for event in _events(path):
        kind, span = event.pop("event"), event.pop("span")
        event.pop("time", None)
        usage = Usage(**event.pop("usage", {}))
        spans[span] = Spend(**event, usage=usage)
        if kind != "end":
            spans[span].finished = False
    for name in {spend.phase for spend in spans.values()} - PHASES.keys():
        log.warning("%s: the phase %r is none that this version knows", path, name)
    return list(spans.values())


@dataclass(slots=True)
class PhaseTotal:
    """All spans of one phase."""

    seconds: float = 0.0  # Wall seconds that this record accounts for, failed attempts included
    device_seconds: float = 0.0  # Those seconds times the devices that were allocated
    usage: Usage = field(default_factory=Usage)
    quantities: dict[str, float] = field(default_factory=dict)
    peak_memory_bytes: int | None = None  # The highest of the spans
    energy_joules: float | None = None  # The sum, or None as soon as one span has no counter
    attempts: int = 1  # Highest attempt number
    paid: Paid = "paid"  # ``reused`` or ``cached`` where all of it was
    # Whether another run was on the machine in one of the spans; None where nobody looked in one,
    # and none is known to be shared.
    shared: bool | None = None
    works: dict[str, PhaseTotal] = field(
        default_factory=dict
    )  # by `Spend.work`, where one is named

    def parts(self, phase: str) -> list[tuple[str, PhaseTotal]]:
        """Returns what this total of a phase is made of, each under the phase whose work it was.

        Tuning trains, indexes and answers, with other sizes each time: operations are counted of
        each part by itself.
        """
        works = self.works or {"": self}
        return [(name.rpartition("/")[2] or phase, total) for name, total in works.items()]


def labelled_rows(quantities: Mapping[str, float]) -> float:
    """Returns the rows whose labels were read, of what the phase ``label`` counted."""
    rows = quantities.get("train_rows", 0) + quantities.get("dev_rows", 0)
    return float(quantities.get("rows") or rows)


def totals(spends: Sequence[Spend]) -> dict[str, PhaseTotal]:
    """Sums spans by phase, in the order of first use."""
    by_phase: dict[str, list[Spend]] = {}
    for spend in spends:
        by_phase.setdefault(spend.phase, []).append(spend)
    return {phase: _total(spans, divided=True) for phase, spans in by_phase.items()}


def _total(spans: list[Spend], *, divided: bool = False) -> PhaseTotal:
    total = PhaseTotal()
    works: dict[str, list[Spend]] = {}
    for spend in spans:
        works.setdefault(spend.work, []).append(spend)
    if divided and any(works):
        total.works = {work: _total(several) for work, several in works.items()}
    for spend in spans:
        total.seconds += spend.seconds
        total.device_seconds += spend.seconds * spend.devices
        total.usage.add(spend.usage)
        for name, amount in spend.quantities.items():
            before = total.quantities.get(name, 0)
            total.quantities[name] = max(before, amount) if name in FACTS else before + amount
        if spend.peak_memory_bytes is not None:
            total.peak_memory_bytes = max(total.peak_memory_bytes or 0, spend.peak_memory_bytes)
        total.attempts = max(total.attempts, spend.attempt)
    energies = [spend.energy_joules for spend in spans]
    if all(energy is not None for energy in energies):
        total.energy_joules = sum(energy for energy in energies if energy is not None)
    kinds = {spend.paid for spend in spans}
    mixed: Paid = "partly cached" if "cached" in kinds else "paid"
    total.paid = kinds.pop() if len(kinds) == 1 else mixed
    total.shared = any_shared(spend.shared for spend in spans)
    return total


def any_shared(marks: Iterable[bool | None]) -> bool | None:
    """Joins marks: shared where one is, unknown where one is and none is shared."""
    kinds = set(marks)
    return True if True in kinds else None if None in kinds or not kinds else False
