"""The one place that says what is right: pay how much, deny, or ask for documents."""

from __future__ import annotations

from datetime import date

from .model import Cover, Decision, Facts, Policy

MOST_DEPRECIATION = 50
"""Percent of the price beyond which nothing is taken off."""


def decide(policy: Policy, facts: Facts, unit: int = 1) -> Decision:
    """Decides a claim in the order in which an adjuster checks it.

    Args:
        policy: The terms.
        facts: What happened and what was sent in.
        unit: Payments are rounded down to multiples of it: 1 won, or 100 cents.

    Returns:
        A denial where period, wait, cover, exclusion or loss leave nothing to pay, whatever
        documents there are; else a request for what is missing; else the amount.
    """
    cover = policy.cover_of(facts.peril.key)
    if reason := _denial(policy, cover, facts):
        return Decision("deny", 0, reason)
    assert cover is not None  # otherwise it is denied
    if not set(cover.documents) <= set(facts.enclosed):
        return Decision("documents", 0, "documents")
    amount = payable(cover, facts, unit)
    return Decision("pay", amount, "limit" if amount == cover.limit else "payable")


def _denial(policy: Policy, cover: Cover | None, facts: Facts) -> str:
    """The first rule by which nothing is paid; empty where there is none."""
    if not policy.start <= facts.event <= policy.end:
        return "period"
    if cover is None:
        return "uncovered"
    if (facts.event - policy.start).days < cover.wait:
        return "waiting"
    if facts.scene.exclusion in {exclusion.key for exclusion in policy.exclusions}:
        return "exclusion"
    if facts.peril.basis == "loss" and facts.hours < cover.minimum:
        return "minimum"
    return "" if net(cover, facts) > 0 else "deductible"


def net(cover: Cover, facts: Facts) -> int:
    """What is left of the loss before the rate: in hundredths of the smallest amount.

    Args:
        cover: The terms.
        facts: With the loss, the days or neither.

    Returns:
        100 x (loss less depreciation and deductible); days that are paid at their benefit; or
        the fixed sum.
    """
    if facts.peril.basis == "fixed":
        return 100 * cover.limit
    if facts.peril.basis == "days":
        return 100 * cover.daily * max(0, facts.days - cover.minimum)
    off = 0
    if facts.bought is not None:
        off = min(MOST_DEPRECIATION, cover.depreciation * full_years(facts.bought, facts.event))
    return facts.loss * (100 - off) - 100 * cover.deductible


def payable(cover: Cover, facts: Facts, unit: int) -> int:
    """The amount due: the limit at most, rounded down to a multiple of `unit`."""
    amount = net(cover, facts) * cover.rate // 10_000
    return min(cover.limit, amount // unit * unit)


def full_years(since: date, until: date) -> int:
    """Counts full years between two days."""
    before = (until.month, until.day) < (since.month, since.day)
    return until.year - since.year - before
