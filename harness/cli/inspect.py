"""Verbs about what there is: ``list``, ``models``, ``doctor``, ``check``, ``validate``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from harness.cli.output import console, print_json, table
from harness.cli.records import JSON, RESULTS, list_runs
from harness.errors import MissingDependency, UsageError, nearest

__all__ = ["register"]

LISTS = ("strategies", "tasks", "models", "runs")


def register(app: typer.Typer) -> None:
    """Adds the verbs."""
    app.command("list", epilog="Examples: harness list strategies | harness list strategies lora")(
        list_
    )
    models = typer.Typer(help="Fetch models.", no_args_is_help=True)
    models.command("fetch", epilog="Example: harness models fetch gemma-3-270m")(fetch)
    app.add_typer(models, name="models")
    app.command("doctor", epilog="Example: harness doctor --self-test")(doctor)
    app.command("check", epilog="Example: harness check my_strategy.py:MyStrategy")(check)
    app.command("validate", epilog="Example: harness validate my_task.yaml")(validate)


def list_(
    what: str = typer.Argument(help="strategies, tasks, models or runs."),
    name: str | None = typer.Argument(None, help="One of them, in detail."),
    results: Path = RESULTS,
    json_: bool = JSON,
) -> None:
    """List strategies, tasks, models or runs."""
    if what == "strategies":
        _strategies(name, json_)
    elif what == "tasks":
        _tasks(json_)
    elif what == "models":
        _models(json_)
    elif what == "runs":
        list_runs(results, json_)
    else:
        raise UsageError(f"there is no list of {what!r}", nearest(what, LISTS))


def _strategies(name: str | None, as_json: bool) -> None:
    from harness.strategy.registry import find_part, strategies

    found = strategies()
    if name is not None:
        _parameters(find_part(name), as_json)
        return
    rows: list[dict[str, Any]] = [
        {
            "name": part.name,
            "summary": part.summary,
            "needs": sorted(part.needs),
            "origin": found.origins[part.name],
            "parameters": {key: str(field.default) for key, field in part.model_fields.items()},
        }
        for part in sorted(found.parts.values(), key=lambda part: part.name)
    ]
    if as_json:
        print_json({"strategies": rows, "problems": found.problems})
        return
    made = table("strategy", "what it does", "needs", "from")
    for column in made.columns:
        column.justify = "left"
    for row in rows:
        made.add_row(row["name"], row["summary"], ", ".join(row["needs"]) or "-", row["origin"])
    console().print(made)
    for file, problem in found.problems.items():
        console().print(f"failed to load: {file}: {problem}", style="red", markup=False)


def _parameters(part: Any, as_json: bool) -> None:
    rows = {
        key: {"default": str(field.default), "description": field.description or ""}
        for key, field in part.model_fields.items()
    }
    if as_json:
        presets = {key: dict(value) for key, value in part.presets.items()}
        print_json({"name": part.name, "parameters": rows, "presets": presets})
        return
    console().print(f"{part.name}: {part.summary}", markup=False)
    made = table("parameter", "default", "")
    made.columns[2].justify = "left"
    for key, row in rows.items():
        made.add_row(key, row["default"], row["description"])
    console().print(made)
    if part.presets:
        console().print(f"presets (--set preset=NAME): {', '.join(part.presets)}", markup=False)


def _tasks(as_json: bool) -> None:
    from harness.errors import HarnessError
    from harness.strategy.registry import builtin_folder
    from harness.task.task import builtin_tasks, load_task

    rows: list[dict[str, str]] = []
    problems: dict[str, str] = {}
    folder = builtin_folder("tasks")
    for name in builtin_tasks():
        try:
            task = load_task(name, folder=folder)
        except HarnessError as error:
            problems[name] = str(error)
            continue
        spec = task.spec
        rows.append(
            {
                "name": task.name,
                "kind": task.kind,
                "language": task.language,
                "primary": task.primary,
                "licence": spec.licence,
                "summary": spec.summary,
            }
        )
    if as_json:
        print_json({"tasks": rows, "problems": problems})
        return
    made = table("task", "kind", "language", "primary", "licence", "")
    for column in made.columns:
        column.justify = "left"
    for row in rows:
        made.add_row(*row.values())
    console().print(made)
    for name, problem in problems.items():
        console().print(f"failed to load: {name}: {problem}", style="red", markup=False)


def _models(as_json: bool) -> None:
    from harness.models.sources.catalog import catalog
    from harness.models.sources.fetch import is_cached

    rows: list[dict[str, Any]] = [
        {
            "name": name,
            "parameters": entry.parameters,
            "languages": list(entry.languages),
            "chat": entry.chat,
            "licence": entry.licence.name,
            "origin": entry.origin,
            "cached": is_cached(name),
        }
        for name, entry in catalog().items()
    ]
    if as_json:
        print_json({"models": rows})
        return
    made = table("model", "weights", "languages", "kind", "licence", "cached")
    for row in rows:
        made.add_row(
            row["name"],
            f"{row['parameters'] / 1e6:,.0f} M",
            ", ".join(row["languages"][:3]),
            "chat" if row["chat"] else "base",
            row["licence"],
            "yes" if row["cached"] else "no",
        )
    console().print(made)


def fetch(
    name: str = typer.Argument(help="Catalogue name, or a hub id."),
    revision: str | None = typer.Option(None, help="Revision of a hub model."),
    offline: bool = typer.Option(False, envvar="HARNESS_OFFLINE", help="Only look in the cache."),
    json_: bool = JSON,
) -> None:
    """Fetch a model into the cache, and show its licence."""
    from harness.cli.progress import terminal

    try:
        from harness.models.sources.fetch import resolve
    except ImportError as error:
        raise MissingDependency(
            f"local models need the package {error.name}", "pip install 'adaptbench[local]'"
        ) from error
    with terminal() as monitor:
        folder = resolve(name, revision=revision, offline=offline, notify=monitor.message)
    value = {"name": folder.name, "digest": folder.digest, "origin": folder.origin}
    if json_:
        print_json(value | {"path": str(folder.path)})
    else:
        print(f"{folder.name} is ready: {folder.path}")


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
    _print_checks(value["checks"])


def check(
    strategy: str = typer.Argument(help="A name, or path/to/file.py:Class."),
    json_: bool = JSON,
) -> None:
    """Put a strategy through the public contract suite."""
    from harness.runs.contract import check_strategy

    value = check_strategy(strategy)
    if json_:
        print_json(value)
    else:
        _print_checks(value["checks"])
    if not value["passed"]:
        raise typer.Exit(1)


def validate(
    file: Path = typer.Argument(help="A task file (YAML), or the name of a task."),
    data_dir: Path | None = typer.Option(None, envvar="HARNESS_DATA", help="Local data sets."),
    json_: bool = JSON,
) -> None:
    """Check a task file and the rows that it names."""
    from harness.runs.contract import check_task

    value = check_task(file, data_dir=data_dir)
    if json_:
        print_json(value)
    else:
        _print_checks(value["checks"])
    if not value["passed"]:
        raise typer.Exit(2)


def _print_checks(checks: list[dict[str, Any]]) -> None:
    """Prints what was checked: ok, warning or failed, and the next step."""
    styles = {"ok": "green", "warning": "yellow", "failed": "red", "info": "default"}
    out = console()
    for row in checks:
        out.print(f"{row['status']:<8}", style=styles[row["status"]], end="")
        out.print(f"{row['name']}: {row['detail']}", markup=False)
        if row.get("hint"):
            out.print(f"         {row['hint']}", markup=False)
