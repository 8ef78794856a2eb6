"""``harness update``: what it costs to catch up when the facts change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from harness.cli.output import console, duration, print_json, table, usd
from harness.cli.progress import terminal
from harness.cli.run import pairs
from harness.config import run_config

__all__ = ["register"]

EPILOG = """Example: harness update --strategies zero-shot,rag,qlora --task insurer-ko"""


def register(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("update", epilog=EPILOG)(update)


def update(
    strategies: str = typer.Option("zero-shot,rag,qlora", help="Names, with commas."),
    task: str = typer.Option("insurer-ko", "--task", "-t", help="A task with versions."),
    old: int = typer.Option(1, "--from", help="The version that is adapted to first."),
    new: int = typer.Option(2, "--to", help="The version that is moved to."),
    rows: int = typer.Option(60, help="Test rows of each group of facts, at most."),
    model: str | None = typer.Option(None, "--model", "-m", help="The model of all strategies."),
    train_limit: int | None = typer.Option(None, help="First n training rows."),
    set_: list[str] | None = typer.Option(
        None, "--set", help="Hyper-parameters that every strategy has.", metavar="KEY=VALUE"
    ),
    label_usd: float | None = typer.Option(None, help="Price of one labelled row, in $."),
    results: Path = typer.Option(
        Path("results"), "--results", help="Folder for the records.", envvar="HARNESS_RESULTS"
    ),
    offline: bool = typer.Option(False, help="Never use the network.", envvar="HARNESS_OFFLINE"),
    json_: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Adapt on one version of a task, move to the next, and measure what that takes."""
    from harness.update import measure_update

    found = []
    with terminal(quiet=json_, log_format="text") as monitor:
        for name in strategies.split(","):
            config = run_config(
                strategy=name.strip(), task=task, model=model, train_limit=train_limit,
                set=pairs(set_, "--set"), label_usd=label_usd, results=results, offline=offline,
            )  # fmt: skip
            made = measure_update(config, old, new, per_group=rows, monitor=monitor)
            found.append(made)
            monitor.message(f"{name}: measured")
    if json_:
        print_json({"updates": found})
    else:
        _show(found)


def _show(found: list[dict[str, Any]]) -> None:
    first = found[0]
    title = f"{first['task']}: version {first['from']} to {first['to']}, {first['primary']}"
    groups = list(first["groups"])
    made = table("strategy", "catching up", "tokens", "rows relabelled", "$", *groups, title=title)
    for each in found:
        caught = each["catching_up"]
        made.add_row(
            each["strategy"], duration(caught["seconds"]), f"{caught['tokens']:,}",
            f"{caught['rows_relabelled']}", usd(caught["usd"]),
            *(_change(each["groups"][group]) for group in groups),
        )  # fmt: skip
    console().print(made)
    console().print("before > after, on questions about facts that changed, came, went or stayed")


def _change(group: dict[str, Any]) -> str:
    before, after = (group[when]["value"] for when in ("before", "after"))
    return f"{before:.2f} > {after:.2f} ({group['after']['n']})"
