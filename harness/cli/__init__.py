"""The command line: each verb parses, calls and prints."""

from __future__ import annotations

import json
import sys
import traceback

import typer

from harness.cli import (  # noqa: F401 - each adds its verbs
    ask,
    build,
    compare,
    doctor,
    former,
    list_,
    models,
    ownership,
    prices,
    recommend,
    records,
    report,
    rescore,
    run,
    study,
    validate,
)
from harness.cli.screen import Screen, guard
from harness.cli.verbs import app
from harness.cli.welcome import welcome
from harness.errors import HarnessError
from harness.text import json_visible
from harness.version import __version__

__all__ = ["app", "main"]


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
    guard()
    try:
        app()
    except HarnessError as error:
        _report(error.message, error.hint, error.exit_code)
    except BrokenPipeError:  # `harness list runs | head`
        sys.stderr.close()
        raise SystemExit(0) from None
    except Exception as error:
        traceback.print_exc()
        _report(
            f"internal error: {type(error).__name__}: {error}",
            "This is a defect of the harness; what was done is kept. Please report the lines above.",
            1,
        )


def _report(message: str, hint: str, code: int) -> None:
    if "--json" in sys.argv:
        values = {"error": message, "hint": hint, "exit_code": code}
        print(json_visible(json.dumps(values, ensure_ascii=False)))
    screen = Screen(stderr=True)
    screen.print(f"error: {message}", style="bold red")
    if hint:
        screen.print(f"  {hint}")
    raise SystemExit(code)
