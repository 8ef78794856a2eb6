"""``harness list tasks NAME``: one task in full."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from harness.cli.output import Json, console, print_json, print_table
from harness.errors import HarnessError
from harness.records.published import TEST

if TYPE_CHECKING:
    from harness.task.spec import TaskSpec
    from harness.task.task import Task
    from harness.types import Row

__all__ = ["show_task"]

LONGEST = 1_000  # characters of the example's prompt
LABELS = 12  # that are named


def show_task(name: str, data_dir: Path | None, as_json: bool) -> None:
    """Prints what a task is made of, how it is scored, and a prompt; nothing is fetched.

    Raises:
        UsageError: There is no task of that name.
        DataError: Its file is wrong.
    """
    from harness.task.not_run import not_run
    from harness.task.task import load_task

    if name in not_run():
        _show_not_run({"name": name, **not_run()[name].model_dump()}, as_json)
        return
    task = load_task(name)
    value = _about(task) | _rows(task, data_dir)
    if as_json:
        print_json(value)
        return
    out = console()
    out.print(f"{value['name']}: {value['summary']}", style="bold")
    names = [key for key in value if key not in ("name", "summary", "example", "published")]
    lines = [(key.replace("_", " "), _text(value[key])) for key in names if _text(value[key])]
    print_table("", "", rows=lines, text=True)
    _print_published(value["published"])
    example = value["example"]
    out.print(f"\na prompt without examples ({example['of']}):\n")
    for line in example["prompt"].splitlines():
        out.print(f"    {line}", soft_wrap=True)
    if example["answer"]:
        answer = str(example["answer"]).replace("\n", "\n       ")
        out.print(f"    -> {answer}", soft_wrap=True)


def _show_not_run(value: Json, as_json: bool) -> None:
    """Prints a set of which no run is made, and why."""
    if as_json:
        print_json(value)
        return
    console().print(f"{value['name']}: {value['summary']}", style="bold")
    lines = [("declared, not run", value["reason"]), ("instead", value["instead"])]
    lines += [
        (name, _text(value[name])) for name in ("rows", "language", "licence", "source", "files")
    ]
    print_table("", "", rows=lines, text=True)


def _print_published(results: Sequence[Json]) -> None:
    """Prints what others measured, and on which rows; each source once, below."""
    if not results:
        return
    out = console()
    sources = list(dict.fromkeys(f"{each['source']} ({each['year']})" for each in results))
    rows = []
    for each in results:
        count = f" {each['n']:,}" if each["n"] else ""
        where = f"the{count} test rows" if each["rows"] == TEST else f"other rows: {each['rows']}"
        number = sources.index(f"{each['source']} ({each['year']})") + 1
        told = (each["system"], each["metric"], f"{each['value']:g}", where)
        rows.append((*told, f"[{number}] {each['note']}".strip()))
    out.print()
    print_table("published", "metric", "value", "measured on", "source", rows=rows, text=True)
    for number, source in enumerate(sources, 1):
        out.print(f"[{number}] {source}", markup=False)


def _text(value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_text(each)}" for name, each in value.items())
    if isinstance(value, (list, tuple)):
        more = len(value) - LABELS
        return ", ".join(map(str, value[:LABELS])) + (f" and {more} more" if more > 0 else "")
    if isinstance(value, bool):
        return "yes" if value else ""
    return f"{value:,}" if isinstance(value, int) else str(value or "")


def _about(task: Task) -> Json:
    """What the task file says."""
    spec = task.spec
    columns = spec.columns.model_dump(mode="json", exclude_defaults=True)
    return {
        "name": task.name,
        "summary": spec.summary,
        "kind": task.kind,
        "language": task.language,
        "synthetic": spec.synthetic,
        "licence": spec.licence,
        "attribution": spec.attribution,
        "contamination": spec.contamination,
        "published": [each.model_dump(mode="json") for each in spec.published],
        "source": _source(spec),
        "columns": columns,
        "labels": list(task.labels),
        "rows": None,  # below: they keep this place
        "documents": _documents(spec),
        "primary_metric": task.primary,
        "other_metrics": [name for name in task.metrics if name != task.primary],
        "readout": task.readout,
        "longest_answer_in_tokens": task.max_tokens,
        "abstains_with": task.abstain,
        "test_rows_without_--limit": spec.test_limit,
        "file": task.file.name if task.file else "",
    }


def _source(spec: TaskSpec) -> list[str]:
    source = spec.source
    found = [f"{each.path} ({each.split})" for each in source.files]
    if source.hub:
        found.append(f"{source.hub.id} at {source.hub.revision}, from its hub")
    if source.generator:
        found.append(f"made by tasks/{source.generator.name}")
    return found


def _documents(spec: TaskSpec) -> str:
    corpus = spec.corpus
    if corpus is None:
        return ""
    if corpus.folder:
        return f"folder {corpus.folder}"
    return ", ".join(each.path for each in corpus.files) or "made with the rows"


def _rows(task: Task, data_dir: Path | None) -> Json:
    """Rows a split and a prompt; where the rows aren't here, why, and a prompt with a stand-in."""
    from harness.models.render import render_text
    from harness.types import Query

    rows: object
    try:
        data = task.load(data_dir=data_dir, offline=True)
    except (HarnessError, ImportError) as error:
        rows, first = f"not here: {str(error).splitlines()[0]}", None
    else:
        rows = {name: len(getattr(data, name)) for name in ("train", "dev", "test")}
        first = next(iter([*data.train, *data.dev, *data.test]), None)
    choices = task.spec.columns.choices
    stand_in = Query("example", f"<{task.spec.columns.input}>", tuple(f"<{c}>" for c in choices))
    query = first.example.query if first else stand_in
    prompt = render_text(task.view.base_prompt(query))
    shown = prompt if len(prompt) <= LONGEST else f"{prompt[:LONGEST]} [...]"
    of = f"row {first.id}" if first else "its rows aren't here"
    return {"rows": rows, "example": {"of": of, "prompt": shown, "answer": _answer(first)}}


def _answer(first: Row | None) -> str:
    return first.example.target if first else ""
