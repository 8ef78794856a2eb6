"""``harness init NAME --data``: from somebody's rows to a task file and a study file."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from harness.cli.next_steps import Written, data_folder, next_commands
from harness.cli.output import Json, console, print_json
from harness.errors import DataError, UsageError

if TYPE_CHECKING:
    from harness.runs.checks import CheckReport
    from harness.task.proposing.beside import Documents
    from harness.task.proposing.gather import Given
    from harness.task.proposing.proposal import Proposal
    from harness.task.tables import Layout

__all__ = ["Request", "new_task"]


@dataclass
class Request:
    """What the user asks for."""

    name: str
    data: Sequence[Path]
    docs: Path | None
    out: Path
    layout: Layout
    wishes: Json = field(default_factory=dict)
    yes: bool = False
    json: bool = False
    estimate: bool = True


def new_task(request: Request) -> None:
    """Looks, proposes, asks, writes, checks, and says what is next.

    Raises:
        UsageError: Something can't be decided, nobody can be asked, or a file is there already.
        DataError: The rows can't be read.
    """
    from harness.decoding import ARCHIVES

    asks = not (request.yes or request.json)
    if asks and not is_terminal():
        raise UsageError(
            "init asks about what it proposes, and there is no terminal",
            "Add --yes to take every proposal; doubtful ones are named.",
        )
    _check_free(request)
    archives = [path for path in request.data if path.name.lower().endswith(ARCHIVES)]
    if not archives:
        _make(request, request.data, "", asks=asks)
        return
    with TemporaryDirectory() as folder:
        others = [path for path in request.data if path not in archives]
        inside = [_unpacked(path, Path(folder) / str(n)) for n, path in enumerate(archives)]
        what = f"{', '.join(path.name for path in archives)} was unpacked"
        try:
            _make(request, [*inside, *others], what, asks=asks)
        except UsageError as error:
            said = f"{error.message}\n{error.hint}"
            if folder not in said:
                raise
            for path, place in zip(archives, inside, strict=True):
                said = said.replace(str(place), path.name)
            raise UsageError(
                said.partition("\n")[0], "Unpack it, and name what is meant."
            ) from error


def _unpacked(path: Path, folder: Path) -> Path:
    """Returns the file that an archive holds alone, or the folder of what it holds."""
    from harness.decoding import unpack

    folder.mkdir()
    unpack(path, folder)
    while len(inside := list(folder.iterdir())) == 1:
        folder = inside[0]
        if folder.is_file():
            break
    return folder


def _make(request: Request, data: Sequence[Path], unpacked: str, *, asks: bool) -> None:
    from harness.cli.asking import ask_about
    from harness.task.proposing.gather import gather

    given = gather(data, request.layout, unpacked)
    documents = _documents(request, given)
    proposal = _propose(request, given, documents)
    if asks:

        def again(wishes: Json) -> Proposal:
            request.wishes |= wishes
            return _propose(request, given, documents)

        proposal = ask_about(proposal, given.doubts, again)
    written = _write(request, proposal, given, documents)
    checked = _checked(request, written)
    _write_study(request, written)
    docs, estimate = _docs(request), request.estimate
    commands = next_commands(written, request.name, proposal.draft, docs, estimate=estimate)
    value = _value(request, proposal, given, written, checked, commands)
    print_json(value) if request.json else _show(value, asked=asks)


def is_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty()


def _paths(request: Request) -> dict[str, Path]:
    stem = request.out / request.name
    return {
        "task": stem.with_name(f"{request.name}.yaml"),
        "study": stem.with_name(f"{request.name}-study.yaml"),
        "rows": stem.with_name(f"{request.name}-rows.jsonl"),
    }


def _check_free(request: Request) -> None:
    import re

    from harness.task.spec import TaskSpec
    from harness.task.task import builtin_tasks

    pattern = next(
        m.pattern for m in TaskSpec.model_fields["name"].metadata if hasattr(m, "pattern")
    )
    if not re.match(pattern, request.name):
        raise UsageError(
            f"{request.name!r} is no name of a task", "Letters, digits, _, . and - alone."
        )
    if request.name in builtin_tasks():
        raise UsageError(f"there is a task {request.name!r} already", "Give yours another name.")
    there = [str(path) for path in _paths(request).values() if path.exists()]
    if there:
        raise UsageError(
            f"there is {' and '.join(there)} already, and nothing was written",
            "Take another name or folder (--out), or move it away.",
        )


def _documents(request: Request, given: Given) -> list[Documents]:
    from harness.task.proposing.beside import documents_beside, read_documents

    if request.docs is not None and not request.docs.exists():
        raise DataError(f"there is no {request.docs}", "Check --docs.")
    if request.docs is not None and request.docs.is_file():
        return [read_documents(request.docs)]
    return documents_beside([part.path for part in given.parts], given.lines)


def _propose(request: Request, given: Given, documents: Sequence[Documents]) -> Proposal:
    from harness.task.proposing.beside import code_names, found_in
    from harness.task.proposing.codes import code_books
    from harness.task.proposing.proposal import FILE_SPLIT, Beside, propose
    from harness.task.tables import Line

    splits = [part.split for part in given.parts]
    lines = given.lines
    if len(set(splits)) > 1:
        lines = [
            Line({**line, FILE_SPLIT: part.split}, line.origin)
            for part in given.parts
            for line in part.lines
        ]
    paths = [part.path for part in given.parts]
    inner = [key for cell in lines[0].values() if isinstance(cell, dict) for key in cell]
    columns = dict.fromkeys((*lines[0], *inner))
    names = {column: code_names(paths, column) for column in columns if column != FILE_SPLIT}
    books = code_books(paths, [part.layout.sheet for part in given.parts])
    beside = Beside({c: n for c, n in names.items() if n}, found_in(documents), books)
    copied = next((part.copied for part in given.parts if part.copied), "")
    return propose(lines, request.wishes, splits=splits, beside=beside, copied=copied)


def _write(
    request: Request, proposal: Proposal, given: Given, documents: Sequence[Documents]
) -> Written:
    from harness.strategy.first_study import first_ways
    from harness.task.proposing.drafting import Rows, copy_of, task_text

    paths, copied = _paths(request), bool(proposal.draft.copied)
    sources = [] if copied else [part.path for part in given.parts]
    corpus = _corpus(request, proposal, documents)
    outside = [*sources, *([corpus.path] if corpus else [])]
    place = _place(outside, request.out)
    if copied:
        files = [Rows(paths["rows"].name)]
    else:
        files = [
            Rows(_within(part.path, place), part.split, part.layout.header_row, part.layout.sheet)
            for part in given.parts
        ]
    if copied and len({part.split for part in given.parts}) > 1:
        from harness.task.proposing.proposal import FILE_SPLIT

        proposal.draft.columns["split"] = FILE_SPLIT
    of = ", ".join(dict.fromkeys(part.path.name for part in given.parts))
    declared: Mapping[str, object] | None = None
    if corpus:
        files_of = [{"path": _within(corpus.path, place)}]
        declared = {"files": files_of, "id": corpus.id, "text": corpus.text}
    elif request.docs is not None and _is_inside(request.docs, request.out):
        declared = {"folder": _within(request.docs, request.out)}
    elif proposal.draft.columns.pop("passages", None):
        raise UsageError("no documents", "Name them: --docs FILE.")
    strategies = first_ways(proposal.draft.kind, request.docs is not None)
    task = task_text(request.name, proposal, files, declared, of)
    fields: Json = {}
    if request.docs is not None and declared is None:
        fields["docs"] = str(request.docs)
    request.out.mkdir(parents=True, exist_ok=True)
    if copied:
        paths["rows"].write_text(copy_of(proposal.draft), encoding="utf-8")
    paths["task"].write_text(task, encoding="utf-8")
    rows = paths["rows"] if copied else None
    data_dir = None if place == request.out else place
    return Written(paths["task"], paths["study"], rows, data_dir, strategies, fields)


def _write_study(request: Request, written: Written) -> None:
    from harness.task.proposing.drafting import study_text

    fields = written.fields | ({"drop_leaked": True} if written.leaks else {})
    name, study = f"{request.name}-study", written.study
    text = study_text(name, str(written.task), written.strategies, fields, str(study))
    study.write_text(text, encoding="utf-8")


def _corpus(
    request: Request, proposal: Proposal, documents: Sequence[Documents]
) -> Documents | None:
    """Returns the table of documents that the rows name, or that the user does."""
    from harness.task.tables.turns import written_list

    column = str(proposal.draft.columns.get("passages", ""))
    if not column:
        return documents[0] if request.docs is not None and documents else None
    ids = {str(each) for line in proposal.draft.lines for each in written_list(line[column]) or []}
    return max(documents, key=lambda each: len(each.ids & ids), default=None)


def _place(paths: Sequence[Path], out: Path) -> Path:
    """Returns the folder to which paths are relative: the task file's, or the one that holds all."""
    if all(_is_inside(path, out) for path in paths):
        return out
    return Path(os.path.commonpath([path.resolve().parent for path in paths]))


def _is_inside(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _within(path: Path, folder: Path) -> str:
    return path.resolve().relative_to(folder.resolve()).as_posix()


def _checked(request: Request, written: Written) -> CheckReport:
    """Validates what was written; where that fails, nothing stays."""
    from harness.runs.contract import check_task

    checked = check_task(
        written.task, data_dir=written.data_dir or data_folder(), docs=_docs(request)
    )
    if not checked["passed"]:
        for path in (written.task, written.rows):
            if path is not None:
                path.unlink()
        failed = next(each for each in checked["checks"] if each["status"] == "failed")
        raise DataError(f"the proposal can't be used: {failed['detail']}", failed["hint"])
    written.leaks = any("--drop-leaked" in each["detail"] for each in checked["checks"])
    return checked


def _docs(request: Request) -> Path | None:
    inside = request.docs is None or request.docs.is_file() or _is_inside(request.docs, request.out)
    return None if inside else request.docs


def _value(
    request: Request,
    proposal: Proposal,
    given: Given,
    written: Written,
    checked: CheckReport,
    commands: list[Json],
) -> Json:
    draft = proposal.draft
    told = [each["detail"] for each in checked["checks"] if each["status"] == "warning"]
    data = checked.get("data", {})
    doubts = [str(guess) for guess in draft.doubts]
    return {
        "task": str(written.task),
        "study": str(written.study),
        "rows": str(written.rows) if written.rows else None,
        "kind": draft.kind,
        "columns": {k: list(v) if isinstance(v, tuple) else v for k, v in draft.columns.items()},
        "labels": draft.labels,
        "splits": data.get("rows", {}),
        "language": draft.language,
        "primary": draft.primary,
        "proposals": [
            {
                "field": g.field,
                "value": g.value,
                "why": g.why,
                "options": list(g.options),
                "doubtful": g.doubtful,
            }
            for g in draft.guesses
        ],
        "doubts": [*given.doubts, *doubts],
        "copied": draft.copied,
        "notes": [note for note in given.notes if note not in draft.copied],
        "warnings": [*proposal.warnings, *told],
        "next": commands,
    }


def _show(value: Json, *, asked: bool) -> None:
    out = console()
    if not asked:
        for each in value["proposals"]:
            style = "yellow" if each["doubtful"] else None
            sign = "?" if each["doubtful"] else " "
            out.print(f"{sign} {each['field']:<9} {each['value']}", style=style)
            out.print(f"            {each['why']}", style="dim")
    sizes = ", ".join(f"{name} {count:,}" for name, count in value["splits"].items())
    out.print(f"\nrows: {sizes}")
    for title in ("notes", "copied", "warnings"):
        for text in value[title]:
            out.print(f"  {text}", style="yellow" if title == "warnings" else "dim")
    if value["doubts"] and not asked:
        out.print("\ndoubtful, so look at it in the task file:", style="bold")
        for text in value["doubts"]:
            out.print(f"  {text}", style="yellow")
    files = [value["task"], value["study"], *([value["rows"]] if value["rows"] else [])]
    out.print(f"\nwrote {', '.join(files)}; next:", style="bold")
    for each in value["next"]:
        out.print(f"  {each['command']}", markup=False)
        if each.get("about"):
            out.print(f"      {each['about']}", style="dim")
