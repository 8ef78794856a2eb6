"""What a decision still lacks: rows, runs and prices, and what the rows and runs would cost."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from harness.analysis.recommend.offers import Comparison
from harness.metrics.statistics.power import Needed, rows_that_decide
from harness.metrics.statistics.resampling import Floats, Integers
from harness.metrics.statistics.seeds import student

__all__ = ["CLUSTERS", "LUCK", "RUNS", "Missing", "missing_rows", "runs_missing"]

CLUSTERS = 40  # clusters below which intervals weren't shown to cover what they claim
RUNS = 3  # seeds that are enough: with two the t quantile has one degree of freedom
NEVER = 10**6  # runs of a side whose scatter between seeds isn't known
LUCK = 0.05  # by how much a single run may stray where no seeds say so, of shares; an assumption


@dataclass(frozen=True, slots=True)
class Missing:
    """The test rows and runs with which the records would decide."""

    rows: int | None  # beyond those that there are; None where no number would do
    runs: Mapping[str, int] = field(default_factory=dict)  # further ones, by configuration
    usd: float | None = None  # for these rows and runs; None where a price is missing
    unpriced: tuple[str, ...] = ()  # what isn't in `usd`
    configuration: str | None = None  # would then be taken, if it is as good as it looks

    def as_dict(self) -> dict[str, object]:
        """Returns the fields as JSON values."""
        value: dict[str, object] = {"rows": self.rows, "runs": dict(self.runs), "usd": self.usd}
        return value | {"unpriced": list(self.unpriced), "setting": self.configuration}


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

    It is about the configuration at position `chosen`, by default the one that needs the fewest
    rows. Rows are None where no number of them would do.
    """
    configurations, bounds = compared.configurations, compared.bounds
    floor = compared.question.min_quality
    studies: list[tuple[int, int, dict[str, int]]] = []
    priced = [usd is not None for usd in compared.usd]
    for k in range(len(configurations)) if chosen is None else [chosen]:
        too_low = floor is not None and bounds.values[k] < floor
        if not priced[k] or too_low:
            continue
        runs = runs_missing(compared, k)
        study = _study(compared, k, bool(runs))
        if study is not None:
            rows, seeds = study
            for other, each in enumerate(configurations):
                if seeds > RUNS and each.random and (other == k or bounds.seed_errors[other] > 0):
                    runs[each.name] = max(runs.get(each.name, 0), seeds - len(each.runs))
            studies.append((rows, k, runs))
    if not studies:
        return Missing(None)
    rows, k, runs = min(studies, key=lambda each: (each[0], sum(each[2].values())))
    usd, unpriced = _usd(rows - bounds.rows, runs, compared)
    return Missing(rows - bounds.rows, runs, usd, unpriced, configurations[k].name)


def _study(compared: Comparison, k: int, more_runs: bool) -> tuple[int, int] | None:
    """Rows and runs that show a configuration within the margin of all, and above the floor."""
    bounds, question = compared.bounds, compared.question
    # Bounds of few clusters aren't relied on: the rows have to bring more of them.
    rows = max(bounds.rows, math.ceil(bounds.rows * CLUSTERS / bounds.clusters))
    seeds, floor = 1, question.min_quality
    if bounds.far[k] <= question.margin and (floor is None or bounds.low[k] >= floor):
        return rows, seeds
    needed: list[Needed] | None = []
    if len(compared.configurations) > 1:
        needed = _against_rivals(compared, k, more_runs)
    if needed is not None and floor is not None:
        reached = _above_floor(compared, k, floor, more_runs)
        needed = None if reached is None else needed + reached
    if needed is None:
        return None
    return max([rows, *(each.rows for each in needed)]), max([seeds, *(n.seeds for n in needed)])


def _against_rivals(compared: Comparison, k: int, more_runs: bool) -> list[Needed] | None:
    """What it takes against each rival."""
    bounds = compared.bounds
    others = np.delete(np.arange(len(bounds.values)), k)
    of_seeds = bounds.seed_errors[k] ** 2 + bounds.seed_errors[others] ** 2
    slack = compared.question.margin + (bounds.values[k] - bounds.values[others])
    runs = np.array([len(each.runs) for each in compared.configurations])
    known = np.where(bounds.seed_errors > 0, runs, NEVER)
    have = np.minimum(known[k], known[others])
    critical = bounds.quantiles[others]
    error = bounds.pair_errors[k, others]
    return _needed(compared, k, error, of_seeds, slack, critical, have, more_runs)


def _above_floor(
    compared: Comparison, k: int, floor: float, more_runs: bool
) -> list[Needed] | None:
    """What it takes to reach the floor."""
    bounds, configurations = compared.bounds, compared.configurations
    level = 1 - (1 - bounds.confidence) / len(configurations)
    critical = student(level, bounds.clusters, sides=1)
    of_seeds, error = bounds.seed_errors[[k]] ** 2, bounds.errors[[k]]
    have = np.array([len(configurations[k].runs) if of_seeds[0] > 0 else NEVER])
    slack = bounds.values[[k]] - floor
    return _needed(compared, k, error, of_seeds, slack, np.array([critical]), have, more_runs)


def _needed(
    compared: Comparison,
    k: int,
    error: Floats,  # of the difference, or of the score
    of_seeds: Floats,  # the part of its square that seeds have
    slack: Floats,
    critical: Floats,
    have: Integers,  # runs of the sides that differ by seed; `NEVER` where none does
    more_runs: bool,
) -> list[Needed] | None:
    bounds = compared.bounds
    have = np.where(have == NEVER, 1, have)
    items = np.sqrt(np.maximum(0.0, error**2 - of_seeds))
    # Rows that never differed may still hide as much as one cluster's worth; of losses what a rare
    # one would add is in the bound, however much was seen.
    hidden = np.sqrt(np.maximum(slack, 0.0) * bounds.scale / bounds.clusters)
    rare = np.maximum(slack, 0.0) * bounds.rare[k] / bounds.clusters
    return rows_that_decide(
        items_error=np.where(items > 0, np.sqrt(items**2 + rare), hidden),
        seed_variance=of_seeds,
        rows=bounds.rows,
        seeds=have,
        least_seeds=np.maximum(have, np.where((of_seeds > 0) | more_runs, RUNS, 1)),
        slack=slack,
        critical=critical,
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
