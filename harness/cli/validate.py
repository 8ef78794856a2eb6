"""``harness validate``: does a task file, or a strategy, keep what it promises?"""

from __future__ import annotations

import contextlib
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import JSON, Fields, Values
from harness.cli.output import emit, print_checks
from harness.cli.verbs import refuse, verb
from harness.config import RunConfig
from harness.errors import UsageError, nearest

if TYPE_CHECKING:
    from harness.runs.checks import CheckReport

__all__ = ["validate", "show_checks"]

EPILOG = """Examples:

  harness validate my_task.yaml

  harness validate rows.csv --input question --target answer --kind qa

  harness validate my_strategy.py:MyStrategy

  harness validate qlora

  harness validate peft --set method=ia3"""
OF_ROWS = (
    *("data", "docs", "data_dir", "limit", "train_limit", "drop_leaked", "task_set", "offline"),
)


@verb("validate", epilog=EPILOG)
def validate(
    what: str = typer.Argument(
        "", help="A task file (YAML), a table, a strategy (path/to/file.py:Class), or a name."
    ),
    *,
    local: Annotated[Values, Fields(RunConfig, "set", *OF_ROWS, table="what")],
    json_: bool = JSON,
) -> None:
    """Check a task file or a table and its rows, or put a strategy through the contract suite."""
    from harness.runs.contract import check_strategy, check_task

    if local["data"] is None and not what:
        raise UsageError("validate what?", "A task file, a table, or a strategy.")
    if local["data"] is not None and what not in ("", str(local["data"]["path"])):
        raise UsageError(f"{what} and --data are two things to check", "Name one of them.")
    parameters = local.pop("set")
    with contextlib.redirect_stdout(sys.stderr):  # what a strategy prints is no data
        if local["data"] is not None or _is_task(what):
            if parameters:
                raise UsageError("rows have no hyper-parameters", "--set goes with a strategy.")
            checked = check_task(Path(what), **local)
        else:
            refuse(local, "a task file or a table")
            checked = check_strategy(what, parameters)
    show_checks(checked, json_)


def _is_task(what: str) -> bool:
    """Says whether a task is meant; a UsageError where it is no strategy either."""
    from harness.strategy.registry import strategies
    from harness.task.not_run import not_run, unknown_task
    from harness.task.task import builtin_tasks

    tasks, known = builtin_tasks(), strategies()
    if Path(what).suffix in (".yaml", ".yml") or what in tasks:
        return True
    first = re.split(r"[+:]", what)[0]
    if ".py:" in what or first in known.parts or f"{first.replace('-', '_')}.py" in known.problems:
        return False
    if what in not_run():
        raise unknown_task(what, tasks)
    raise UsageError(
        f"there is no task and no strategy {what!r}", nearest(what, {*tasks, *known.parts})
    )


def show_checks(value: CheckReport, as_json: bool) -> None:
    """Prints what was checked, and ends with 2 where something failed."""
    emit(value, as_json, print_checks)
    if not value["passed"]:
        raise typer.Exit(UsageError.exit_code)
