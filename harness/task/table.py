"""A task made of a table of the user's own, without a task file."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

from harness.config import DataSource
from harness.decoding import file_bytes, table_text
from harness.errors import DataError, UsageError
from harness.metrics.kind import Kind
from harness.metrics.registry import check_kind, kinds
from harness.task.dates import check_form
from harness.task.labels import labels_of
from harness.task.policy import named_split, shares_of, split_column
from harness.task.rows import check_target
from harness.task.spec import Columns, File, PromptSpec, Source, declare
from harness.task.tables import Chat, Layout, Line, read_chat, read_table, require_columns
from harness.task.task import Task

__all__ = ["task_from_data"]

LONGEST_NAME = 150  # bytes: a record's folder has it in its name, with more behind


def task_from_data(path: Path, **options: object) -> Task:
    """Makes a task of a table with an input and a target column; the options are `DataSource`'s.

    Raises:
        DataError: A column that isn't there, or too many labels.
        UsageError: Options that don't go with the kind, or with each other.
    """
    return _task(DataSource.model_validate({"path": path, **options}))


def _task(source: DataSource) -> Task:
    kind = check_kind(source.kind, [each.name for each in kinds().values() if each.metrics])
    _check_division(source)
    lines, columns, system = _read(source, kind)
    _check_kind(source, kind, list(lines[0]))
    known, notes = labels_of(lines, columns, kind, source.labels)
    names = tuple(dict.fromkeys(known.values()))
    korean = _is_korean("".join(str(line[columns.input]) for line in lines[:200]))
    file = File(path=source.path.name, header_row=source.header_row, sheet=source.sheet)
    spec = declare(
        name=_name(source.path.stem),
        kind=kind.name,
        language="ko" if korean else "en",
        source=Source(files=(file,)),
        columns=columns,
        split=source.split,
        date_format=source.date_format,
        labels=known,
        prompt=_prompt(source.prompt, kind, names, system, korean=korean),
        metrics=kind.metrics,
        primary=kind.metrics[0],
        **({"max_tokens": source.max_tokens} if source.max_tokens else {}),
        **({"tolerance": source.tolerance} if source.tolerance is not None else {}),
    )
    folder = source.path.resolve().parent
    return Task(spec, folder, source.path, source.test, labels=names, notes=notes)


def _name(stem: str) -> str:
    """Returns a task's name of a file's: with letters, digits, . and - alone, and not too long."""
    stem = unicodedata.normalize("NFC", stem)
    kept = "".join(c if _is_word(c) or c in "-." else "-" for c in stem)
    return kept.encode()[:LONGEST_NAME].decode(errors="ignore").lstrip("-.") or "table"


def _is_word(c: str) -> bool:
    return c.isalnum() and unicodedata.category(c) != "No"  # such as ² and ①


def _read(source: DataSource, kind: Kind) -> tuple[list[Line], Columns, str]:
    """Returns the rows, those of `test` too, the columns, and the instructions of a chat format."""
    path, layout = source.path, Layout(source.header_row, source.sheet)
    marks = next(iter(source.flags or ()), source.tags)  # what stands in place of the target
    chat = _rows_of(path, layout, source.input, source.target or marks, source.tags is None)
    used = {"input": chat.input, "accepted": source.accepted, "context": source.context}
    used |= {"cluster": source.group, "time": source.time, "tags": source.tags}
    target = "" if marks and not source.target else chat.target
    columns = Columns(**used, target=target, choices=source.choices or (), flags=source.flags or ())
    check_target(columns)
    needed = (*used.values(), target, *columns.choices, *columns.flags)
    require_columns(needed, chat.lines, path.name)
    named = split_column(chat.lines, needed)
    if not (source.split or source.time):
        columns = columns.model_copy(update={"split": named})
    if source.test is None:
        return chat.lines, columns, chat.instructions
    if named and any(named_split(line.text(named)) == "test" for line in chat.lines):
        raise UsageError(
            f"{path.name} names test rows of its own, in the column {named!r}",
            "Leave --test out, or take those rows out.",
        )
    tested = _rows_of(
        source.test, layout, source.input, source.target or marks, source.tags is None
    ).lines
    require_columns(needed, tested, source.test.name)
    return [*chat.lines, *tested], columns, chat.instructions


def _check_division(source: DataSource) -> None:
    """Raises `UsageError` where two options say which rows are the test, or a value is none."""
    check_form(source.date_format)
    tested = shares_of(source.split)["test"] if source.split else 0.0
    if source.date_format and not source.time:
        raise UsageError("--date-format goes with --time COLUMN", "Name the column of dates.")
    if source.test is not None and source.time:
        raise UsageError("--test and --time both name the test rows", "Leave one of them out.")
    if source.test is not None and tested:
        raise UsageError(
            f"--test names the test rows, and --split {source.split} divides them off",
            "Leave one of them out, or divide train and dev alone: --split 90/10/0.",
        )


def _rows_of(
    path: Path, layout: Layout, input: str | None, target: str | None, is_text: bool = True
) -> Chat:
    """Reads a table in a chat format, or one whose columns are named."""
    lines = read_table(path, layout).lines
    chat = read_chat(lines, input, target) if is_text else None
    if chat is not None:
        return chat
    if input is None or target is None:
        raise DataError(
            f"{path.name}: which column is the input, and which the answer? "
            f"It has {', '.join(lines[0])}",
            "Name them: --input COLUMN --target COLUMN",
        )
    return Chat(lines, input, target, "", "")


def _is_korean(sample: str) -> bool:
    return sum("가" <= letter <= "힣" for letter in sample) > 0.2 * len(sample)


def _check_kind(source: DataSource, kind: Kind, columns: Sequence[str]) -> None:
    if kind.lettered and not source.choices:
        raise UsageError(
            f"--kind {kind.name} needs the columns with the options",
            f"Name them: --choices A,B,C. {source.path.name} has the columns {', '.join(columns)}.",
        )
    for other in kinds().values():
        for field, what in other.takes.items():
            if other.name != kind.name and getattr(source, field) is not None:
                raise UsageError(
                    f"--{field} are {what}; the kind is {kind.name}", f"Add --kind {other.name}."
                )
    if source.labels and not (kind.labelled or kind.right):
        raise UsageError(
            f"--labels names the labels of a classification; the kind is {kind.name}",
            "Leave one of them out.",
        )


def _prompt(
    file: Path | None, kind: Kind, labels: tuple[str, ...], system: str, *, korean: bool
) -> PromptSpec:
    cues = {"input_cue": "질문:", "cue": "답:"} if korean else {}
    if file is not None:
        text, _ = table_text(file_bytes(file), file.name)
        return PromptSpec(instructions=text.strip(), **cues)
    english, other = kind.instructions
    if system and not kind.chosen and "{}" not in english:
        return PromptSpec(instructions=system, **cues)
    text = (other if korean else english).format(", ".join(labels))
    return PromptSpec(instructions="\n".join(filter(None, (system, text))), **cues)
