"""Makes the recommendation: records in, one answer out. A candidate is a strategy on a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.analysis.configurations import (
    Configuration,
    configurations_of,
    pick_on_dev,
    settings_of,
    with_models,
)
from harness.analysis.panels import ScoreTable
from harness.analysis.recommend.answer import Candidate, Recommendation, make_candidate
from harness.analysis.recommend.cascade import find_cascade
from harness.analysis.recommend.constraints import broken_note, place_notes, refusals
from harness.analysis.recommend.decide import DRAW, Decision, bounds_of, decide
from harness.analysis.recommend.flips import Flip, find_flips
from harness.analysis.recommend.matches import metric_note
from harness.analysis.recommend.missing_rows import doubts_of_evidence, missing_rows, runs_missing
from harness.analysis.recommend.objective import make_objective
from harness.analysis.recommend.offers import Comparison, machine_notes, make_offer, shared_runs
from harness.analysis.recommend.question import Question
from harness.analysis.recommend.total import TotalDecision, decide_by_total, doubts_of, notes_of
from harness.analysis.trials import Excluded, Folders, Trial, read_trials
from harness.analysis.words import MetricValue, Reason, joined, named
from harness.costs.book import PriceBook
from harness.errors import UsageError, nearest
from harness.metrics.statistics.best import MOST, Bounds

__all__ = ["recommend"]


def recommend(
    results: Folders,
    question: Question,
    book: PriceBook,
    *,
    draws: int = DRAW[0],
    seed: int = DRAW[1],
    read: tuple[Sequence[Trial], Sequence[Excluded]] | None = None,  # by `read_trials`, before
) -> Recommendation:
    """Recommends a strategy, and where the records of a task have several models, on which one.

    Baselines without a language model take part, whatever model is asked for.

    Raises:
        UsageError: There is no run that counts, no such model, or no margin for a metric that is
            no share.
    """
    runs, excluded = read or read_trials(results, question.task, question.effort)
    strategies = {run.record.strategy.name for run in runs}
    for name in question.people.keys() - strategies:
        raise UsageError(f"no run of {question.task} is of {name!r}", nearest(name, strategies))
    models = sorted({run.model for run in runs if run.model is not None})
    if question.model is not None and question.model not in models:
        raise UsageError(
            f"no run of {question.task} is of {question.model}", nearest(question.model, models)
        )
    if question.model is not None:
        runs = [run for run in runs if run.model in (question.model, None)]
        models = [question.model]
    model = models[0] if len(models) == 1 else None
    return _advise(model, runs, excluded, question, book, (draws, seed))


def _advise(
    model: str | None,
    runs: Sequence[Trial],
    excluded: Sequence[Excluded],
    question: Question,
    book: PriceBook,
    draw: tuple[int, int],
) -> Recommendation:
    named = with_models(configurations_of(runs))
    configurations, ruled_out, open_ = pick_on_dev(named)
    reasons = {each.name: refusals(each, question, book) for each in configurations}
    allowed = [each for each in configurations if not reasons[each.name]]
    refused = [Excluded(name, why) for name, several in reasons.items() for why in several]
    notes = _notes(runs, open_)
    if settings := settings_of(named):  # what was set alike everywhere, that names leave out
        notes.append(Reason("settings", {"settings": settings}))
    empty = Recommendation(
        task=question.task,
        model=model,
        metric=runs[0].primary,
        question=question,
        verdict="not enough evidence",
        excluded=(*excluded, *ruled_out, *refused),
        notes=tuple(notes),
        synthetic=runs[0].record.task.synthetic,
    )
    if not allowed:
        return replace(empty, reasons=(Reason("refused", {"why": joined(refused)}),))
    compared = _compared(allowed, question, book, draw)
    shared = [*_shared_note(allowed, question, book), *place_notes(allowed, question)]
    if compared.table.seen and compared.table.sign < 0:
        shared.append(Reason("loss_seen"))
    more = (*shared, *_money_notes(compared))
    cascade = find_cascade(compared) if question.cascade else None
    return _answer(compared, replace(empty, notes=(*notes, *more), cascade=cascade))


def _compared(
    configurations: list[Configuration], question: Question, book: PriceBook, draw: tuple[int, int]
) -> Comparison:
    table, bounds = bounds_of(configurations, draw)
    if table.sign < 0 and question.min_quality is not None:
        question = question.model_copy(update={"min_quality": -question.min_quality})
    offers = [make_offer(each, question, book) for each in configurations]
    objective = make_objective(configurations, question, book, draw)
    if objective is None:
        question = _with_margin(question, table, bounds)
        return Comparison(configurations, offers, table, bounds, question)
    offers = [
        replace(offer, deployment=objective.charge(offer.deployment, k))
        for k, offer in enumerate(offers)
    ]
    priced = [usd for offer in offers if (usd := offer.usd(question)) is not None]
    question = question.with_margin(min(priced, default=0.0))
    return Comparison(configurations, offers, table, bounds, question, objective)


def _with_margin(question: Question, table: ScoreTable, bounds: Bounds) -> Question:
    """Puts a margin that is a share of the best's value in the metric's own unit."""
    if question.margin_share is None and table.share:
        if question.margin >= 1:
            raise UsageError(
                f"a margin of {question.margin:g} is {100 * question.margin:,.0f} points of "
                f"{table.metric}: anything would do",
                f"{table.metric} is a share from 0 to 1: two points are --margin 0.02.",
            )
        return question
    question = question.with_margin(abs(float(bounds.values.max())))
    if not question.margin:
        raise UsageError(
            f"the best {table.metric} is 0: a share of it is no margin",
            "Give --margin in its unit.",
        )
    return question


def _answer(compared: Comparison, empty: Recommendation) -> Recommendation:
    question, bounds = compared.question, compared.bounds
    by_total = decide_by_total(compared) if compared.objective else None
    lines = [make_candidate(k, compared, by_total) for k in range(len(compared.configurations))]
    answer = replace(
        empty,
        lines=tuple(lines),
        rows=bounds.rows,
        clusters=bounds.clusters,
        best=lines[int(bounds.values.argmax())].name,
        share=compared.table.share,
        higher=compared.table.sign > 0,
        unit=compared.table.unit,
        question=empty.question.model_copy(
            update={"margin": question.margin, "margin_share": question.margin_share}
        ),
        baseline=_baseline(compared, lines),
    )
    if by_total is not None:
        return _by_total(compared, by_total, answer)
    decision = decide(bounds, compared.usd, margin=question.margin, floor=question.min_quality)
    runner_up = _runner_up(lines, decision)
    answer = replace(answer, stability=decision.stability)
    if note := metric_note(compared, decision, lines.index(runner_up) if runner_up else None):
        answer = replace(answer, notes=(note, *answer.notes))
    if decision.chosen is None:
        why = _why_not(compared)
        # Where a price is missing, rows have no part in it.
        lacks = None if why.code == "no_price" else missing_rows(compared)
        near = None if decision.nearest is None else lines[decision.nearest]
        return replace(answer, reasons=(why,), missing=lacks, nearest=near)
    flips = find_flips(compared.offers, bounds, question, decision.chosen, decision.accepted)
    reasons = _doubts(compared, decision.chosen, flips)
    if reasons:
        answer = replace(answer, missing=missing_rows(compared, decision.chosen))
    return _advised(compared, answer, decision.chosen, runner_up, reasons, flips)


def _by_total(
    compared: Comparison, decision: TotalDecision, answer: Recommendation
) -> Recommendation:
    """The answer where the lowest total cost decides; rows that would decide aren't known."""
    answer = replace(
        answer,
        objective="total",
        probability=decision.probability,
        expected_regret_usd=decision.expected_regret,
    )
    chosen = decision.chosen
    if chosen is None:
        floor = compared.question.min_quality
        priced = any(usd is not None for usd in compared.usd)
        why = Reason("no_price") if floor is None or not priced else _floor(compared, floor)
        return replace(answer, reasons=(why,))
    others = [answer.lines[k] for k in decision.accepted[1:]]
    flips = find_flips(
        compared.offers, compared.bounds, compared.question, chosen, decision.accepted, total=True
    )
    reasons = doubts_of(compared, decision)
    if any(reason.code.startswith("regret") for reason in reasons):
        answer = replace(answer, notes=(*answer.notes, Reason("rows_total")))
    return _advised(compared, answer, chosen, others[0] if others else None, reasons, flips)


def _advised(
    compared: Comparison,
    answer: Recommendation,
    chosen: int,
    runner_up: Candidate | None,
    reasons: Sequence[Reason],
    flips: Sequence[Flip],
) -> Recommendation:
    if note := broken_note(compared.configurations[chosen]):
        answer = replace(answer, notes=(*answer.notes, note))
    return replace(
        answer,
        verdict="leaning" if reasons else "decided",
        reasons=tuple(reasons),
        advice=answer.lines[chosen],
        runner_up=runner_up,
        flips=tuple(flips if compared.table.sign > 0 else map(_turned, flips)),
    )


def _turned(flip: Flip) -> Flip:
    """Turns round the least quality of a metric that is better when lower: it is a most."""
    if flip.kind != "quality":
        return flip
    now = None if flip.now is None else -flip.now
    return replace(flip, now=now, value=-flip.value, direction="below")


def _doubts(compared: Comparison, chosen: int, flips: Sequence[Flip]) -> list[Reason]:
    """What keeps an answer from being decided although the bounds decide."""
    runs, alone = runs_missing(compared, chosen), len(compared.configurations) == 1
    doubts = doubts_of_evidence(list(runs), compared.bounds.clusters, alone=alone)
    if compared.question.label_cost is None:
        doubts += [
            Reason("labels", {"usd": flip.value, "to": flip.to})
            for flip in flips
            if flip.kind == "label cost"
        ]
    return doubts


def _why_not(compared: Comparison) -> Reason:
    question, bounds = compared.question, compared.bounds
    priced = [usd is not None for usd in compared.usd]
    near = bounds.far <= question.margin
    floor = question.min_quality
    high = [floor is None or low >= floor for low in bounds.low]
    if any(a and b for a, b in zip(near, high, strict=True)) and not all(priced):
        return Reason("no_price")
    if floor is not None and not any(high):
        return _floor(compared, floor)
    if compared.table.share:
        return Reason("nothing", {"points": 100 * question.margin})
    return Reason("nothing_amount", {"margin": MetricValue(question.margin, compared.table.unit)})


def _floor(compared: Comparison, floor: float) -> Reason:
    return Reason("floor", {"floor": f"{compared.table.sign * floor:.3g}"})


def _runner_up(lines: Sequence[Candidate], decision: Decision) -> Candidate | None:
    """The next cheapest that passes, else the one that is least far from passing."""
    for k in decision.accepted:
        if k != decision.chosen:
            return lines[k]
    others = [line for k, line in enumerate(lines) if k != decision.chosen]
    return min(others, key=lambda line: line.behind, default=None)


def _baseline(compared: Comparison, lines: Sequence[Candidate]) -> Candidate | None:
    """The cheapest without a language model, else the cheapest that learns nothing."""
    priced = [
        (
            usd,
            k,
            compared.configurations[k].runs[0].model is None,
            not compared.offers[k].compute_usd,
        )
        for k, usd in enumerate(compared.usd)
        if usd is not None
    ]
    for kind in (2, 3):
        fitting = [each for each in priced if each[kind]]
        if fitting:
            return lines[min(fitting)[1]]
    return None


def _notes(runs: Sequence[Trial], open_: Sequence[str]) -> list[Reason]:
    notes = []
    if runs[0].record.task.synthetic:
        notes.append(Reason("synthetic"))
    if open_:
        notes.append(Reason("picked_on_test", {"names": named(open_)}))
    budgets = {run.record.tuning.budget for run in runs if run.record.tuning}
    if len(budgets) > 1:
        notes.append(Reason("budgets", {"budgets": ", ".join(sorted(budgets))}))
    if len({run.record.readout for run in runs} - {"classifier", "declared"}) > 1:
        notes.append(Reason("readouts"))
    if len({run.record.device.device_class for run in runs}) > 1:
        notes.append(Reason("machines"))
    return notes


def _shared_note(
    configurations: Sequence[Configuration], question: Question, book: PriceBook
) -> list[Reason]:
    """Says whose seconds set no price, or do so although another run was on the machine."""
    shared = {each.name: shared_runs(each, question, book) for each in configurations}
    if question.count_shared:
        names = [name for name, runs in shared.items() if runs]
        return [Reason("shared_counted", {"names": named(names)})] if names else []
    names = [each.name for each in configurations if len(shared[each.name]) == len(each.runs)]
    return [Reason("shared", {"names": named(names)})] if names else []


def _money_notes(compared: Comparison) -> list[Reason]:
    notes = machine_notes(compared.offers)
    if compared.objective is not None:
        notes += notes_of(compared, compared.objective)
    elif (share := compared.question.margin_share) is not None:
        values = {
            "margin": MetricValue(compared.question.margin, compared.table.unit),
            "percent": 100 * share,
        }
        if compared.table.share:
            values["margin"] = f"{compared.question.margin:.3g}"
        notes.append(Reason("margin_share", values))
    rows = compared.bounds.rows
    if any(len(run.rows) > rows for each in compared.configurations for run in each.runs):
        notes.append(Reason("common", {"rows": rows}))
    if any("once_usd" in offer.least for offer in compared.offers):
        notes.append(Reason("labels_left_out"))
    elif any(offer.least for offer in compared.offers):
        notes.append(Reason("update_labels"))
    if compared.question.updates_per_month:
        notes.append(Reason("update_assumed"))
    if compared.bounds.resamples is None:
        notes.append(Reason("many", {"count": len(compared.configurations), "most": MOST}))
    if any(o.deployment.badge("usd_per_request") == "projected" for o in compared.offers):
        notes.append(Reason("projected", {"machine": compared.question.hardware}))
    return notes
