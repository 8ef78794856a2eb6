"""``harness study``: a matrix of runs from one file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import JSON, Fields, Values, of_results
from harness.cli.output import (
    Json,
    console,
    estimate_text,
    metric_title,
    print_json,
    print_table,
    usd,
)
from harness.cli.screen import Screen
from harness.cli.verbs import refuse, verb
from harness.config import RunConfig
from harness.errors import TooManyErrors, UsageError, nearest
from harness.text import duration

if TYPE_CHECKING:
    from harness.runs.study.config import Cell, StudyConfig
    from harness.runs.study.execute import Engine, Progress
    from harness.runs.study.forecast import Forecast
    from harness.runs.study.state import States

__all__ = ["forecasts", "study"]

EPILOG = """Examples: harness study quick --list · harness study my.yaml --shard 1/4 ·
harness study my.yaml --status. A study file: name: mine, matrix: {strategy: [zero-shot, lora],
seed: [0, 1, 2]}, defaults: {task: fpb, limit: 200}."""

BASES = {"finished": "measured", "same": "earlier runs", "light": "-"}
"""By basis of a forecast: what the table says; another one says it itself."""
NOTED = ("estimate", "unknown")
ENGINES = ("local", "ray")


@verb("study", epilog=EPILOG)
def study(
    file: str = typer.Argument(
        help="A study file, or the name of a shipped one: quick, korean-insurance, real-sets."
    ),
    list_: bool = typer.Option(False, "--list", help="Show the cells and what they will take."),
    status: bool = typer.Option(False, "--status", help="Show what became of the cells."),
    force: bool = typer.Option(
        False, "--force", help="Run it although it takes more than the file's max_core_hours."
    ),
    cell: str | None = typer.Option(None, help="Run this one cell, in this process."),
    shard: str | None = typer.Option(None, help="Run the i-th of n shares.", metavar="I/N"),
    engine: str = typer.Option(
        "local", help="What runs the cells: this machine, or a Ray cluster.", metavar="local|ray"
    ),
    address: str | None = typer.Option(
        None, help="Of the Ray cluster; auto: of one that this machine is in.", metavar="HOST:PORT"
    ),
    *,
    local: Annotated[Values, Fields(RunConfig, "results", "data_dir", "prices", "offline")],
    json_: bool = JSON,
) -> None:
    """Run every cell of a study that isn't finished, each in a process of its own."""
    from harness.runs.study import States, read_study, run_study
    from harness.runs.study.edits import Edits
    from harness.runs.study.execute import shard as share
    from harness.runs.study.forecast import check_limit

    _check(list_, status, engine, address, cell)
    config = read_study(file)
    cells = share(config.cells(), shard)
    if cell is not None:
        _one(config, cells, cell, local, json_)
        return
    edits = Edits(local)
    states = States(local["results"], config.name, edits)
    if list_:
        _show(config, cells, states, json_, forecasts(cells, states, local))
        return
    if status:
        _show(config, cells, states, json_)
        return
    if not force and config.max_core_hours is not None:  # other shards included
        check_limit(config, forecasts(config.cells(), states, local))
    run = _engine(engine, address, file, config, states, local)
    done = run_study(cells, states, run, partial(_report, local["results"]))
    _show(config, cells, states, json_)
    if failed := sum(state["status"] == "failed" for state in done):
        raise TooManyErrors(
            f"{failed} of {len(cells)} cells failed", f"Their output is in {states.folder}."
        )


def _check(list_: bool, status: bool, engine: str, address: str | None, cell: str | None) -> None:
    """Refuses options that would have no effect."""
    if cell is not None:
        refuse(("list_", "status", "force"), "all cells, without --cell")
    if list_ or status:
        refuse(("force", "engine", "address"), "cells that run, without --list and --status")
    if list_:
        refuse(("status",), "what became of the cells, without --list")
    check_engine(engine, address, cell)


def check_engine(engine: str, address: str | None, cell: str | None) -> None:
    if engine not in ENGINES:
        raise UsageError(f"there is no engine {engine!r}", nearest(engine, ENGINES))
    if engine == "local" and address is not None:
        raise UsageError("--address is that of a Ray cluster", "Add --engine ray.")
    if engine != "local" and cell is not None:
        raise UsageError("--cell runs a cell in this process", "Leave --engine out.")


def _engine(
    name: str, address: str | None, file: str, config: StudyConfig, states: States, local: Values
) -> Engine:
    options = _options(local)

    def command(each: Cell) -> list[str]:
        return ["study", file, "--cell", each.id, "--json", *options]

    if name == "local":
        from harness.runs.study.local import one_by_one

        return one_by_one(command, states)
    from harness.runs.study.ray import OnRay

    def run(each: Cell) -> RunConfig:
        return each.run_config(**local)

    return OnRay(address or "auto", config.name, file, command, run, local["results"], say=_say)


def forecasts(cells: Sequence[Cell], states: States, local: Values) -> list[Forecast]:
    """What each cell will take. Nothing is downloaded for it."""
    from harness.cli.progress import terminal
    from harness.costs.book import load_book
    from harness.runs.study.forecast import Forecaster

    forecaster = Forecaster(local["results"], load_book(local["prices"]), states)
    forecasts = []
    with terminal() as monitor:
        for number, each in enumerate(cells, 1):
            config = each.run_config(**local | {"offline": True})
            forecasts.append(forecaster.forecast(each, config))
            monitor.progress("estimate", number, len(cells))
    return forecasts


def _options(local: Values) -> list[str]:
    """The options that are about this machine, for the process of a cell."""
    options = []
    for name, value in local.items():
        if value is True:
            options.append(f"--{name}")
        elif value:
            options += [f"--{name.replace('_', '-')}", str(value)]
    return options


def _one(config: StudyConfig, cells: Sequence[Cell], name: str, local: Values, json_: bool) -> None:
    from harness.cli.progress import terminal
    from harness.runs.study import run_cell

    by_id = {each.id: each for each in cells}
    if name not in by_id:
        raise UsageError(f"the study has no cell {name!r}", nearest(name, by_id))
    with terminal() as monitor:
        folder = run_cell(config, by_id[name], by_id[name].run_config(**local), monitor)
    if json_:
        print_json({"cell": name, "run": folder.name})
    else:
        print(f"record: {folder}")


def _say(text: str) -> None:
    Screen(stderr=True).print(f"  {text}")


def _report(results: Path, progress: Progress) -> None:
    out = Screen(stderr=True)
    left = f" · {duration(progress.eta_seconds)} left" if progress.eta_seconds else ""
    spent = f" · {usd(progress.usd)} so far" if progress.usd else ""
    out.print(
        f"{progress.done}/{progress.total} {progress.status} · {progress.cell.label} · "
        f"{duration(progress.seconds)}{left}{spent}",
        markup=False,
    )
    if progress.error:
        out.print(f"  {progress.error}", style="red", markup=False)
    if found := _quality(results, progress.run):
        out.print(f"  {_metric(found)} {estimate_text(found)}, n {found['n']:,}", markup=False)


def _quality(results: Path, run: str | None) -> Json | None:
    """A cell's primary metric, with its interval; None where it has no record with metrics."""
    from harness.records.reading import read_metrics

    derived = read_metrics(results / run) if run else None
    figure = derived.metrics.get(derived.primary) if derived else None
    if derived is None or figure is None:
        return None
    return {"metric": derived.primary, **figure.model_dump(mode="json")}


def _metric(found: Json) -> str:
    return metric_title(found["metric"], found)


def _best_first(rows: Sequence[Json]) -> list[Json]:
    """Cells by task, in the file's order, each task's best first; the last are those unfinished."""
    tasks = list(dict.fromkeys(row["task"] for row in rows))

    def rank(row: Json) -> tuple[int, bool, float]:
        found = row.get("quality")
        if found is None or found["value"] is None:
            return tasks.index(row["task"]), True, 0.0
        sign = 1 if found["higher_is_better"] is False else -1
        return tasks.index(row["task"]), False, sign * found["value"]

    return sorted(rows, key=rank)


def _show(
    config: StudyConfig,
    cells: tuple[Cell, ...],
    states: States,
    json_: bool,
    forecasts: list[Forecast] | None = None,
) -> None:
    rows: list[Json] = [_cell(each, states) for each in cells]
    if json_:
        _print_as_json(config, rows, dict(states.counts(cells)), forecasts)
    elif forecasts is not None:
        _plan(config, rows, forecasts)
    else:
        _results(config, _best_first(rows), states.results)


def _cell(cell: Cell, states: States) -> Json:
    state = states.read(cell)
    value: Json = {"id": cell.id, "label": cell.label, "task": cell.task, **state}
    if found := _quality(states.results, state.get("run")):
        value["quality"] = found
    return value


def _results(config: StudyConfig, rows: Sequence[Json], results: Path) -> None:
    """Prints what became of the cells, the best of each task first, and what to ask next."""
    found = [row["quality"] for row in rows if "quality" in row]
    metrics = list(dict.fromkeys(map(_metric, found)))
    one = metrics[0] if len(metrics) == 1 else None
    names = ("cell", "id", "status", "time", "$", f"{one or 'quality'}  [95 % interval]", "n")
    lines = [_row(row, named=one is None) for row in rows]
    title = f"{config.name}: {config.summary}" if config.summary else config.name
    print_table(*names, rows=lines, title=title)
    for why in dict.fromkeys(row["error"] for row in rows if row["status"] == "failed"):
        ids = [row["id"] for row in rows if row["status"] == "failed" and row["error"] == why]
        console().print(f"{', '.join(ids)}: {why}", style="red", markup=False)
    if found:
        each = ", of each task" if len({row["task"] for row in rows}) > 1 else ""
        console().print(
            f"the best first{each}; which differences are shown, and at what cost: "
            f"harness recommend{of_results(results)}",
            style="dim",
            soft_wrap=True,
        )


def _print_as_json(
    config: StudyConfig, rows: list[Json], counts: dict[str, int], forecasts: list[Forecast] | None
) -> None:
    from harness.runs.study.forecast import total

    value: Json = {"study": config.name, "summary": config.summary}
    value |= {"cells": rows, "counts": counts}
    if forecasts is not None:
        for row, forecast in zip(rows, forecasts, strict=True):
            row["forecast"] = asdict(forecast)
        value["forecast"] = asdict(total(forecasts))
    print_json(value)


def _row(row: Json, *, named: bool) -> tuple[str, ...]:
    """Cells of the table; ``named``: with the name of the metric."""
    time = duration(row["seconds"]) if row.get("seconds") else "-"
    dollars = usd(row.get("usd")) if row["status"] == "finished" else "-"
    found = row.get("quality")
    if found is None:
        return row["label"], row["id"], _status(row), time, dollars, "-", "-"
    text = f"{_metric(found)} {estimate_text(found)}" if named else estimate_text(found)
    return row["label"], row["id"], _status(row), time, dollars, text, f"{found['n']:,}"


def _status(row: Json) -> str:
    """How a cell stands, with what was edited since it finished, if that is known."""
    if "unchecked" in row:
        return f"{row['status']}, not checked: {row['unchecked']}"
    return f"edited since: {row['edited']}" if "edited" in row else str(row["status"])


def _plan(config: StudyConfig, rows: list[Json], forecasts: list[Forecast]) -> None:
    from harness.runs.study.forecast import total

    lines = []
    for row, each in zip(rows, forecasts, strict=True):
        unmeasured = "seconds" if each.basis == "light" else "?"
        time = unmeasured if each.seconds is None else duration(each.seconds)
        dollars = "-" if each.usd is None else usd(each.usd)
        basis = BASES.get(each.basis, each.basis)
        lines.append((row["label"], row["id"], _status(row), time, dollars, basis))
    names = ("cell", "id", "status", "time", "$", "from")
    print_table(*names, rows=lines, title=f"{config.name}: {config.summary}")
    left, out = total(forecasts), console()
    most = f" of at most {config.max_core_hours:g}" if config.max_core_hours else ""
    unknown = f", without {left.unknown} of unknown length" if left.unknown else ""
    out.print(
        f"\n{left.cells} of {len(rows)} cells to run: about {duration(left.seconds)} one after "
        f"another, {left.core_hours:.2g} core-hours{most}, {usd(left.usd)} for the machine{unknown}",
        markup=False,
        soft_wrap=True,
    )
    for note in dict.fromkeys(each.note for each in forecasts if each.basis in NOTED):
        out.print(f"  {note}", style="dim", markup=False)
