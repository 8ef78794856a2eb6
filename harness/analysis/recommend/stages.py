"""The stages that a cascade can have, made of records: what each costs, loses and is sure of."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.analysis.losses import HANDOVER, Loss
from harness.analysis.recommend.offers import Comparison, Offer
from harness.analysis.recommend.question import Question
from harness.analysis.rows import by_id
from harness.analysis.trials import Trial
from harness.costs.ownership import total_cost
from harness.metrics.selective import confidence_of
from harness.metrics.statistics.cascades import STEPS, Stage, Unseen
from harness.metrics.statistics.resampling import Floats, Integers, codes
from harness.records.predictions import output_of, stored_predictions

__all__ = ["PERSON", "Menu", "make_menu"]

PERSON = "a person"
MOST = 12  # machine stages that are tried


@dataclass(frozen=True, eq=False)
class Menu:
    """The stages that there are, over the rows that all runs have."""

    compared: Comparison
    stages: Mapping[str, Stage]  # by the configuration's name; `PERSON` last, if there is one
    clusters: Integers  # numbered, of the rows of each seed, shape (seeds * rows,)
    seeds: int  # the least number that gives all configurations' runs the same weight
    unsure: tuple[str, ...]  # configurations whose records hold no confidence
    unseen: Unseen  # losses of a request that are allowed for, in dollars

    def tried(self) -> list[str]:
        """Returns up to `MOST` from cheap to dear by what they cost beside losses, a person last.

        What passes nothing on is left out where another one costs and loses no more.
        """
        machines = {name: stage for name, stage in self.stages.items() if name != PERSON}
        costs = {
            name: (stage.asking + float(stage.fixed[-1]), float(stage.losses.mean()))
            for name, stage in machines.items()
        }

        def is_beaten(name: str) -> bool:
            usd, lost = costs[name]
            beaten = any(
                a <= usd and b <= lost and (a, b) != (usd, lost) for a, b in costs.values()
            )
            return beaten and machines[name].sure is None

        kept = sorted((n for n in costs if not is_beaten(n)), key=lambda name: sum(costs[name]))
        ordered = sorted(kept[:MOST], key=lambda name: costs[name])
        return ordered + [PERSON] * (PERSON in self.stages)

    def is_at_least(self, names: Collection[str]) -> bool:
        """Says whether the costs of some lack labels without a price."""
        pairs = zip(self.compared.configurations, self.compared.offers, strict=True)
        return any("total_usd" in offer.least for each, offer in pairs if each.name in names)

    def saved(self, names: Sequence[str]) -> float:
        """Returns what labels cost that several stages read and are bought once, for a request.

        All stages learn from the same rows: together they take no more labels than there are.
        """
        question = self.compared.question
        used = [
            (each.record.task.rows, offer.label_rows)
            for each, offer in zip(self.compared.configurations, self.compared.offers, strict=True)
            if each.name in names
        ]
        labels = sum(count for _, count in used)
        there = max((rows.train + rows.dev for rows, _ in used), default=0)
        anew = question.months * question.updates_per_month * (question.update_labels or 0.0)
        twice = max(0.0, labels - there) * (question.label_cost or 0.0)
        return twice * (1 + anew) / question.requests


def make_menu(compared: Comparison, losses: Sequence[Loss]) -> Menu:
    """Prices each configuration by the request; what has no price is left out."""
    configurations, question = compared.configurations, compared.question
    lost = [[_lost(run, losses) for run in each.runs] for each in configurations]
    common = sorted(set.intersection(*(set(run) for several in lost for run in several)))
    seeds = math.lcm(*map(len, lost))

    def line_up(several: Sequence[Mapping[str, float]]) -> Floats:
        runs = [[run[name] for name in common] for run in several]
        return np.array(runs * (seeds // len(runs))).ravel()

    rows = configurations[0].runs[0].rows
    units = dict(zip(rows.ids, rows.units, strict=True))
    stages, unsure = {}, []
    for each, offer, several in zip(configurations, compared.offers, lost, strict=True):
        fixed, asking = _fixed(offer, question), offer.deployment.usd_per_request
        if asking is None or not np.isfinite(fixed).all():
            continue
        told = [_confidence(run) for run in each.runs]
        sure = line_up([values for _, values in told])
        if not any(known for known, _ in told):
            unsure.append(each.name)
        passes = None if sure.min() == sure.max() else sure
        stages[each.name] = Stage(line_up(several), asking, fixed, passes)
    runs = [run for each in configurations for run in each.runs]
    person = _person(question, losses, runs)
    size = seeds * len(common)
    if person is not None:
        stages[PERSON] = Stage(np.full(size, person), 0.0, np.zeros(STEPS + 1), last=True)
    most = max([question.cost_per_error, *(float(each.losses.max()) for each in stages.values())])
    largest = max(run.record.task.largest_loss or 0.0 for run in runs)
    rare = max(most, losses[0].usd * largest) if losses[0].declared else 0.0
    clusters = np.tile(codes([units[name] for name in common]), seeds)
    return Menu(compared, stages, clusters, seeds, tuple(unsure), Unseen(most, rare))


def _fixed(offer: Offer, question: Question) -> Floats:
    """Returns dollars a request for having a stage, by the share of requests that reach it."""
    usd = []
    for step in range(STEPS + 1):
        total = total_cost(
            offer.deployment,
            months=question.months,
            requests_per_month=question.requests_per_month * step / STEPS,
            updates_per_month=question.updates_per_month,
            demand=question.demand,
        )
        parts = (total.development, total.retirements, total.updates, total.machines_usd)
        usd.append(sum(math.nan if each is None else each for each in (*parts, total.base)))
    return np.array(usd) / question.requests


def _lost(run: Trial, losses: Sequence[Loss]) -> dict[str, float]:
    """Returns what each answer loses, in dollars, by id, where that is known."""
    usd = sum((loss.usd * loss.of_rows(run.rows) for loss in losses), np.zeros(len(run.rows)))
    return by_id(run.rows, usd)


def _confidence(run: Trial) -> tuple[bool, dict[str, float]]:
    """Returns whether a record says how sure its answers are, and how sure each is, by id.

    One that was handed over is 0. Where the record doesn't say, all others are 1: such a stage
    passes on what it leaves unanswered, or nothing.
    """
    sure: dict[str, float | None] = {}
    handed = set()
    for line in stored_predictions(run.folder, run.record):
        sure[line["id"]] = confidence_of(output_of(line))
        if line["outcome"] != "ok" or line["abstained"] or line["values"].get(HANDOVER):
            handed.add(line["id"])
    known = any(value is not None for value in sure.values())
    otherwise = 0.0 if known else 1.0
    return known, {
        name: 0.0 if name in handed else otherwise if value is None else value
        for name, value in sure.items()
    }


def _person(question: Question, losses: Sequence[Loss], runs: Sequence[Trial]) -> float | None:
    """Returns the dollars of a person's answer: asked for, else what the task loses by handing over.

    None where nothing says.
    """
    if question.cost_per_handover is not None:
        return question.cost_per_handover
    for run in runs if losses[0].declared else ():
        handed = run.rows.values[HANDOVER] == 1
        if handed.any():
            return losses[0].usd * float(losses[0].of_rows(run.rows)[handed][0])
    return None
