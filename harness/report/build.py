"""Builds a `ReportData` from the records of one or several folders. Nothing is run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.analysis.calibration import leave_one_out, observe
from harness.analysis.recommend.offers import make_offer
from harness.analysis.words import Phrase, phrase
from harness.costs.book import PriceBook
from harness.costs.choices import Choices
from harness.costs.deployment import Deployment, Terms
from harness.costs.money import Money, money
from harness.errors import UsageError, nearest
from harness.metrics.statistics.multiple import AllPairs, wins_ties_losses
from harness.metrics.statistics.paired import Paired
from harness.report.advice import advice_of, question_of
from harness.report.collect import Found, find_tasks, machine_of
from harness.report.data import Asked, LeftOut, PriceRow, ReportData, Tally
from harness.report.examples import Examples, examples_of
from harness.report.provenance import run_reports
from harness.report.published import beside
from harness.report.quality import (
    curves_of,
    derived_of,
    mean_figures,
    pairs_of,
    quality_of,
    slices_of,
)
from harness.report.rows import make_row, mark_frontier, summaries_of
from harness.report.updates import updates_of
from harness.report.values import Pair, PredictedRow, Row, TaskReport
from harness.version import __version__

__all__ = ["Built", "build_report", "report_data"]

Summaries = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True)
class Built:
    """A report, and the runs that it was made of.

    Attributes:
        data: What it shows.
        found: The runs, by task, in the order of the report.
    """

    data: ReportData
    found: Sequence[Found]

    def examples(self, data_dir: Path | None = None) -> dict[str, Examples]:
        """Reads the single answers of all tasks that may show text.

        Args:
            data_dir: Folder with local copies of data sets, for the questions.
        """
        made = {}
        for found, task in zip(self.found, self.data.tasks, strict=True):
            some = examples_of(found, {row.label: row for row in task.rows}, data_dir)
            if some is not None:
                made[found.task] = some
        return made


def report_data(results: Sequence[Path], book: PriceBook, **choices: Any) -> ReportData:
    """Reads all runs of some folders; see `build_report`."""
    return build_report(results, book, **choices).data


def build_report(
    results: Sequence[Path],
    book: PriceBook,
    asked: Asked | None = None,
    *,
    lead: str | None = None,
    currency: str = "USD",
    rate: float | None = None,
    vat_percent: float = 0.0,
    command: str = "harness report",
) -> Built:
    """Reads all runs. Of several attempts at the same work the last one counts.

    Args:
        results: Folders of records; runs of different machines are joined: quality compares,
            seconds don't.
        book: Prices.
        asked: Volume, months, machine and basis to price for.
        lead: Task of the first fold; by default the one with the most settings.
        currency: In which money is shown.
        rate: What a dollar costs, instead of the book's rate.
        vat_percent: Value-added tax to add.
        command: That makes this report again.

    Raises:
        UsageError: There is no run at all, or the book has no such row.
    """
    asked = asked or Asked()
    found = _leading(find_tasks(results), lead)
    updates = updates_of(results)
    choices = Choices(
        machine=asked.machine, basis=asked.basis, label_usd=asked.label_usd,  # type: ignore[arg-type]
        terms=Terms(peak_factor=asked.peak_factor),
    )  # fmt: skip
    made = [_task(results, each, updates, asked, book, choices) for each in found]
    said = money(book, currency, rate=rate, vat_percent=vat_percent)
    return Built(_joined(found, made, book, asked, said, command), found)


Made = tuple[TaskReport, Summaries, list[LeftOut]]


def _joined(
    found: Sequence[Found],
    made: Sequence[Made],
    book: PriceBook,
    asked: Asked,
    said: Money,
    command: str,
) -> ReportData:
    """The report of all tasks."""
    tasks = tuple(task for task, _, _ in made)
    rows = [row for task in tasks for row in task.rows]
    runs = tuple(run for each, (_, told, _) in zip(found, made, strict=True)
                 for run in run_reports(each, told))  # fmt: skip
    survey, methods, models, source = beside(tasks)
    return ReportData(
        version=__version__,
        made=max((run.finished for run in runs), default=""),
        asked=asked,
        money=said,
        prices=_prices([told for _, told, _ in made], book),
        tasks=tasks,
        records=_tallies(tasks),
        survey=survey,
        methods=methods,
        models=models,
        source=source,
        runs=runs,
        left_out=tuple(each for _, _, left in made for each in left),
        machines=tuple(sorted({row.machine for row in rows})),
        gpu_ran=any(row.gpu_hours > 0 for row in rows),
        command=command,
    )


def _leading(found: Sequence[Found], lead: str | None) -> list[Found]:
    """The tasks with the one that was asked for first."""
    names = [each.task for each in found]
    if lead is not None and lead not in names:
        raise UsageError(f"there is no run of {lead!r}", nearest(lead, names))
    return sorted(found, key=lambda each: each.task != lead)


def _task(
    results: Sequence[Path],
    found: Found,
    updates: Mapping[str, Any],
    asked: Asked,
    book: PriceBook,
    choices: Choices,
) -> Made:
    derived = {
        each.label: [derived_of(run) for run in each.setting.runs] for each in found.settings
    }
    told = {each.label: summaries_of(each, book, choices) for each in found.settings}
    pairs, letters = pairs_of(found)
    quality = {each.label: quality_of(each.setting, derived[each.label]) for each in found.settings}
    machines = Counter(machine_of(run.record) for run in found.runs)
    usual = max(sorted(machines), key=lambda name: machines[name], default="")
    rows = [
        make_row(
            each, told[each.label], quality=quality[each.label],
            metrics=mean_figures(derived[each.label]) | {each.setting.runs[0].primary: quality[each.label]},
            letters=letters.get(each.label, ""), to_best=_lead(each.label, pairs),
            usual_machine=usual,
        )
        for each in found.settings
    ]  # fmt: skip
    frontier = mark_frontier(rows)
    rows = [replace(row, frontier=row.label in frontier) for row in sorted(rows, key=_order)]
    advice, left = advice_of(results, found, asked, book)
    left = left or [(e.name, Phrase.of(e.reason)) for e in found.excluded]
    about = found.runs[0].record["task"] if found.runs else {}
    report = TaskReport(
        name=found.task,
        **{name: str(about.get(name) or "") for name in
           ("summary", "kind", "language", "licence", "contamination")},
        synthetic=bool(about.get("synthetic")),
        metric=found.runs[0].primary if found.runs else "",
        unit=rows[0].quality.unit if rows else "",
        higher_is_better=not rows or rows[0].quality.higher_is_better is not False,
        advice=tuple(advice),
        rows=tuple(rows),
        pairs=tuple(pairs),
        slices=tuple(slices_of(found, derived)),
        curves=tuple(curves_of(found, quality, {row.label: row.labelled_rows for row in rows})),
        updates=tuple(updates.get(found.task, ())),
        predicted=tuple(_predicted(found, book)),
        notes=tuple(_notes(rows)),
        deployments=_deployments(found, asked, book),
    )  # fmt: skip
    return report, told, [LeftOut(found.task, name, reason) for name, reason in left]


def _order(row: Row) -> tuple[bool, bool, float, str]:
    """Ranked ones first, the best of them first; what is undefined goes last."""
    value = row.quality.value
    signed = 0.0 if value is None else value if row.quality.higher_is_better is False else -value
    return (not row.ranked, value is None, signed, row.label)


def _lead(label: str, pairs: Sequence[Pair]) -> Pair | None:
    """The largest lead that anybody has over a setting: that of the best."""
    ahead = [pair for pair in pairs if pair.b == label]
    return max(ahead, key=lambda pair: pair.difference, default=None)


def _predicted(found: Found, book: PriceBook) -> list[PredictedRow]:
    observed = [one for run in found.runs for one in observe(run.folder, book)]
    return [
        PredictedRow(
            each.observation.run, each.observation.strategy, each.observation.phase, each.others,
            each.observation.seconds, each.seconds, each.error,
        )
        for each in leave_one_out(observed)
    ]  # fmt: skip


def _deployments(found: Found, asked: Asked, book: PriceBook) -> dict[str, Deployment]:
    """What each ranked setting costs to build, to keep and to ask."""
    question = question_of(found.task, asked)
    return {
        each.label: replace(make_offer(each.setting, question, book).deployment, name=each.label)
        for each in found.ranked
    }


def _notes(rows: Sequence[Row]) -> list[Phrase]:
    notes = []
    if len({row.machine for row in rows}) > 1:
        notes.append(phrase("note.machines"))
    if any(row.shared for row in rows):
        names = ", ".join(row.label for row in rows if row.shared)
        notes.append(phrase("note.shared", names=names))
    if len({row.readout for row in rows if row.model}) > 1:
        notes.append(phrase("note.readouts"))
    if len({row.quality.n for row in rows if row.ranked}) > 1:
        notes.append(phrase("note.rows"))
    return notes


def _prices(told: Sequence[Summaries], book: PriceBook) -> tuple[PriceRow, ...]:
    """The rows of the book that priced the runs, machines and projections."""
    costs = [run["cost"] for each in told for runs in each.values() for run in runs]
    used = {cost["machine"]["id"] for cost in costs if cost["machine"]}
    projected = {cost["projection"]["machine"] for cost in costs if cost["projection"]}
    found = []
    for name, projects in [
        *((n, False) for n in sorted(used)),
        *((n, True) for n in sorted(projected)),
    ]:
        row = book.machine(name)
        found.append(
            PriceRow(row.id, row.provider, row.region, row.usd_per_hour / max(1, row.gpus),
                     str(row.date), row.source, bool(row.second_hand), projects)
        )  # fmt: skip
    tokens = {(t["model"], t["provider"]): t for cost in costs if (t := cost["tokens"])}
    for (model, provider), row in sorted(tokens.items()):
        found.append(
            PriceRow(model, provider, "", None, str(row.get("date", "")), str(row.get("source", "")),
                     False, False)
        )  # fmt: skip
    return tuple(found)


def _tallies(tasks: Sequence[TaskReport]) -> tuple[Tally, ...]:
    """Wins, ties and losses over the tasks, by model and setting."""
    if len(tasks) < 2:
        return ()
    found = []
    named = {(task.name, row.label): row for task in tasks for row in task.ranked}
    names = _names(tasks)
    models = sorted({str(row.model) for row in named.values() if row.model}) or [None]  # type: ignore[list-item]
    for model in models:
        families = []
        having = [
            task for task in tasks if model in {row.model for row in task.ranked} or not model
        ]
        for task in having:
            some = {
                (names[named[task.name, p.a].name], names[named[task.name, p.b].name]): _paired(p)
                for p in task.pairs
                if all(named[task.name, x].model in (model, None) for x in (p.a, p.b))
            }
            families.append(AllPairs(some, {}, 0.05))
        for name, record in wins_ties_losses(families).items():
            by_task = {
                task.name: row.quality
                for task in having
                for row in task.ranked
                if names[row.name] == name and row.model in (model, None)
            }
            found.append(Tally(model, name, record.wins, record.ties, record.losses, by_task))
    return tuple(sorted(found, key=lambda t: (str(t.model), t.losses - t.wins, t.name)))


def _names(tasks: Sequence[TaskReport]) -> dict[str, str]:
    """What a setting is called over tasks: its strategy, where no task has two settings of it.

    Parameters are often chosen by task; a row for each of them would compare nothing.
    """
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


def _paired(pair: Pair) -> Paired:
    return Paired(pair.difference, pair.low, pair.high, pair.n, 0, pair.p_value, "")
