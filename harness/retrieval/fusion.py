"""Makes one ranking of several."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["Ranking", "linear", "reciprocal_rank"]

Ranking = list[tuple[str, float]]
"""Ids of chunks and scores, best first."""


def reciprocal_rank(
    rankings: Mapping[str, Ranking], weights: Mapping[str, float], constant: float = 60.0
) -> Ranking:
    """Fuses rankings by their ranks alone (Cormack, Clarke and Büttcher, SIGIR 2009)."""
    # The sum of weight / (constant + rank), as a share of what the first rank in all rankings
    # would give: at most 1. Best first, ties by the order of the first ranking.
    best = sum(weights[name] for name in rankings) / (constant + 1)
    totals: dict[str, float] = {}
    for name, ranking in rankings.items():
        if weights[name] > 0:
            for rank, (chunk, _) in enumerate(ranking, 1):
                totals[chunk] = totals.get(chunk, 0.0) + weights[name] / (constant + rank)
    return _sorted({chunk: total / best for chunk, total in totals.items()})


def linear(rankings: Mapping[str, Ranking], weights: Mapping[str, float]) -> Ranking:
    """Fuses rankings by a weighted mean of their scores (Bruch et al. 2023, arXiv 2210.11934).

    Each ranking's scores are scaled to 0-1 between its last and its first; a chunk that a ranking
    doesn't have gets 0 from it. The fused scores are at most 1.
    """
    whole = sum(weights[name] for name in rankings)
    totals: dict[str, float] = {}
    for name, ranking in rankings.items():
        if not ranking or weights[name] <= 0:
            continue
        high, low = ranking[0][1], ranking[-1][1]
        for chunk, score in ranking:
            spread = (score - low) / (high - low) if high > low else 1.0
            totals[chunk] = totals.get(chunk, 0.0) + weights[name] / whole * spread
    return _sorted(totals)


def _sorted(totals: dict[str, float]) -> Ranking:
    return sorted(totals.items(), key=lambda pair: -pair[1])
