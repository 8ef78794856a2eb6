"""Verbs about records: ``score`` and ``show``, and the list of runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import pricing
from harness.cli.logs import print_logs
from harness.cli.mistakes import show_errors
from harness.cli.options import DATA_DIR, JSON, PRICES, RESULTS, Fields, Values, of
from harness.cli.output import Json, console, emit, estimate_text, print_json, print_table, usd
from harness.cli.shown import print_run
from harness.cli.verbs import refuse, verb
from harness.config import RunConfig, run_config
from harness.costs.deployment import Demand
from harness.costs.options import PriceOptions
from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.costs.book import PriceBook

__all__ = ["list_runs", "show", "score"]

SHOW = """Examples:

  harness show insurer-ko_qlora

  harness show insurer-ko_qlora --notes

  harness show insurer-ko_qlora --errors --limit 50

  harness show insurer-ko_qlora --machine scp-s1v2m8 --requests-per-month 100000

  harness show insurer-ko_qlora --basis as-used --currency KRW --rate 1400 --vat 10"""
SHARED = " ~"  # marks a price that is made of seconds on a machine that another run was on
PLACES = ("results", "data_dir", "offline")
SCORED = """Examples:

  harness score --from answers.csv --task fpb --name mine

  harness score --from answers.csv --data rows.csv --input question --target answer --kind qa

  harness score --from samples_arc_easy_2026-11-30T09-00-00.000000.jsonl

  harness score --from results.json --task insurer-ko"""


@verb("show", epilog=SHOW)
def show(
    run: str = typer.Argument("", help="Id of a run, a part of it, or its folder."),
    schema: bool = typer.Option(False, "--schema", help="Print the JSON Schema of run.json."),
    notes: bool = typer.Option(False, "--notes", help="All notes, not the first four."),
    errors: bool = typer.Option(False, "--errors", help="Instead: the rows that aren't right."),
    limit: int | None = typer.Option(
        None, "--limit", help="With --errors: most rows of each outcome; 10 on the screen."
    ),
    results: Path = RESULTS,
    data_dir: Path | None = DATA_DIR,
    prices: Path | None = PRICES,
    *,
    chosen: Annotated[Values, Fields(PriceOptions, but=("demand",))],
    demand: Annotated[Values, Fields(Demand, "peak_factor", "redundancy")],
    currency: str = pricing.CURRENCY,
    rate: float | None = pricing.RATE,
    vat: float = pricing.VAT,
    json_: bool = JSON,
) -> None:
    """Show a run again, priced as you choose; nothing runs, and only money changes."""
    from harness.costs.book import load_book
    from harness.costs.money import money
    from harness.records.predictions import check_predictions
    from harness.records.reading import read_record
    from harness.records.schema import RunRecord
    from harness.records.store import Store

    _check(schema, errors, [*chosen, *demand])
    if schema:
        print_json(RunRecord.model_json_schema(mode="serialization"))
        return
    if not run:
        raise UsageError("show needs a RUN, or --schema", "`harness list runs` names the runs.")
    book = load_book(prices)
    shown = money(book, currency, rate=rate, vat_percent=vat)
    folder = Store(results).find(run)
    check_predictions(folder, record := read_record(folder))
    if errors:
        show_errors(folder, record, limit, data_dir, json_)
        return
    value = _priced(folder, book, PriceOptions(**chosen, demand=Demand(**demand)))
    value["cost"]["in_currency"] = shown.figures(value["cost"])
    if json_:
        print_json(value)
        return
    print_run(value, notes=notes)
    if not shown.plain:
        title = "in another currency" if shown.currency != "USD" else "with tax"
        print_table(title, "", rows=pricing.money_lines(value["cost"], shown))


def _check(schema: bool, errors: bool, options: list[str]) -> None:
    """Refuses options that would have no effect."""
    priced = ("prices", *options, "currency", "rate", "vat")
    if schema:
        about = ("run", "notes", "errors", "limit", "results", "data_dir")
        refuse((*about, *priced), "a RUN, without --schema")
    elif errors:
        refuse(("notes", *priced), "the run's figures, without --errors")
    else:
        refuse(("limit", "data_dir"), "--errors")


def _priced(folder: Path, book: PriceBook, options: PriceOptions) -> Json:
    """A run's summary, with how far repeats of it lie apart."""
    from harness.analysis.repeats import repeats_of
    from harness.analysis.summary import summary

    value = summary(folder, book, options)
    if repeats := repeats_of(folder, book, options):
        value["repeats"], value["notes"]["seconds"] = repeats.as_dict(), repeats.say()
    return value


@verb("score", epilog=SCORED)
def score(
    from_: Path = typer.Option(
        ...,
        "--from",
        metavar="FILE",
        help="A log of lm-eval, inspect_ai or promptfoo, or a table: id and answer columns.",
    ),
    usage: Path | None = typer.Option(None, help="YAML or JSON with declared tokens and cost."),
    name: str = typer.Option("", help="What to call it; by default as the log does."),
    task: str | None = of(
        RunConfig, "task", None, "What it answers; a log may bring its own questions."
    ),
    *,
    values: Annotated[
        Values, Fields(RunConfig, "data", "limit", "task_set", "store_text", *PLACES)
    ],
    json_: bool = JSON,
) -> None:
    """Make full records of answers that were made elsewhere."""
    from harness.analysis.summary import summary
    from harness.costs.book import load_book
    from harness.runs.external import score_logs
    from harness.runs.runner import raise_for_errors

    if task is not None and values["data"] is not None:
        raise UsageError("--task and --data both name the rows", "Leave one of them out.")
    config = run_config(strategy=name, **values, **({"task": task} if task else {}))
    folders = score_logs(config, from_, usage, own_task=bool(task or values["data"]))
    book = load_book(None)
    reports = [summary(folder, book) for folder in folders]
    if len(reports) == 1:
        emit(reports[0], json_, print_run)
    else:
        emit({"runs": reports}, json_, print_logs)
    for folder in folders:  # last: a log in which one model failed shows the others, too
        raise_for_errors(folder)


LISTED = 100_000.0
"""Requests a month for which the list of runs has a price."""


def list_runs(results: Path, as_json: bool) -> None:
    """Prints the runs of a folder."""
    from harness.analysis.summary import summary
    from harness.costs.book import load_book
    from harness.records.reading import left_out, records_of
    from harness.records.store import no_run

    book = load_book(None)
    options = PriceOptions(requests_per_month=LISTED)
    rows = [summary(folder, book, options) for folder, _ in records_of(results)]
    if as_json:
        print_json({"runs": rows, "left_out": left_out(results)})
        return
    if not rows:
        raise no_run([results])
    names = (
        "run",
        "primary",
        "value  [95 % interval]",
        "n",
        f"$ a month of {LISTED:,.0f}",
        "effort",
        "status",
    )
    print_table(*names, rows=map(_list_row, rows), stack=True)
    if any(row["shared"] for row in rows):
        note = (
            "another run was on the machine: its seconds, and what is made of them, don't compare"
        )
        console().print(f"{SHARED.strip()} {note}", style="dim")


def _list_row(row: Json) -> tuple[str, ...]:
    figure = row["metrics"].get(row["primary"] or "")
    stands_in = row["server"] is not None and row["server"]["stand_in"]
    return (
        row["run_id"],
        row["primary"] or "-",
        "stand-in: no result" if stands_in else estimate_text(figure) if figure else "-",
        str(row["n"] if row["n"] is not None else "-"),
        usd(row["cost"]["months"][0]["usd"]) + (SHARED if row["shared"] else ""),
        row["effort"],
        row["status"],
    )
