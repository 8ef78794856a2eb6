"""An answer of one or more sentences, judged by the key facts that it states."""

from __future__ import annotations

from functools import partial

from harness.metrics.description import key_fact_recall
from harness.metrics.kind import Kind
from harness.metrics.kinds.qa import read_answer

__all__ = ["KIND"]

KIND = Kind(
    name="description",
    summary="sentences; right if every key fact is said",
    row="a question, an answer, and its key facts (`key_facts`, in a task file)",
    read=partial(
        read_answer,
        is_right=lambda answer, row: key_fact_recall(answer, row.key_facts) == 1.0,
        exact=False,
    ),
    groups=frozenset({"text", "question"}),
    needs=(
        (("target",), "the answers are missing"),
        (("key_facts",), "a description is scored by its key facts"),
    ),
)
