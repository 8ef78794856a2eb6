"""What adapting broke, by the probes of records: changes, over-fitting, and one figure of both.

The changes are paired: the same items before and after. Biderman et al. 2024 (LoRA learns less and
forgets less, arXiv 2405.09673) measure forgetting in the same way, by general questions before and
after.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from statistics import NormalDist, fmean

from harness.metrics.registry import is_money
from harness.metrics.statistics.resampling import wilson_of_error
from harness.records.probes import ProbeRecord, ProbeScore
from harness.records.schema import RunRecord

__all__ = ["Change", "Gap", "changes_of", "forgetting_of", "gap_of", "keeps_weights", "probes_of"]

TEXT, BITS = "general-text-", "bits_per_byte"
LEARNED, TESTED = "rows-train", "rows-test"
REACH = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Change:
    """A figure before adapting and after it, with the 95 % interval of the paired change."""

    name: str  # what was looked at
    metric: str
    before: float
    after: float
    change: float
    low: float
    high: float
    n: int  # items
    higher_is_better: bool

    @property
    def verdict(self) -> str:
        """``noise`` where the interval holds 0, else ``better`` or ``worse``."""
        if self.low <= 0 <= self.high:
            return "noise"
        return "better" if (self.change > 0) == self.higher_is_better else "worse"

    def as_dict(self) -> dict[str, object]:
        """Returns the fields as JSON values."""
        return asdict(self) | {"verdict": self.verdict}


@dataclass(frozen=True, slots=True)
class Gap:
    """Quality on rows that were trained on, on dev rows and on test rows."""

    metric: str
    values: dict[str, float]  # by split
    difference: float  # train less test, turned round where lower is better
    low: float  # of its 95 % interval
    high: float


def changes_of(records: Sequence[RunRecord]) -> list[Change]:
    """Returns what changed, as the mean over the runs of a configuration that looked for it.

    The interval says how far other items would move it, not other seeds. Where the weights are
    unchanged there is nothing to say.
    """
    found: dict[tuple[str, str], list[Change]] = {}
    for record in records:
        for probe in record.probes:
            for change in _changes(probe):
                found.setdefault((change.name, change.metric), []).append(change)
    return [_mean(changes) for changes in found.values()]


def _changes(probe: ProbeRecord) -> list[Change]:
    before = {(s.name, s.metric): s for s in probe.scores if not s.adapted}
    changes = []
    for score in probe.scores:
        was = before.get((score.name, score.metric))
        ends = (score.change, score.low, score.high, score.value, was and was.value)
        if not score.adapted or any(end is None for end in ends):
            continue
        change, low, high, after, first = (float(end or 0.0) for end in ends)
        about, better = (score.name, score.metric), score.higher_is_better
        changes.append(Change(*about, first, after, change, low, high, score.n, better))
    return changes


def _mean(changes: Sequence[Change]) -> Change:
    def mean(name: str) -> float:
        return fmean(getattr(change, name) for change in changes)

    return replace(
        changes[0],
        before=mean("before"),
        after=mean("after"),
        change=mean("change"),
        low=mean("low"),
        high=mean("high"),
    )


def gap_of(records: Sequence[RunRecord]) -> Gap | None:
    """Returns how much better rows do that were trained on; None where nobody looked.

    It is the mean over the runs. The interval takes the rows as drawn independently, and joins
    those of both figures (Zou and Donner 2008, Statistics in Medicine 27:1693-1702).
    """
    gaps = [gap for record in records for probe in record.probes if (gap := _gap(probe))]
    if not gaps:
        return None
    splits = {name: fmean(gap.values[name] for gap in gaps) for name in gaps[0].values}
    difference, low, high = (
        fmean(getattr(gap, name) for gap in gaps) for name in ("difference", "low", "high")
    )
    return Gap(gaps[0].metric, splits, difference, low, high)


def _gap(probe: ProbeRecord) -> Gap | None:
    rows = {score.name: score for score in probe.scores if score.name.startswith("rows-")}
    learned, tested = rows.get(LEARNED), rows.get(TESTED)
    if learned is None or tested is None or learned.value is None or tested.value is None:
        return None
    better, worse = _ends(learned), _ends(tested)
    if better is None or worse is None:
        return None
    difference = learned.value - tested.value
    low = difference - math.hypot(learned.value - better[0], worse[1] - tested.value)
    high = difference + math.hypot(better[1] - learned.value, tested.value - worse[0])
    if not learned.higher_is_better:
        difference, low, high = -difference, -high, -low
    values = {
        name.removeprefix("rows-"): s.value for name, s in rows.items() if s.value is not None
    }
    return Gap(learned.metric, values, difference, low, high)


def _ends(score: ProbeScore) -> tuple[float, float] | None:
    """Returns the 95 % interval of a figure of rows; None where its error isn't known.

    That of a share is Wilson's, so that 40 right of 40 aren't certain.
    """
    if score.value is None or score.stderr is None:
        return None
    if not is_money(score.metric):
        return wilson_of_error(score.value, score.stderr**2, score.n, REACH)
    return score.value - REACH * score.stderr, score.value + REACH * score.stderr


def keeps_weights(record: RunRecord) -> bool:
    """Whether nothing is forgotten by design: no language model, or its weights are as it came.

    Only a probe knows the second, and whether the model of a record is one of language.
    """
    return record.model is None or any(probe.changed is False for probe in record.probes)


def forgetting_of(records: Sequence[RunRecord]) -> Change | None:
    """Returns how much more bits a byte of general text takes, as a share of what it took before.

    Of the languages it is the one in which it rises most. None where it wasn't measured.
    """
    shares = [
        _share(change)
        for change in changes_of(records)
        if change.name.startswith(TEXT) and change.metric == BITS and change.before > 0
    ]
    return max(shares, key=lambda each: each.change, default=None)


def _share(change: Change) -> Change:
    before = change.before
    return replace(
        change, change=change.change / before, low=change.low / before, high=change.high / before
    )


def probes_of(record: RunRecord) -> dict[str, object] | None:
    """Returns what a summary says of a record's probes as JSON values; None where it has none."""
    if not record.probes:
        return None
    gap, forgotten = gap_of([record]), forgetting_of([record])
    return {
        "names": [probe.name for probe in record.probes],
        "changed": any(probe.changed for probe in record.probes),
        "changes": [change.as_dict() for change in changes_of([record])],
        "before": [
            score.model_dump(mode="json")
            for probe in record.probes
            for score in probe.scores
            if not score.adapted
        ],
        "gap": gap and asdict(gap),
        "forgetting": forgotten and forgotten.as_dict(),
        "missing": {name: why for probe in record.probes for name, why in probe.missing.items()},
    }
