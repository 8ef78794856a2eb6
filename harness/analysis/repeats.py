"""What repeats of a configuration say of dollars that are made of seconds.

The same work took three times as long on one machine as on another; one measurement shows nothing
of that. So where a configuration ran several times, by seeds or attempts on one class of device, its
prices from seconds have the range of these; else they rest on one measurement, which is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.analysis.configurations import same_work
from harness.analysis.summary import cost_of
from harness.costs.book import PriceBook
from harness.costs.options import PriceOptions
from harness.costs.pricing import Cost
from harness.records.files import Json
from harness.records.reading import read_record, records_of
from harness.records.schema import RunRecord
from harness.records.store import FINISHED
from harness.text import cash

__all__ = ["Repeats", "from_seconds", "ranges", "repeats_of"]

FIGURES = {"development_usd": "development", "usd_per_1k_requests": "1,000 more requests"}
API = "api"


@dataclass(frozen=True, slots=True)
class Repeats:
    """How far dollars from seconds lay apart."""

    runs: int  # whose seconds are known by themselves
    ranges: Mapping[str, tuple[float, float]]  # by figure that two of them have

    def as_dict(self) -> Json:
        """Returns the fields as JSON values."""
        return {"runs": self.runs, **{name: list(ends) for name, ends in self.ranges.items()}}

    @property
    def widest(self) -> tuple[float, str]:
        """The largest ratio of two runs, and the name of its figure; 1 where nothing differs."""
        ratios = [(b / a, FIGURES[name]) for name, (a, b) in self.ranges.items() if a > 0]
        return max(ratios, default=(1.0, ""))

    def say(self) -> str:
        """Says it in a sentence."""
        if not self.ranges:
            return "dollars from seconds rest on one measurement: how far others lie isn't known"
        parts = [f"{FIGURES[name]} {cash(a)} to {cash(b)}" for name, (a, b) in self.ranges.items()]
        return f"dollars from seconds, over {self.runs} runs on such a device: {', '.join(parts)}"


def from_seconds(record: RunRecord, cost: Cost) -> dict[str, float | None]:
    """Returns a run's figures that are made of its own seconds.

    Labels have a price of their own, and an artifact that an earlier run prepared its seconds.
    """
    reused = record.artifact is not None and record.artifact.reused
    label, development = cost.by_phase.get("label") or 0.0, cost.development_usd
    return {
        "development_usd": None if reused or development is None else development - label,
        "usd_per_1k_requests": cost.usd_per_1k_requests,
    }


def ranges(figures: Sequence[Mapping[str, float | None]]) -> Repeats:
    """Returns how far several runs lie apart, by figure; what fewer than two have is left out."""
    found = {}
    for name in FIGURES:
        values = [value for each in figures if (value := each.get(name)) is not None]
        if len(values) > 1 and any(values):
            found[name] = (min(values), max(values))
    return Repeats(len(figures), found)


def repeats_of(
    folder: Path, book: PriceBook, choices: PriceOptions | None = None
) -> Repeats | None:
    """Finds a run's repeats beside it; None where no dollars of it are made of seconds.

    Runs that were not alone on their machine are no repeats; the run itself counts.
    """
    record = read_record(folder)
    if record.device.device_class.partition(":")[0] == API:
        return None
    same = [
        (path, other)
        for path, other in records_of(folder.parent)
        if other.status == FINISHED and same_work(other) == same_work(record)
        if path == folder or not other.shared
    ]
    runs = same or [(folder, record)]
    return ranges([from_seconds(other, cost_of(path, book, choices)) for path, other in runs])
