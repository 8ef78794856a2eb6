"""The work that is measured: rows, label words and prompts, fixed here.

The rows themselves come through the task files from a folder with local copies of the data.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from harness.errors import MissingDependency
from harness.models.base import Pair
from harness.runs.plan import SALT
from harness.task.splits import first
from harness.task.task import Task, TaskData, load_task
from harness.types import Example, GenRequest, Prompt, Row, ScoreRequest, Section

__all__ = ["examples", "generation_requests", "rows", "score_requests", "training_pairs"]

SHOTS = {"fpb": 8, "banking77": 0}
LONG = "-64"  # ends the name of a workload with answers of 64 tokens
EXPLAIN = "Explain to an investor, in a paragraph of at least 100 words, what this sentence means."


def rows(task: Task) -> TaskData:
    """Loads a task's rows from HARNESS_DATA.

    Raises:
        MissingDependency: The variable isn't set.
    """
    folder = os.environ.get("HARNESS_DATA")
    if not folder:
        raise MissingDependency(
            f"The benchmarks measure on real rows of {task.name}, and HARNESS_DATA isn't set",
            "Set it to the folder that holds the files named in the task file.",
        )
    return task.load(data_dir=Path(folder), offline=True)


def examples(train: Sequence[Row], labels: Sequence[str], k: int) -> list[Example]:
    """Chooses k labelled rows, by hash, each label in turn."""
    order = [row.example for row in first(train, len(train), SALT)]
    turns = {label: [row for row in order if row.target == label] for label in labels}
    chosen = [turns[labels[turn % len(labels)]][turn // len(labels)] for turn in range(k)]
    return chosen


def _shots(data: TaskData, task: Task, k: int) -> list[Section]:
    return [
        Section("example", example.query.text, example.target)
        for example in examples(data.train, task.labels, k)
    ]


def training_pairs(workload: str, items: int) -> list[Pair]:
    """Returns what is learnt: a task's training rows, with its instructions and no examples.

    Args:
        workload: Name of the task.
        items: How many rows, the first by hash.
    """
    task = load_task(workload)
    return [
        Pair(row.id, task.view.base_prompt(row.example.query), row.example.target)
        for row in first(rows(task).train, items, SALT)
    ]


def generation_requests(workload: str, items: int) -> list[GenRequest]:
    """Returns what is asked: a task's test rows after its prompt and examples, for answers as text.

    Args:
        workload: Name of the task; with `LONG` after it, a row is to be explained in place of
            labelled: examples would have a model write a label and end.
        items: How many rows, the first by hash.
    """
    task = load_task(workload.removesuffix(LONG))
    data, view = rows(task), task.view
    asked = first(data.test, items, SALT)
    if workload.endswith(LONG):
        head = Section("instructions", EXPLAIN)
        prompts = [Prompt((head, Section("question", r.example.query.text))) for r in asked]
        most, stop = int(LONG[1:]), []
    else:
        shots = _shots(data, task, SHOTS[workload])
        prompts = [view.base_prompt(r.example.query).with_sections(*shots) for r in asked]
        most, stop = view.max_tokens, list(view.stop)
    return [GenRequest(r.id, p, tuple(stop), most) for r, p in zip(asked, prompts, strict=True)]


def score_requests(workload: str, items: int) -> list[ScoreRequest]:
    """Returns what is asked: the labels of a task's test rows, after its prompt.

    Args:
        workload: ``fpb`` (8 examples before each sentence) or ``banking77`` (none, and no list
            of the 77 labels).
        items: How many rows, the first by hash.
    """
    task = load_task(workload)
    data, view = rows(task), task.view
    shots = _shots(data, task, SHOTS[workload])
    return [
        ScoreRequest(row.id, view.base_prompt(row.example.query).with_sections(*shots), task.labels)
        for row in first(data.test, items, SALT)
    ]
