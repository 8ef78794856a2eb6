"""Scores one answer: what became of the query, and whether the answer is right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from harness.errors import UsageError
from harness.metrics.decision import score_decision
from harness.metrics.description import key_fact_recall
from harness.metrics.korean import token_f1
from harness.metrics.losses import DecisionCosts
from harness.metrics.parse import Mode, parse_answer, parse_label
from harness.metrics.qa import exact_match, is_abstention
from harness.metrics.retrieval import retrieval_scores, source_correctness
from harness.types import Outcome, Output, Row, Scored

__all__ = ["Rules", "score_row"]


@dataclass(frozen=True)
class Rules:
    """How the rows of a task are scored.

    Attributes:
        kind: ``classification``, ``multiple_choice``, ``qa``, ``description``, ``decision`` or
            ``ranking``.
        choices: The task's labels; a row's own choices go before them.
        aliases: Other texts that mean a label.
        parser: ``strict`` or ``lenient``, see `harness.metrics.parse.parse_label`.
        language: Two-letter code, for tokens.
        abstain: More texts that say that one doesn't know.
        costs: What wrong decisions cost, for the kind ``decision``.
        row_metrics: Plug-in metrics by name; each gets the scored row and returns a number, or
            NaN where it is not defined.
    """

    kind: str
    choices: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    parser: Mode = "lenient"
    language: str = ""
    abstain: tuple[str, ...] = ()
    costs: DecisionCosts | None = None
    row_metrics: Mapping[str, Callable[[Scored], float]] = field(default_factory=dict)


def score_row(row: Row, output: Output, rules: Rules) -> Scored:
    """Scores one answer.

    Args:
        row: The row, with its answer.
        output: What the strategy answered.
        rules: How the task is scored.

    Returns:
        The scored row. One that has an error has no values; one that is unparsed, refused or
        truncated is wrong, with values of 0 (of a decision: with the loss of a hand-over).

    Raises:
        ValueError: The kind is unknown.
        UsageError: A plug-in metric failed.
    """
    if rules.kind not in _SCORERS:
        raise ValueError(f"unknown kind {rules.kind!r}: known are {', '.join(_SCORERS)}")
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
    silent = output.text is None and output.finish != "refused" and rules.kind != "ranking"
    if output.error is not None or silent:
        return blank
    if output.finish == "refused" and rules.kind != "decision":
        names = _VALUES.get(rules.kind, ("accuracy",))
        scored = replace(blank, outcome="refused", values=dict.fromkeys(names, 0.0))
    else:
        scored = _SCORERS[rules.kind](row, output, rules, blank)
    if row.passages and output.evidence and rules.kind != "ranking":
        found = retrieval_scores(output.evidence, row.passages)
        if scored.outcome == "ok" and not scored.abstained and rules.kind in _VALUES:
            cited = source_correctness(output.text or "", output.evidence, row.passages)
            found["source_correctness"] = cited
        scored = replace(scored, values={**scored.values, **found})
    return _with_plugins(scored, rules.row_metrics)


def _score_label(row: Row, output: Output, rules: Rules, blank: Scored) -> Scored:
    choices = row.example.query.choices or rules.choices
    predicted = parse_label(
        output.text or "",
        choices,
        mode=rules.parser,
        aliases=rules.aliases,
        letters=rules.kind == "multiple_choice",
    )
    if predicted is None:
        outcome: Outcome = "truncated" if output.finish == "length" else "unparsed"
        return replace(blank, outcome=outcome, values={"accuracy": 0.0})
    right = predicted == row.example.target or predicted in row.example.accepted
    return replace(
        blank,
        outcome="ok",
        predicted=predicted,
        correct=right,
        values={"accuracy": float(right)},
    )


def _score_answer(row: Row, output: Output, rules: Rules, blank: Scored) -> Scored:
    text = output.text or ""
    answer = parse_answer(text)
    wrong = dict.fromkeys(_VALUES[rules.kind], 0.0)
    if not answer:
        # Cut inside hidden reasoning or white space: there is no answer to read.
        outcome: Outcome = "truncated" if output.finish == "length" and text.strip() else "unparsed"
        return replace(blank, outcome=outcome, values=wrong)
    if output.finish == "length" and "\n" not in parse_answer(text, stop_at_newline=False):
        return replace(blank, outcome="truncated", predicted=answer, values=wrong)
    accepted = row.example.accepted or (row.example.target,)
    described = rules.kind == "description"
    exact = not described and exact_match(answer, accepted)
    own = (*rules.abstain, *(() if row.answerable else accepted))
    abstained = is_abstention(answer, own) and not (row.answerable and exact)
    if abstained or not row.answerable:
        right = abstained and not row.answerable
        values = dict.fromkeys(wrong, float(right))
    else:
        overlap = 1.0 if exact else token_f1(answer, accepted, rules.language)
        share = key_fact_recall(answer, row.key_facts) if described else float(exact)
        right = share == 1.0
        values = dict(zip(_VALUES[rules.kind], (share, overlap), strict=True))
    return replace(
        blank,
        outcome="ok",
        predicted=answer,
        correct=right,
        abstained=abstained,
        values=values,
    )


def _score_ranking(row: Row, output: Output, rules: Rules, blank: Scored) -> Scored:
    """Scores what was retrieved; a row without a gold passage has nothing to be found."""
    values = retrieval_scores(output.evidence, row.passages) if row.passages else {}
    first = output.evidence[0].source if output.evidence else None
    right = values.get("hit@1") == 1.0
    return replace(blank, outcome="ok", predicted=first, correct=right, values=values)


def _score_decision(row: Row, output: Output, rules: Rules, blank: Scored) -> Scored:
    if rules.costs is None:
        raise ValueError("a decision is scored by its costs: Rules.costs is not set")
    return score_decision(
        row, output, blank, rules.costs, aliases=rules.aliases, abstain=rules.abstain
    )


# Of a refused or unread answer, too: the first says whether it is right.
_VALUES = {"qa": ("exact_match", "token_f1"), "description": ("key_fact_recall", "token_f1")}
_SCORERS: dict[str, Callable[[Row, Output, Rules, Scored], Scored]] = {
    "classification": _score_label,
    "multiple_choice": _score_label,
    "qa": _score_answer,
    "description": _score_answer,
    "ranking": _score_ranking,
    "decision": _score_decision,
}


def _with_plugins(scored: Scored, plugins: Mapping[str, Callable[[Scored], float]]) -> Scored:
    values = dict(scored.values)
    for name, metric in plugins.items():
        try:
            values[name] = float(metric(scored))
        except Exception as error:
            raise UsageError(
                f"metric {name!r} failed on row {scored.id!r}: {type(error).__name__}: {error}",
                "It gets a harness.types.Scored and has to return a number (NaN: not defined).",
            ) from error
    return replace(scored, values=values) if plugins else scored
