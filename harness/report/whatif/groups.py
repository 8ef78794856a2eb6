"""Who takes part under some latency and place, and the bounds of those: no price moves them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from harness.analysis.configurations import Configuration
from harness.analysis.recommend.decide import DRAW, NEAR, bounds_of
from harness.analysis.recommend.missing_rows import luck
from harness.analysis.recommend.objective import Part, make_objective
from harness.analysis.recommend.offers import Comparison
from harness.analysis.recommend.question import Question
from harness.costs.book import PriceBook
from harness.errors import UsageError
from harness.report.whatif.machines import OnMachine

__all__ = ["PAIRS", "Group", "bounded", "bounds_values", "groups_of"]

PAIRS = 5_000
"""Sum of the squares of the groups' sizes up to which bounds are computed, the largest first."""

PRICED: Mapping[str, Mapping[str, float | None]] = {
    "": {"cost_per_error": 0.0, "cost_per_handover": None},
    "0": {"cost_per_error": 0.0, "cost_per_handover": 0.0},
    "h": {"cost_per_error": 0.0, "cost_per_handover": 1.0},
    "e": {"cost_per_error": 1.0, "cost_per_handover": None},
    "e0": {"cost_per_error": 1.0, "cost_per_handover": 0.0},
    "eh": {"cost_per_error": 1.0, "cost_per_handover": 1.0},
}
"""By what has a price (an error, a hand-over; 0: that is free): what decides hangs on no more."""

Group = tuple[int, ...]
"""Positions of the candidates that take part."""


def groups_of(machines: Sequence[OnMachine], leaves: Sequence[Sequence[bool]]) -> list[Group]:
    """Who takes part under some latency, machine and place: the largest groups come first."""
    found: set[Group] = set()
    for stay in {tuple(k for k, out in enumerate(place) if not out) for place in leaves}:
        found.add(stay)
        for highs in {machine.p95 for machine in machines}:
            for most in {high for high in highs if high is not None}:
                found.add(tuple(k for k in stay if (high := highs[k]) is not None and high <= most))
    return sorted(filter(None, found), key=lambda group: (-len(group), group))


def bounded(
    candidates: Sequence[Configuration], groups: Iterable[Group], question: Question
) -> dict[Group, Comparison]:
    """Bounds each group; what would take too long, or can't be compared, is left to the program."""
    found, pairs = {}, 0
    for group in groups:
        pairs += len(group) ** 2
        if pairs > PAIRS:
            break
        members = [candidates[k] for k in group]
        with contextlib.suppress(UsageError):
            found[group] = Comparison(members, [], *bounds_of(members), question)
    return found


def bounds_values(compared: Comparison, book: PriceBook) -> dict[str, object]:
    """Returns scores and bounds of a group as JSON values, and what its answers lose."""
    bounds, table = compared.bounds, compared.table
    return {
        "values": bounds.values.tolist(),
        "far": bounds.far.tolist(),
        "near": bounds.behind(NEAR).tolist(),
        "quality": [table.sign * value + 0.0 for value in bounds.values.tolist()],
        "luck": luck(compared),
        "clusters": bounds.clusters,
        **_losses(compared, book),
    }


def _losses(compared: Comparison, book: PriceBook) -> dict[str, object]:
    """What answers lose, and the bounds of it, by what has a price: see `PRICED`.

    Where a price has to be given that isn't, there are no parts.
    """
    parts: list[dict[str, object]] = []
    found: dict[str, list[int]] = {}
    for name, prices in PRICED.items():
        question = compared.question.model_copy(update=prices)
        try:
            objective = make_objective(compared.configurations, question, book, DRAW)
        except UsageError:
            found[name] = []
            continue
        if objective is not None:
            for part in objective.parts:
                value = _part(part, compared)
                parts += [value] if value not in parts else []
                found.setdefault(name, []).append(parts.index(value))
    return {"losses": found, "parts": parts}


def _part(part: Part, compared: Comparison) -> dict[str, object]:
    low, high = part.interval
    return {
        "name": part.loss.name,
        "usd": part.loss.usd if part.loss.name == "losses" else None,  # else as it is asked for
        "mean": part.mean.tolist(),
        "low": low.tolist(),
        "high": high.tolist(),
        "slack": [[float(f"{most:.12g}") for most in row] for row in part.bounds.slack.tolist()],
        "luck": luck(replace(compared, table=part.table, bounds=part.bounds)),
    }
