"""Cascades: who answers first, and below which confidence a row goes on to the next.

A cheap answer is kept where it is sure, else the row is passed on to a dearer one (Viola and Jones,
2001, CVPR 511-518; for language models FrugalGPT: Chen et al., 2023, arXiv 2305.05176). Order and
thresholds are chosen for the lowest cost a row, everything in dollars. What is chosen on some rows
looks too good on them, so it is chosen on all folds but one and scored on that one (Stone, 1974,
JRSS B 36:111-147): each row's cost is that of a cascade which hasn't seen its cluster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from harness.metrics.statistics.best import rare_reach
from harness.metrics.statistics.resampling import Floats, Integers, cluster_bootstrap
from harness.metrics.statistics.seeds import student

__all__ = ["FOLDS", "STEPS", "Choice", "Lead", "Stage", "Unseen", "cross_fit", "lead"]

FOLDS = 5
STEPS = 100  # shares of the requests at which what machines cost is known
DEEP = 3  # stages that pass on; a last one follows
GRID = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.75, 0.9)  # shares of rows that a threshold passes on


@dataclass(frozen=True, eq=False)
class Stage:
    """One that answers. Dollars are for a request of the whole, whoever answers it."""

    losses: Floats  # what its answers lose, shape (rows,)
    asking: float  # for asking it once
    fixed: Floats  # for having it, by the share of requests that reach it, shape (STEPS + 1,)
    sure: Floats | None = None  # its confidence, shape (rows,); None: it passes nothing on
    last: bool = False  # always the last one, whatever it costs: a person

    @property
    def alone(self) -> Floats:
        """Each row's cost where it answers them all, shape (rows,)."""
        return np.asarray(self.losses + self.asking + self.fixed[-1])

    def thresholds(self) -> Floats:
        """Returns those that pass some rows on and keep some, at the shares of `GRID`."""
        if self.sure is None:
            return np.zeros(0)
        found = np.unique(np.quantile(self.sure, GRID, method="higher"))
        return np.asarray(found[found > self.sure.min()])


Saved = Callable[[tuple[int, ...]], float]
"""What several stages need only once, in dollars a request, by their positions."""


@dataclass(frozen=True)
class Choice:
    """A cascade."""

    stages: tuple[int, ...]  # positions, the first to be asked first
    thresholds: tuple[float, ...]  # of all but the last: below it a row is passed on
    fixed: float = 0.0  # dollars a request for having the stages, by the rows it was chosen on

    def reached(self, stages: Sequence[Stage]) -> Iterator[tuple[Stage, Floats]]:
        """Yields each stage with the rows that reach it, as 0 and 1, shape (rows,)."""
        rows = np.ones(len(stages[self.stages[0]].losses))
        for at, threshold in zip(self.stages, (*self.thresholds, 0.0), strict=True):
            yield stages[at], rows
            sure = stages[at].sure
            rows = rows * (sure < threshold) if sure is not None else np.zeros(len(rows))

    def costs(self, stages: Sequence[Stage]) -> Floats:
        """Returns each row's cost, shape (rows,)."""
        several = list(self.reached(stages))
        kept = [rows for _, rows in several[1:]] + [np.zeros(len(several[0][1]))]
        costs = [
            rows * stage.asking + (rows - passed) * stage.losses
            for (stage, rows), passed in zip(several, kept, strict=True)
        ]
        return np.asarray(self.fixed + np.sum(costs, axis=0))


@dataclass
class _Search:
    """The best cascade so far by the rows outside each fold, and by all rows."""

    stages: Sequence[Stage]
    inside: Floats  # whether a row is in a fold, and a last column of all, shape (rows, folds + 1)
    saved: Saved

    def __post_init__(self) -> None:
        self.rows = len(self.inside) - np.append(self.inside[:, :-1].sum(0), 0)
        self.cost = np.full(len(self.rows), np.inf)
        self.found: list[Choice | None] = [None] * len(self.rows)
        self.limits = [stage.thresholds() for stage in self.stages]
        self.passes = [
            (stage.sure < limits[:, None]).astype(np.float64) if stage.sure is not None else None
            for stage, limits in zip(self.stages, self.limits, strict=True)
        ]

    def walk(self) -> None:
        for first, stage in enumerate(self.stages):
            if len(self.limits[first]):
                costs = self._outside((stage.losses + stage.asking) @ self.inside)[None]
                everything = np.broadcast_to(self.rows, costs.shape)
                self._deeper((first,), np.ones((1, len(self.inside))), costs, (everything,))

    def _outside(self, sums: Floats) -> Floats:
        """Turns sums in each fold, and in all, into those outside of it."""
        return np.asarray(sums[..., -1:] - np.append(sums[..., :-1], 0 * sums[..., -1:], -1))

    def _deeper(
        self,
        chain: tuple[int, ...],  # stages; the last of them answers whatever reaches it
        reached: Floats,  # rows that do, by thresholds, shape (choices, rows)
        costs: Floats,  # shape (choices, folds + 1)
        counts: tuple[Floats, ...],  # of rows that reach each stage, of the same shape
    ) -> None:
        """Lets the last of the chain pass rows on: to a last stage, or to one that passes on."""
        passes = self.passes[chain[-1]]
        assert passes is not None
        rows = (reached[:, None] * passes).reshape(-1, reached.shape[1])
        costs = np.repeat(costs, len(passes), axis=0)
        counts = tuple(np.repeat(each, len(passes), axis=0) for each in counts)
        counts = (*counts, self._outside(rows @ self.inside))
        for at in range(chain[-1] + 1, len(self.stages)):
            stage = self.stages[at]
            if len(chain) == DEEP and not stage.last:
                continue
            more = stage.asking + stage.losses - self.stages[chain[-1]].losses
            sums = costs + self._outside(rows @ (more[:, None] * self.inside))
            self._consider((*chain, at), sums, counts)
            if len(chain) < DEEP and len(self.limits[at]):
                self._deeper((*chain, at), rows, sums, counts)

    def _consider(self, chain: tuple[int, ...], sums: Floats, counts: tuple[Floats, ...]) -> None:
        fixed = np.full(sums.shape, -self.saved(chain))
        for at, count in zip(chain, counts, strict=True):
            shares = np.ceil(count / self.rows * STEPS - 1e-9).astype(np.int64)
            fixed += self.stages[at].fixed[shares]
        costs = sums / self.rows + fixed
        sizes = [len(self.limits[at]) for at in chain[:-1]]
        for fold, best in enumerate(costs.argmin(0)):
            if costs[best, fold] < self.cost[fold]:
                self.cost[fold] = costs[best, fold]
                places = np.unravel_index(best, sizes)
                limits = [self.limits[at][k] for at, k in zip(chain[:-1], places, strict=True)]
                self.found[fold] = Choice(
                    chain, tuple(map(float, limits)), float(fixed[best, fold])
                )


def _searched(stages: Sequence[Stage], folds: Integers, saved: Saved) -> list[Choice | None]:
    """Returns the best cascade outside each fold, and that of all rows."""
    inside = (folds[:, None] == np.arange(folds.max() + 1)).astype(np.float64)
    search = _Search(stages, np.append(inside, np.ones((len(folds), 1)), axis=1), saved)
    search.walk()
    return search.found


def cross_fit(
    stages: Sequence[Stage],
    clusters: Integers,  # numbers of the rows' clusters, from 0
    saved: Saved = lambda _: 0.0,
    *,
    seed: int = 0,
) -> tuple[Choice, list[Choice], Floats] | None:
    """Chooses the cheapest cascade of two stages or more, by all rows and outside each fold.

    Stages are given from cheap to dear, and are asked in that order. Folds are of whole clusters.
    Returns the choice of all rows, that of each fold, and each row's cost by the choice that was
    made without its cluster, shape (rows,); None where there is no cascade.
    """
    count = int(clusters.max()) + 1
    if count < 2 or not stages:
        return None
    order = np.random.default_rng(seed).permutation(count)
    folds = (order % min(FOLDS, count))[clusters]
    *each, best = _searched(stages, folds, saved)
    chosen = [choice for choice in each if choice is not None]
    if best is None or len(chosen) < len(each):
        return None
    costs = np.stack([choice.costs(stages) for choice in chosen])
    return best, chosen, costs[folds, np.arange(len(folds))]


@dataclass(frozen=True, slots=True)
class Unseen:
    """Losses of a row that may not have been seen, in dollars."""

    most: float  # the largest that a row is taken to have
    rare: float = 0.0  # of amounts, the largest that is possible


@dataclass(frozen=True, slots=True)
class Lead:
    """How much more one costs than another, in dollars a request; below 0: less."""

    value: float
    low: float  # one-sided, 95 %
    high: float  # the same, with what may not have been seen


def lead(
    mine: Floats,
    others: Floats,
    clusters: Integers,
    unseen: Unseen,
    *,
    seeds: int = 1,
    seed: int = 0,
) -> Lead:
    """Compares each row's costs, shape (seeds * rows,), by resampled clusters.

    What seeds differ by is added to both bounds, by t. The upper one is no nearer than what a loss
    that all clusters happened to lack allows (the rule of three). Where a rare large one is
    possible, the bound goes as far beyond the difference as `rare_reach` says.
    """
    found = cluster_bootstrap(mine - others, clusters, confidence=0.9, seed=seed, share=False)
    low, high = (found.value if end is None else end for end in (found.low, found.high))
    count = int(clusters.max()) + 1
    single = student(0.95, max(1, count - 1), sides=1) ** 2 / count
    luck = 0.0
    if seeds > 1:
        runs = (mine - others).reshape(seeds, -1).mean(1)
        luck = student(0.95, seeds - 1, sides=1) * float(runs.std(ddof=1)) / seeds**0.5
    half = np.hypot(luck, [found.value - low, high - found.value])
    beyond = float(rare_reach(half[1:], np.ones(1), np.array([single * unseen.rare]))[0])
    return Lead(
        found.value, found.value - float(half[0]), found.value + max(beyond, single * unseen.most)
    )
