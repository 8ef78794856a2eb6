"""Scores decisions with an amount: is the decision right, is the amount, and what a mistake costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Literal

from harness.metrics.abstention import is_abstention
from harness.metrics.amounts import Amount, find_amounts, parse_amount, write_amount
from harness.metrics.losses import DecisionCosts, Ruling
from harness.metrics.metric import DECISION, Answered, Metric
from harness.metrics.parse import parse_answer, parse_label
from harness.types import Outcome, Output, Row, Scored

__all__ = ["Decided", "parse_decision", "parse_target", "read_decision", "write_decision"]

Decided = tuple[str, Decimal | None]
"""A label, and the amount that goes with it; None where none is named."""
_LONGEST = 4_000


def parse_target(text: str, costs: DecisionCosts) -> tuple[str, Decimal]:
    """Reads a right answer ("지급 1,250,000원", "deny"): its label and the amount, 0 without one.

    Raises:
        ValueError: It is no decision of the task, or the amount is missing.
    """
    if text in costs.costs and text != costs.pay:
        return text, Decimal(0)
    head, _, tail = text.partition(f"{costs.pay} ")
    amount = parse_amount(tail, costs.currency) if not head else None
    if amount is None or amount <= 0:
        raise ValueError(f"{text!r} is none of {', '.join(costs.labels)}, or lacks its amount")
    return costs.pay, amount


def write_decision(decided: Decided, currency: str) -> str:
    """Writes a decision in its canonical form."""
    label, amount = decided
    return label if amount is None else f"{label} {write_amount(amount, currency)}"


def parse_decision(
    text: str, costs: DecisionCosts, aliases: Mapping[str, str] | None = None
) -> Decided | None:
    """Finds which decision an answer takes, and the amount where one is named clearly.

    The first line counts, and the whole text where that holds no decision. An amount alone is a
    decision to pay it. `aliases` are other texts, each with the label that it means. None where no
    decision can be read.
    """
    text = text if len(text) <= _LONGEST else text[:_LONGEST]
    for part in (parse_answer(text), parse_answer(text, stop_at_newline=False)):
        if decided := _decided(part, costs, aliases or {}):
            return decided
    return None


def _decided(text: str, costs: DecisionCosts, aliases: Mapping[str, str]) -> Decided | None:
    amounts = find_amounts(text, costs.currency)
    label = parse_label(_without(text, amounts), costs.labels, aliases=aliases)
    if label is None:
        only = parse_amount(text, costs.currency) if _is_amount(text, amounts) else None
        return None if only is None else (costs.pay, only)
    if label != costs.pay:
        return label, None
    return label, _paid(text, amounts, costs)


def _without(text: str, amounts: Sequence[Amount]) -> str:
    """Leaves out the amounts, so that what remains may be a label as a whole."""
    for amount in reversed(amounts):
        text = f"{text[: amount.start]} {text[amount.end :]}"
    return text.strip()


def _is_amount(text: str, amounts: Sequence[Amount]) -> bool:
    """Whether a text holds one amount (or says it twice), or a bare number, and no word."""
    rest = _without(text, amounts)
    return len(amounts) <= 2 and not any(character.isalpha() for character in rest)


def _paid(text: str, amounts: Sequence[Amount], costs: DecisionCosts) -> Decimal | None:
    """The amount that is paid: the only one, that after a sum's =, or that next to the word."""
    amount = parse_amount(text, costs.currency)
    if amount is not None or not amounts:
        return amount
    if "=" in text:
        after = [one for one in amounts if one.start > text.rindex("=")]
        return after[0].value if len(after) == 1 else None
    near = [one for one in amounts if _between(text, one, costs.pay)]
    return near[0].value if len({one.value for one in near}) == 1 else None


def _between(text: str, amount: Amount, pay: str) -> bool:
    """Whether an amount stands right after the word for paying, or right before it."""
    before = text[: amount.start].rstrip(" :：-=").casefold()
    after = text[amount.end :].lstrip(" 을를").casefold()
    return before.endswith(pay.casefold()) or after.startswith(pay.casefold())


def read_decision(
    row: Row,
    output: Output,
    blank: Scored,
    costs: DecisionCosts,
    *,
    aliases: Mapping[str, str],  # other texts, each with the label that it means
    abstain: Sequence[str],  # texts that hand the claim to a person
) -> tuple[Scored, Ruling]:
    """Reads one answer; the row is right where decision and amount are, and has no values."""
    text = output.text or ""
    abstained = output.finish != "refused" and is_abstention(parse_answer(text), abstain)
    readable = output.finish != "refused" and not abstained
    taken = parse_decision(text, costs, aliases) if readable else None
    outcome = "ok" if abstained else _outcome(text, output.finish, taken, costs)
    if outcome != "ok":
        taken = None
    ruling = Ruling(parse_target(row.example.target, costs), taken, costs)
    scored = replace(
        blank,
        outcome=outcome,
        predicted=write_decision(taken, costs.currency) if taken else None,
        correct=ruling.exact,
        abstained=abstained,
    )
    return scored, ruling


def _outcome(text: str, finish: str | None, taken: Decided | None, costs: DecisionCosts) -> Outcome:
    if finish in ("refused", "too_long"):
        return "refused" if finish == "refused" else "truncated"
    cut = finish == "length" and "\n" not in text.strip()
    if taken is None:
        return "truncated" if cut and text.strip() else "unparsed"
    # What would have followed may be the rest of the amount, or another one.
    return "truncated" if cut and taken[0] == costs.pay else "ok"


def _amount_error(ruling: Ruling) -> float | None:
    if not ruling.due or not ruling.pays or ruling.taken is None or ruling.taken[1] is None:
        return None
    return min(1.0, float(abs(ruling.taken[1] - ruling.right[1]) / ruling.right[1]))


def _wrong_deny(ruling: Ruling) -> float | None:
    denied = ruling.taken is not None and ruling.taken[0] == ruling.costs.deny
    return float(denied) if ruling.due else None


def _wrong_pay(ruling: Ruling) -> float | None:
    return None if ruling.due else float(ruling.pays and not ruling.hands_over)


def _metric(
    name: str,
    summary: str,
    function: Callable[[Ruling], float | None],
    *,
    higher_is_better: bool = False,
    unit: Literal["share", "money"] = "share",
) -> Metric:
    """Declares a metric of a decision beside the right one."""

    def answer(answered: Answered) -> float | None:
        return function(answered.ruling) if answered.ruling else None

    return Metric(
        name, summary, DECISION, answer=answer, higher_is_better=higher_is_better, unit=unit
    )


METRICS = (
    _metric(
        "decision_accuracy",
        "share of right decisions, whatever the amount",
        lambda ruling: float(ruling.decided),
        higher_is_better=True,
    ),
    _metric(
        "expected_loss",
        "what wrong decisions and hand-overs cost, for 1,000 cases",
        lambda ruling: ruling.costs.loss(ruling.right, ruling.taken),
        unit="money",
    ),
    _metric(
        "handover",
        "share that a person has to decide: no readable decision, or no amount",
        lambda ruling: float(ruling.hands_over),
    ),
    _metric("wrong_deny", "share denied of the cases that were to be paid", _wrong_deny),
    _metric(
        "amount_error",
        "relative error of the amount, 1 at most, where it was right to pay and is paid",
        _amount_error,
    ),
    _metric("wrong_pay", "share paid of the cases in which nothing was to be paid", _wrong_pay),
)
