"""Passages in the order in which they answer a question; no answer in words."""

from __future__ import annotations

from dataclasses import replace

from harness.metrics.kind import Kind, Read, Rules
from harness.metrics.retrieval import hits
from harness.types import Output, Row, Scored

__all__ = ["KIND"]


def _read(row: Row, output: Output, rules: Rules, blank: Scored) -> Read:
    """Reads what was retrieved; a row without a gold passage has nothing to be found."""
    first = output.evidence[0] if output.evidence else None
    right = first is not None and any(hits(first, passage) for passage in row.passages)
    return replace(
        blank, outcome="ok", predicted=first.source if first else None, correct=right
    ), None


KIND = Kind(
    name="ranking",
    summary="passages, the best first; right if the first is a gold one",
    row="a question and its gold passages (`passages`, in a task file)",
    read=_read,
    needs=((("passages",), "a ranking is scored by gold passages"),),
    mute=True,
)
