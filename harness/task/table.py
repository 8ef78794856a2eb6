"""A task made of a table of the user's own, without a task file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.decoding import table_text
from harness.errors import DataError, UsageError
from harness.task.labels import read_labels
from harness.task.rows import check_target
from harness.task.spec import Columns, File, PromptSpec, Source, TaskSpec, declare
from harness.task.tables import Chat, Layout, read_chat, read_table, require_columns
from harness.task.task import Task

__all__ = ["task_from_data"]

METRICS = {
    "classification": ("accuracy", "macro_f1", "weighted_f1", "mcc"),
    "multiple_choice": ("accuracy",),
    "qa": ("exact_match", "token_f1"),
}
INSTRUCTIONS = {  # in English and in Korean
    "classification": ("Answer with one of: {}.", "다음 중 하나로 답한다: {}."),
    "multiple_choice": ("Choose the right option.", "알맞은 보기를 고른다."),
    "qa": ("Answer the question briefly.", "질문에 짧게 답한다."),
}


def task_from_data(
    path: Path,
    *,
    input: str | None = None,
    target: str | None = None,
    kind: str = "classification",
    accepted: str | None = None,
    group: str | None = None,
    time: str | None = None,
    choices: Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None,
    max_tokens: int | None = None,
    prompt: Path | None = None,
    header_row: int | None = None,
    sheet: str | int | None = None,
) -> Task:
    """Makes a task of a table with an input and a target column.

    Raises:
        DataError: A column that isn't there, or too many labels.
        UsageError: Options that don't go with the kind.
    """
    # `accepted` holds other right answers, split by ``|``; equal rows of `group` stay in one split,
    # and are resampled together; by `time` the latest rows become the test. `labels` are what the
    # codes of the target mean, `choices` the columns with the options of a multiple choice.
    chat = _rows_of(path, Layout(header_row, sheet), input, target)
    lines, input, target = chat.lines, chat.input, chat.target
    used = {"input": input, "target": target, "accepted": accepted, "cluster": group, "time": time}
    columns = Columns(**used, choices=tuple(choices or ()))
    check_target(columns)
    require_columns((*used.values(), *columns.choices), lines, path.name)
    _check_kind(path, kind, choices, labels, list(lines[0]))
    known, notes = read_labels(lines, target, labels) if kind == "classification" else ({}, ())
    names = tuple(dict.fromkeys(known.values()))
    korean = _is_korean("".join(line.text(input) for line in lines[:200]))
    metrics = METRICS[kind]
    spec = declare(
        name="".join(c if c.isalnum() or c in "-." else "-" for c in path.stem) or "table",
        kind=kind,
        language="ko" if korean else "en",
        source=Source(files=(File(path=path.name, header_row=header_row, sheet=sheet),)),
        columns=columns,
        labels=known,
        prompt=_prompt(prompt, kind, names, chat.instructions, korean=korean),
        max_tokens=max_tokens or TaskSpec.model_fields["max_tokens"].default,
        metrics=metrics,
        primary=metrics[0],
    )
    return Task(spec, path.resolve().parent, path, labels=names, notes=notes)


def _rows_of(path: Path, layout: Layout, input: str | None, target: str | None) -> Chat:
    """Reads a table in a chat format, or one whose columns are named."""
    lines = read_table(path, layout).lines
    chat = read_chat(lines, input, target)
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


def _check_kind(
    path: Path,
    kind: str,
    choices: Sequence[str] | None,
    labels: Mapping[str, str] | None,
    columns: Sequence[str],
) -> None:
    if kind == "multiple_choice" and not choices:
        raise UsageError(
            "--kind multiple_choice needs the columns with the options",
            f"Name them: --choices A,B,C. {path.name} has the columns {', '.join(columns)}.",
        )
    if choices and kind != "multiple_choice":
        raise UsageError(
            f"--choices are options of a multiple choice; the kind is {kind}",
            "Add --kind multiple_choice.",
        )
    if labels and kind != "classification":
        raise UsageError(
            f"--labels names the labels of a classification; the kind is {kind}",
            "Leave one of them out.",
        )


def _prompt(
    file: Path | None, kind: str, labels: tuple[str, ...], system: str, *, korean: bool
) -> PromptSpec:
    cues = {"input_cue": "질문:", "cue": "답:"} if korean else {}
    if file is not None:
        if not file.is_file():
            raise DataError(f"there is no file {file}", "Check --prompt.")
        text, _ = table_text(file.read_bytes(), file.name)
        return PromptSpec(instructions=text.strip(), **cues)
    if kind == "qa" and system:
        return PromptSpec(instructions=system, **cues)
    english, other = INSTRUCTIONS[kind]
    text = (other if korean else english).format(", ".join(labels))
    return PromptSpec(instructions="\n".join(filter(None, (system, text))), **cues)
