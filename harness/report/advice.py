"""The recommendation of a task, as the first fold shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from harness.analysis.losses import currency_of
from harness.analysis.recommend.advise import recommend
from harness.analysis.recommend.answer import Candidate, Recommendation
from harness.analysis.recommend.question import Question, make_question
from harness.analysis.recommend.sentences import sentence, thresholds
from harness.analysis.words import LANGUAGES, Phrase, phrase
from harness.costs.book import PriceBook
from harness.errors import UsageError
from harness.report.collect import TaskRuns
from harness.report.data import Scenario
from harness.report.values import Advice, AdviceLine

__all__ = ["advice_of", "question_of"]


def question_of(task_runs: TaskRuns, scenario: Scenario) -> Question:
    """Returns the question that a scenario puts to the records of a task.

    A task that declares what its decisions lose has no other price of a wrong answer.
    """
    margin = {} if scenario.margin is None else {"margin": scenario.margin}
    declared = any(currency_of(run.derived) for run in task_runs.runs)
    return make_question(
        task=task_runs.task,
        requests_per_month=scenario.requests_per_month,
        months=scenario.months,
        updates_per_month=scenario.updates_per_month,
        update_labels=scenario.update_labels,
        cost_per_error=0 if declared else scenario.cost_per_error,
        cost_per_handover=scenario.cost_per_handover,
        label_cost=scenario.label_usd,
        hardware=scenario.machine,
        serving=scenario.basis,
        peak_factor=scenario.peak_factor,
        count_shared=scenario.count_shared,
        **margin,
    )


def advice_of(
    results: Sequence[Path], task_runs: TaskRuns, scenario: Scenario, book: PriceBook
) -> tuple[list[Advice], list[tuple[str, Phrase]]]:
    """Recommends a strategy for a task; also says what was left out, and why.

    Where nothing can be compared, the advice gives the reason.
    """
    try:
        read = task_runs.read if task_runs.read[0] else None
        answer = recommend(results, question_of(task_runs, scenario), book, read=read)
    except UsageError as error:
        hint = f" {error.hint}" if error.hint else ""
        return [Advice(None, "none", phrase("advice.none", why=f"{error.message}.{hint}"))], []
    excluded = dict.fromkeys((each.name, Phrase.of(each.reason)) for each in answer.excluded)
    return [_advice(answer)], list(excluded)


def _advice(answer: Recommendation) -> Advice:
    turns = zip(*(thresholds(answer, language) for language in LANGUAGES), strict=True)
    return Advice(
        model=answer.model,
        verdict=answer.verdict,
        sentence=Phrase(*(sentence(answer, language) for language in LANGUAGES)),
        lines=tuple(_line(role, line) for role, line in answer.shown()),
        thresholds=tuple(Phrase(*pair) for pair in turns),
        notes=tuple(Phrase.of(note) for note in answer.notes if note.code != "settings"),
        rows=answer.rows,
        clusters=answer.clusters,
        stability=answer.stability,
        objective=answer.objective,
        probability=answer.probability,
        expected_regret_usd=answer.expected_regret_usd,
        share=answer.share,
        best=answer.best,
        usd_total={line.name: line.total_usd for line in answer.lines},
        behind={line.name: line.behind for line in answer.lines},
    )


def _line(role: str, line: Candidate) -> AdviceLine:
    return AdviceLine(**{each.name: getattr(line, each.name) for each in fields(line)}, role=role)
