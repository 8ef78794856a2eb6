"""Scores one answer: what became of the query, and whether the answer is right."""

from __future__ import annotations

from dataclasses import replace

from harness.metrics.kind import Kind, Read, Rules
from harness.metrics.metric import CHOICE, Answered
from harness.metrics.registry import kinds, known
from harness.types import Outcome, Output, Row, Scored

__all__ = ["Rules", "read_row", "score_row"]


def score_row(row: Row, output: Output, rules: Rules) -> Scored:
    """Scores one answer; a row that has an error gets no values.

    One that is unparsed, refused or truncated is wrong, with values of 0 (of a decision: with the
    loss of a hand-over).

    Raises:
        ValueError: The kind is unknown.
    """
    scored, ruling = read_row(row, output, rules)
    if scored.outcome == "error":
        return scored
    kind = kinds()[rules.kind]
    unheld = None if output.confidence is None else _unheld(row, output, rules, scored)
    answered = Answered(row, output, scored, kind, rules.language, ruling, unheld)
    metrics = (metric for metric in known().values() if kind.among(metric.kinds))
    values = {metric.name: metric.value(answered) for metric in metrics}
    defined = {name: value for name, value in values.items() if value is not None}
    return replace(scored, values=defined)


def read_row(row: Row, output: Output, rules: Rules) -> Read:
    """Reads one answer, without the values of metrics: what became of it, and what it says.

    Raises:
        ValueError: The kind is unknown.
    """
    if rules.kind not in kinds():
        raise ValueError(f"unknown kind {rules.kind!r}: known are {', '.join(kinds())}")
    kind = kinds()[rules.kind]
    blank = Scored(
        id=row.id,
        outcome="error",
        target=row.example.target,
        predicted=None,
        correct=False,
        answerable=row.answerable,
        cluster=row.example.cluster,
        columns=dict(row.columns),
    )
    silent = output.text is None and output.finish not in _UNANSWERED and not kind.mute
    if output.error is not None or silent:
        return blank, None
    return _read(row, output, rules, blank, kind)


def _read(row: Row, output: Output, rules: Rules, blank: Scored, kind: Kind) -> Read:
    if not kind.decides:
        if output.finish in _UNANSWERED:
            return replace(blank, outcome=_UNANSWERED[output.finish]), None
        if output.withheld is not None:
            said = None if kind.among(CHOICE) else output.text
            right = not row.answerable
            return replace(blank, outcome="ok", predicted=said, correct=right, abstained=True), None
    elif output.withheld is not None:
        output = replace(output, finish=None)  # that was how the answer ended
    return kind.read(row, output, rules, blank)


def _unheld(row: Row, output: Output, rules: Rules, scored: Scored) -> float:
    """Says whether an answer would be right if it were given."""
    if output.withheld is None:
        return float(scored.correct)
    given = replace(output, text=output.withheld, withheld=None, confidence=None)
    return float(read_row(row, given, rules)[0].correct)


_UNANSWERED: dict[str | None, Outcome] = {"refused": "refused", "too_long": "truncated"}
