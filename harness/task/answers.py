"""Names right answers that no answer can be: longer than it may get, or going on after its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from harness.metrics.registry import kinds
from harness.task.spec import TaskSpec
from harness.types import Row

__all__ = ["out_of_reach"]


def out_of_reach(rows: Sequence[Row], spec: TaskSpec) -> tuple[str, ...]:
    """Returns notes on answers that are too long, or hold what ends an answer.

    A word is at least one token, so that no answer is named that would fit; how many tokens it has
    is known where a model's tokenizer is.
    """
    kind = kinds()[spec.kind]
    if kind.chosen or kind.mute:
        return ()
    long = _named(rows, lambda text: len(text.split()) > spec.max_tokens)
    ended = _named(rows, lambda text: any(stop in text for stop in spec.stop))
    notes = []
    if long:
        notes.append(
            f"{long} has more words than the {spec.max_tokens} tokens that an answer may have: "
            "raise --max-tokens, or max_tokens in the task file"
        )
    if ended:
        stops = " or ".join(repr(stop) for stop in spec.stop)
        notes.append(
            f"{ended} goes on after {stops}, where an answer ends: name other ends, as stop in a "
            "task file"
        )
    return tuple(notes)


def _named(rows: Sequence[Row], is_out: Callable[[str], bool]) -> str:
    """Says in how many rows the right answer, and each other one, is out, and which is first."""
    out = [row for row in rows if all(is_out(text) for text in row.example.accepted)]
    if not out:
        return ""
    return f"the answer of {len(out)} of {len(rows)} rows ({out[0].origin or out[0].id} first)"
