"""What a policy says and what happened, as values; amounts are whole won, or cents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Literal

Basis = Literal["loss", "days", "fixed"]
Label = Literal["pay", "deny", "documents"]


@dataclass(frozen=True, slots=True)
class Scene:
    """How an event is told.

    Attributes:
        text: The event, with ``<a|b|c>`` where writers differ and ``{when}`` for the date.
        exclusion: Key of the exclusion that it falls under, where the policy has that one.
        months: When it can happen; empty for all year round.
    """

    text: str
    exclusion: str = ""
    months: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Peril:
    """A kind of event that a line of business can cover, and the terms that may be drawn for it.

    Attributes:
        key: Name within the line.
        name: As the terms call it.
        what: What the loss is called ("수리비"); empty where nothing is added up.
        parts: Two items that the loss may be made of.
        documents: Papers that can be asked for; the first states the amount, and always is.
        scenes: How it is told.
        limits: Most that is paid for one event, in the currency; of ``days`` a day's benefit.
        deductibles: What the insured bears, in the currency.
        rates: Share of the rest that is paid, in percent.
        waits: Days from the start for which nothing is covered.
        depreciations: Percent of the price taken off for each full year of use.
        minimums: Hours of delay from which it is covered; of ``days`` the days not paid.
        longest: Of ``days``: most days that are paid.
        basis: What is paid for: a loss, days, or a fixed sum.
    """

    key: str
    name: str
    what: str
    parts: tuple[str, str]
    documents: tuple[str, str, str]
    scenes: tuple[Scene, ...]
    limits: tuple[int, ...]
    deductibles: tuple[int, ...] = (0,)
    rates: tuple[int, ...] = (100,)
    waits: tuple[int, ...] = (0,)
    depreciations: tuple[int, ...] = ()
    minimums: tuple[int, ...] = (0,)
    longest: tuple[int, ...] = (0,)
    basis: Basis = "loss"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What a policy may refuse to pay for; `always` where every insurer would."""

    key: str
    text: str
    always: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line of business.

    Attributes:
        key: Name in ids and slices.
        name: As the policy is called.
        years: Length of the policy period; 0 where it is days.
        perils: Three; a policy covers two of them.
        exclusions: Those that scenes may fall under.
        days: Where it is days: the shortest and the longest.
        born: Years of birth of its customers, without the century, earliest and latest.
    """

    key: str
    name: str
    perils: tuple[Peril, Peril, Peril]
    exclusions: tuple[Exclusion, ...]
    years: int = 1
    days: tuple[int, int] = (0, 0)
    born: tuple[int, int] = (65, 95)


@dataclass(frozen=True, slots=True)
class Cover:
    """The terms of one cover of one policy; amounts in won, or cents.

    Attributes:
        peril: What is covered.
        limit: Most that is paid for one event; the sum of a ``fixed`` cover.
        deductible: What the insured bears.
        rate: Percent of the rest that is paid.
        wait: Days from the start, the first day included, for which nothing is covered.
        depreciation: Percent of the price for each full year of use.
        minimum: Hours of delay from which it is covered, or days in hospital that are not paid.
        daily: Benefit for a day in hospital.
        documents: What must be enclosed.
    """

    peril: Peril
    limit: int
    deductible: int
    rate: int
    wait: int
    depreciation: int
    minimum: int
    daily: int
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """An invented customer; the numbers can be nobody's, see `identifiers`."""

    name: str
    national_number: str
    phone: str
    account: str
    card: str
    email: str


@dataclass(frozen=True, slots=True)
class Policy:
    """One customer's contract: the cluster of its claims."""

    id: str
    line: Line
    person: Person
    number: str
    start: date
    end: date
    covers: tuple[Cover, Cover]
    exclusions: tuple[Exclusion, ...]

    def cover_of(self, peril: str) -> Cover | None:
        """The cover for a peril; None where the policy has none."""
        return next((cover for cover in self.covers if cover.peril.key == peril), None)


@dataclass(frozen=True, slots=True)
class Facts:
    """What happened and what was sent in: all that a decision depends on, and how it is told.

    Attributes:
        peril: The kind of event.
        scene: Its telling, with the exclusion that it may fall under.
        event: Its day.
        received: The day on which the report came in.
        losses: Amounts that add up to the documented loss; empty for days and fixed sums.
        days: Days in hospital.
        hours: Hours of delay.
        bought: When a thing was bought, where depreciation depends on it.
        enclosed: Documents that came with the report.
        later: Documents that are promised for later.
        claimed: What the customer asks for, where it is more than the papers say; else 0.
    """

    peril: Peril
    scene: Scene
    event: date
    received: date
    losses: tuple[int, ...]
    days: int
    hours: int
    bought: date | None
    enclosed: tuple[str, ...]
    later: tuple[str, ...]
    claimed: int

    @property
    def loss(self) -> int:
        """The documented loss."""
        return sum(self.losses)


@dataclass(frozen=True, slots=True)
class Decision:
    """What is right: the label, the amount where it is paid, and the rule that decided."""

    label: Label
    amount: int
    reason: str


@dataclass(frozen=True, slots=True)
class Language:
    """All that is written in one language.

    Attributes:
        code: Two letters.
        unit: The smallest amounts in one unit of the currency: 1 for won, 100 for dollars.
        steps: Losses are multiples of one of these, in smallest amounts.
        lines: Lines of business.
        person: Makes up a customer of a line.
        terms: Writes the excerpt of a policy.
        report: Writes a report in a style.
        styles: Names of the styles.
        answer: Writes the canonical answer.
    """

    code: str
    unit: int
    steps: tuple[int, ...]
    lines: tuple[Line, ...]
    person: Callable[[Line, Random], Person]
    terms: Callable[[Policy], str]
    report: Callable[[Policy, Facts, str, Random], str]
    styles: tuple[str, ...]
    answer: Callable[[Decision], str]
