"""``harness doctor``: what this machine can do."""

from __future__ import annotations

import typer

from harness.cli.options import JSON
from harness.cli.output import print_checks, print_json
from harness.cli.verbs import verb

__all__ = ["doctor"]


@verb("doctor", epilog="Example: harness doctor --self-test")
def doctor(
    self_test: bool = typer.Option(False, help="Train and score something tiny, for real."),
    json_: bool = JSON,
) -> None:
    """Say what this machine can do; with --self-test, try it."""
    from harness.runs.doctor import diagnose, self_test_report

    value = self_test_report() if self_test else diagnose()
    if json_:
        print_json(value)
        return
    print_checks(value["checks"])
