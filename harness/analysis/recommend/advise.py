"""Makes the recommendation: records in, one answer a model out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.analysis.configurations import Configuration, configurations_of, pick_on_dev
from harness.analysis.metric_values import MetricValue
from harness.analysis.panels import ScoreTable, make_table
from harness.analysis.reasons import Reason
from harness.analysis.recommend.answer import Candidate, Recommendation, make_candidate
from harness.analysis.recommend.constraints import refusals
from harness.analysis.recommend.decide import Decision, decide
from harness.analysis.recommend.flips import Flip, find_flips
from harness.analysis.recommend.missing_rows import CLUSTERS, missing_rows, runs_missing
from harness.analysis.recommend.offers import Offer, make_offer, shared_runs
from harness.analysis.recommend.question import Question
from harness.analysis.trials import Excluded, Folders, Trial, read_trials
from harness.analysis.words import joined
from harness.costs.book import PriceBook
from harness.errors import UsageError, nearest
from harness.metrics.statistics.best import Bounds, compare_with_best

__all__ = ["MARGIN_SHARE", "recommend"]

MARGIN_SHARE = 0.05
"""Margin of a metric that is no share, of the best's own value: 2 points of money say nothing."""


def recommend(
    results: Folders,
    question: Question,
    book: PriceBook,
    *,
    draws: int = 2000,
    seed: int = 0,
    read: tuple[Sequence[Trial], Sequence[Excluded]] | None = None,
) -> list[Recommendation]:
    """Recommends a strategy for each model that the records of a task have.

    Args:
        results: Folder of the records, or several.
        question: What is asked.
        book: Prices.
        draws: Resamples.
        seed: Of the resampling.
        read: What `read_trials` gave for the task, where that was read before.

    Returns:
        One recommendation a model, by its name. Baselines without a language model take part in
        each.

    Raises:
        UsageError: There is no run that counts, no such model, or no margin for a metric that is
            no share.
    """
    runs, excluded = read or read_trials(results, question.task)
    models = sorted({run.model for run in runs if run.model is not None})
    if question.model is not None and question.model not in models:
        raise UsageError(
            f"no run of {question.task} is of {question.model}", nearest(question.model, models)
        )
    wanted: Sequence[str | None] = [question.model] if question.model else models or [None]
    return [
        _advise(
            model,
            [run for run in runs if run.model in (model, None)],
            excluded,
            question,
            book,
            (draws, seed),
        )
        for model in wanted
    ]


@dataclass(frozen=True)
class _Study:
    """The configurations that could be taken, with their scores and prices."""

    configurations: list[Configuration]
    offers: list[Offer]
    table: ScoreTable
    bounds: Bounds
    question: Question

    @property
    def usd(self) -> list[float | None]:
        return [offer.usd(self.question) for offer in self.offers]


def _advise(
    model: str | None,
    runs: Sequence[Trial],
    excluded: Sequence[Excluded],
    question: Question,
    book: PriceBook,
    draw: tuple[int, int],
) -> Recommendation:
    everything = configurations_of(runs)
    configurations, ruled_out, open_ = pick_on_dev(everything)
    refused = {
        configuration.name: refusals(configuration, question, book)
        for configuration in configurations
    }
    allowed = [configuration for configuration in configurations if not refused[configuration.name]]
    out = [
        *excluded,
        *ruled_out,
        *(Excluded(name, reason) for name, reasons in refused.items() for reason in reasons),
    ]
    notes = _notes(runs, open_)
    empty = Recommendation(
        task=question.task,
        model=model,
        metric=runs[0].primary,
        question=question,
        verdict="not enough evidence",
        excluded=tuple(out),
        notes=tuple(notes),
        synthetic=runs[0].record.task.synthetic,
    )
    if not allowed:
        why = joined(each for each in out if each.name in refused)
        return replace(empty, reasons=(Reason("refused", {"why": why}),))
    study = _study(allowed, question, book, draw)
    shared = _shared_note(allowed, question, book)
    return _answer(study, replace(empty, notes=(*notes, *shared, *_money_notes(study))))


def _study(
    configurations: list[Configuration], question: Question, book: PriceBook, draw: tuple[int, int]
) -> _Study:
    table = make_table(configurations)
    if table.sign < 0 and question.min_quality is not None:
        question = question.model_copy(update={"min_quality": -question.min_quality})
    bounds = compare_with_best(
        table.panel, table.groups, scale=table.scale, draws=draw[0], seed=draw[1]
    )
    offers = [make_offer(configuration, question, book) for configuration in configurations]
    question = _with_margin(question, table, bounds)
    return _Study(configurations, offers, table, bounds, question)


def _with_margin(question: Question, table: ScoreTable, bounds: Bounds) -> Question:
    """Puts a margin that is a share of the best's value in the metric's own unit."""
    share = question.margin_share
    if share is None:
        if table.share and question.margin >= 1:
            raise UsageError(
                f"a margin of {question.margin:g} is {100 * question.margin:,.0f} points of "
                f"{table.metric}: anything would do",
                f"{table.metric} is a share from 0 to 1: two points are --margin 0.02.",
            )
        if table.share or "margin" in question.model_fields_set:
            return question
        share = MARGIN_SHARE
    best = abs(float(bounds.values.max()))
    if not best:
        raise UsageError(
            f"the best {table.metric} is 0: a share of it is no margin",
            "Give --margin in its unit.",
        )
    return question.model_copy(update={"margin": share * best, "margin_share": share})


def _answer(study: _Study, empty: Recommendation) -> Recommendation:
    question, bounds = study.question, study.bounds
    margins = {"margin": question.margin, "margin_share": question.margin_share}
    decision = decide(bounds, study.usd, margin=question.margin, floor=question.min_quality)
    lines = [
        make_candidate(k, configuration, study.offers[k], study.table, bounds, question)
        for k, configuration in enumerate(study.configurations)
    ]
    answer = replace(
        empty,
        lines=tuple(lines),
        rows=bounds.rows,
        clusters=bounds.clusters,
        best=lines[int(bounds.values.argmax())].name,
        share=study.table.share,
        unit=study.table.unit,
        question=empty.question.model_copy(update=margins),
        stability=decision.stability,
        baseline=_baseline(study, lines),
    )
    if decision.chosen is None:
        lacks = missing_rows(study.configurations, study.offers, bounds, question)
        near = None if decision.nearest is None else lines[decision.nearest]
        return replace(answer, reasons=(_why_not(study),), missing=lacks, nearest=near)
    flips = find_flips(study.offers, bounds, question, decision.chosen, decision.accepted)
    reasons = _doubts(study, decision.chosen, flips)
    if reasons:
        lacks = missing_rows(study.configurations, study.offers, bounds, question, decision.chosen)
        answer = replace(answer, missing=lacks)
    return replace(
        answer,
        verdict="leaning" if reasons else "decided",
        reasons=tuple(reasons),
        advice=lines[decision.chosen],
        runner_up=_runner_up(lines, decision, bounds),
        flips=tuple(flips if study.table.sign > 0 else map(_turned, flips)),
    )


def _turned(flip: Flip) -> Flip:
    """Says a floor of a metric that is better when lower as the ceiling that it is."""
    if flip.kind != "quality":
        return flip
    now = None if flip.now is None else -flip.now
    return replace(flip, now=now, value=-flip.value, direction="below")


def _doubts(study: _Study, chosen: int, flips: Sequence[Flip]) -> list[Reason]:
    """What keeps an answer from being decided although the bounds decide."""
    doubts = []
    runs = runs_missing(study.configurations, study.bounds, chosen, study.question.margin)
    if runs:
        doubts.append(Reason("runs", {"names": ", ".join(runs)}))
    if study.bounds.clusters < CLUSTERS:
        doubts.append(Reason("clusters", {"clusters": study.bounds.clusters, "least": CLUSTERS}))
    if len(study.configurations) == 1:
        doubts.append(Reason("alone"))
    if study.question.label_cost is None:
        doubts += [
            Reason("labels", {"usd": flip.value, "to": flip.to})
            for flip in flips
            if flip.kind == "label cost"
        ]
    return doubts


def _why_not(study: _Study) -> Reason:
    question, bounds = study.question, study.bounds
    priced = [usd is not None for usd in study.usd]
    near = bounds.behind() <= question.margin
    floor = question.min_quality
    high = [floor is None or low >= floor for low in bounds.low]
    if any(a and b for a, b in zip(near, high, strict=True)) and not all(priced):
        return Reason("no_price")
    if floor is not None and not any(high):
        return Reason("floor", {"floor": f"{study.table.sign * floor:.3g}"})
    if study.table.share:
        return Reason("nothing", {"points": 100 * question.margin})
    return Reason("nothing_amount", {"margin": MetricValue(question.margin, study.table.unit)})


def _runner_up(lines: Sequence[Candidate], decision: Decision, bounds: Bounds) -> Candidate | None:
    """The next cheapest that passes, else the one that is least far from passing."""
    others = [k for k in decision.accepted if k != decision.chosen]
    if others:
        return lines[others[0]]
    rest = [k for k in range(len(lines)) if k != decision.chosen]
    return lines[min(rest, key=lambda k: float(bounds.behind()[k]))] if rest else None


def _baseline(study: _Study, lines: Sequence[Candidate]) -> Candidate | None:
    """The cheapest without a language model, else the cheapest that learns nothing."""
    priced = [
        (usd, k, study.configurations[k].runs[0].model is None, not study.offers[k].compute_usd)
        for k, usd in enumerate(study.usd)
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
        notes.append(Reason("picked_on_test", {"names": ", ".join(open_)}))
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
        return [Reason("shared_counted", {"names": ", ".join(names)})] if names else []
    names = [each.name for each in configurations if len(shared[each.name]) == len(each.runs)]
    return [Reason("shared", {"names": ", ".join(names)})] if names else []


def _money_notes(study: _Study) -> list[Reason]:
    notes = []
    if (share := study.question.margin_share) is not None:
        values = {
            "margin": MetricValue(study.question.margin, study.table.unit),
            "percent": 100 * share,
        }
        if study.table.share:
            values["margin"] = f"{study.question.margin:.3g}"
        notes.append(Reason("margin_share", values))
    rows = study.bounds.rows
    if any(len(run.rows) > rows for each in study.configurations for run in each.runs):
        notes.append(Reason("common", {"rows": rows}))
    if any(not offer.labels_priced for offer in study.offers):
        notes.append(Reason("labels_left_out"))
    if study.question.updates_per_month:
        notes.append(Reason("update_assumed"))
    if any(o.deployment.badge("usd_per_request") == "projected" for o in study.offers):
        notes.append(Reason("projected", {"machine": study.question.hardware}))
    return notes
