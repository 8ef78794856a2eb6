"""Marks of items, kept in a file of lines, and the figures that are made of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import NormalDist

from harness.metrics.statistics.paired import paired_difference
from harness.records.files import Json, append_lines, read_lines
from harness.records.ledger import Spend
from harness.records.probes import ProbeScore
from harness.types import Usage

__all__ = ["Mark", "Sitting", "figures", "keep", "kept", "without_interval"]

AMOUNTS = ("bits_per_byte", "brier")  # what isn't a share from 0 to 1
REACH = NormalDist().inv_cdf(0.975)
FIELDS = {"exam": str, "digest": str, "seconds": float, "marks": list, "scores": list}


@dataclass(frozen=True, slots=True)
class Mark:
    """What one item got."""

    id: str
    values: Mapping[str, float]  # by metric
    weight: float = 1.0  # bytes of a paragraph, so that the mean is of all bytes
    cluster: str = ""


@dataclass(frozen=True, slots=True)
class Sitting:
    """What a model got in an exam, and what that took."""

    exam: str
    digest: str  # of the exam's items
    marks: tuple[Mark, ...] = ()
    scores: tuple[ProbeScore, ...] = ()  # in place of marks, where others measured
    seconds: float = 0.0
    usage: Usage = field(default_factory=Usage)

    @property
    def cached(self) -> Spend:
        """What it took then, as a span of a run that found it."""
        spend = Spend("probe", self.seconds, usage=self.usage, paid="cached", finished=True)
        spend.count(items=len(self.marks))
        spend.energy_note = "unknown of what was measured before"
        return spend


def keep(path: Path, sitting: Sitting) -> None:
    """Appends a sitting, as one line."""
    line: Json = {
        "exam": sitting.exam,
        "digest": sitting.digest,
        "seconds": sitting.seconds,
        "usage": sitting.usage.as_dict(),
        "marks": [asdict(mark) for mark in sitting.marks],
        "scores": [score.model_dump(mode="json") for score in sitting.scores],
    }
    append_lines(path, [line])


def kept(path: Path) -> dict[tuple[str, str], Sitting]:
    """Reads the sittings of a file by exam and digest; none where there is no file."""
    found = {}
    for line in read_lines(path, fields=FIELDS):
        sitting = Sitting(
            line["exam"],
            line["digest"],
            tuple(Mark(**mark) for mark in line["marks"]),
            tuple(ProbeScore.model_validate(score) for score in line["scores"]),
            line["seconds"],
            Usage(**line["usage"]),
        )
        found[sitting.exam, sitting.digest] = sitting
    return found


def figures(
    probe: str,
    sitting: Sitting,
    metrics: Mapping[str, bool],  # whether higher is better
    before: Sitting | None = None,  # the same exam, sat by the model as it was
    *,
    adapted: bool,
) -> list[ProbeScore]:
    """Returns the figures of an exam, of an adapted model each with its paired change.

    Where others measured, the items' marks aren't known, and the change is that of two independent
    figures: its interval is wider than a paired one's.
    """
    scores = _unpaired(probe, sitting, before, adapted=adapted)
    for metric, higher in metrics.items():
        values = _linear(sitting.marks, metric)
        mean = sum(values.values()) / len(values)
        clusters = {mark.id: mark.cluster for mark in sitting.marks}
        score = ProbeScore(
            probe=probe,
            name=sitting.exam,
            metric=metric,
            adapted=adapted,
            value=mean,
            stderr=_stderr(values, clusters),
            n=len(values),
            higher_is_better=higher,
        )
        if before is not None:
            was, share = _linear(before.marks, metric), metric not in AMOUNTS
            paired = paired_difference(values, was, clusters, share=share)
            score = score.model_copy(
                update={
                    "change": paired.difference,
                    "low": paired.low,
                    "high": paired.high,
                    "method": paired.method.partition(",")[0],
                }
            )
        scores.append(score)
    return scores


def _unpaired(
    probe: str, sitting: Sitting, before: Sitting | None, *, adapted: bool
) -> list[ProbeScore]:
    earlier = {(s.name, s.metric): s for s in (before.scores if before else ())}
    scores = []
    for score in sitting.scores:
        changes: dict[str, object] = {"probe": probe, "adapted": adapted}
        was = earlier.get((score.name, score.metric))
        if was and was.value is not None and score.value is not None:
            changes["change"] = change = score.value - was.value
            if score.stderr is not None and was.stderr is not None:
                half = REACH * math.hypot(score.stderr, was.stderr)
                changes |= {"low": change - half, "high": change + half, "method": "unpaired"}
        scores.append(score.model_copy(update=changes))
    return scores


def without_interval(scores: Sequence[ProbeScore]) -> dict[str, str]:
    """Says of which changes nobody can tell whether they are noise."""
    return {
        f"{each.name}, {each.metric}": f"{each.value - each.change:.3f} before, {each.value:.3f} "
        "after; without a standard error there is no interval"
        for each in scores
        if each.value is not None and each.change is not None and each.low is None
    }


def _stderr(values: Mapping[str, float], clusters: Mapping[str, str]) -> float | None:
    """Returns the standard error of a mean, items of a cluster together; None of one alone."""
    mean = sum(values.values()) / len(values)
    sums: dict[str, float] = {}
    for name, value in values.items():
        group = clusters.get(name) or f"\0{name}"
        sums[group] = sums.get(group, 0.0) + value - mean
    if len(sums) < 2:
        return None
    spread = sum(each**2 for each in sums.values()) * len(sums) / (len(sums) - 1)
    return math.sqrt(spread) / len(values)


def _linear(marks: Sequence[Mark], metric: str) -> dict[str, float]:
    """Returns values whose plain mean is the weighted one, and whose spread is that mean's.

    A ratio of sums is linearised: what an item adds to it is its weight over the mean weight, times
    how far its own ratio is off (Cochran 1977, Sampling Techniques, section 6.4).
    """
    values = [mark.values[metric] for mark in marks]
    weights = [mark.weight for mark in marks]
    if len(set(weights)) < 2:
        return {mark.id: value for mark, value in zip(marks, values, strict=True)}
    total = sum(weights)
    ratio = sum(weight * value for weight, value in zip(weights, values, strict=True)) / total
    mean = total / len(weights)
    return {
        mark.id: ratio + mark.weight / mean * (value - ratio)
        for mark, value in zip(marks, values, strict=True)
    }
