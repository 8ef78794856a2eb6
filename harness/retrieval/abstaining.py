"""The abstention threshold, a retrieval score below which a strategy abstains: given, or tuned."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Literal

from harness.errors import UsageError
from harness.metrics.abstention import is_abstention
from harness.records.files import write_json
from harness.strategy.context import Context

if TYPE_CHECKING:
    from harness.retrieval.retrievers import Retriever

__all__ = ["TUNE", "ThresholdChoice", "threshold_of", "tune_threshold"]

FILE = "threshold.json"
TUNE: Literal["tune"] = "tune"
ThresholdChoice = float | Literal["tune"] | None
"""A score, ``tune``, or none."""


def tune_threshold(context: Context, retriever: Retriever) -> None:
    """Chooses a threshold on the dev questions, into the artifact and the record's details.

    A dev row is unanswerable where its right answer is an abstention. The labels that are read are
    counted; the time goes to the phase ``tune``.

    Raises:
        UsageError: The task has no abstention, or dev has only one kind of question.
    """
    from harness.retrieval.tuning import choose_threshold

    task, index = context.task, retriever.index
    if not task.abstain:
        raise UsageError(
            f"{task.name} has no unanswerable questions to tune a threshold by",
            "Give a number, or a task file that says what is answered then (abstain).",
        )
    with context.ledger.phase("tune") as spend:
        before = index.usage
        rows = list(context.dev)
        queries = [task.searched(row.query) for row in rows]
        results = retriever.search_many(queries) if queries else []
        scores = [hits[0].score if hits else None for hits in results]
        answerable = [not is_abstention(row.target, (task.abstain,)) for row in rows]
        choice = choose_threshold(scores, answerable)
        usage = index.usage.since(before)
        spend.usage.input_tokens += usage.tokens
        spend.usage.computed_tokens += usage.tokens
        spend.count(questions=len(rows))
        context.ledger.from_cache(usage.cached_seconds, round(usage.cached_tokens))
    context.details["threshold"] = asdict(choice)
    write_json(context.artifact / FILE, asdict(choice))


def threshold_of(context: Context, setting: ThresholdChoice) -> float | None:
    """Returns the threshold to search with: as given, or as `tune_threshold` chose it."""
    if setting != TUNE:
        return setting
    value = json.loads((context.artifact / FILE).read_text(encoding="utf-8"))["value"]
    return None if value is None else float(value)
