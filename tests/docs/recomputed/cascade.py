"""Cascades by trying every one: who is asked first, and below which confidence a row goes on."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special, stats

from tests.docs.recomputed.advice import candidates
from tests.docs.recomputed.records import HOURS_A_MONTH, PEAK, Run, book, machine
from tests.docs.recomputed.statistics import draws

MONTHS, REQUESTS, LABEL = 12, 100_000, 0.5
FOLDS, STEPS, DEEP = 5, 100, 3  # docs/statistics.md, "A cascade"
SHARES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.75, 0.9)


@dataclass(frozen=True)
class Prices:
    """What answers lose, in dollars; None: as the task declares."""

    error: float | None = None
    person: float | None = None
    hardware: str | None = None  # one of the price book; None: the default of a CPU


@dataclass(frozen=True)
class Stage:
    """Dollars are for a request of the whole."""

    name: str
    losses: np.ndarray  # of each row of each seed
    sure: np.ndarray
    fixed: np.ndarray  # for having it, by the share of requests that reach it
    labels: float = 0.0

    @property
    def limits(self) -> np.ndarray:
        """Thresholds that pass some rows on and keep some."""
        found = np.unique(np.quantile(self.sure, SHARES, method="higher"))
        return found[found > self.sure.min()]


@dataclass(frozen=True)
class Found:
    """The cheapest cascade beside the cheapest stage alone, in dollars over all months."""

    stages: tuple[str, ...]
    passed: tuple[float, ...]  # share of rows that each but the last passes on
    total: float
    best: str
    alone: float
    difference: tuple[float, float, float]  # value, low, high


@lru_cache
def cascade(study: str, task: str, prices: Prices = Prices()) -> Found:
    """Chooses by all folds but one, counts by that one, and bounds by resampled clusters."""
    sides = candidates(study, task)
    seeds = math.lcm(*map(len, sides.values()))
    first = next(iter(sides.values()))[0]
    ids = sorted(
        set.intersection(*({row["id"] for row in r.rows} for s in sides.values() for r in s))
    )
    stages = [_stage(name, several, ids, seeds, prices) for name, several in sides.items()]
    person = _person([one for several in sides.values() for one in several], prices)
    last = Stage("person", np.full(seeds * len(ids), person), np.ones(1), np.zeros(STEPS + 1))
    there = first.record["task"]["rows"]["train"] + first.record["task"]["rows"]["dev"]
    names, clusters = np.unique([first.clusters[each] for each in ids], return_inverse=True)
    clusters = np.tile(clusters, seeds)
    folds = (np.random.default_rng(0).permutation(len(names)) % min(FOLDS, len(names)))[clusters]
    (chain, passes), costs = _cross_fitted([*_in_order(stages), last], folds, there)
    alone = {each.name: each.losses + each.fixed[-1] for each in (*stages, last)}
    largest = first.record["task"].get("largest_loss") or 0.0
    unit = _dollars(first) if prices.error is None else 0.0
    most = max(prices.error or 0.0, *(each.losses.max() for each in (*stages, last)))
    most, rare = (max(most, largest * unit), largest * unit) if unit else (most, 0.0)
    gaps = {name: _lead(costs - each, clusters, seeds, most, max(rare, most) if unit else 0.0)
            for name, each in alone.items()}  # fmt: skip
    best = max(gaps, key=lambda name: gaps[name][0])
    year = MONTHS * REQUESTS
    value, low, high = (year * each for each in gaps[best])
    return Found(
        tuple(each.name for each in chain),
        tuple(passes),
        year * float(costs.mean()),
        best,
        year * float(alone[best].mean()),
        (value, low, high),
    )


def _dollars(one: Run) -> float:
    """Of a unit of the currency in which the task declares losses."""
    (rate,) = (row["per_usd"] for row in book()["currencies"] if row["id"] == "KRW")
    return 1 / rate


def _person(several: Sequence[Run], prices: Prices) -> float:
    if prices.person is not None:
        return prices.person
    rows = (row["values"] for one in several for row in one.rows)
    (handed,) = {values["expected_loss"] for values in rows if values["handover"]}
    return handed * _dollars(several[0])


def _stage(name: str, several: Sequence[Run], ids: list[str], seeds: int, prices: Prices) -> Stage:
    losses, sure = [], []
    for one in several:
        rows = {row["id"]: row for row in one.rows}
        losses.append([_lost(rows[each], one, prices) for each in ids])
        sure.append(_confidences([rows[each] for each in ids]))
    often, labels = seeds // len(several), several[0].labels
    return Stage(
        name,
        np.array(losses * often).ravel(),
        np.array(sure * often).ravel(),
        _fixed(several, labels, prices),
        labels,
    )


def _lost(row: dict, one: Run, prices: Prices) -> float:  # type: ignore[type-arg]
    if prices.error is None:
        return row["values"]["expected_loss"] * _dollars(one)
    return (prices.person or 0.0) if row["abstained"] else prices.error * (not row["correct"])


def _confidences(rows: list[dict]) -> list[float]:  # type: ignore[type-arg]
    """0 of what was handed over; else what the record says, and 1 where it says nothing."""
    found = []
    for row in rows:
        scores = list((row.get("scores") or {}).values())
        if row.get("confidence") is None and scores:
            told = max(scores) / sum(scores) if min(scores) >= 0 else max(special.softmax(scores))
        else:
            told = row.get("confidence")
        handed = row["outcome"] != "ok" or row["abstained"] or row["values"].get("handover")
        found.append(0.0 if handed else told)
    known = any(each for each in found if each)
    return [(0.0 if known else 1.0) if each is None else each for each in found]


def _fixed(several: Sequence[Run], labels: float, prices: Prices) -> np.ndarray:
    """Development and whole machines.

    On a GPU, which is projected, one machine is enough, and development is less than a dollar: a
    millionth of what it is on the CPU leaves the order of the stages as it is.
    """
    shares = np.arange(STEPS + 1) / STEPS
    once = float(np.mean([one.once for one in several]))
    if prices.hardware:
        (row,) = (row for row in book()["machines"] if row["id"] == prices.hardware)
        usd, count, once = row["usd_per_hour"], np.ones(STEPS + 1), once / 1e6
    else:
        usd = machine(max(one.peak for one in several))["usd_per_hour"]
        capacity = float(np.mean([one.capacity for one in several]))
        busiest = PEAK * REQUESTS * shares / (HOURS_A_MONTH * 3600)
        count = np.maximum(1, np.ceil(busiest / capacity))
    return (once + labels * LABEL + MONTHS * HOURS_A_MONTH * usd * count) / (MONTHS * REQUESTS)


def _in_order(stages: list[Stage]) -> list[Stage]:
    """From cheap to dear; without what passes nothing on while another costs and loses no more."""

    def place(stage: Stage) -> tuple[float, float]:
        return float(stage.fixed[-1]), float(stage.losses.mean())

    def beaten(stage: Stage) -> bool:
        usd, lost = place(stage)
        others = [place(each) for each in stages]
        return not len(stage.limits) and any(
            a <= usd and b <= lost and (a, b) != (usd, lost) for a, b in others
        )

    return sorted((each for each in stages if not beaten(each)), key=place)


Choice = tuple[tuple[Stage, ...], tuple[float, ...], float]  # stages, thresholds, fixed dollars


def _cross_fitted(stages: list[Stage], folds: np.ndarray, there: float):  # type: ignore[no-untyped-def]
    """The cheapest by all rows with the shares it passes on, and each row's cost by the others'."""
    kept = [folds != fold for fold in range(folds.max() + 1)] + [np.ones(len(folds), dtype=bool)]
    best: list[tuple[float, Choice | None]] = [(np.inf, None)] * len(kept)
    for length in range(2, DEEP + 2):
        for chain in itertools.combinations(stages, length):
            if length == DEEP + 1 and chain[-1].name != "person":
                continue
            for limits in itertools.product(*(each.limits for each in chain[:-1])):
                costs, reached = _walk(chain, limits)
                for at, rows in enumerate(kept):
                    fixed = _having(chain, [reach[rows].mean() for reach in reached], there)
                    cost = costs[rows].mean() + fixed
                    if cost < best[at][0]:
                        best[at] = cost, (chain, limits, fixed)
    found = np.empty(len(folds))
    for fold, (_, choice) in enumerate(best[:-1]):
        assert choice is not None
        found[folds == fold] = (_walk(*choice[:2])[0] + choice[2])[folds == fold]
    chosen = best[-1][1]
    assert chosen is not None
    reached = _walk(*chosen[:2])[1]
    return (chosen[0], [float(each.mean()) for each in reached[1:]]), found


def _walk(chain: Sequence[Stage], limits: Sequence[float]) -> tuple[np.ndarray, list[np.ndarray]]:
    """What each row loses, and which rows reach each stage."""
    reached = [np.ones(len(chain[0].losses), dtype=bool)]
    for stage, limit in zip(chain[:-1], limits, strict=True):
        reached.append(reached[-1] & (stage.sure < limit))
    lost = np.zeros(len(reached[0]))
    for stage, rows in zip(chain, reached, strict=True):
        lost = np.where(rows, stage.losses, lost)
    return lost, reached


def _having(chain: Sequence[Stage], shares: Sequence[float], there: float) -> float:
    """Labels that several stages read are bought once."""
    steps = np.ceil(np.array(shares) * STEPS - 1e-9).astype(int)
    fixed = sum(stage.fixed[step] for stage, step in zip(chain, steps, strict=True))
    twice = max(0.0, sum(stage.labels for stage in chain) - there)
    return float(fixed) - twice * LABEL / (MONTHS * REQUESTS)


def _lead(
    gap: np.ndarray, clusters: np.ndarray, seeds: int, most: float, rare: float
) -> tuple[float, float, float]:
    """One-sided 95 % bounds, with what seeds differ by and a loss that no cluster showed."""
    count = clusters.max() + 1
    sums, sizes = np.bincount(clusters, gap), np.bincount(clusters)
    weights = draws(int(count))
    reach = math.sqrt(count / (count - 1)) * stats.t.ppf(0.05, count - 1)
    tail = stats.norm.cdf(reach)
    low, high = np.quantile(weights @ sums / (weights @ sizes), [tail, 1 - tail])
    value, luck = float(gap.mean()), 0.0
    single = stats.t.ppf(0.95, count - 1) ** 2 / count
    if seeds > 1:
        spread = gap.reshape(seeds, -1).mean(1).std(ddof=1) / math.sqrt(seeds)
        luck = stats.t.ppf(0.95, seeds - 1) * spread
    below, above = math.hypot(luck, value - low), math.hypot(luck, high - value)
    beyond = single * rare / 2 + math.sqrt((single * rare / 2) ** 2 + above**2)
    return value, value - below, value + max(beyond, single * most)
