"""Verbs that are options of others today. They work as they did; help doesn't show them."""

from __future__ import annotations

from typing import Annotated

import typer

from harness.cli.options import GRADING, JSON, QUIET, Fields, Values
from harness.cli.rescore import measure
from harness.cli.update import ROWS, update_strategies
from harness.cli.validate import show_checks
from harness.cli.verbs import verb
from harness.config import RunConfig, run_config

__all__ = ["check", "judge", "update"]


@verb("check", epilog="Today: harness validate")
def check(
    strategy: str = typer.Argument(help="A name, or path/to/file.py:Class."), json_: bool = JSON
) -> None:
    """Put a strategy through the public contract suite."""
    from harness.runs.contract import check_strategy

    show_checks(check_strategy(strategy), json_)


@verb("judge", epilog="Today: harness rescore --judge")
def judge(
    model: str = typer.Argument(help="endpoint:NAME of the model that judges."),
    *,
    values: Annotated[
        Values,
        Fields(RunConfig, *GRADING, "data_dir", "results"),
    ],
    json_: bool = JSON,
    quiet: bool = QUIET,
) -> None:
    """Measure a judge against labels that people gave (FinanceBench)."""
    measure(run_config(judge=model, **values), json_, quiet)


@verb("update", epilog="Today: harness run --update-to")
def update(
    strategies: str = typer.Option("zero-shot,rag,qlora", help="Names, with commas."),
    old: int = typer.Option(1, "--from", help="The version that is adapted to first."),
    new: int = typer.Option(2, "--to", help="The version that is moved to."),
    rows: int = typer.Option(ROWS, help="Test rows of each group of facts, at most."),
    *,
    values: Annotated[
        Values,
        Fields(RunConfig, "task", "model", "train_limit", "set", "label_usd", "results", "offline"),
    ],
    json_: bool = JSON,
) -> None:
    """Adapt on one version of a task, move to the next, and measure what that takes."""
    update_strategies(values | {"strategy": strategies}, old, new, rows, as_json=json_)
