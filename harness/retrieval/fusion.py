"""Makes one ranking of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

__all__ = ["linear", "reciprocal_rank"]

Ranking = Sequence[tuple[str, float]]


def reciprocal_rank(
    rankings: Mapping[str, Ranking], weights: Mapping[str, float], constant: float = 60.0
) -> list[tuple[str, float]]:
    """Fuses rankings by their ranks alone (Cormack, Clarke and Büttcher, SIGIR 2009).

    Args:
        rankings: Ids and scores, best first, by the name of what ranked them.
        weights: How much each counts; one of 0 is left out.
        constant: Dampens the first ranks.

    Returns:
        Ids and the sum of weight / (constant + rank), over what the first rank in all would
        give: at most 1. Best first, ties by the order of the first ranking.
    """
    best = sum(weights[name] for name in rankings) / (constant + 1)
    totals: dict[str, float] = {}
    for name, ranking in rankings.items():
        if weights[name] > 0:
            for rank, (found, _) in enumerate(ranking, 1):
                totals[found] = totals.get(found, 0.0) + weights[name] / (constant + rank)
    return _sorted({found: total / best for found, total in totals.items()})


def linear(
    rankings: Mapping[str, Ranking], weights: Mapping[str, float]
) -> list[tuple[str, float]]:
    """Fuses rankings by a weighted mean of their scores (Bruch et al. 2023, arXiv 2210.11934).

    Each ranking's scores are spread over 0-1 between its last and its first; what a ranking
    doesn't have gets 0 from it.

    Args:
        rankings: Ids and scores, best first, by the name of what ranked them.
        weights: How much each counts.

    Returns:
        Ids and scores of at most 1, best first.
    """
    whole = sum(weights[name] for name in rankings)
    totals: dict[str, float] = {}
    for name, ranking in rankings.items():
        if not ranking or weights[name] <= 0:
            continue
        high, low = ranking[0][1], ranking[-1][1]
        for found, score in ranking:
            spread = (score - low) / (high - low) if high > low else 1.0
            totals[found] = totals.get(found, 0.0) + weights[name] / whole * spread
    return _sorted(totals)


def _sorted(totals: dict[str, float]) -> list[tuple[str, float]]:
    return sorted(totals.items(), key=lambda pair: -pair[1])
