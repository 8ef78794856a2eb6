"""``harness rescore``: metrics again, without a model; and how well a judge agrees with people."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.grading import needed_lines
from harness.cli.options import DATA_DIR, GRADING, JSON, QUIET, RESULTS, Fields, Values, of
from harness.cli.output import Json, console, emit, estimate_text, print_table, usd
from harness.cli.shown import print_run
from harness.cli.verbs import refuse, verb
from harness.config import RunConfig, run_config
from harness.costs.options import PriceOptions
from harness.errors import UsageError

__all__ = ["measure", "rescore"]

EPILOG = """Examples:

  harness rescore insurer-ko_qlora

  harness rescore insurer-ko_qlora --grades grades-1.xlsx --grades grades-2.xlsx

  harness rescore --judge endpoint:gpt-4o-mini --grades financebench --limit 300 --judge-max-cost 1

  harness rescore insurer-ko_rag --judge endpoint:gpt-4o-mini --judge-max-cost 2

  harness rescore insurer-ko_rag --judge qwen2.5-coder-1.5b-instruct --rubric criteria.yaml

  harness rescore insurer-ko_rag --judge endpoint:gpt-4o-mini --against insurer-ko_qlora"""
GRADES = "financebench"  # answers that people judged, by the name of their data set


@verb("rescore", epilog=EPILOG)
def rescore(
    run: str | None = typer.Argument(None, help="Id of a run, a part of it, or its folder."),
    data: Path | None = typer.Option(None, help="Your table, if the run was of one."),
    task: str | None = typer.Option(None, help="Its task file, if that lies elsewhere."),
    results: Path = RESULTS,
    data_dir: Path | None = DATA_DIR,
    grades: list[str] | None = typer.Option(
        None,
        metavar="FILE|NAME",
        help="Of a run: a rater's filled sheet, again for each rater. With --judge: answers that "
        "people judged, to measure it by: financebench.",
    ),
    predict_from: str | None = typer.Option(
        None,
        metavar="METRIC",
        help="With sheets: what predicts the other grades; the judge's verdict, or the primary metric.",
    ),
    judge: str | None = of(RunConfig, "judge"),
    rubric: Path | None = typer.Option(
        None, help="With --judge: a YAML file of criteria with points, by which it judges."
    ),
    against: str | None = typer.Option(
        None,
        metavar="RUN",
        help="With --judge: another run, whose answers are compared with this one's.",
    ),
    *,
    grading: Annotated[Values, Fields(RunConfig, *GRADING)],
    priced: Annotated[Values, Fields(PriceOptions, "expert")],
    json_: bool = JSON,
    quiet: bool = QUIET,
) -> None:
    """Derive the metrics of a run again from its predictions; no model is needed.

    With --judge: let a model judge the run's answers. With --grades: people's grades of some answers
    estimate the score of all. With both, and no run: measure a judge by answers that people judged.
    """
    _check_effect(run, judge, grading, priced)
    local = {"results": results, "data_dir": data_dir}
    sheets = tuple(map(Path, grades or ()))
    prices = grading["prices"], PriceOptions(**priced)
    asked = _Asked(str(run), data, task, rubric, against, sheets, predict_from, *prices)
    _check(run, grades, judge, asked)
    if judge is not None and grades:
        measure(run_config(judge=judge, **grading, **local), json_, quiet)
        return

    wanted = run_config(judge=judge, **grading, **local) if judge is not None else None
    value = _rescored(asked, results, data_dir, wanted, quiet=quiet or json_)
    emit(value, json_, _show_rescored)


def _check_effect(run: str | None, judge: str | None, grading: Values, priced: Values) -> None:
    """Refuses options that would have no effect."""
    if judge is None:
        refuse(grading.keys() - {"prices"}, "--judge")
    elif run is None:
        refuse(("data", "task", *priced), "a RUN")


@dataclass(frozen=True)
class _Asked:
    """What is wanted of a run."""

    run: str
    data: Path | None
    task: str | None
    rubric: Path | None
    against: str | None
    sheets: tuple[Path, ...]
    predict_from: str | None
    prices: Path | None
    priced: PriceOptions


def _check(run: str | None, grades: list[str] | None, judge: str | None, asked: _Asked) -> None:
    if run is None and not (judge and grades):
        raise UsageError(
            "rescore takes a RUN, or --judge with --grades",
            "`harness rescore --help` has examples.",
        )
    if run is not None and judge and grades:
        raise UsageError(
            "a run is judged, or its sheets are read", "Give --judge first, then --grades alone."
        )
    if run is None and grades and grades != [GRADES]:
        raise UsageError(f"there are no graded answers called {grades[0]!r}", f"There is {GRADES}.")
    pairs = asked.rubric is not None, asked.against is not None
    if any(pairs) and (judge is None or run is None or all(pairs)):
        raise UsageError("--rubric or --against goes with a RUN and --judge", "Name these.")
    if asked.predict_from and not (run and grades):
        raise UsageError("--predict-from goes with --grades FILE", "It says what predicts grades.")


def _rescored(
    asked: _Asked,
    results: Path,
    data_dir: Path | None,
    judging: RunConfig | None,  # None: nothing is judged
    *,
    quiet: bool,
) -> Json:
    from harness.analysis.summary import summary
    from harness.cli.progress import terminal
    from harness.costs.book import load_book
    from harness.records.store import Store
    from harness.runs.rescore import rescore_run

    store, book = Store(results), load_book(asked.prices)
    if asked.priced.expert:
        book.expert(asked.priced.expert)  # first: a wrong name shall not end a judge's work
    folder, other = store.find(asked.run), store.find(asked.against) if asked.against else None
    with terminal(quiet=quiet) as monitor:
        if asked.sheets:
            from harness.runs.grading.apply import grade_run

            source = asked.predict_from
            grade_run(folder, asked.sheets, results, predict_from=source, notify=monitor.message)
        changed = rescore_run(
            folder, data_dir=data_dir, data=asked.data, task=asked.task, notify=monitor.message
        )
        if judging is not None:
            from harness.runs.judged import judge_run

            judge_run(folder, judging, asked.data, asked.task, asked.rubric, other, monitor=monitor)
    value = summary(folder, book, asked.priced) | {"rows_changed": changed}
    if not asked.sheets:
        return value
    from harness.runs.grading.apply import needed

    return value | {"grades_needed": needed(folder, results)}


def _show_rescored(value: Json) -> None:
    print_run(value)
    print(f"rescored: {value['rows_changed']} rows changed")
    for line in needed_lines(value.get("grades_needed", ())):
        print(line)


def measure(config: RunConfig, as_json: bool, quiet: bool) -> None:
    """Measures a judge by answers that people judged, and prints how far they agree."""
    from harness.cli.progress import terminal
    from harness.costs.book import load_book
    from harness.runs.judging.agreement import human_labels, measure_judge
    from harness.runs.judging.opening import judge_called

    with terminal(quiet=quiet or as_json) as monitor:
        measured = measure_judge(
            judge_called(str(config.judge), config.judge_url, monitor=monitor),
            human_labels(config.data_dir, config.limit or None),
            config.results,
            load_book(config.prices),
            most_usd=config.judge_max_cost,
            unpriced=config.allow_unpriced,
            monitor=monitor,
        )
    emit(measured, as_json, _show_agreement)


def _show_agreement(measured: Json) -> None:
    out = console()
    out.print(f"{measured['judge']} against people, {measured['data']}", style="bold", markup=False)
    figures = {name: measured[name] for name in ("agreement", "kappa")}
    figures |= {f"{key}, right or not": each for key, each in measured["right_or_not"].items()}
    n = str(measured["n"])
    rows = [(name, estimate_text(figure), n) for name, figure in figures.items()]
    print_table("", "value  [95 % interval]", "n", rows=rows)
    out.print()
    counts = measured["table"]
    rows_of_labels = [(label, *(str(counts[label][other]) for other in counts)) for label in counts]
    print_table("people \\ judge", *counts, rows=rows_of_labels)
    out.print(
        f"\n{measured['failed']} answers got no verdict · {measured['requests']} requests · "
        f"{usd(measured['usd'])}",
        markup=False,
    )
