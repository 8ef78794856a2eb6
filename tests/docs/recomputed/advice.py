"""How far a strategy is behind the best at most, and the rows that would show it to be near."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from scipy import stats
from sklearn.metrics import f1_score

from tests.docs.recomputed.records import Run, runs
from tests.docs.recomputed.statistics import (
    DRAWS,
    Figure,
    _drawn_f1,
    _labels,
    draws,
    seeds,
)


def candidates(study: str, task: str) -> dict[str, tuple[Run, ...]]:
    """Runs by strategy; those that are told what nobody has are no candidates."""
    found: dict[str, tuple[Run, ...]] = {}
    for one in runs(study, task):
        if not one.record["strategy"]["ceiling"]:
            name = one.folder.name.split("_")[1]
            found[name] = (*found.get(name, ()), one)
    return found


@lru_cache
def behind(study: str, task: str) -> dict[str, Figure]:
    """At most, whichever is the best, with 95 % confidence (Hsu 1981; Romano and Wolf 2005)."""
    sides = {name: seeds(each) for name, each in candidates(study, task).items()}
    values = np.array([side.value for side in sides.values()])
    influence = np.stack([side.influence for side in sides.values()])
    spread = np.array([side.spread for side in sides.values()])
    errors = _errors((influence @ influence.T)[None], spread[None])[0]
    critical, chance = _critical(influence, list(sides.values()))
    step = critical**2 / influence.shape[1]
    found = {}
    for at, name in enumerate(sides):
        gaps = values - values[at]
        score = gaps + step / 2 + np.sqrt(np.maximum(0, step * (step / 4 + gaps)))
        bounds = np.maximum(gaps + critical * errors[at], np.where(step / 4 + gaps > 0, score, 0))
        bounds[at] = 0
        worst = int(np.argmax(bounds))
        known = chance[worst] * errors[at, worst]
        found[name] = Figure(max(0.0, float(bounds[worst])), float(known))
    return found


def _errors(covariance: np.ndarray, spread: np.ndarray) -> np.ndarray:
    own = np.diagonal(covariance, axis1=1, axis2=2) + spread
    return np.sqrt(np.maximum(0, own[:, :, None] + own[:, None, :] - 2 * covariance))


def _critical(influence: np.ndarray, sides: list) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """Quantiles of the largest studentised lead over each, and what other draws would change."""
    size, clusters = influence.shape
    weights, random = draws(clusters), np.random.default_rng([0, 1])
    moved = weights @ influence.T
    pairs = (influence[:, None] * influence[None]).reshape(size * size, clusters)
    second = (weights @ pairs.T).reshape(-1, size, size)
    covariance = second - moved[:, :, None] * moved[:, None] / clusters
    spread = np.zeros((DRAWS, size))
    for k, side in enumerate(sides):
        if side.spread:
            degrees = side.count - 1
            seen = side.observed * random.chisquare(degrees, DRAWS) / degrees
            sampling = side.observed - side.spread * side.count
            spread[:, k] = np.maximum(0, seen - sampling) / side.count
            moved[:, k] += random.normal(0, math.sqrt(side.spread), DRAWS)
    lead = (moved[:, :, None] - moved[:, None]) / np.maximum(
        _errors(covariance, spread), 1 / clusters
    )
    lead[:, range(size), range(size)] = -np.inf
    largest = lead.max(1)
    low, middle, high = np.quantile(largest, [0.93, 0.95, 0.97], axis=0)
    error = math.sqrt(0.95 * 0.05 * 2 / DRAWS) * (high - low) / 0.04
    return np.maximum(stats.t.ppf(0.95, clusters - 1), middle), error


def rows_that_decide(study: str, task: str, strategy: str, margin: float = 0.02) -> Figure:
    """Rows beyond those there are with which four of five studies would show it to be near.

    By the normal distribution (Cohen 1988), of the rival that is hardest to tell. The documents' figure
    is of drawn studies, rounded up: it may be a third apart.
    """
    found = [several[0] for several in candidates(study, task).values()]
    names = list(candidates(study, task))
    targets, _, clusters = _labels(found[0])
    groups, index = np.unique(clusters, return_inverse=True)
    weights, labels = draws(len(groups)), [_labels(one)[1] for one in found]
    drawn = np.stack([_drawn_f1(targets, each, index, weights, "macro") for each in labels], axis=1)
    values = np.array(
        [f1_score(targets, each, average="macro", labels=np.unique(targets)) for each in labels]
    )
    at, moved = names.index(strategy), drawn - drawn.mean(0)
    gaps = moved[:, :, None] - moved[:, None]
    errors = np.maximum(gaps.std(0), 1e-9)
    lead = gaps / errors
    lead[:, range(len(found)), range(len(found))] = -np.inf
    critical = np.quantile(lead.max(1), 0.95, axis=0)
    reach = (critical + stats.norm.ppf(0.8)) * errors[at] / (margin + values[at] - values)
    needed = len(targets) * max(np.delete(reach, at)) ** 2 - len(targets)
    return Figure(float(needed), float(needed) / 3)
