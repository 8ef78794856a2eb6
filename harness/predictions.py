"""One line a prediction: what is kept of an answer, and how it is read back."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from harness.types import Output, Scored, Usage

__all__ = ["from_line", "mask", "output_of", "to_line"]

# Korean resident numbers, phones, cards and accounts, e-mail: enough for answers; inputs are
# never stored at all.
_PERSONAL = (
    (re.compile(r"\b\d{6}[- ]?[1-8]\d{6}\b"), "[resident number]"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"), "[e-mail]"),
    (re.compile(r"\b(?:\d{4}[- ]?){3}\d{4}\b"), "[card]"),
    (re.compile(r"\b0\d{1,2}[- ]?\d{3,4}[- ]?\d{4}\b"), "[phone]"),
    (re.compile(r"\b\d{2,6}-\d{2,6}-\d{2,8}\b"), "[account]"),
)


def mask(text: str) -> str:
    """Replaces what looks like personal data by its kind in brackets."""
    for pattern, kind in _PERSONAL:
        text = pattern.sub(kind, text)
    return text


def to_line(output: Output, scored: Scored, store_text: str) -> dict[str, Any]:
    """Makes a line of a prediction.

    Args:
        output: What the strategy answered.
        scored: How it was scored.
        store_text: ``full``, ``masked`` (personal data replaced) or ``ids`` (no text at all).
    """
    if store_text == "masked":
        scored = replace(
            scored,
            target=mask(scored.target),
            predicted=mask(scored.predicted) if scored.predicted is not None else None,
        )
    text = output.text if output.text is None or store_text != "masked" else mask(output.text)
    line: dict[str, Any] = {
        "id": scored.id,
        "outcome": scored.outcome,
        "correct": scored.correct,
        "abstained": scored.abstained,
        "answerable": scored.answerable,
        "values": dict(scored.values),
        "cluster": scored.cluster,
        "columns": dict(scored.columns),
        "finish": output.finish,
        "usage": output.usage.as_dict(),
    }
    if store_text != "ids":
        line |= {"target": scored.target, "predicted": scored.predicted, "text": text}
        if output.scores:
            line["scores"] = {key: round(value, 6) for key, value in output.scores.items()}
    if output.evidence:
        line["evidence"] = [
            {"source": passage.source, "span": passage.span, "place": passage.place}
            for passage in output.evidence
        ]
    if output.error:
        line["error"] = output.error
    return line


def from_line(line: dict[str, Any]) -> Scored:
    """Reads a scored prediction back."""
    return Scored(
        id=line["id"],
        outcome=line["outcome"],
        target=line.get("target", ""),
        predicted=line.get("predicted"),
        correct=line["correct"],
        abstained=line["abstained"],
        answerable=line["answerable"],
        values=line["values"],
        cluster=line["cluster"],
        columns=line["columns"],
    )


def output_of(line: dict[str, Any]) -> Output:
    """Reads the raw answer back, for scoring it again."""
    return Output(
        id=line["id"],
        text=line.get("text"),
        finish=line["finish"],
        scores=line.get("scores"),
        usage=Usage(**line["usage"]),
        error=line.get("error"),
    )
