"""A task made of a table of the user's own, without a task file."""

from __future__ import annotations

from pathlib import Path

from harness.decoding import table_text
from harness.errors import DataError
from harness.task.report import MAX_LABELS
from harness.task.spec import Columns, File, PromptSpec, Source, TaskSpec
from harness.task.tables import Chat, Layout, read_chat, read_table, require_columns
from harness.task.task import Task

__all__ = ["task_from_data"]

CHOICE_METRICS = ("accuracy", "macro_f1", "weighted_f1", "mcc")
QA_METRICS = ("exact_match", "token_f1")


def task_from_data(
    path: Path,
    *,
    input: str | None = None,
    target: str | None = None,
    kind: str = "classification",
    accepted: str | None = None,
    group: str | None = None,
    time: str | None = None,
    prompt: Path | None = None,
    header_row: int | None = None,
    sheet: str | int | None = None,
) -> Task:
    """Makes a task of a table with an input and a target column.

    Raises:
        DataError: A column that isn't there, or too many labels.
    """
    # `accepted` holds other right answers, split by ``|``; equal rows of `group` stay in one split,
    # and are resampled together; by `time` the latest rows become the test.
    chat = _rows_of(path, Layout(header_row, sheet), input, target)
    lines, input, target = chat.lines, chat.input, chat.target
    require_columns((input, target, accepted, group, time), lines, path.name)
    labels = tuple(sorted({line.text(target) for line in lines} - {""}))
    if kind == "classification" and len(labels) > MAX_LABELS:
        raise DataError(
            f"{target!r} has {len(labels)} different labels", "Free text? Use --kind qa."
        )
    sample = "".join(line.text(input) for line in lines[:200])
    korean = sum("가" <= letter <= "힣" for letter in sample) > 0.2 * len(sample)
    metrics = QA_METRICS if kind == "qa" else CHOICE_METRICS
    spec = TaskSpec(
        name="".join(c if c.isalnum() or c in "-." else "-" for c in path.stem) or "table",
        kind=kind,
        language="ko" if korean else "en",
        source=Source(files=(File(path=path.name, header_row=header_row, sheet=sheet),)),
        columns=Columns(input=input, target=target, accepted=accepted, cluster=group, time=time),
        labels={} if kind == "qa" else {label: label for label in labels},
        prompt=_prompt(prompt, labels if kind != "qa" else (), chat.instructions, korean=korean),
        metrics=metrics,
        primary=metrics[0],
    )
    return Task(spec, path.resolve().parent, path, labels=() if kind == "qa" else labels)


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


def _prompt(file: Path | None, labels: tuple[str, ...], system: str, *, korean: bool) -> PromptSpec:
    cues = {"input_cue": "질문:", "cue": "답:"} if korean else {}
    if file is not None:
        if not file.is_file():
            raise DataError(f"there is no file {file}", "Check --prompt.")
        text, _ = table_text(file.read_bytes(), file.name)
        return PromptSpec(instructions=text.strip(), **cues)
    if not labels and system:
        text = ""
    elif not labels:
        text = "질문에 짧게 답한다." if korean else "Answer the question briefly."
    elif korean:
        text = f"다음 중 하나로 답한다: {', '.join(labels)}."
    else:
        text = f"Answer with one of: {', '.join(labels)}."
    return PromptSpec(instructions="\n".join(filter(None, (system, text))), **cues)
