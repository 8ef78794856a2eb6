"""Builds a `ReportData` from the records of one or several folders. Nothing is run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from harness.analysis.calibration import leave_one_out, observe_spent
from harness.analysis.configurations import settings_of
from harness.analysis.losses import charged, losses_of
from harness.analysis.recommend.offers import make_offer
from harness.analysis.words import Phrase, named, phrase
from harness.costs.book import PriceBook
from harness.costs.deployment import Demand, Deployment
from harness.costs.money import Money, money
from harness.costs.options import PriceOptions
from harness.costs.serving import VOLUMES
from harness.errors import UsageError, nearest
from harness.metrics.statistics.multiple import AllPairs, wins_ties_losses
from harness.metrics.statistics.paired import Paired
from harness.report.advice import advice_of, question_of
from harness.report.collect import TaskRuns, find_tasks, machine_of
from harness.report.data import LeftOut, PriceRow, ReportData, RunReport, Scenario, Tally
from harness.report.examples import Examples, examples_of
from harness.report.literature import published_of
from harness.report.provenance import run_reports
from harness.report.published import beside
from harness.report.quality import (
    PAIRED,
    curves_of,
    mean_figures,
    pairs_of,
    quality_of,
    rank,
    slices_of,
)
from harness.report.rows import Summary, make_row, mark_frontier, summaries_of
from harness.report.updates import updates_of
from harness.report.values import (
    ConfigurationRow,
    Figure,
    PairedDifference,
    PredictedRow,
    TaskReport,
)
from harness.report.whatif import what_if_of
from harness.version import __version__

__all__ = ["Built", "build_report"]

Summaries = Mapping[str, Sequence[Summary]]  # of each configuration's runs, by its label


@dataclass(frozen=True)
class Built:
    """A report, and the runs that it was made of."""

    data: ReportData
    task_runs: Sequence[TaskRuns]  # by task, in the order of the report
    book: PriceBook

    def what_ifs(self) -> dict[str, dict[str, object]]:
        """Returns what the page can decide again under another setting, by task."""
        asked, shown = self.data.asked, self.data.money
        found = {each.task: what_if_of(each, asked, self.book, shown) for each in self.task_runs}
        return {task: value for task, value in found.items() if value is not None}

    def examples(
        self, data_dir: Path | None = None, data: ReportData | None = None
    ) -> dict[str, Examples]:
        """Reads the single answers of all tasks that may show text; of `data`, which may have less."""
        by_task = {
            task_runs.task: examples_of(task_runs, {row.label: row for row in task.rows}, data_dir)
            for task_runs, task in zip(self.task_runs, (data or self.data).tasks, strict=True)
        }
        return {name: examples for name, examples in by_task.items() if examples is not None}


def build_report(
    results: Sequence[Path],
    book: PriceBook,
    scenario: Scenario | None = None,
    *,
    lead: str | None = None,
    currency: str = "USD",
    rate: float | None = None,
    vat_percent: float = 0.0,
    command: str = "harness report",
) -> Built:
    """Reads all runs. Of several attempts at the same work the last one counts.

    Args:
        results: Folders of records; of different machines quality compares, seconds don't.
        book: Prices.
        scenario: Volume, months, machine and basis to price for.
        lead: Task of the first fold; by default the one with the most configurations.
        currency: In which money is shown.
        rate: What a dollar costs, instead of the book's rate.
        vat_percent: Value-added tax to add.
        command: That makes this report again.

    Raises:
        UsageError: There is no run at all, or the book has no such row.
    """
    scenario = scenario or Scenario()
    task_runs = _leading(find_tasks(results), lead)
    summaries = _summaries(task_runs, scenario, book)
    updates = updates_of(results)
    tasks: list[TaskReport] = []
    left_out: list[LeftOut] = []
    for each, known in zip(task_runs, summaries, strict=True):
        advice, reasons = advice_of(results, each, scenario, book)
        reasons = reasons or [(e.name, Phrase.of(e.reason)) for e in each.excluded]
        left_out += [LeftOut(each.task, name, reason) for name, reason in reasons]
        task = replace(
            _task(each, known),
            advice=tuple(advice),
            updates=tuple(updates.get(each.task, ())),
            predicted=tuple(_predicted(each, book)),
            deployments=_deployments(each, scenario, book),
        )
        tasks.append(task)
    pairs = zip(task_runs, summaries, strict=True)
    runs = [run for each, known in pairs for run in run_reports(each, known)]
    shown = money(book, currency, rate=rate, vat_percent=vat_percent)
    data = _whole(scenario, shown, _prices(summaries, book), tasks, runs, left_out, command)
    return Built(data, task_runs, book)


def _whole(
    scenario: Scenario,
    money_: Money,
    prices: tuple[PriceRow, ...],
    tasks: Sequence[TaskReport],
    runs: Sequence[RunReport],
    left_out: Sequence[LeftOut],
    command: str,
) -> ReportData:
    rows = [row for task in tasks for row in task.rows]
    survey, methods, models, source = beside(tasks)
    return ReportData(
        version=__version__,
        made=max((run.finished for run in runs), default=""),
        asked=scenario,
        money=money_,
        prices=prices,
        tasks=tuple(tasks),
        records=_tallies(tasks),
        survey=survey,
        methods=methods,
        models=models,
        source=source,
        runs=tuple(runs),
        left_out=tuple(left_out),
        machines=tuple(sorted({row.machine for row in rows})),
        gpu_ran=any(row.gpu_hours > 0 for row in rows),
        command=command,
    )


def _summaries(
    task_runs: Sequence[TaskRuns], scenario: Scenario, book: PriceBook
) -> list[Summaries]:
    asked = scenario.requests_per_month  # priced alone, unless it is among the usual volumes
    choices = PriceOptions(
        machine=scenario.machine,
        requests_per_month=None if asked in VOLUMES or not asked else asked,
        basis=scenario.basis,  # type: ignore[arg-type]
        label_usd=scenario.label_usd,
        demand=Demand(peak_factor=scenario.peak_factor),
    )
    return [
        {each.label: summaries_of(each, book, choices) for each in task.configurations}
        for task in task_runs
    ]


def _leading(task_runs: Sequence[TaskRuns], lead: str | None) -> list[TaskRuns]:
    names = [each.task for each in task_runs]
    if lead is not None and lead not in names:
        raise UsageError(f"there is no run of {lead!r}", nearest(lead, names))
    return sorted(task_runs, key=lambda each: each.task != lead)


def _task(task_runs: TaskRuns, summaries: Summaries) -> TaskReport:
    """What the records say of a task, without advice and prices of deployment."""
    quality = {each.label: quality_of(each.configuration) for each in task_runs.configurations}
    pairs, letters = pairs_of(task_runs, quality)
    machines = Counter(machine_of(run.record) for run in task_runs.runs)
    usual = max(sorted(machines), key=lambda name: machines[name], default="")
    rows = [
        make_row(
            each,
            summaries[each.label],
            quality=quality[each.label],
            metrics=mean_figures(each.configuration) | {each.first.primary: quality[each.label]},
            letters=letters.get(each.label, ""),
            to_best=_lead(each.label, pairs),
            usual_machine=usual,
        )
        for each in task_runs.configurations
    ]
    frontier = mark_frontier(rows)
    rows = [replace(row, frontier=row.label in frontier) for row in sorted(rows, key=_order)]
    about = task_runs.runs[0].record.task if task_runs.runs else None
    words = ("summary", "kind", "language", "licence", "contamination")
    summary, kind, language, licence, contamination = (
        str(getattr(about, name) or "") if about else "" for name in words
    )
    labelled = {row.label: row.labelled_rows for row in rows}
    label_usd = {row.label: row.once.get("label") for row in rows}
    return TaskReport(
        name=task_runs.task,
        summary=summary,
        kind=kind,
        language=language,
        licence=licence,
        contamination=contamination,
        synthetic=about is not None and about.synthetic,
        metric=task_runs.runs[0].primary if task_runs.runs else "",
        unit=rows[0].quality.unit if rows else "",
        higher_is_better=not rows or rows[0].quality.higher_is_better is not False,
        rows=tuple(rows),
        pairs=tuple(pairs),
        slices=tuple(slices_of(task_runs)),
        curves=tuple(curves_of(task_runs, quality, labelled, label_usd)),
        published=published_of(task_runs),
        own=any(run.record.config.data is not None for run in task_runs.runs),
        settings=settings_of([each.configuration for each in task_runs.configurations]),
        notes=(*_notes(rows), *_pair_notes(task_runs), *_data_notes(task_runs)),
    )


def _pair_notes(task_runs: TaskRuns) -> list[Phrase]:
    """Says where not all pairs were compared."""
    most = max((len(task_runs.of(model)) for model in task_runs.models), default=0)
    if most <= PAIRED:
        return []
    return [phrase("note.pairs", total=f"{most:,}", shown=PAIRED)]


def _data_notes(task_runs: TaskRuns) -> list[Phrase]:
    """Says once what the records say of the task's rows."""
    reports = [run.record.data for run in task_runs.runs if run.record.data]
    warnings = dict.fromkeys(warning for report in reports for warning in report.warnings)
    return [phrase("note.data", warnings="; ".join(warnings))] if warnings else []


def _order(row: ConfigurationRow) -> tuple[bool, bool, float, str]:
    """Ranked ones first, the best of them first; what is undefined goes last."""
    return (not row.ranked, *rank(row.quality), row.label)


def _lead(label: str, pairs: Sequence[PairedDifference]) -> PairedDifference | None:
    """The largest lead that anybody has over a configuration: that of the best."""
    ahead = [pair for pair in pairs if pair.b == label]
    return max(ahead, key=lambda pair: pair.difference, default=None)


def _predicted(task_runs: TaskRuns, book: PriceBook) -> list[PredictedRow]:
    observations = [
        one for run in task_runs.runs for one in observe_spent(run.record, run.spent, book)
    ]
    rows = []
    for each in leave_one_out(observations):
        work = each.observation
        about = (work.run, work.strategy, work.phase, each.others)
        rows.append(PredictedRow(*about, work.seconds, each.seconds, each.error))
    return rows


def _deployments(task_runs: TaskRuns, scenario: Scenario, book: PriceBook) -> dict[str, Deployment]:
    """What each ranked configuration costs to build, to keep and to ask."""
    question = question_of(task_runs, scenario)
    deployments = {}
    for each in task_runs.ranked:
        offer, runs = make_offer(each.configuration, question, book), each.configuration.runs
        lost = [
            (loss, fmean(loss.mean(run.rows) for run in runs))
            for loss in losses_of(runs[0].derived, question.demand, book)
        ]
        deployments[each.label] = replace(charged(offer.deployment, lost), name=each.label)
    return deployments


def _notes(rows: Sequence[ConfigurationRow]) -> list[Phrase]:
    notes = []
    if len({row.machine for row in rows}) > 1:
        notes.append(phrase("note.machines"))
    if any(row.shared for row in rows):
        notes.append(phrase("note.shared", names=named([r.label for r in rows if r.shared])))
    notes += [
        phrase("note.alarm", name=row.label, text=alarm) for row in rows for alarm in row.alarms
    ]
    if len({row.readout for row in rows if row.model}) > 1:
        notes.append(phrase("note.readouts"))
    long = {row.label: row.notes["long_rows"] for row in rows if "long_rows" in row.notes}
    if long:
        texts = [f"{label}: {text}" for label, text in long.items()]
        notes.append(phrase("note.long_rows", rows=" · ".join(texts)))
    if forms := [row.label for row in rows if "form" in row.notes]:
        notes.append(phrase("note.form", names=named(forms)))
    if len({row.quality.n for row in rows if row.ranked}) > 1:
        notes.append(phrase("note.rows"))
    return notes


def _prices(summaries: Sequence[Summaries], book: PriceBook) -> tuple[PriceRow, ...]:
    costs = [run["cost"] for each in summaries for runs in each.values() for run in runs]
    names = ("machine", "development_machine")
    machines = {(False, row["id"]) for cost in costs for name in names if (row := cost[name])}
    machines |= {(True, cost["projection"]["machine"]) for cost in costs if cost["projection"]}
    rows = []
    for projected, name in sorted(machines):
        row = book.machine(name)
        usd = row.usd_per_hour / max(1, row.gpus)
        source = (str(row.date), row.source, bool(row.second_hand))
        rows.append(PriceRow(row.id, row.provider, row.region, usd, *source, projected))
    tokens = {(t["model"], t["provider"]): t for cost in costs if (t := cost["tokens"])}
    for (model, provider), price in sorted(tokens.items()):
        date, origin = (str(price.get(name, "")) for name in ("date", "source"))
        rows.append(PriceRow(model, provider, "", None, date, origin, False, False))
    return tuple(rows)


def _tallies(tasks: Sequence[TaskReport]) -> tuple[Tally, ...]:
    if len(tasks) < 2:
        return ()
    names, tallies = _names(tasks), []
    models: list[str | None] = [*sorted({r.model for t in tasks for r in t.ranked if r.model})]
    for model in models or [None]:
        families = []
        by_task: dict[str, dict[str, Figure]] = {}
        for task in tasks:
            if model is not None and all(row.model != model for row in task.ranked):
                continue
            rows = {row.label: row for row in task.ranked if row.model in (model, None)}
            pairs = {
                (names[rows[pair.a].name], names[rows[pair.b].name]): _paired(pair)
                for pair in task.pairs
                if pair.a in rows and pair.b in rows
            }
            families.append(AllPairs(pairs, {}, 0.05))
            for row in rows.values():
                by_task.setdefault(names[row.name], {})[task.name] = row.quality
        for name, record in wins_ties_losses(families).items():
            counts = (record.wins, record.ties, record.losses)
            tallies.append(Tally(model, name, *counts, by_task[name]))
    return tuple(sorted(tallies, key=lambda t: (str(t.model), t.losses - t.wins, t.name)))


def _names(tasks: Sequence[TaskReport]) -> dict[str, str]:
    """Names by label: the strategy, where that has one configuration in each task."""
    several = {
        strategy
        for task in tasks
        for (strategy, _), count in Counter((r.strategy, r.model) for r in task.ranked).items()
        if count > 1
    }
    return {
        row.name: row.name if row.strategy in several else row.strategy
        for task in tasks
        for row in task.ranked
    }


def _paired(pair: PairedDifference) -> Paired:
    return Paired(pair.difference, pair.low, pair.high, pair.n, 0, pair.p_value, "")
