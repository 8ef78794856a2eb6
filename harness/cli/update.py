"""``harness update``: what it costs to catch up when the facts change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from harness.cli.output import console, print_json, table, usd
from harness.cli.progress import terminal
from harness.cli.run import pairs
from harness.config import run_config
from harness.errors import UsageError, nearest
from harness.text import duration

__all__ = ["register", "settings_of"]

EPILOG = """Examples:

  harness update --strategies zero-shot,rag,qlora --task insurer-ko

  harness update --strategies rag,qlora,qlora+rag --set rag.k=1 --set qlora.epochs=1"""


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
        None,
        "--set",
        metavar="KEY=VALUE",
        help="Hyper-parameters: part.key of the strategies with that part, key of all.",
    ),
    label_usd: float | None = typer.Option(None, help="Price of one labelled row, in $."),
    results: Path = typer.Option(
        Path("results"), "--results", help="Folder for the records.", envvar="HARNESS_RESULTS"
    ),
    offline: bool = typer.Option(False, help="Never use the network.", envvar="HARNESS_OFFLINE"),
    json_: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Adapt on one version of a task, move to the next, and measure what that takes."""
    from harness.runs.update import measure_update

    found, settings = [], pairs(set_, "--set")
    names = [name.strip() for name in strategies.split(",")]
    _check_parts(settings, names)
    with terminal(quiet=json_, log_format="text") as monitor:
        for name in names:
            config = run_config(
                strategy=name, task=task, model=model, train_limit=train_limit,
                set=settings_of(name, settings), label_usd=label_usd, results=results, offline=offline,
            )  # fmt: skip
            made = measure_update(config, old, new, per_group=rows, monitor=monitor)
            found.append(made)
            monitor.message(f"{name}: measured")
    if json_:
        print_json({"updates": found})
    else:
        _show(found)


def settings_of(name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the settings of a strategy: those of its parts, and those of all."""
    parts = name.split("+")
    return {
        key: value
        for key, value in settings.items()
        if "." not in key or key.split(".")[0] in parts
    }


def _check_parts(settings: Mapping[str, Any], names: Sequence[str]) -> None:
    parts = {part for name in names for part in name.split("+")}
    for key in settings:
        part, dot, _ = key.partition(".")
        if dot and part not in parts:
            raise UsageError(
                f"--set {key}: no strategy here has a part {part!r}", nearest(part, parts)
            )


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
