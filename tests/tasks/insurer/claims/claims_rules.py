"""A second, independent reading of what the instructions say, on terms and facts read from text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction


@dataclass
class ReadCover:
    """A cover as the terms' text says it; amounts in the currency."""

    name: str
    documents: list[str]
    limit: Fraction = Fraction(0)
    deductible: Fraction = Fraction(0)
    percent: int = 100
    wait: int = 0
    hours: int = 0
    yearly: int = 0
    daily: Fraction | None = None
    unpaid_days: int = 0


@dataclass
class ReadClaim:
    """A claim as its text says it."""

    start: date
    end: date
    covers: dict[str, ReadCover]  # by peril
    refused: list[str]  # the exclusions' own words
    event: date
    peril: str
    circumstances: set[str]  # words of exclusions that the story falls under, in any policy
    loss: Fraction = Fraction(0)
    days: int = 0
    hours: int = 0
    years: int = 0
    enclosed: set[str] = field(default_factory=set)


def second_opinion(claim: ReadClaim) -> tuple[str, Fraction]:
    """Label and amount, by the instructions in the task file."""
    cover = claim.covers.get(claim.peril)
    if cover is None or claim.event < claim.start or claim.event > claim.end:
        return "deny", Fraction(0)
    day_of_policy = (claim.event - claim.start).days + 1
    if day_of_policy <= cover.wait or claim.circumstances & set(claim.refused):
        return "deny", Fraction(0)
    if cover.hours and claim.hours < cover.hours:
        return "deny", Fraction(0)
    if cover.daily is not None:
        due = cover.daily * (claim.days - cover.unpaid_days)
    elif claim.loss == 0:
        due = cover.limit
    else:
        worth = claim.loss * (1 - min(Fraction(1, 2), Fraction(cover.yearly * claim.years, 100)))
        due = (worth - cover.deductible) * Fraction(cover.percent, 100)
    if due <= 0:
        return "deny", Fraction(0)
    if set(cover.documents) - claim.enclosed:
        return "documents", Fraction(0)
    return "pay", Fraction(int(min(due, cover.limit)))


def full_years(bought: tuple[int, int], event: date) -> int:
    """Full years between a month of purchase, which is not the event's month, and the event."""
    return (event.year * 12 + event.month - bought[0] * 12 - bought[1]) // 12


def number(pattern: str, text: str) -> int:
    """The number that a pattern's first group finds; 0 where it finds none."""
    found = re.search(pattern, text)
    return int(found[1]) if found else 0


def papers(sentences: list[str], names: list[str]) -> set[str]:
    """The papers that sentences name; a name inside a longer one that was found doesn't count."""
    found = set()
    for sentence in sentences:
        for name in sorted(names, key=len, reverse=True):
            if name in sentence:
                found.add(name)
                sentence = sentence.replace(name, "")
    return found
