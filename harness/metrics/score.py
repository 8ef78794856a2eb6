"""Scores one answer: what became of the query, and whether the answer is right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from harness.metrics.abstention import is_abstention
from harness.metrics.decision import read_decision
from harness.metrics.description import key_fact_recall
from harness.metrics.losses import DecisionCosts, Ruling
from harness.metrics.metric import CHOICE, Answered
from harness.metrics.parse import Mode, parse_answer, parse_label
from harness.metrics.qa import exact_match
from harness.metrics.registry import known
from harness.metrics.retrieval import hits
from harness.types import Outcome, Output, Row, Scored

__all__ = ["Rules", "read_row", "score_row"]


@dataclass(frozen=True)
class Rules:
    """How the rows of a task are scored."""

    # ``classification``, ``multiple_choice``, ``qa``, ``description``, ``decision`` or ``ranking``.
    kind: str
    choices: tuple[str, ...] = ()  # The task's labels; a row's own choices go before them
    aliases: Mapping[str, str] = field(default_factory=dict)
    parser: Mode = "lenient"  # ``strict`` or ``lenient``, see `harness.metrics.parse.parse_label`
    language: str = ""
    abstain: tuple[str, ...] = ()  # More texts that say that one doesn't know
    costs: DecisionCosts | None = None


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
    unheld = None if output.confidence is None else _unheld(row, output, rules, scored)
    answered = Answered(row, output, scored, rules.kind, rules.language, ruling, unheld)
    metrics = (metric for metric in known().values() if rules.kind in metric.kinds)
    values = {metric.name: metric.value(answered) for metric in metrics}
    defined = {name: value for name, value in values.items() if value is not None}
    return replace(scored, values=defined)


def read_row(row: Row, output: Output, rules: Rules) -> Read:
    """Reads one answer, without the values of metrics: what became of it, and what it says.

    Raises:
        ValueError: The kind is unknown.
    """
    if rules.kind not in _READERS:
        raise ValueError(f"unknown kind {rules.kind!r}: known are {', '.join(_READERS)}")
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
    silent = output.text is None and output.finish not in _UNANSWERED and rules.kind != "ranking"
    if output.error is not None or silent:
        return blank, None
    return _read(row, output, rules, blank)


def _read(row: Row, output: Output, rules: Rules, blank: Scored) -> Read:
    if rules.kind != "decision":
        if output.finish in _UNANSWERED:
            return replace(blank, outcome=_UNANSWERED[output.finish]), None
        if output.withheld is not None:
            said = None if rules.kind in CHOICE else output.text
            right = not row.answerable
            return replace(blank, outcome="ok", predicted=said, correct=right, abstained=True), None
    elif output.withheld is not None:
        output = replace(output, finish=None)  # that was how the answer ended
    return _READERS[rules.kind](row, output, rules, blank)


def _unheld(row: Row, output: Output, rules: Rules, scored: Scored) -> float:
    """Says whether an answer would be right if it were given."""
    if output.withheld is None:
        return float(scored.correct)
    given = replace(output, text=output.withheld, withheld=None, confidence=None)
    return float(read_row(row, given, rules)[0].correct)


def _read_label(row: Row, output: Output, rules: Rules, blank: Scored) -> Read:
    choices = row.example.query.choices or rules.choices
    text = output.text or ""
    if output.chosen:
        predicted = text if text in choices else None
    else:
        letters = rules.kind == "multiple_choice"
        predicted = parse_label(
            text, choices, mode=rules.parser, aliases=rules.aliases, letters=letters
        )
    if predicted is None:
        outcome: Outcome = "truncated" if output.finish == "length" else "unparsed"
        return replace(blank, outcome=outcome), None
    right = predicted == row.example.target or predicted in row.example.accepted
    return replace(blank, outcome="ok", predicted=predicted, correct=right), None


def _read_answer(row: Row, output: Output, rules: Rules, blank: Scored) -> Read:
    text = output.text or ""
    answer = parse_answer(text)
    if not answer:
        # Cut inside hidden reasoning or white space: there is no answer to read.
        outcome: Outcome = "truncated" if output.finish == "length" and text.strip() else "unparsed"
        return replace(blank, outcome=outcome), None
    if output.finish == "length" and "\n" not in parse_answer(text, stop_at_newline=False):
        return replace(blank, outcome="truncated", predicted=answer), None
    accepted = row.example.accepted or (row.example.target,)
    described = rules.kind == "description"
    exact = not described and exact_match(answer, accepted, row.example.query.text)
    own = (*rules.abstain, *(() if row.answerable else accepted))
    abstained = is_abstention(answer, own) and not (row.answerable and exact)
    if abstained or not row.answerable:
        right = abstained and not row.answerable
    else:
        right = key_fact_recall(answer, row.key_facts) == 1.0 if described else exact
    scored = replace(blank, outcome="ok", predicted=answer, correct=right, abstained=abstained)
    return scored, None


def _read_ranking(row: Row, output: Output, rules: Rules, blank: Scored) -> Read:
    """Reads what was retrieved; a row without a gold passage has nothing to be found."""
    first = output.evidence[0] if output.evidence else None
    right = first is not None and any(hits(first, passage) for passage in row.passages)
    return replace(
        blank, outcome="ok", predicted=first.source if first else None, correct=right
    ), None


def _read_decision(row: Row, output: Output, rules: Rules, blank: Scored) -> Read:
    if rules.costs is None:
        raise ValueError("a decision is scored by its costs: Rules.costs is not set")
    return read_decision(
        row, output, blank, rules.costs, aliases=rules.aliases, abstain=rules.abstain
    )


_UNANSWERED: dict[str | None, Outcome] = {"refused": "refused", "too_long": "truncated"}
Read = tuple[Scored, Ruling | None]
"""What became of the query, without values; of a decision, what was decided."""
_READERS: dict[str, Callable[[Row, Output, Rules, Scored], Read]] = {
    "classification": _read_label,
    "multiple_choice": _read_label,
    "qa": _read_answer,
    "description": _read_answer,
    "ranking": _read_ranking,
    "decision": _read_decision,
}
