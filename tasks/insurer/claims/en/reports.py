"""Reports as customers, telephone agents and adjusters write them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from random import Random

from ..model import Facts, Policy
from ..narrate import Voice, narrate
from ..registers import spoken
from .wording import day, money

CUSTOMER, MEMO = 0, 1
STYLES = {"email": CUSTOMER, "chat": CUSTOMER, "phone": MEMO, "memo": MEMO, "form": MEMO}


def _say(text: str, register: int, **slots: str) -> str:
    """Fills slots; ``{Doc}`` is ``{doc}`` with a capital."""
    capitals = {name.capitalize(): value[:1].upper() + value[1:] for name, value in slots.items()}
    return spoken(text, register).format(**slots, **capitals)


def _ago(bought: date, event: date, rng: Random) -> str:
    """When a thing was bought: a month, or how long before the event."""
    months = (event.year - bought.year) * 12 + event.month - bought.month
    many = "a year" if months < 24 else f"{months // 12} years"
    before = f"{many} and {months % 12} months before the theft"
    return rng.choice((f"in {bought:%B} {bought.year}", before))


def _listed(documents: Sequence[str]) -> str:
    *first, last = documents
    return f"{', '.join(first)} and {last}" if first else last


VOICE = Voice(
    enclosed=(
        (
            "Attached: {docs}.",
            "I am attaching the {docs}.",
            "With this message I am sending the {docs}.",
        ),
        ("Received: {docs}.", "Docs on file: {docs}.", "Insured sent {docs}."),
    ),
    later=(
        (
            "I will send the {doc} as soon as I get it.",
            "The {doc} will follow next week.",
            "I have requested the {doc} and will upload it once it comes.",
        ),
        ("{Doc} to follow.", "Insured has requested the {doc}.", "{Doc} promised for next week."),
    ),
    single=("The {what} came to {a}.", "Total {what}: {a}."),
    single_quoted=("The {what} on the {paper} is {a}.",),
    parts=(
        "It came to {a} for {p} and {b} for {q}.",
        "{P} {a}, {q} {b}.",
        "The {what} is made up of {a} for {p} plus {b} for {q}.",
    ),
    bought=("The stolen item was bought {ago} for {a}.", "Purchase price {a}, bought {ago}."),
    bought_quoted=("The receipt says {a}; it was bought {ago}.",),
    claimed=(
        "<I am|Insured is> claiming {x}. The {what} on the {paper} is {a}.",
        "The {paper} shows a {what} of {a}, but <I think {x} is fair|insured feels {x} is fair> "
        "given all the trouble.",
    ),
    asides=(
        "There was a payment of {x} on another claim last year.",
        "<I was on hold for twenty minutes before writing this.|"
        "Insured complained about a twenty-minute hold.>",
        "<I would appreciate it if this could be settled this month.|"
        "Insured asks for settlement this month.>",
        "<My agent told me to contact you directly.|Insured had spoken to the agent first.>",
    ),
    premium="The premium is {x} a month and has never been late.",
    dearer="The same thing new would be about {x} today.",
    bill="<My hospital bills so far are|Hospital bills so far:> {x}.",
    say=_say,
    money=money,
    day=day,
    ago=_ago,
    listed=_listed,
    coarse=1_000,
)


def report(policy: Policy, facts: Facts, style: str, rng: Random) -> str:
    """Writes a report.

    Args:
        policy: For the customer and the number.
        facts: What it says.
        style: One of `STYLES`.
        rng: Chooses words, order and asides.

    Returns:
        Several lines.
    """
    told = narrate(policy.line, facts, STYLES[style], VOICE, rng)
    return _FRAMES[style](policy, facts, told, rng)


def _email(policy: Policy, facts: Facts, told: Sequence[str], rng: Random) -> str:
    person = policy.person
    who = f"my policy number is {policy.number}"
    who += f" (SSN {person.national_number})." if rng.random() < 0.4 else "."
    end = rng.choice((
        f"You can reach me at {person.phone}.",
        f"Please deposit any payment to {person.account}.",
        f"Please reply to {person.email}.",
    ))  # fmt: skip
    head = f"Subject: Claim ({facts.received})"
    return f"{head}\nHello, {who} {' '.join(told)} {end} Thanks, {person.name}"


def _chat(policy: Policy, facts: Facts, told: Sequence[str], rng: Random) -> str:
    person = policy.person
    head = rng.choice((f"Hi, I need to file a claim on {policy.number}.",
                       f"Filing a claim here! Policy {policy.number}."))  # fmt: skip
    end = rng.choice((
        f"This is {person.name}, {person.phone}.",
        f"{person.name} here, pay to {person.account}.",
        f"The card on file is {person.card}, name {person.name}.",
    ))  # fmt: skip
    return f"[Chat {facts.received}]\n{head} {' '.join(told)} {end}"


def _phone(policy: Policy, facts: Facts, told: Sequence[str], rng: Random) -> str:
    person = policy.person
    head = (
        f"[Call {facts.received}] {person.name}, callback {person.phone}, policy {policy.number}."
    )
    return f"{head}\n{' '.join(told)}"


def _memo(policy: Policy, facts: Facts, told: Sequence[str], rng: Random) -> str:
    person = policy.person
    who = f"{person.name} (SSN {person.national_number})" if rng.random() < 0.6 else person.name
    return f"[Adjuster's note {facts.received}] {who}, policy {policy.number}\n{' '.join(told)}"


def _form(policy: Policy, facts: Facts, told: Sequence[str], rng: Random) -> str:
    person = policy.person
    lines = [f"Received: {facts.received}", f"Policy: {policy.number}",
             f"Claimant: {person.name}", f"Phone: {person.phone}"]  # fmt: skip
    if rng.random() < 0.5:
        lines.append(f"Pay to: {person.account}")
    rng.shuffle(lines)
    return "\n".join(["CLAIM FORM", *lines, *(f"- {line}" for line in told)])


_FRAMES = {"email": _email, "chat": _chat, "phone": _phone, "memo": _memo, "form": _form}
