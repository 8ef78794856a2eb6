"""A task made of a table of the user's own, without a task file."""

from __future__ import annotations

from pathlib import Path

from harness.errors import DataError
from harness.task.report import MAX_LABELS
from harness.task.spec import Columns, File, PromptSpec, Source, TaskSpec
from harness.task.tables import Layout, read_table, require_columns
from harness.task.task import Task

__all__ = ["task_from_data"]

CHOICE_METRICS = ("accuracy", "macro_f1", "weighted_f1", "mcc")
QA_METRICS = ("exact_match", "token_f1")


def task_from_data(
    path: Path,
    *,
    input: str,
    target: str,
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
    lines = read_table(path, Layout(header_row, sheet)).lines
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
        prompt=_prompt(prompt, labels if kind != "qa" else (), korean=korean),
        metrics=metrics,
        primary=metrics[0],
    )
    return Task(spec, path.resolve().parent, path, labels=() if kind == "qa" else labels)


def _prompt(file: Path | None, labels: tuple[str, ...], *, korean: bool) -> PromptSpec:
    cues = {"input_cue": "질문:", "cue": "답:"} if korean else {}
    if file is not None:
        if not file.is_file():
            raise DataError(f"there is no file {file}", "Check --prompt.")
        return PromptSpec(instructions=file.read_text(encoding="utf-8").strip(), **cues)
    if not labels:
        text = "질문에 짧게 답한다." if korean else "Answer the question briefly."
    elif korean:
        text = f"다음 중 하나로 답한다: {', '.join(labels)}."
    else:
        text = f"Answer with one of: {', '.join(labels)}."
    return PromptSpec(instructions=text, **cues)
