"""Reports as customers, telephone agents and adjusters write them."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from ..model import Facts, Policy
from ..registers import filled
from .wording import day, money

CUSTOMER, MEMO = 0, 1
STYLES = {"email": CUSTOMER, "chat": CUSTOMER, "phone": MEMO, "memo": MEMO, "form": MEMO}

ENCLOSED = (
    ("Attached: {docs}.", "I am attaching the {docs}.", "The {docs} <are|are> with this message."),
    ("Received: {docs}.", "Docs on file: {docs}.", "Insured sent {docs}."),
)
LATER = (
    ("I will send the {doc} as soon as I get it.", "The {doc} will follow next week.",
     "I have requested the {doc} and will upload it once it comes."),
    ("{Doc} to follow.", "Insured has requested the {doc}.", "{Doc} promised for next week."),
)  # fmt: skip
SINGLE = ("The {what} came to {a}.", "The paperwork puts the {what} at {a}.", "Total {what}: {a}.")
PARTS = ("It came to {a} for {p} and {b} for {q}.", "{P} {a}, {q} {b}.",
         "The {what} is made up of {a} for {p} plus {b} for {q}.")  # fmt: skip
BOUGHT = ("The stolen item cost {a} {ago}.", "The receipt says {a}; it was bought {ago}.",
          "Purchase price {a}, bought {ago}.")  # fmt: skip
CLAIMED = ("<I am|Insured is> claiming {x}. The {what} on the {paper} is {a}.",
           "The {paper} shows a {what} of {a}, but <I think {x} is fair|insured feels {x} is fair> "
           "given all the trouble.")  # fmt: skip
ASIDES = (
    "The premium is {x} a month and has never been late.",
    "There was a payment of {x} on another claim last year.",
    "<I was on hold for twenty minutes before writing this.|Insured complained about a twenty-minute hold.>",
    "<I would appreciate it if this could be settled this month.|Insured asks for settlement this month.>",
    "<My agent told me to contact you directly.|Insured had spoken to the agent first.>",
)
SMALL = ASIDES[0]
DEARER = "The same thing new would be about {x} today."
BILL = "<My hospital bills so far are|Hospital bills so far:> {x}."


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
    register = STYLES[style]
    told = [_told(facts, register, rng), _enclosed(facts, register, rng)]
    if facts.losses:
        told.insert(rng.choice((1, 1, 2)), _loss(facts, register, rng))
    elif rng.random() < 0.3:
        told.reverse()
    told += [_say(rng.choice(LATER[register]), register, doc=doc) for doc in facts.later]
    for aside in _asides(facts, register, rng):
        told.insert(rng.randint(1, len(told)), aside)
    return _FRAMES[style](policy, facts, told, rng)


def _say(template: str, register: int, **slots: str) -> str:
    """Fills slots; ``{Doc}`` is ``{doc}`` with a capital."""
    capitals = {name.capitalize(): text[:1].upper() + text[1:] for name, text in slots.items()}
    return filled(template, register, **slots, **capitals)


def _told(facts: Facts, register: int, rng: Random) -> str:
    when = day(facts.event, facts.received, rng)
    return filled(facts.scene.text, register, when=when, days=facts.days, hours=facts.hours)


def _enclosed(facts: Facts, register: int, rng: Random) -> str:
    """What came with it; never a document that is only promised."""
    *first, last = facts.enclosed
    docs = f"{', '.join(first)} and {last}" if first else last
    return _say(rng.choice(ENCLOSED[register]), register, docs=docs)


def _loss(facts: Facts, register: int, rng: Random) -> str:
    peril = facts.peril
    slots = {"what": peril.what, "p": peril.parts[0], "q": peril.parts[1],
             "a": money(facts.losses[0], rng), "b": money(facts.losses[-1], rng)}  # fmt: skip
    if facts.bought is not None:
        return _say(rng.choice(BOUGHT), register, ago=_ago(facts, rng), **slots)
    if facts.claimed:
        slots |= {"a": money(facts.loss, rng), "x": money(facts.claimed, rng),
                  "paper": peril.documents[0]}  # fmt: skip
        return _say(rng.choice(CLAIMED), register, **slots)
    return _say(rng.choice(SINGLE if len(facts.losses) == 1 else PARTS), register, **slots)


def _ago(facts: Facts, rng: Random) -> str:
    """When a thing was bought: a month, or how long before the event."""
    bought = facts.bought
    assert bought is not None
    years, months = divmod(
        (facts.event.year - bought.year) * 12 + facts.event.month - bought.month, 12
    )
    many = "a year" if years == 1 else f"{years} years"
    return rng.choice(
        (f"in {bought:%B} {bought.year}", f"{many} and {months} months before the theft")
    )


def _asides(facts: Facts, register: int, rng: Random) -> list[str]:
    """Up to two sentences on which nothing depends, some with an amount."""
    pool = list(ASIDES)
    if facts.bought is not None:
        pool += [DEARER] * 2
    if facts.peril.basis != "loss":
        pool += [BILL] * 3
    chosen = rng.sample(pool, rng.choice((0, 1, 1, 2)))
    base = facts.loss or 100_000
    return [
        _say(
            aside,
            register,
            x=money(
                rng.randint(9, 79) * 100
                if aside == SMALL
                else base * rng.randint(60, 180) // 100 // 1_000 * 1_000 + 1_000,
                rng,
            ),
        )
        for aside in dict.fromkeys(chosen)
    ]


def _email(policy: Policy, facts: Facts, told: Sequence[str], rng: Random) -> str:
    person = policy.person
    who = f"My policy number is {policy.number}"
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
