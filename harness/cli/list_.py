"""``harness list``: strategies, tasks, kinds of task, metrics, models and runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from harness.cli.options import DATA_DIR, JSON, RESULTS
from harness.cli.output import Json, console, print_json, print_table
from harness.cli.records import list_runs
from harness.cli.task_shown import show_task
from harness.cli.verbs import refuse, verb
from harness.errors import UsageError, nearest
from harness.text import counted

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from harness.models.sources.catalog import CatalogEntry
    from harness.models.sources.encoders import Encoder
    from harness.strategy.base import Part
    from harness.strategy.space import Range

__all__ = ["list_"]

LISTS = ("strategies", "tasks", "kinds", "metrics", "models", "runs")
SAID = ("family", "trains", "memory", "paper", "needs")  # of a strategy, above its parameters
_OTHERS = {
    "kinds": "Without it, all kinds are listed.",
    "metrics": "Without it, all metrics are listed.",
    "models": "Without it, all models are listed.",
    "runs": "One run: harness show RUN",
}
EPILOG = "Examples: harness list strategies lora | harness list tasks fpb | harness list kinds"


@verb("list", epilog=EPILOG)
def list_(
    what: str = typer.Argument(help="strategies, tasks, kinds, metrics, models or runs."),
    name: str | None = typer.Argument(None, help="One of them, in detail."),
    results: Path = RESULTS,
    data_dir: Path | None = DATA_DIR,
    json_: bool = JSON,
) -> None:
    """List strategies, tasks, kinds of task, metrics, models or runs."""
    if name is not None and what in _OTHERS:
        raise UsageError(f"list {what} takes no name", _OTHERS[what])
    if what != "runs":
        refuse(("results",), "`harness list runs`")
    if what != "tasks" or name is None:
        refuse(("data_dir",), "`harness list tasks NAME`")
    if what == "strategies":
        _strategies(name, json_)
    elif what == "tasks":
        if name is not None:
            show_task(name, data_dir, json_)
            return
        _tasks(json_)
    elif what == "kinds":
        _kinds(json_)
    elif what == "metrics":
        _metrics(json_)
    elif what == "models":
        _models(json_)
    elif what == "runs":
        list_runs(results, json_)
    else:
        raise UsageError(f"there is no list of {what!r}", nearest(what, LISTS))


def _strategies(name: str | None, as_json: bool) -> None:
    from harness.strategy.registry import find_part, strategies

    registry = strategies()
    if name is not None:
        _parameters(find_part(name), as_json)
        return
    parts = sorted(registry.parts.values(), key=lambda part: (_rank(part), part.name))
    if as_json:
        rows = [_about(part) | {"origin": registry.origins[part.name]} for part in parts]
        print_json({"strategies": rows, "problems": registry.problems})
        return
    lines, shown = [], ""
    for part in parts:
        family, origin = part.family or "-", registry.origins[part.name]
        name = part.name if origin == "built-in" else f"{part.name} (from {origin})"
        about = (part.summary, part.trains, part.memory, part.paper or "-")
        lines.append(("" if family == shown else family, name, *about))
        shown = family
    names = ("family", "strategy", "", "what is trained", "memory", "paper")
    print_table(*names, rows=lines, text=True, whole="strategy", stack=True)
    console().print("N: number of weights of the model; Na: of those that are trained beside them.")
    _print_problems(registry.problems)


def _rank(part: type[Part]) -> int:
    """Returns a family's place; a strategy of one's own may have none."""
    from harness.strategy.family import FAMILIES

    return FAMILIES.index(part.family) if part.family else len(FAMILIES)


def _about(part: type[Part]) -> Json:
    """Returns what a part says of itself."""
    return {
        "name": part.name,
        "summary": part.summary,
        "family": part.family,
        "trains": part.trains,
        "memory": part.memory,
        "paper": part.paper,
        "needs": sorted(part.needs),
        "parameters": {key: str(field.default) for key, field in part.model_fields.items()},
    }


def _parameters(part: type[Part], as_json: bool) -> None:
    from harness.strategy.registry import SHARED
    from harness.strategy.space import plain

    rows = {
        key: {"default": _default(field), "description": field.description or ""}
        for key, field in part.model_fields.items()
    }
    if as_json:
        presets = {key: dict(value) for key, value in part.presets.items()}
        about = _about(part) | {"parameters": rows, "presets": presets}
        print_json(about | {"space": plain(part.space)})
        return
    out = console()
    out.print(f"{part.name}: {part.summary}", markup=False)
    about = {name: value for name, value in _about(part).items() if name in SAID and value}
    out.print("; ".join(f"{name}: {_text(value)}" for name, value in about.items()), markup=False)
    lines = [(key, row["default"], row["description"]) for key, row in rows.items()]
    print_table("parameter", "default", "", rows=lines, text=True)
    if part.space:
        over = [(key, _values(each)) for key, each in part.space.items()]
        print_table("tuned (--tune)", "over", rows=over, text=True)
    if part.presets:
        out.print(f"presets (--set preset=NAME): {', '.join(part.presets)}", markup=False)
    if not rows.keys() >= SHARED:
        out.print(f"parameters that every strategy has: {', '.join(sorted(SHARED))}", markup=False)


def _text(value: object) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _default(field: FieldInfo) -> str:
    return "required" if field.is_required() else str(field.default)


def _values(each: Range | tuple[object, ...]) -> str:
    return ", ".join(map(str, each)) if isinstance(each, tuple) else str(each)


def _tasks(as_json: bool) -> None:
    from harness.errors import HarnessError
    from harness.task.not_run import not_run
    from harness.task.task import builtin_tasks, load_task

    rows: list[dict[str, str]] = []
    problems: dict[str, str] = {}
    for name in builtin_tasks():
        try:
            task = load_task(name)
        except HarnessError as error:
            problems[name] = str(error)
            continue
        rows.append(
            {
                "name": task.name,
                "kind": task.kind,
                "language": task.language,
                "primary": task.primary,
                "licence": task.spec.licence,
                "summary": task.spec.summary,
            }
        )
    others = {name: each.model_dump() for name, each in not_run().items()}
    if as_json:
        print_json({"tasks": rows, "not_run": others, "problems": problems})
        return
    names = ("task", "kind", "language", "primary", "licence", "")
    lines = [tuple(row.values()) for row in rows]
    print_table(*names, rows=lines, text=True, whole="task", stack=True)
    console().print("\ndeclared, not run:")
    print_table("", "", rows=[(name, each["reason"]) for name, each in others.items()], text=True)
    _print_problems(problems)


def _kinds(as_json: bool) -> None:
    from harness.metrics.registry import fitting, kinds

    rows: list[Json] = [
        {
            "name": kind.name,
            "row": kind.row,
            "summary": kind.summary,
            "primary": kind.metrics[0] if kind.metrics else None,
            "metrics": [metric.name for metric in fitting(kind.name)],
            "table": bool(kind.metrics),
        }
        for kind in kinds().values()
    ]
    if as_json:
        print_json({"kinds": rows})
        return
    lines = [(row["name"], row["row"], row["summary"], row["primary"] or "-") for row in rows]
    print_table("kind", "a row", "an answer", "first metric", rows=lines, text=True, whole="kind")
    console().print("Those without a first metric need a task file, which names its metrics.")


def _metrics(as_json: bool) -> None:
    from harness.metrics.registry import fitting, kinds, known

    of: dict[str, list[str]] = {name: [] for name in known()}
    for kind in kinds():
        for metric in fitting(kind):
            of[metric.name].append(kind)
    rows: list[Json] = [
        {
            "name": name,
            "summary": metric.summary,
            "kinds": of[name],
            "higher_is_better": metric.higher_is_better,
            "unit": metric.unit,
        }
        for name, metric in sorted(known().items())
    ]
    if as_json:
        print_json({"metrics": rows})
        return
    lines = [
        (
            row["name"],
            row["summary"],
            "all" if len(row["kinds"]) == len(kinds()) else ", ".join(row["kinds"]) or "-",
        )
        for row in rows
    ]
    print_table("metric", "what it is", "kinds", rows=lines, text=True, whole="metric")


def _print_problems(problems: Mapping[str, str]) -> None:
    for name, problem in problems.items():
        console().print(f"failed to load: {name}: {problem}", style="red", markup=False)


def _models(as_json: bool) -> None:
    from harness.models.sources.catalog import catalog
    from harness.models.sources.encoders import ENCODERS
    from harness.models.sources.fetch import is_cached

    entries: list[tuple[str, CatalogEntry | Encoder, bool, str]] = [
        (name, entry, is_cached(name), "chat" if entry.chat else "base")
        for name, entry in catalog().items()
    ]
    entries += [(name, each, each.cached, "encoder") for name, each in ENCODERS.items()]
    rows: list[Json] = [
        {
            "name": name,
            "parameters": entry.parameters,
            "languages": list(entry.languages),
            "chat": kind == "chat",
            "licence": entry.licence.name,
            "origin": entry.origin,
            "cached": cached,
            "kind": kind,
        }
        for name, entry, cached, kind in entries
    ]
    if as_json:
        print_json({"models": rows})
        return
    lines = [
        (
            row["name"],
            counted(row["parameters"]),
            ", ".join(row["languages"][:3]),
            row["kind"],
            row["licence"],
            "yes" if row["cached"] else "no",
        )
        for row in rows
    ]
    names = ("model", "weights", "languages", "kind", "licence", "cached")
    print_table(*names, rows=lines, stack=True)
