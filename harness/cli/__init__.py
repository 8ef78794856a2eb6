"""The command line: each verb parses, calls and prints."""

from __future__ import annotations

import json
import shlex
import sys
import traceback
from typing import NoReturn

import typer

from harness.cli import (  # noqa: F401 - each adds its verbs
    ask,
    build,
    compare,
    doctor,
    export,
    init,
    list_,
    models,
    ownership,
    predict,
    prices,
    recommend,
    records,
    report,
    rescore,
    run,
    study,
    validate,
)
from harness.cli.ending import explained, streams
from harness.cli.screen import Screen, guard
from harness.cli.verbs import app
from harness.cli.welcome import welcome
from harness.errors import HarnessError, NoRun
from harness.text import json_visible
from harness.version import __version__

__all__ = ["app", "main"]

RESULTS = "--results"


@app.callback(invoke_without_command=True)
def _bare(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", help="Print the version."),
) -> None:
    if version:
        print(f"adaptbench {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        welcome()


def main() -> None:
    """Runs the command line; errors become a message, a next step and an exit code."""
    try:
        with streams():
            guard()
            _run()
    except OSError as error:  # of standard output, which leads nowhere by now
        _fail(error)


def _run() -> None:
    try:
        app()
    except (BrokenPipeError, KeyboardInterrupt):
        raise
    except BaseException as error:  # code of the user's may end the program
        _fail(error)


def _fail(error: BaseException) -> NoReturn:
    if (known := explained(error)) is not None:
        _report(known.message, _hint(known), known.exit_code)
    if isinstance(error, SystemExit):
        raise error
    traceback.print_exc()
    _report(
        f"internal error: {type(error).__name__}: {error}",
        "This is a defect of the harness; what was done is kept. Please report the lines above.",
        1,
    )


def _hint(error: HarnessError) -> str:
    """Returns the next step; where other folders hold the records, the command with one of them."""
    if not isinstance(error, NoRun) or error.elsewhere is None:
        return error.hint
    words, given = [], iter(sys.argv[1:])
    for word in given:
        if word == RESULTS:
            next(given, None)
        elif not word.startswith(f"{RESULTS}="):
            words.append(word)
    return f"Example: {shlex.join(['harness', *words, RESULTS, str(error.elsewhere)])}"


def _report(message: str, hint: str, code: int) -> NoReturn:
    if "--json" in sys.argv:
        values = {"error": message, "hint": hint, "exit_code": code}
        print(json_visible(json.dumps(values, ensure_ascii=False)))
    screen = Screen(stderr=True)
    screen.print(f"error: {message}", style="bold red")
    if hint:
        screen.print(f"  {hint}")
    raise SystemExit(code)
