"""The sentences of a report, in any language: what happened, what it cost, what came with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from .model import Facts, Line

Texts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Voice:
    """How a language says it. Texts have ``<a|b>`` where registers differ, and slots in braces.

    Attributes:
        enclosed: By register: what came, ``{docs}``.
        later: By register: what is promised, ``{doc}``.
        single: One amount, ``{what}`` and ``{a}``.
        single_quoted: The same, read off ``{paper}``.
        parts: Two amounts ``{a}`` and ``{b}`` for ``{p}`` and ``{q}``.
        bought: Price and time of a purchase, ``{a}`` and ``{ago}``.
        bought_quoted: The same, read off the receipt.
        claimed: A demand ``{x}`` above what ``{paper}`` says.
        asides: Sentences on which nothing depends.
        premium: One more, with a small amount, where premiums are monthly.
        dearer: One more about the price of a new thing.
        bill: One more about bills that nothing is paid for.
        say: Fills a text in a register.
        money: Writes an amount.
        day: Writes a day, given the report's.
        ago: Writes when something was bought, given the event's day.
        listed: Writes a list of documents.
        coarse: Amounts in asides are multiples of it, in smallest amounts.
    """

    enclosed: tuple[Texts, ...]
    later: tuple[Texts, ...]
    single: Texts
    single_quoted: Texts
    parts: Texts
    bought: Texts
    bought_quoted: Texts
    claimed: Texts
    asides: Texts
    premium: str
    dearer: str
    bill: str
    say: Callable[..., str]
    money: Callable[[int, Random], str]
    day: Callable[[date, date, Random], str]
    ago: Callable[[date, date, Random], str]
    listed: Callable[[Sequence[str]], str]
    coarse: int


def narrate(line: Line, facts: Facts, register: int, voice: Voice, rng: Random) -> list[str]:
    """Tells a claim in varied order, with up to two asides.

    Args:
        line: Line of business.
        facts: What is told.
        register: Who writes.
        voice: How the language says it.
        rng: Chooses words, order and asides.

    Returns:
        Sentences. What is promised is never among what came, and no amount is quoted from a paper
        that did not come.
    """
    told = [_told(facts, register, voice, rng), _enclosed(facts, register, voice, rng)]
    if facts.losses:
        told.insert(rng.choice((0, 1, 1, 2)), _loss(facts, register, voice, rng))
    elif rng.random() < 0.3:
        told.reverse()
    later = voice.later[register]
    told += [voice.say(rng.choice(later), register, doc=doc) for doc in facts.later]
    for aside in _asides(line, facts, register, voice, rng):
        told.insert(rng.randint(1, len(told)), aside)
    return told


def _told(facts: Facts, register: int, voice: Voice, rng: Random) -> str:
    when = voice.day(facts.event, facts.received, rng)
    slots = {"when": when, "days": f"{facts.days}", "hours": f"{facts.hours}"}
    return voice.say(facts.scene.text, register, **slots)


def _enclosed(facts: Facts, register: int, voice: Voice, rng: Random) -> str:
    docs = voice.listed(facts.enclosed)
    return voice.say(rng.choice(voice.enclosed[register]), register, docs=docs)


def _loss(facts: Facts, register: int, voice: Voice, rng: Random) -> str:
    peril, amounts = facts.peril, facts.losses
    slots = {"what": peril.what, "paper": peril.documents[0], "p": peril.parts[0],
             "q": peril.parts[1]}  # fmt: skip
    quoted = peril.documents[0] in facts.enclosed
    if facts.bought is not None:
        texts = voice.bought + (voice.bought_quoted if quoted else ())
        slots["ago"] = voice.ago(facts.bought, facts.event, rng)
    elif facts.claimed:
        texts, amounts = voice.claimed, (facts.loss,)
        slots["x"] = voice.money(facts.claimed, rng)
    elif len(amounts) == 1:
        texts = voice.single + (voice.single_quoted if quoted else ())
    else:
        texts = voice.parts
    slots |= {"a": voice.money(amounts[0], rng), "b": voice.money(amounts[-1], rng)}
    return voice.say(rng.choice(texts), register, **slots)


def _asides(line: Line, facts: Facts, register: int, voice: Voice, rng: Random) -> list[str]:
    pool = [*voice.asides, *([voice.premium] if line.years else [])]
    pool += [voice.dearer] * 2 if facts.bought is not None else []
    pool += [voice.bill] * 3 if facts.peril.basis != "loss" else []
    chosen = dict.fromkeys(rng.sample(pool, rng.choice((0, 1, 1, 2))))
    return [voice.say(text, register, x=_other(text, facts, voice, rng)) for text in chosen]


def _other(text: str, facts: Facts, voice: Voice, rng: Random) -> str:
    """An amount that decides nothing, of the size that one expects there."""
    if text == voice.premium:
        return voice.money(rng.randint(9, 79) * voice.coarse // 10, rng)
    base = max(facts.loss, 20 * voice.coarse) if facts.losses else 100 * voice.coarse
    return voice.money(base * rng.randint(60, 180) // 100 // voice.coarse * voice.coarse, rng)
