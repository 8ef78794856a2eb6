"""Many comparisons at once: Holm's correction, letters for ties, and wins over tasks."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from harness.metrics.statistics.paired import Paired, paired_difference
from harness.metrics.statistics.seeds import crossed_difference

__all__ = ["AllPairs", "Record", "all_pairs", "compact_letters", "holm", "wins_ties_losses"]

ALPHABET = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class AllPairs:
    """Every pair of some runs on one task."""

    pairs: Mapping[tuple[str, str], Paired]  # by two names, better first; p-values are Holm's
    # By name, best first: two that share a letter aren't shown to differ.
    letters: Mapping[str, str]
    alpha: float  # Level of the whole family


@dataclass(frozen=True, slots=True)
class Record:
    """How one does against all others over several tasks."""

    wins: int = 0
    ties: int = 0
    losses: int = 0


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusts the p-values of one family (Holm, 1979, Scandinavian Journal of Statistics 6:65-70).

    In the same order; those up to a level are significant at that level over the whole family.
    """
    adjusted, running = [0.0] * len(p_values), 0.0
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    for rank, index in enumerate(order):
        running = max(running, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = running
    return adjusted


def compact_letters(names: Sequence[str], different: Collection[tuple[str, str]]) -> dict[str, str]:
    """Writes ties as letters: two that share one aren't shown to differ, two that don't are.

    Insert and absorb (Piepho, 2004, Journal of Computational and Graphical Statistics 13:456-466):
    a letter whose holders differ is split in two, and one that another holds wholly is dropped.
    Names come best first, which is the order of the letters.
    """
    columns = [frozenset(names)] if names else []
    for a, b in different:
        split: list[frozenset[str]] = []
        for column in columns:
            split += [column - {a}, column - {b}] if {a, b} <= column else [column]
        columns = _absorb(split)
    place = {name: index for index, name in enumerate(names)}
    columns.sort(key=lambda column: sorted(place[name] for name in column))
    return {
        name: "".join(_letter(i) for i, column in enumerate(columns) if name in column)
        for name in names
    }


def _absorb(columns: Sequence[frozenset[str]]) -> list[frozenset[str]]:
    unique = list(dict.fromkeys(columns))
    return [column for column in unique if not any(column < other for other in unique)]


def _letter(index: int) -> str:
    turn, place = divmod(index, len(ALPHABET))
    return ALPHABET[place] + (str(turn) if turn else "")


def all_pairs(
    runs: Mapping[str, Sequence[Mapping[str, float]]],
    clusters: Mapping[str, str],
    *,
    alpha: float = 0.05,
    draws: int = 2000,  # the least p-value is about its inverse, so that many pairs need many
    seed: int = 0,
) -> AllPairs:
    """Compares every pair of configurations on one task.

    `runs` holds by name, for each run (seed), the value of each row by id. Where one of two has
    more than one run, what seeds add to the error is counted, as `compare` does.

    Raises:
        UsageError: Two have no row in common.
    """
    names = sorted(
        runs, key=lambda name: -fmean(fmean(run.values() or (0.0,)) for run in runs[name])
    )
    pairs = list(itertools.combinations(names, 2))
    # The least adjusted p-value has to be able to get below alpha.
    enough = max(draws, round(2 * len(pairs) / alpha))
    plain = [_difference(runs[a], runs[b], clusters, draws=enough, seed=seed) for a, b in pairs]
    adjusted = holm([pair.p_value for pair in plain])
    compared = {
        names: replace(pair, p_value=p_value, method=f"{pair.method}, holm")
        for names, pair, p_value in zip(pairs, plain, adjusted, strict=True)
    }
    different = [names for names, pair in compared.items() if pair.p_value <= alpha]
    return AllPairs(compared, compact_letters(names, different), alpha)


def _difference(
    a: Sequence[Mapping[str, float]],
    b: Sequence[Mapping[str, float]],
    clusters: Mapping[str, str],
    *,
    draws: int,
    seed: int,
) -> Paired:
    if len(a) == len(b) == 1:
        return paired_difference(a[0], b[0], clusters, draws=draws, seed=seed)
    gap = crossed_difference(a, b, clusters)
    return Paired(gap.value, gap.low, gap.high, gap.n, gap.clusters, gap.p_value, gap.method)


def wins_ties_losses(tasks: Collection[AllPairs]) -> dict[str, Record]:
    """Counts over tasks, by name, the pairs in which one is shown better, not to differ, or worse.

    Metrics of different tasks are never averaged.
    """
    totals: dict[str, Record] = {}
    for task in tasks:
        for (a, b), pair in task.pairs.items():
            for name, sign in ((a, 1.0), (b, -1.0)):
                old = totals.setdefault(name, Record())
                if pair.p_value > task.alpha or pair.difference == 0:
                    totals[name] = replace(old, ties=old.ties + 1)
                elif sign * pair.difference > 0:
                    totals[name] = replace(old, wins=old.wins + 1)
                else:
                    totals[name] = replace(old, losses=old.losses + 1)
    return totals
