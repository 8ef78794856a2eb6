"""``harness rescore``: metrics again, without a model; and how well a judge agrees with people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.options import DATA_DIR, GRADING, JSON, QUIET, RESULTS, Fields, Values, of
from harness.cli.output import Json, console, emit, estimate_text, print_table, usd
from harness.cli.shown import print_run
from harness.cli.verbs import verb
from harness.config import RunConfig, run_config
from harness.errors import UsageError, nearest

__all__ = ["measure", "rescore"]

EPILOG = """Examples:

  harness rescore insurer-ko_qlora

  harness rescore --judge endpoint:gpt-4o-mini --grades financebench --limit 300 --judge-max-cost 1

  harness rescore insurer-ko_rag --judge endpoint:gpt-4o-mini --judge-max-cost 2

  harness rescore insurer-ko_rag --judge qwen2.5-coder-1.5b-instruct --rubric criteria.yaml

  harness rescore insurer-ko_rag --judge endpoint:gpt-4o-mini --against insurer-ko_qlora"""
GRADES = ("financebench",)  # answers that people judged, by the name of their data set


@verb("rescore", epilog=EPILOG)
def rescore(
    run: str | None = typer.Argument(None, help="Id of a run, a part of it, or its folder."),
    data: Path | None = typer.Option(None, help="Your table, if the run was of one."),
    task: str | None = typer.Option(None, help="Its task file, if that lies elsewhere."),
    results: Path = RESULTS,
    data_dir: Path | None = DATA_DIR,
    grades: str | None = typer.Option(
        None,
        metavar="NAME",
        help="Instead of a run: answers that people judged, to measure a judge by: financebench.",
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
    json_: bool = JSON,
    quiet: bool = QUIET,
) -> None:
    """Derive the metrics of a run again from its predictions; no model is needed.

    With --judge: let a model judge the run's answers. With --judge and --grades: measure a judge by
    answers that people judged.
    """
    local = {"results": results, "data_dir": data_dir}
    _check(run, grades, judge, rubric, against)
    if judge is not None and grades is not None:
        if grades not in GRADES:
            raise UsageError(
                f"there are no graded answers called {grades!r}", nearest(str(grades), GRADES)
            )
        measure(run_config(judge=judge, **grading, **local), json_, quiet)
        return

    wanted = run_config(judge=judge, **grading, **local) if judge is not None else None
    value = _rescored(
        *(str(run), results, data_dir, data, task, wanted, rubric, against), quiet=quiet or json_
    )
    emit(value, json_, print_run)
    if not json_:
        print(f"rescored: {value['rows_changed']} rows changed")


def _check(
    run: str | None, grades: str | None, judge: str | None, rubric: Path | None, against: str | None
) -> None:
    if (grades is None) == (run is None) or (grades is not None and judge is None):
        raise UsageError(
            "rescore takes a RUN, or --judge with --grades",
            "`harness rescore --help` has examples.",
        )
    if (rubric or against) and (judge is None or run is None or (rubric and against)):
        raise UsageError("--rubric or --against goes with a RUN and --judge", "Name these.")


def _rescored(
    run: str,
    results: Path,
    data_dir: Path | None,
    data: Path | None,
    task: str | None,
    judging: RunConfig | None,  # None: nothing is judged
    rubric: Path | None,
    against: str | None,
    *,
    quiet: bool,
) -> Json:
    from harness.analysis.summary import summary
    from harness.cli.progress import terminal
    from harness.costs.book import load_book
    from harness.records.store import Store
    from harness.runs.rescore import rescore_run

    store = Store(results)
    folder, other = store.find(run), store.find(against) if against else None
    with terminal(quiet=quiet) as monitor:
        changed = rescore_run(
            folder, data_dir=data_dir, data=data, task=task, notify=monitor.message
        )
        if judging is not None:
            from harness.runs.judged import judge_run

            asked = (data, task, rubric, other)
            judge_run(folder, judging, *asked, monitor=monitor)
    return summary(folder, load_book(None)) | {"rows_changed": changed}


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
