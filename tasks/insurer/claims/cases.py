"""Claims: what happened, drawn so that a chosen rule of the terms decides.

Days keep a distance from the edges of periods, and amounts from the deductible, so that no answer
hangs on how one counts a day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from ..draw import Exhausted
from . import details
from .decide import full_years
from .details import PAID, SCENARIOS
from .model import Cover, Facts, Peril, Policy, Scene

CLAIMS_PER_POLICY = 5

INSTEAD = {"after_waiting": "period_edge", "waiting": "period", "near_limit": "plain",
           "claimed_more": "plain", "not_excluded": "plain", "deductible": "exclusion",
           "exclusion": "period", "needless_document": "plain"}  # fmt: skip
"""What is drawn where a policy has no such case."""


@dataclass(frozen=True, slots=True)
class Case:
    """A claim and the trap that it was made for."""

    facts: Facts
    trap: str


def deck(policies: int, rng: Random) -> list[str]:
    """Deals the traps for so many policies of a line, in the shares of `SCENARIOS`."""
    total, count = sum(SCENARIOS.values()), policies * CLAIMS_PER_POLICY
    cards = [name for name, share in SCENARIOS.items() for _ in range(share * count // total)]
    # What is left goes to the largest remainders, so that few policies have the same mix as many.
    rest = sorted(SCENARIOS, key=lambda name: -(SCENARIOS[name] * count % total))
    cards += rest[: count - len(cards)]
    rng.shuffle(cards)
    return cards


def draw_case(policy: Policy, trap: str, unit: int, steps: tuple[int, ...], rng: Random) -> Case:
    """Draws a claim of a policy.

    Args:
        policy: The terms.
        trap: Which rule should decide.
        unit: Smallest amounts in one unit of the currency.
        steps: Losses are multiples of one of these, in the smallest amounts.
        rng: The claim's stream.

    Returns:
        The claim; its trap is another one of the same decision where the policy has no such case.
    """
    while not (covers := [cover for cover in policy.covers if FITS[trap](policy, cover)]):
        trap = INSTEAD[trap]
    cover = rng.choice(covers)
    peril = cover.peril if trap != "uncovered" else _uncovered(policy)
    scene, event = _what_and_when(policy, cover, peril, trap, rng)
    bought = details.bought(event, rng) if peril.basis == "loss" and peril.depreciations else None
    terms = cover if peril is cover.peril else None
    losses: tuple[int, ...] = ()
    if peril.basis == "loss":
        age = full_years(bought, event) if bought else 0
        loss = details.loss_for(peril, terms, trap, age, unit, rng)
        losses = details.losses(loss, bought is None and rng.random() < 0.45, steps, rng)
    enclosed, later = details.documents(
        cover.documents if terms else peril.documents[:2], peril, trap, rng
    )
    claimed = 0
    if trap == "claimed_more":
        step = max(steps)
        claimed = (sum(losses) * rng.randint(110, 150) // 100 // step + 1) * step
    return Case(
        Facts(
            peril=peril, scene=scene, event=event,
            received=event + timedelta(rng.randint(3, 24)),
            losses=losses, days=details.days(peril, terms, trap, rng),
            hours=details.hours(peril, terms, trap, rng),
            bought=bought, enclosed=enclosed, later=later, claimed=claimed,
        ),
        trap,
    )  # fmt: skip


def _loss(policy: Policy, cover: Cover) -> bool:
    return cover.peril.basis == "loss"


def _scenes(policy: Policy, peril: Peril, *, excluded: bool) -> list[Scene]:
    """Scenes that an exclusion of the policy covers; or those that only another's would."""
    mine = {exclusion.key for exclusion in policy.exclusions}
    every = {exclusion.key for exclusion in policy.line.exclusions if exclusion.always}
    return [
        scene
        for scene in peril.scenes
        if scene.exclusion
        and (scene.exclusion in mine) == excluded
        and (excluded or scene.exclusion not in every)
    ]


FITS: dict[str, Callable[[Policy, Cover], bool]] = {
    "plain": lambda policy, cover: True,
    "near_limit": _loss,
    "not_excluded": lambda policy, cover: bool(_scenes(policy, cover.peril, excluded=False)),
    "after_waiting": lambda policy, cover: cover.wait > 0,
    "claimed_more": lambda policy, cover: (
        cover.peril.basis == "loss" and not cover.peril.depreciations
    ),
    "needless_document": lambda policy, cover: len(cover.documents) < len(cover.peril.documents),
    "period_edge": lambda policy, cover: True,
    "exclusion": lambda policy, cover: bool(_scenes(policy, cover.peril, excluded=True)),
    "waiting": lambda policy, cover: cover.wait > 0,
    "period": lambda policy, cover: True,
    "deductible": lambda policy, cover: cover.deductible > 0 or cover.minimum > 0,
    "uncovered": lambda policy, cover: True,
    "promised_document": lambda policy, cover: True,
    "missing_document": lambda policy, cover: True,
}


def _uncovered(policy: Policy) -> Peril:
    return next(peril for peril in policy.line.perils if policy.cover_of(peril.key) is None)


def _what_and_when(
    policy: Policy, cover: Cover, peril: Peril, trap: str, rng: Random
) -> tuple[Scene, date]:
    """A scene and a day that go together: no frost in July."""
    for _ in range(500):
        scene, event = _scene(policy, peril, trap, rng), _event(policy, cover, trap, rng)
        if not scene.months or event.month in scene.months:
            return scene, event
    raise Exhausted(
        f"no scene of {peril.key!r} fits the period of policy {policy.id}; take another world "
        "(another seed), or add a scene"
    )


def _scene(policy: Policy, peril: Peril, trap: str, rng: Random) -> Scene:
    """A scene; where the trap lies elsewhere, a third are such as other policies exclude."""
    if trap == "exclusion":
        return rng.choice(_scenes(policy, peril, excluded=True))
    strange = _scenes(policy, peril, excluded=False)
    if strange and (trap == "not_excluded" or (trap not in PAID and rng.random() < 0.35)):
        return rng.choice(strange)
    return rng.choice([scene for scene in peril.scenes if not scene.exclusion])


def _event(policy: Policy, cover: Cover, trap: str, rng: Random) -> date:
    """A day well inside what is covered, unless the trap is about days."""
    short = (policy.end - policy.start).days < 60
    margin, far = (1, 4) if short else (4, 25)
    if trap == "period":
        before = not short and rng.random() < 0.4
        gap = timedelta(rng.randint(margin + (not short), far))
        return policy.start - gap if before else policy.end + gap
    if trap == "period_edge":
        return policy.end - timedelta(rng.randint(margin, far))
    if trap == "waiting":
        return policy.start + timedelta(rng.randint(max(4, cover.wait // 2), cover.wait - 4))
    longest = max(c.wait for c in policy.covers)
    first = policy.start + timedelta((longest + 4) if longest else margin)
    if trap == "after_waiting":
        return policy.start + timedelta(cover.wait + rng.randint(4, 16))
    last = policy.end - timedelta(margin)
    return first + timedelta(rng.randint(0, (last - first).days))


def cases(
    policy: Policy,
    traps: list[str],
    unit: int,
    steps: tuple[int, ...],
    stream: Callable[[str], Random],
) -> Iterator[Case]:
    """Yields a policy's claims, one a trap; the same thing happens twice only if nothing else can.

    Args:
        policy: The terms.
        traps: Which rules should decide.
        unit: Smallest amounts in one unit of the currency.
        steps: Losses are multiples of one of these.
        stream: Gives random numbers by name.
    """
    seen: set[str] = set()
    for number, trap in enumerate(traps, 1):
        rng = stream(f"{policy.id}#{number}")
        tries = (draw_case(policy, trap, unit, steps, rng) for _ in range(12))
        case = next((one for one in tries if one.facts.scene.text not in seen), None)
        case = case or draw_case(policy, trap, unit, steps, rng)
        seen.add(case.facts.scene.text)
        yield case
