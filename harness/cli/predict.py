"""``harness predict``: a prepared run answers again; at steady rates, it is timed."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import JSON, QUIET, Fields, Values
from harness.cli.output import console, print_json, print_table
from harness.cli.shown import milliseconds
from harness.cli.verbs import verb
from harness.config import RunConfig
from harness.errors import UsageError
from harness.runs.latency import REQUESTS

if TYPE_CHECKING:
    from harness.costs.serving import Capacity
    from harness.records.load import OperatingPoint

__all__ = ["predict"]

EPILOG = """Examples:

  harness predict insurer-ko_zero-shot --rate 1,2,4

  harness predict insurer-ko_zero-shot --rate 8,16 --requests 1000 --max-latency 0.5"""
LOAD = "Latency under load"
OPTIONS = ("model", "base_url", "max_cost", "results", "data_dir", "prices", "offline")
ENOUGH = 59  # independent requests from which on a p95 has a bound


@verb("predict", epilog=EPILOG)
def predict(
    run: str = typer.Argument(help="A finished run: its id, a part of it, or its folder."),
    rate: str = typer.Option(
        ..., help="Requests a second at which to time it: 1,2,4.", rich_help_panel=LOAD
    ),
    requests: int = typer.Option(REQUESTS, help="How many, at each rate.", rich_help_panel=LOAD),
    batch: int = typer.Option(
        8, help="Most waiting ones that are answered together.", rich_help_panel=LOAD
    ),
    max_latency: float | None = typer.Option(
        None, help="Seconds within which 95 % are to be answered.", rich_help_panel=LOAD
    ),
    seed: int = typer.Option(0, help="Of the arrivals.", rich_help_panel=LOAD),
    data: Path | None = typer.Option(None, help="The run's table, where it was one of your own."),
    *,
    values: Annotated[
        Values,
        Fields(RunConfig, *OPTIONS),
    ],
    quiet: bool = QUIET,
    json_: bool = JSON,
) -> None:
    """Time a finished run while requests come at steady rates; prices then go by that."""
    from harness.cli.progress import terminal
    from harness.costs.serving import MeasuredSpeed, capacity
    from harness.records.store import Store
    from harness.runs.load import Traffic, measure_load

    traffic = Traffic(_rates(rate), requests, batch, seed)
    folder = Store(values.pop("results")).find(run)
    options = values | {"data": data}
    local = {name: value for name, value in options.items() if value is not None}
    with terminal(quiet=quiet or json_) as monitor:
        points = measure_load(folder, traffic, local, monitor)
    found = capacity(None, MeasuredSpeed(points=points), max_latency)
    if json_:
        shown = [point.shown() for point in points]
        value = {"requests_per_second": found.requests_per_second, "note": found.note}
        print_json({"run_id": folder.name, "points": shown, "capacity": value})
        return
    _show(points, found)


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
