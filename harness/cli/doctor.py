"""``harness doctor``: what this machine can do."""

from __future__ import annotations

import typer

from harness.cli.options import JSON
from harness.cli.output import emit, print_checks
from harness.cli.verbs import verb

__all__ = ["doctor"]


@verb("doctor", epilog="Example: harness doctor --self-test")
def doctor(
    self_test: bool = typer.Option(False, help="Train and score something tiny, for real."),
    json_: bool = JSON,
) -> None:
    """Say what this machine can do; with --self-test, try it."""
    from harness.runs.doctor import diagnose, self_test_report

    emit(self_test_report() if self_test else diagnose(), json_, print_checks)
