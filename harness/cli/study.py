"""``harness study``: a matrix of runs from one file."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console

from harness.cli.options import JSON, Fields, Values
from harness.cli.output import console, print_json, table, usd
from harness.cli.progress import terminal
from harness.cli.verbs import verb
from harness.config import RunConfig
from harness.errors import TooManyErrors, UsageError, nearest
from harness.text import duration

__all__ = ["study"]

EPILOG = """Examples: harness study quick --list · harness study my.yaml --shard 1/4 ·
harness study my.yaml --status. A study file: name: mine, matrix: {strategy: [zero-shot, lora],
seed: [0, 1, 2]}, defaults: {task: fpb, limit: 200}."""


BASES = {"finished": "measured", "same": "earlier runs", "estimate": "estimate", "light": "-",
         "unknown": "unknown"}  # fmt: skip
"""By basis of a forecast: what the table says."""
NOTED = ("estimate", "unknown")


@verb("study", epilog=EPILOG)
def study(
    file: str = typer.Argument(
        help="A study file, or the name of a shipped one: quick, korean-insurance."
    ),
    list_: bool = typer.Option(False, "--list", help="Show the cells and what they will take."),
    status: bool = typer.Option(False, "--status", help="Show what became of the cells."),
    cell: str | None = typer.Option(None, help="Run this one cell, in this process."),
    shard: str | None = typer.Option(None, help="Run the i-th of n shares.", metavar="I/N"),
    *,
    local: Annotated[Values, Fields(RunConfig, "results", "data_dir", "prices", "offline")],
    json_: bool = JSON,
) -> None:
    """Run every cell of a study that isn't finished, each in a process of its own."""
    from harness.runs.study import States, read_study, run_study
    from harness.runs.study.execute import shard as share

    config = read_study(file)
    cells = share(config.cells(), shard)
    if cell is not None:
        _one(config, cells, cell, local, json_)
        return
    states = States(local["results"], config.name)
    if list_:
        _show(config, cells, states, json_, _forecasts(cells, states, local))
        return
    if status:
        _show(config, cells, states, json_)
        return
    options = _options(local)
    done = run_study(
        config, cells, lambda each: ["study", file, "--cell", each.id, "--json", *options],
        local["results"], _report,
    )  # fmt: skip
    _show(config, cells, states, json_)
    failed = sum(state["status"] == "failed" for state in done)
    if failed:
        raise TooManyErrors(
            f"{failed} of {len(cells)} cells failed", f"Their output is in {states.folder}."
        )


def _forecasts(cells: Any, states: Any, local: dict[str, Any]) -> list[Any]:
    """What each cell will take. Nothing is downloaded for it."""
    from harness.costs.book import load_book
    from harness.runs.study.forecast import Forecaster

    made = Forecaster(local["results"], load_book(local["prices"]), states)
    found = []
    with terminal(quiet=False, log_format="text") as monitor:
        for number, each in enumerate(cells, 1):
            found.append(made.forecast(each, each.run_config(**local | {"offline": True})))
            monitor.progress("estimate", number, len(cells))
    return found


def _options(local: dict[str, Any]) -> list[str]:
    """The settings of this machine, for the process of a cell."""
    options = []
    for name, value in local.items():
        if value is True:
            options.append(f"--{name}")
        elif value:
            options += [f"--{name.replace('_', '-')}", str(value)]
    return options


def _one(config: Any, cells: Any, name: str, local: dict[str, Any], json_: bool) -> None:
    from harness.runs.study import run_cell

    by_id = {each.id: each for each in cells}
    if name not in by_id:
        raise UsageError(f"the study has no cell {name!r}", nearest(name, by_id))
    with terminal(quiet=False, log_format="text") as monitor:
        folder = run_cell(config, by_id[name], by_id[name].run_config(**local), monitor)
    if json_:
        print_json({"cell": name, "run": folder.name})
    else:
        print(f"record: {folder}")


def _report(progress: Any) -> None:
    """One line a cell, on stderr."""
    out = Console(stderr=True, highlight=False, soft_wrap=True)
    left = f" · {duration(progress.eta_seconds)} left" if progress.eta_seconds else ""
    spent = f" · {usd(progress.usd)} so far" if progress.usd else ""
    out.print(
        f"{progress.done}/{progress.total} {progress.status} · {progress.cell.label} · "
        f"{duration(progress.seconds)}{left}{spent}",
        markup=False,
    )
    if progress.error:
        out.print(f"  {progress.error}", style="red", markup=False)


def _show(
    config: Any, cells: Any, states: Any, json_: bool, forecasts: list[Any] | None = None
) -> None:
    rows = [{"id": each.id, "label": each.label, **states.read(each)} for each in cells]
    for row, made in zip(rows, forecasts or [], strict=False):
        row["forecast"] = asdict(made)
    if json_:
        value = {"study": config.name, "summary": config.summary, "cells": rows,
                 "counts": dict(states.counts(cells))}  # fmt: skip
        if forecasts is not None:
            value["forecast"] = asdict(_total(forecasts))
        print_json(value)
        return
    if forecasts is not None:
        _plan(config, rows, forecasts)
        return
    shown = table("cell", "id", "status", "time", "$", title=f"{config.name}: {config.summary}")
    for row in rows:
        seconds = row.get("seconds")
        shown.add_row(
            row["label"], row["id"], row["status"], duration(seconds) if seconds else "-",
            usd(row.get("usd")) if row["status"] == "finished" else "-",
        )  # fmt: skip
    console().print(shown)


def _total(forecasts: list[Any]) -> Any:
    from harness.runs.study.forecast import total

    return total(forecasts)


def _plan(config: Any, rows: list[dict[str, Any]], forecasts: list[Any]) -> None:
    """Shows what would run, and what that takes about."""
    shown = table(
        "cell", "id", "status", "time", "$", "from", title=f"{config.name}: {config.summary}"
    )
    for row, made in zip(rows, forecasts, strict=True):
        seconds = "seconds" if made.basis == "light" else "?"
        shown.add_row(
            row["label"], row["id"], row["status"],
            seconds if made.seconds is None else duration(made.seconds),
            "-" if made.usd is None else usd(made.usd), BASES[made.basis],
        )  # fmt: skip
    out = console()
    out.print(shown)
    left = _total(forecasts)
    unknown = f", without {left.unknown} of unknown length" if left.unknown else ""
    out.print(
        f"\n{left.cells} of {len(rows)} cells to run: about {duration(left.seconds)} one after "
        f"another, {usd(left.usd)} for the machine{unknown}",
        markup=False,
    )
    for note in dict.fromkeys(each.note for each in forecasts if each.basis in NOTED):
        out.print(f"  {note}", style="dim", markup=False)
