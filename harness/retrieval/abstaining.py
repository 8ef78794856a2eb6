"""A threshold of retrieval scores, below which a strategy abstains: given, or tuned on dev."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Literal

from harness.errors import UsageError
from harness.metrics.abstention import is_abstention
from harness.records.files import write_json
from harness.retrieval.retrievers import Retriever
from harness.retrieval.tuning import choose_threshold
from harness.strategy.context import Context

__all__ = ["TUNE", "Setting", "threshold_of", "tune_threshold"]

FILE = "threshold.json"
TUNE: Literal["tune"] = "tune"
Setting = float | Literal["tune"] | None
"""A score, ``tune``, or none."""


def tune_threshold(context: Context, retriever: Retriever) -> None:
    """Chooses a threshold on the dev questions, into the artifact and the record's details.

    A dev row is unanswerable where its right answer is that one doesn't know. Their labels are
    read, and counted; the time goes to the phase ``tune``.

    Args:
        context: Dev rows, ledger and artifact.
        retriever: Searches without a threshold.

    Raises:
        UsageError: The task has no answer for what isn't known, or dev lacks a kind of question.
    """
    task, embedder = context.task, retriever.index.embedder
    if not task.abstain:
        raise UsageError(
            f"{task.name} has no unanswerable questions to tune a threshold by",
            "Give a number, or a task file that says what is answered then (abstain).",
        )
    with context.ledger.phase("tune") as spend:
        before = embedder.usage.tokens if embedder else 0
        rows = list(context.dev)
        asked = [task.searched(row.query) for row in rows]
        found = retriever.search_many(asked) if asked else []
        scores = [hits[0].score if hits else None for hits in found]
        answerable = [not is_abstention(row.target, (task.abstain,)) for row in rows]
        choice = choose_threshold(scores, answerable)
        tokens = embedder.usage.tokens - before if embedder else 0
        spend.usage.input_tokens += tokens
        spend.usage.computed_tokens += tokens
        spend.count(questions=len(rows))
    context.details["threshold"] = asdict(choice)
    write_json(context.artifact / FILE, asdict(choice))


def threshold_of(context: Context, setting: Setting) -> float | None:
    """Returns the threshold to search with.

    Args:
        context: With the artifact that `tune_threshold` wrote into.
        setting: As the user gave it.
    """
    if setting != TUNE:
        return setting
    value = json.loads((context.artifact / FILE).read_text(encoding="utf-8"))["value"]
    return None if value is None else float(value)
