"""``harness run --update-to``: what it costs to catch up when the facts change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harness.cli.options import Values
from harness.cli.output import console, print_json, table, usd
from harness.cli.progress import terminal
from harness.config import run_config
from harness.errors import UsageError, nearest
from harness.text import duration

__all__ = ["ROWS", "settings_of", "update_strategies"]

ROWS = 60


def update_strategies(
    values: Values, old: int, new: int, *, rows: int, as_json: bool, quiet: bool = False
) -> None:
    """Adapts strategies on one version of a task, moves them to the next, and prints what it took.

    Args:
        values: Fields of the runs; ``strategy`` names one or several, with commas.
        old: Version that is adapted to first.
        new: Version that is moved to.
        rows: Test rows of each group of facts, at most.
        as_json: Print one JSON object, and no progress.
        quiet: No progress.
    """
    from harness.runs.update import measure_update

    names = [name.strip() for name in values["strategy"].split(",")]
    _check_parts(values["set"], names)
    updates = []
    with terminal(quiet=quiet or as_json, log_format="text") as monitor:
        for name in names:
            own = {"strategy": name, "set": settings_of(name, values["set"])}
            config = run_config(**values | own)
            updates.append(measure_update(config, old, new, per_group=rows, monitor=monitor))
            monitor.message(f"{name}: measured")
    if as_json:
        print_json({"updates": updates})
    else:
        _show(updates)


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
