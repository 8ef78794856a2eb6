"""``harness predict``: a finished run answers new rows, or is timed at steady rates."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import JSON, QUIET, Fields, Values
from harness.cli.output import (
    Json,
    console,
    emit,
    estimate_text,
    metric_title,
    print_json,
    print_table,
    usd,
)
from harness.cli.verbs import refuse, verb
from harness.config import DataSource, RunConfig, choice
from harness.errors import UsageError
from harness.runs.latency import REQUESTS
from harness.text import duration, milliseconds

if TYPE_CHECKING:
    from harness.costs.serving import Capacity
    from harness.records.load import OperatingPoint

__all__ = ["predict"]

EPILOG = """Examples:

  harness predict insurer-ko_qlora+rag --data new.csv --out answers.csv

  harness predict insurer-ko_zero-shot --rate 8,16 --requests 1000 --max-latency 0.5"""
NEW, LOAD = "New rows", "Latency under load"
SERVER = ("base_url", "max_cost", "allow_unpriced", "rpm", "tpm")
OPTIONS = ("model", *SERVER, "results", "data_dir", "prices", "offline")
ENOUGH = 59  # independent requests from which on a p95 has a bound


@dataclass(frozen=True)
class _Columns:
    """Options of `harness.runs.predicting.rows.Naming`, without what that imports."""

    input: str | None = choice(
        None, "Column with what is asked, where it isn't called as in the run.", NEW
    )
    id: str | None = choice(None, "Column that names the rows; repeated ones are said.", NEW)


@dataclass(frozen=True)
class _Arrivals:
    """Options of `harness.runs.load.Traffic`, the same."""

    requests: int = choice(REQUESTS, "How many, at each rate.", LOAD)
    batch: int = choice(8, "Most waiting ones that are answered together.", LOAD)
    seed: int = choice(0, "Of the arrivals.", LOAD)


@verb("predict", epilog=EPILOG)
def predict(
    run: str = typer.Argument(help="A finished run: its id, a part of it, or its folder."),
    data: Path | None = typer.Option(
        None,
        help="Table of new rows, without answers; with --rate the run's own table.",
        rich_help_panel=NEW,
    ),
    out: Path | None = typer.Option(
        None, help="File for the answers: .csv, .tsv, .jsonl or .xlsx.", rich_help_panel=NEW
    ),
    limit: int | None = typer.Option(
        None, min=1, help="First n rows of the new table.", rich_help_panel=NEW
    ),
    rate: str | None = typer.Option(
        None, help="Requests a second at which to time it: 1,2,4.", rich_help_panel=LOAD
    ),
    max_latency: float | None = typer.Option(
        None, help="Seconds within which 95 % are to be answered.", rich_help_panel=LOAD
    ),
    *,
    columns: Annotated[Values, Fields(_Columns)],
    layout: Annotated[Values, Fields(DataSource, "header_row", "sheet")],
    arrivals: Annotated[Values, Fields(_Arrivals)],
    values: Annotated[Values, Fields(RunConfig, *OPTIONS)],
    quiet: bool = QUIET,
    json_: bool = JSON,
) -> None:
    """Answer new rows with a finished run, resumably; or time it, with --rate."""
    from harness.records.store import Store

    _check(rate, out, arrivals, {**columns, **layout})
    folder = Store(values.pop("results")).find(run)
    local = {name: value for name, value in values.items() if value is not None}
    silent = quiet or json_
    if rate is not None and out is None:
        local |= {"data": data} if data else {}
        points = _timed(folder, _rates(rate), arrivals, local, silent=silent)
        _show_capacity(folder.name, points, max_latency, json_=json_)
        return
    if rate is not None or data is None or out is None:
        raise UsageError(
            "predict answers a table of new rows, or times the run",
            "Either --data FILE --out FILE, or --rate 1,2,4.",
        )
    request = {"data": data, "out": out, "limit": limit}
    about = _answered(folder, request, columns, layout, local, silent=silent)
    emit(about, json_, _show_answers)
    from harness.runs.predicting.answer import raise_for_unanswered

    raise_for_unanswered(about)


def _check(rate: str | None, out: Path | None, arrivals: Values, new: Values) -> None:
    """Refuses options that would have no effect."""
    if rate is None:
        refuse(("max_latency", *arrivals), "--rate")
    elif out is None:
        refuse(("limit", *new), "new rows: --data FILE --out FILE")


def _timed(
    folder: Path, rates: tuple[float, ...], arrivals: Values, local: Values, *, silent: bool
) -> tuple[OperatingPoint, ...]:
    from harness.cli.progress import terminal
    from harness.runs.load import Traffic, measure_load

    traffic = Traffic(rates, **arrivals)
    with terminal(quiet=silent) as monitor:
        return measure_load(folder, traffic, local, monitor)


def _answered(
    folder: Path, request: Values, columns: Values, layout: Values, local: Values, *, silent: bool
) -> Json:
    from harness.cli.progress import terminal
    from harness.runs.predicting.answer import Request, answer_table
    from harness.runs.predicting.rows import Naming
    from harness.task.tables import Layout

    asked = Request(**request, naming=Naming(**columns), layout=Layout(**layout))
    with terminal(quiet=silent) as monitor:
        return answer_table(folder, asked, local, monitor)


def _show_capacity(
    name: str, points: tuple[OperatingPoint, ...], max_latency: float | None, *, json_: bool
) -> None:
    from harness.costs.serving import MeasuredSpeed, capacity

    found = capacity(None, MeasuredSpeed(points=points), max_latency)
    if json_:
        shown = [point.shown() for point in points]
        value = {"requests_per_second": found.requests_per_second, "note": found.note}
        print_json({"run_id": name, "points": shown, "capacity": value})
        return
    _show(points, found)


def _show_answers(about: Json) -> None:
    out, rows = console(), about["rows"]
    if about["reused"]:
        out.print("These rows were answered before; nothing was asked.")
    counts = [f"{rows:,} rows", f"{about['outcomes'].get('ok', 0):,} with an answer"]
    counts += [
        f"{count:,} {words}"
        for count, words in (
            (about["abstained"], "of them abstained"),
            (about["unread"], "refused, cut off or not readable"),
            (about["outcomes"].get("error", 0), "not answered"),
        )
        if count
    ]
    out.print(" · ".join(counts))
    reason = f" ({about['usd_note']})" if about["usd"] is None else ""
    out.print(
        f"{about['model'] or 'no model'} · {about['input_tokens']:,} tokens in, "
        f"{about['output_tokens']:,} out · {duration(about['seconds'])} · {usd(about['usd'])}{reason}"
    )
    _show_expected(about)
    for warning in about["warnings"]:
        out.print(f"warning: {warning}", style="yellow")
    out.print(f"answers: {about['out']}")


def _show_expected(about: Json) -> None:
    """Says what the run's test measured, beside what came here."""
    test, out = about["test"], console()
    for name, figure in test.get("metrics", {}).items():
        title = metric_title(name, figure)
        out.print(f"on the test rows: {title} {estimate_text(figure, gap=' ')}, n {figure['n']:,}")
    if test.get("rows") and (about["abstained"] or test.get("abstained")):
        here = about["abstained"] / about["rows"]
        there = test.get("abstained", 0) / test["rows"]
        out.print(f"abstained: {here:.1%} of these rows, {there:.1%} of the test rows")


def _rates(text: str) -> tuple[float, ...]:
    try:
        rates = tuple(float(each) for each in text.split(","))
    except ValueError:
        rates = ()
    if not rates or not all(0 < each < math.inf for each in rates):
        raise UsageError(f"--rate {text!r} is no rate", "Requests a second: --rate 1,2,4")
    return rates


def _show(points: tuple[OperatingPoint, ...], found: Capacity) -> None:
    rows = []
    for point in points:
        times = [
            f"{milliseconds(each.value)} [{_bound(each.low)}, {_bound(each.high)}]"
            for each in point.latency.values()
        ]
        kept = "kept" if point.kept else f"a queue grew: {point.answered_per_second:.3g} a second"
        rows.append((f"{point.requests_per_second:g}", *times, str(point.requests), kept))
    print_table("a second", "p50  [bounds]", "p95", "p99", "n", "", rows=rows)
    out = console()
    for point in points:
        where = f"at {point.requests_per_second:g} a second"
        if point.errors:
            out.print(f"{where} {point.errors} of {point.wanted} requests came to an error")
        if point.shared:
            out.print(f"{where} another run was on the machine: it sets no price")
        if point.kept and point.latency["p95"].high is None:
            more = 10 * math.ceil(ENOUGH * point.requests / point.independent / 10)
            out.print(
                f"{where} p95's bound isn't known: requests wait for one another, so {point.requests} "
                f"are worth {point.independent:.0f}; about {more:,} would do (--requests)"
            )
    if any(each.low is None or each.high is None for p in points for each in p.latency.values()):
        out.print("? isn't known with 95 % confidence", style="dim")
    if all(point.shared for point in points):
        out.print("capacity: not known (another run was on the machine at each rate)")
    elif found.requests_per_second is None:
        out.print(f"capacity: not known ({found.note})")
    else:
        out.print(f"capacity: {found.requests_per_second:g} requests a second ({found.note})")


def _bound(seconds: float | None) -> str:
    return "?" if seconds is None else milliseconds(seconds)
