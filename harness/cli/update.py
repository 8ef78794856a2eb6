"""``harness run --update-to``: what it costs to catch up when the facts change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from harness.cli.options import Values
from harness.cli.output import Json, console, print_json, print_table, usd
from harness.config import run_config
from harness.errors import UsageError, nearest
from harness.text import duration

__all__ = ["ROWS", "settings_of", "update_strategies"]

T = TypeVar("T")
ROWS = 60


def update_strategies(
    values: Values, old: int, new: int, rows: int, *, as_json: bool, quiet: bool = False
) -> None:
    """Adapts strategies to one version of a task, moves them to the next, and prints what it took.

    `strategy` in the values names one or several, with commas; `rows` are test rows of each group.
    """
    from harness.cli.progress import terminal
    from harness.runs.update import measure_update

    names = [name.strip() for name in values["strategy"].split(",")]
    _check_parts(values["set"], names)
    updates = []
    with terminal(quiet=quiet or as_json) as monitor:
        for name in names:
            own = {"strategy": name, "set": settings_of(name, values["set"])}
            config = run_config(**values | own)
            updates.append(measure_update(config, old, new, per_group=rows, monitor=monitor))
            monitor.message(f"{name}: measured")
    if as_json:
        print_json({"updates": updates})
    else:
        _show(updates)


def settings_of(name: str, settings: Mapping[str, T]) -> dict[str, T]:
    """Returns the hyper-parameters of a strategy: those of its parts, and those of all."""
    parts = name.split("+")
    return {
        key: value
        for key, value in settings.items()
        if "." not in key or key.split(".")[0] in parts
    }


def _check_parts(settings: Mapping[str, object], names: Sequence[str]) -> None:
    parts = {part for name in names for part in name.split("+")}
    for key in settings:
        part, dot, _ = key.partition(".")
        if dot and part not in parts:
            raise UsageError(
                f"--set {key}: no strategy here has a part {part!r}", nearest(part, parts)
            )


def _show(updates: list[Json]) -> None:
    first = updates[0]
    title = f"{first['task']}: version {first['from']} to {first['to']}, {first['primary']}"
    groups = list(first["groups"])
    names = ("strategy", "catching up", "tokens", "rows relabelled", "$", *groups)
    print_table(*names, rows=[_row(each, groups) for each in updates], title=title)
    console().print("before > after, on questions about facts that changed, came, went or stayed")


def _row(update: Json, groups: Sequence[str]) -> tuple[str, ...]:
    spent = update["catching_up"]
    return (
        update["strategy"],
        duration(spent["seconds"]),
        f"{spent['tokens']:,}",
        f"{spent['rows_relabelled']}",
        usd(spent["usd"]),
        *(_change(update["groups"][group]) for group in groups),
    )


def _change(group: Json) -> str:
    before, after = (group[when]["value"] for when in ("before", "after"))
    return f"{before:.2f} > {after:.2f} ({group['after']['n']})"
