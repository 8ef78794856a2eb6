"""A cascade of finished records: who is asked first, and when a row goes on, by the total cost.

An answer is kept where its confidence reaches the stage's threshold; one that was handed over (an
abstention, no readable answer, a payment without an amount) has none. Rows that every stage passes
on may go to a person, whose answer costs a hand-over. `harness.metrics.statistics.cascades` chooses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Literal

from harness.analysis.losses import Loss
from harness.analysis.recommend.missing_rows import RUNS, doubts_of_evidence
from harness.analysis.recommend.offers import Comparison
from harness.analysis.recommend.stages import PERSON, Menu, make_menu
from harness.analysis.words import Reason, named
from harness.errors import UsageError
from harness.metrics.statistics.cascades import cross_fit, lead

__all__ = ["Cascade", "CascadeStage", "find_cascade"]

CascadeVerdict = Literal["shown", "leaning", "not_shown", "none", "impossible"]


@dataclass(frozen=True, slots=True)
class CascadeStage:
    """One stage, as it was chosen by all rows."""

    name: str  # of the configuration, or ``person``
    threshold: float | None  # confidence below which it passes a row on; None of the last
    reached: float  # share of the requests that it is asked
    sure: bool = True  # False: no confidence is known, and it passes on what it leaves unanswered


@dataclass(frozen=True)
class Cascade:
    """The cheapest cascade beside the cheapest single candidate, in dollars over all months."""

    verdict: CascadeVerdict  # whether it is shown (one-sided, 95 %) to cost less than each single
    reasons: tuple[Reason, ...] = ()  # what keeps it from being shown although the bounds show it
    stages: tuple[CascadeStage, ...] = ()
    total_usd: float | None = None  # by cascades that were chosen without the rows' clusters
    best: str = ""  # the single candidate with the lowest total
    best_usd: float | None = None
    difference_usd: float | None = None  # of the cascade to the best single one; below 0: less
    low_usd: float | None = None  # one-sided 95 % bounds of that
    high_usd: float | None = None
    least: tuple[str, ...] = ()  # which of the sums lack labels without a price: at least that
    rivals: tuple[str, ...] = ()  # single candidates that it isn't shown to cost less than
    notes: tuple[Reason, ...] = ()  # what a reader has to know

    def as_dict(self) -> dict[str, object]:
        """Returns the fields as JSON values."""
        said = {"reasons": self.reasons, "notes": self.notes}
        value = asdict(replace(self, reasons=(), notes=()))
        return value | {name: [each.as_dict() for each in said[name]] for name in said}


def find_cascade(compared: Comparison, *, seed: int = 0) -> Cascade:
    """Looks for a cascade that costs less than every candidate alone.

    Raises:
        UsageError: Nothing says what a wrong answer costs, or a limit is asked for to which no
            record holds a cascade.
    """
    menu = make_menu(compared, _losses(compared))
    tried = menu.tried()
    stages = [menu.stages[name] for name in tried]
    found = cross_fit(
        stages, menu.clusters, lambda chain: menu.saved([tried[at] for at in chain]), seed=seed
    )
    notes = tuple(_notes(menu))
    if found is None:
        return Cascade("impossible", notes=notes)
    best, chosen, costs = found
    leads = {
        name: lead(costs, stage.alone, menu.clusters, menu.unseen, seeds=menu.seeds, seed=seed)
        for name, stage in menu.stages.items()
    }
    single = max(leads, key=lambda name: leads[name].value)
    requests, ahead = compared.question.requests, leads[single]
    rivals = tuple(name for name, each in leads.items() if each.high >= 0)
    used = {tried[at] for choice in (best, *chosen) for at in choice.stages}
    doubts = tuple(_doubts(menu, used))
    shown: CascadeVerdict = "not_shown" if rivals else "leaning" if doubts else "shown"
    sums = {"total_usd": used, "best_usd": {single}}
    limits = zip(best.stages, (*best.thresholds, None), best.reached(stages), strict=True)
    return Cascade(
        "none" if ahead.value >= 0 else shown,
        doubts,
        tuple(
            CascadeStage(tried[at], limit, float(rows.mean()), tried[at] not in menu.unsure)
            for at, limit, (_, rows) in limits
        ),
        requests * float(costs.mean()),
        single,
        requests * float(menu.stages[single].alone.mean()),
        requests * ahead.value,
        requests * ahead.low,
        requests * ahead.high,
        tuple(name for name, several in sums.items() if menu.is_at_least(several)),
        rivals,
        notes,
    )


def _losses(compared: Comparison) -> list[Loss]:
    """Returns what answers lose; a cascade has no other measure."""
    question, objective = compared.question, compared.objective
    if objective is None or not question.requests:
        raise UsageError(
            "--cascade needs to know what a wrong answer costs, and requests that ask",
            "Give --cost-per-error, and --cost-per-handover for a person as the last stage.",
        )
    if question.max_latency is not None or question.min_quality is not None:
        raise UsageError(
            "no record says how long a cascade takes, or how good its answers are",
            "Leave --max-latency and --min-quality out with --cascade.",
        )
    return [part.loss for part in objective.parts]


def _notes(menu: Menu) -> Iterator[Reason]:
    yield Reason("cascade_fitted")
    if menu.unsure:
        yield Reason("cascade_unsure", {"names": named(list(menu.unsure))})
    names = [each.name for each in menu.compared.configurations]
    if unpriced := [name for name in names if name not in menu.stages]:
        yield Reason("cascade_unpriced", {"names": named(unpriced)})
    if PERSON not in menu.stages:
        yield Reason("cascade_alone")


def _doubts(menu: Menu, used: set[str]) -> Iterator[Reason]:
    """What keeps a cascade from being shown, although the bounds show it."""
    lucky = [
        each.name
        for each in menu.compared.configurations
        if each.name in used and each.random and len(each.runs) < RUNS
    ]
    yield from doubts_of_evidence(lucky, int(menu.clusters.max()) + 1, alone=False)
    if menu.is_at_least(used):
        yield Reason("cascade_labels")
