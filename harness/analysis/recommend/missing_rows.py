"""What a decision still lacks: rows, runs and prices, and what the rows and runs would cost."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from harness.analysis.recommend.offers import Comparison
from harness.analysis.words import Reason, named
from harness.metrics.statistics.best import Bounds, compare_with_best
from harness.metrics.statistics.panel import Panel
from harness.metrics.statistics.resampling import Floats

__all__ = [
    "CLUSTERS",
    "LUCK",
    "MOST_ROWS",
    "POWER",
    "RUNS",
    "Missing",
    "doubts_of_evidence",
    "missing_rows",
    "runs_missing",
]

CLUSTERS = 40  # clusters below which intervals weren't shown to cover what they claim
RUNS = 3  # seeds that are enough: with two the t quantile has one degree of freedom
RUN_PLANS = (RUNS, 5, 10, 20)  # runs of each configuration that are tried
POWER = 0.80  # share of the planned studies that have to decide
MOST_ROWS = 1_000_000  # more aren't planned
PLANNED = 500  # studies that are drawn of each size that is tried
CHECKED, QUICK = 60, 200  # studies of the size that is named, and resamples of each
FINE = 32  # the size is found to a part of so many
LUCK = 0.05  # by how much a single run may stray where no seeds say so, of shares; an assumption


@dataclass(frozen=True, slots=True)
class Missing:
    """The test rows and runs with which the records would decide."""

    rows: int | None  # beyond those that there are; None where no number would do, or too many
    runs: Mapping[str, int] = field(default_factory=dict)  # further ones, by configuration
    usd: float | None = None  # for these rows and runs; None where a price is missing
    unpriced: tuple[str, ...] = ()  # what isn't in `usd`
    configuration: str | None = None  # would then be taken, if it is as good as it looks
    chance: float | None = None  # how often such a study decides; None where rows aren't the matter
    beyond: int | None = None  # rows that were tried and wouldn't decide, where some number may

    def as_dict(self) -> dict[str, object]:
        """Returns the fields as JSON values."""
        value: dict[str, object] = {"rows": self.rows, "runs": dict(self.runs), "usd": self.usd}
        value |= {"unpriced": list(self.unpriced), "setting": self.configuration}
        return value | {"chance": self.chance, "beyond": self.beyond}


def runs_missing(compared: Comparison, chosen: int) -> dict[str, int]:
    """Counts the runs that configurations lack whose scatter between seeds could change the advice.

    These are the one at position `chosen` and those that could be ahead of it by more than the
    margin if their single run had an unlucky seed. With two runs the t quantile has one degree of
    freedom: a third is asked for.
    """
    values = compared.bounds.values
    reach = values[chosen] + compared.question.margin - luck(compared)
    return {
        each.name: RUNS - len(each.runs)
        for k, each in enumerate(compared.configurations)
        if each.random and len(each.runs) < RUNS and (k == chosen or values[k] > reach)
    }


def doubts_of_evidence(
    names: Sequence[str],  # configurations whose few seeds could change it
    clusters: int,
    *,
    alone: bool,  # there is nothing to compare with
) -> list[Reason]:
    """What keeps an answer from being decided, whatever decides it."""
    doubts = [Reason("runs", {"names": named(names)})] if names else []
    if clusters < CLUSTERS:
        doubts.append(Reason("clusters", {"clusters": clusters, "least": CLUSTERS}))
    return [*doubts, Reason("alone")] if alone else doubts


def luck(compared: Comparison) -> float:
    """Returns by how much a single run may stray from its mean, in the metric's unit.

    Twice the largest standard deviation of scores between seeds, of the configurations that have
    three runs, and at least one row's worth; `LUCK` where none has three.
    """
    scores, scale = compared.table.panel.observed.values[0], compared.bounds.scale
    several = [
        float(scores[list(group)].std(ddof=1))
        for each, group in zip(compared.configurations, compared.table.groups, strict=True)
        if each.random and len(each.runs) >= RUNS
    ]
    return max(2 * max(several), scale / compared.bounds.rows) if several else LUCK * scale


def missing_rows(compared: Comparison, chosen: int | None = None) -> Missing:
    """Finds the smallest study that would decide, if all configurations are as good as they look.

    The bounds that decide are made as larger studies would find them, of clusters that are drawn
    from those there are; the smallest is taken in which `POWER` of the draws decide. It is about the
    configuration at position `chosen`, by default the one that needs the fewest rows.
    """
    places = range(len(compared.configurations)) if chosen is None else [chosen]
    bounds, floor = compared.bounds, compared.question.min_quality
    allowed = [
        k
        for k in places
        if compared.usd[k] is not None and (floor is None or bounds.values[k] >= floor)
    ]
    # Bounds of few clusters aren't relied on: the rows have to bring more of them.
    least = max(bounds.clusters, CLUSTERS)
    studies = [
        _Study(_rows(bounds, least), k, RUNS, None) for k in allowed if _is_shown(compared, k)
    ]
    if not studies:
        gaps = bounds.values.max() - bounds.values
        near = [k for k in allowed if gaps[k] < compared.question.margin]
        if not near:
            return Missing(None)
        studies = [
            checked
            for runs in (RUN_PLANS if (bounds.seed_errors > 0).any() else RUN_PLANS[:1])
            if (study := _smallest(compared, near, runs, least))
            and (checked := _checked(compared, study, near))
        ]
    if not studies:
        return Missing(None, beyond=MOST_ROWS)
    best = min(studies, key=lambda study: (study.rows * study.runs, study.rows))
    rows, runs = _two_digits(best.rows - bounds.rows), runs_missing(compared, best.position)
    for other, each in enumerate(compared.configurations):
        known = other == best.position or bounds.seed_errors[other] > 0
        if best.runs > RUNS and each.random and known:
            runs[each.name] = max(runs.get(each.name, 0), best.runs - len(each.runs))
    usd, unpriced = _usd(rows, runs, compared)
    name = compared.configurations[best.position].name
    return Missing(rows, runs, usd, unpriced, name, best.chance)


@dataclass(frozen=True, slots=True)
class _Study:
    """A study that would decide."""

    rows: int  # in all
    position: int  # of the configuration that it would show to be good enough
    runs: int  # of each configuration whose runs differ by seed
    chance: float | None  # how often it would; None where the bounds show it as they are


def _is_shown(compared: Comparison, k: int) -> bool:
    bounds, floor = compared.bounds, compared.question.min_quality
    high = floor is None or bool(bounds.low[k] >= floor)
    return high and bool(bounds.far[k] <= compared.question.margin)


def _two_digits(rows: int) -> int:
    """Rounds up: more digits would say more than the draws know."""
    step: int = 10 ** max(0, len(str(rows)) - 2)
    return -(-rows // step) * step


def _rows(bounds: Bounds, clusters: int) -> int:
    return math.ceil(bounds.rows * clusters / bounds.clusters)


def _smallest(compared: Comparison, near: Sequence[int], runs: int, least: int) -> _Study | None:
    """The fewest clusters with which one of the configurations would be shown, if any."""
    most = MOST_ROWS * compared.bounds.clusters // compared.bounds.rows

    def chances(clusters: int) -> Floats:
        return _planned(compared, clusters, runs)[list(near)]

    clusters, known = least, chances(least)
    below = least - 1
    while known.max() < POWER:
        if clusters >= most:
            return None
        below, clusters = clusters, min(2 * clusters, most)
        known = chances(clusters)
    while clusters - below > max(1, clusters // FINE):
        middle = (below + clusters) // 2
        found = chances(middle)
        if found.max() < POWER:
            below = middle
        else:
            clusters, known = middle, found
    position = near[int(known.argmax())]
    return _Study(_rows(compared.bounds, clusters), position, runs, float(known.max()))


def _planned(compared: Comparison, clusters: int, runs: int) -> Floats:
    """How often a study of so many clusters and runs shows each configuration to be good enough."""
    question, draws = compared.question, min(compared.bounds.draws, PLANNED)
    floor = -math.inf if question.min_quality is None else question.min_quality
    planned = _bounds(compared, compared.table.panel, runs, draws, clusters)
    return planned.chance(question.margin, floor)


def _checked(compared: Comparison, study: _Study, near: Sequence[int]) -> _Study | None:
    """Draws studies of that size, has the bounds decide in each, and makes it larger if need be.

    Each study finds a quantile of its own, which varies where losses are rare.
    """
    bounds, question = compared.bounds, compared.question
    if bounds.resamples is None or (bounds.seed_errors > 0).any():
        return study  # another study has other seeds, which can't be drawn from these
    floor = -math.inf if question.min_quality is None else question.min_quality
    clusters = study.rows * bounds.clusters // bounds.rows
    while _rows(bounds, clusters) <= MOST_ROWS:
        shown = np.zeros(len(bounds.values))
        for seed in range(CHECKED):
            panel = compared.table.panel.study(clusters, seed)
            made = _bounds(compared, panel, study.runs, min(bounds.draws, QUICK))
            shown += (made.far <= question.margin) & (made.low >= floor)
        shares = shown[list(near)] / CHECKED
        if shares.max() >= POWER:
            position = near[int(shares.argmax())]
            return _Study(_rows(bounds, clusters), position, study.runs, float(shares.max()))
        clusters += -(-clusters // 8)
    return None


def _bounds(
    compared: Comparison, panel: Panel, runs: int, draws: int, clusters: int | None = None
) -> Bounds:
    table = compared.table
    return compare_with_best(
        panel,
        table.groups,
        scale=table.scale,
        rare=table.rare or None,
        top=table.top,
        confidence=compared.bounds.confidence,
        draws=draws,
        clusters=clusters,
        runs=[max(runs, len(each.runs)) for each in compared.configurations],
    )


def _usd(
    rows: int, runs: Mapping[str, int], compared: Comparison
) -> tuple[float | None, tuple[str, ...]]:
    """Labels of the new rows, answering them in all runs, and preparing and answering new runs."""
    total, unpriced = 0.0, []
    if rows and compared.question.label_cost is None:
        unpriced.append("labels")
    total += rows * (compared.question.label_cost or 0.0)
    for configuration, offer in zip(compared.configurations, compared.offers, strict=True):
        more = runs.get(configuration.name, 0)
        if not rows and not more:
            continue
        compute, test = offer.compute_usd, offer.test_usd
        if compute is None or test is None:
            unpriced.append(configuration.name)
            continue
        each = test / max(1, offer.test_rows)
        old, new = len(configuration.runs), offer.test_rows + rows
        total += old * rows * each + more * (compute + new * each)
    return (None if unpriced and not total else total), tuple(unpriced)
