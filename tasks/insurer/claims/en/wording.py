"""Amounts, days and terms as American writers put them."""

from __future__ import annotations

from datetime import date
from random import Random

from ...en.english import ordinal
from .. import identifiers as ids
from ..model import Cover, Decision, Line, Person, Policy

FIRST = ("Dana", "Alex", "Jordan", "Casey", "Robin", "Morgan", "Taylor", "Jamie", "Avery", "Quinn",
         "Reese", "Rowan", "Sasha", "Kendall", "Marlow", "Emery")  # fmt: skip
LAST = ("Halloway", "Brenner", "Castellan", "Dunmore", "Eastley", "Farrow", "Grantham", "Holbeck",
        "Ingles", "Jarrow", "Kestrel", "Larkspur", "Merrow", "Norvale", "Ostrander", "Pellam",
        "Quarles", "Renwick", "Sandoe", "Thornby")  # fmt: skip
ANSWERS = {"pay": "pay", "deny": "deny", "documents": "ask for documents"}


def person(line: Line, rng: Random) -> Person:
    """Makes up a customer."""
    first, last = rng.choice(FIRST), rng.choice(LAST)
    return Person(
        f"{first} {last}",
        ids.social_security_number(rng),
        ids.american_phone(rng),
        ids.american_account(rng),
        ids.card(rng),
        ids.email(f"{first[0]}.{last}".lower(), rng),
    )


def answer(decision: Decision) -> str:
    """The canonical answer: pay $1,250, deny, ask for documents."""
    label = ANSWERS[decision.label]
    return f"{label} ${decision.amount // 100:,}" if decision.label == "pay" else label


def plain(cents: int) -> str:
    """A whole amount as terms write it: $1,500."""
    return f"${cents // 100:,}"


def money(cents: int, rng: Random) -> str:
    """Writes an amount in one of the ways that people use."""
    dollars, rest = divmod(cents, 100)
    if rest:
        return rng.choice((f"${dollars:,}.{rest:02d}", f"${dollars}.{rest:02d}"))
    return rng.choice((f"${dollars:,}", f"${dollars}", f"${dollars:,}.00", f"{dollars:,} dollars"))


def day(value: date, received: date, rng: Random) -> str:
    """Writes a day, month first; without its year only where that is the year of the report."""
    forms = [f"{value:%B} {value.day}, {value.year}", f"{value:%b} {value.day}, {value.year}",
             f"{value.month}/{value.day}/{value.year}", f"{value:%m/%d/%y}", f"{value}"]  # fmt: skip
    if value.year == received.year:
        forms += [f"{value:%B} {value.day}", f"{value:%b} {value.day}",
                  f"{value:%A}, {value:%B} {value.day}", f"{value:%B} {ordinal(value.day)}"]  # fmt: skip
    return rng.choice(forms)


def terms(policy: Policy) -> str:
    """Writes the excerpt of a policy that stands before the report."""
    lines = [f"[Terms] {policy.line.name}, in force {policy.start} to {policy.end}"]
    lines += [f"Cover {at}. {_cover(cover)}" for at, cover in enumerate(policy.covers, 1)]
    refused = "; ".join(exclusion.text for exclusion in policy.exclusions)
    return "\n".join([*lines, f"Not covered: {refused}"])


def _cover(cover: Cover) -> str:
    peril = cover.peril
    parts = [f"{peril.name}: {_benefit(cover)}"]
    if cover.wait:
        parts.append(f"waiting period {cover.wait} days")
    if cover.minimum and peril.basis == "loss":
        parts.append(f"delays of {cover.minimum} hours or more")
    if cover.depreciation:
        parts.append(f"depreciation {cover.depreciation}% of the price per full year (50% at most)")
    return f"{', '.join(parts)}. Documents: {', '.join(cover.documents)}"


def _benefit(cover: Cover) -> str:
    if cover.peril.basis == "fixed":
        return f"{plain(cover.limit)} on a confirmed diagnosis"
    if cover.peril.basis == "days":
        most = cover.limit // cover.daily
        days = "day is" if cover.minimum == 1 else f"{cover.minimum} days are"
        return f"{plain(cover.daily)} a day for up to {most} days; the first {days} not paid"
    bears = f"deductible {plain(cover.deductible)}" if cover.deductible else "no deductible"
    return f"up to {plain(cover.limit)} per event, {bears}, pays {cover.rate}%"
