"""The decision by total cost: money on top of bounds that don't know money.

    T_k = C_k + N Q L_k          C_k all that costs money, L_k what a request loses
    R_k = max_j (T_k - T_j + N Q S_kj)

R_k is how much dearer the candidate `k` may be than the cheapest, whichever that is: with `S` as in
`Bounds.slack`, all hold at once at 95 % (multiple comparisons with the best, Hsu, 1981; what is known
beforehand of each candidate's cost moves no quantile).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from harness.analysis.recommend.missing_rows import RUNS, doubts_of_evidence, luck
from harness.analysis.recommend.objective import Objective
from harness.analysis.recommend.offers import Comparison
from harness.analysis.words import Reason
from harness.metrics.statistics.resampling import Floats

__all__ = [
    "Regret",
    "TotalDecision",
    "decide_by_total",
    "decide_totals",
    "doubts_of",
    "notes_of",
    "regret_of",
]


@dataclass(frozen=True, slots=True)
class Regret:
    """How much dearer a candidate may be than the cheapest, at most."""

    usd: float
    rival: int | None  # position of the one that may be cheaper by that; None: no one may be


@dataclass(frozen=True)
class TotalDecision:
    """What total costs and bounds say."""

    chosen: int | None  # position of the cheapest candidate; None where none has a price
    accepted: tuple[int, ...] = ()  # positions of all that could be taken, cheapest first
    regrets: tuple[Regret | None, ...] = ()  # of each candidate; None where it has no price
    probability: float | None = None  # share of resamples in which it is the cheapest
    expected_regret: float | None = None  # mean over resamples of what it is dearer than that


def regret_of(
    k: int, usd: float, at_least: Sequence[float], slack: Sequence[float], rivals: Sequence[int]
) -> Regret:
    """Computes R_k.

    Args:
        k: Position of the candidate.
        usd: Its total cost T_k.
        at_least: Of each candidate the total cost; of one without a price what is known of it.
        slack: N Q S_kj for each j.
        rivals: Positions of those that could be taken.
    """
    most = max(((usd - at_least[j] + slack[j], j) for j in rivals if j != k), default=(0.0, k))
    return Regret(most[0], most[1]) if most[0] > 0 else Regret(0.0, None)


def decide_by_total(compared: Comparison) -> TotalDecision:
    """Decides by what candidates cost in all; the question's least quality binds."""
    objective, question = compared.objective, compared.question
    assert objective is not None
    totals = [offer.total(question) for offer in compared.offers]
    floor = -math.inf if question.min_quality is None else question.min_quality
    cases, drawn = question.requests, objective.resampled
    return decide_totals(
        [total.usd for total in totals],
        [total.at_least for total in totals],
        cases * objective.slack,
        (compared.bounds.low >= floor).tolist(),
        None if drawn is None else cases * (drawn - objective.mean),
    )


def decide_totals(
    usd: Sequence[float | None],
    at_least: Sequence[float],
    slack: Floats,  # in dollars of all requests, shape (K, K)
    allowed: Sequence[bool],  # whether each is shown to reach the least quality
    losses: Floats | None,  # of all requests in each resample less those seen, shape (draws, K)
) -> TotalDecision:
    """Takes the candidate with the lowest expected total cost; one without a price is never it.

    It is dearer than the cheapest by more than R in at most 5 % of studies. One without a price
    counts against all others with what is known of its cost.
    """
    rivals = [k for k, fits in enumerate(allowed) if fits]
    regrets = [
        None if cost is None else regret_of(k, cost, at_least, slack[k].tolist(), rivals)
        for k, cost in enumerate(usd)
    ]
    priced = [(cost, k) for k, cost in enumerate(usd) if cost is not None and allowed[k]]
    if not priced:
        return TotalDecision(None, regrets=tuple(regrets))
    order = tuple(k for _, k in sorted(priced))
    shares = _drawn(np.array([usd[k] for k in order], float), losses, order)
    return TotalDecision(order[0], order, tuple(regrets), *shares)


def _drawn(
    usd: Floats, losses: Floats | None, order: Sequence[int]
) -> tuple[float | None, float | None]:
    """Share of draws in which the first is the cheapest, and by how much it is dearer on average."""
    if losses is None:
        return None, None
    totals = usd + losses[:, list(order)]
    over = totals[:, 0] - totals.min(1)
    return float((over <= 0).mean()), float(over.mean())


def notes_of(compared: Comparison, objective: Objective) -> list[Reason]:
    """Says by what the choice is made, and in whose money."""
    question, loss = compared.question, objective.parts[0].loss
    notes = [Reason("total_declared")]
    if not loss.declared:
        handover = question.cost_per_handover or 0.0
        prices = {"error": question.cost_per_error, "handover": handover}
        notes = [Reason("total_priced", prices)]
    if loss.rate:
        values = {"currency": loss.rate.id, "rate": loss.rate.per_usd, "date": loss.rate.date}
        notes.append(Reason("rate", values))
    if loss.apart:
        notes.append(Reason("total_handover", {"usd": question.cost_per_handover}))
    margin = {"usd": question.margin, "months": question.months}
    return [*notes, Reason("margin_total", margin)]


def doubts_of(compared: Comparison, decision: TotalDecision) -> list[Reason]:
    """What keeps the cheapest candidate from being decided for."""
    chosen, margin, doubts = decision.chosen, compared.question.margin, []
    assert chosen is not None
    regret = decision.regrets[chosen]
    if regret is not None and regret.rival is not None and regret.usd > margin:
        rival = compared.offers[regret.rival]
        code = "regret" if rival.usd(compared.question) is not None else "regret_unpriced"
        values = {"to": rival.deployment.name, "usd": regret.usd, "margin": margin}
        doubts.append(Reason(code, values))
    runs, alone = _runs_missing(compared, chosen), len(compared.configurations) == 1
    doubts += doubts_of_evidence(runs, compared.bounds.clusters, alone=alone)
    return doubts + _labels_doubt(compared, decision)


def _runs_missing(compared: Comparison, chosen: int) -> list[str]:
    """Names candidates whose few seeds could change the advice, if one was an unlucky draw."""
    question, objective = compared.question, compared.objective
    assert objective is not None
    stray = question.requests * sum(
        part.loss.usd * luck(replace(compared, table=part.table, bounds=part.bounds))
        for part in objective.parts
    )
    usd = [offer.total(question).at_least for offer in compared.offers]
    return [
        each.name
        for k, each in enumerate(compared.configurations)
        if each.random and len(each.runs) < RUNS
        if k == chosen or usd[k] - stray < usd[chosen] - question.margin
    ]


def _labels_doubt(compared: Comparison, decision: TotalDecision) -> list[Reason]:
    """The price of a label above which the choice may be too dear, where labels have none."""
    question, k = compared.question, decision.chosen
    assert k is not None and compared.objective is not None
    if question.label_cost is not None:
        return []
    mine, usd = compared.offers[k], compared.usd
    turns = []
    for j in decision.accepted:
        more = mine.label_rows - compared.offers[j].label_rows
        cost, other = usd[k], usd[j]
        if more > 0 and cost is not None and other is not None:
            slack = question.requests * float(compared.objective.slack[k, j])
            left = question.margin - (cost - other + slack)
            turns.append((max(0.0, left / more), compared.offers[j].deployment.name))
    return [Reason("labels_total", {"usd": each, "to": to}) for each, to in sorted(turns)[:1]]
