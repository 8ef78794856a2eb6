"""Claims of a fictional insurer: terms and a report in prose, the right decision computed in code.

Everything here is synthetic. The package is loaded by its location, so its modules import each
other relatively.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import partial
from typing import Any

from .cases import CLAIMS_PER_POLICY, Case, cases, deck
from .decide import decide
from .en import ENGLISH
from .ko import KOREAN
from .model import Decision, Language, Line, Policy
from .policies import draw_policy, revise, stream

LANGUAGES: dict[str, Language] = {"ko": KOREAN, "en": ENGLISH}
VERSIONS = (1, 2)
POLICIES = {"train": 14, "dev": 4, "test": 18}
"""Policies of each line by split; each has `CLAIMS_PER_POLICY` claims."""


def rows(world: int = 7, version: int = 1, language: str = "ko") -> Iterator[dict[str, Any]]:
    """Yields claims with the right decision.

    Args:
        world: The seed of policies and claims.
        version: 2 changes a term of half of the policies; reports stay as they are.
        language: ``ko`` (won) or ``en`` (dollars).

    Returns:
        Rows of plain JSON values: id, input (terms and report), answer, decision (pay, deny,
        documents), amount (won or whole dollars), reason (the rule that decided), trap, line,
        style, policy (the cluster), changed (whether version 2 moved the answer), split.

    Raises:
        ValueError: There is no such language or version.
    """
    if language not in LANGUAGES:
        raise ValueError(f"claims are not written in {language!r}; there is {', '.join(LANGUAGES)}")
    if version not in VERSIONS:
        raise ValueError(f"the claims have no version {version!r}; there are 1 and 2")
    chosen = LANGUAGES[language]
    made = [row for line in chosen.lines for row in _line_rows(chosen, line, world, version)]
    yield from sorted(made, key=lambda row: hashlib.sha256(row["id"].encode()).digest())


def _line_rows(
    language: Language, line: Line, world: int, version: int
) -> Iterator[dict[str, Any]]:
    make = partial(stream, language.code, world)
    rng = make(f"line/{line.key}")
    traps = {split: deck(count, rng) for split, count in POLICIES.items()}
    splits = [split for split, count in POLICIES.items() for _ in range(count)]
    rng.shuffle(splits)
    for number, split in enumerate(splits):
        policy = draw_policy(language, line, number, world)
        mine = [traps[split].pop() for _ in range(CLAIMS_PER_POLICY)]
        drawn = list(cases(policy, mine, language.unit, language.steps, make))
        now = policy
        if version == 2:
            now = revise(language, policy, [case.facts.event for case in drawn], world)
        for at, case in enumerate(drawn, 1):
            yield _row(language, policy, now, case, at, world) | {"split": split}


def _row(
    language: Language, before: Policy, now: Policy, case: Case, number: int, world: int
) -> dict[str, Any]:
    id_ = f"{now.id}#{number}"
    rng = stream(language.code, world, f"report/{id_}")
    style = rng.choice(language.styles)
    report = language.report(now, case.facts, style, rng)
    decision = decide(now, case.facts, language.unit)
    old = decide(before, case.facts, language.unit)
    return {
        "id": id_,
        "input": f"{language.terms(now)}\n\n{report}",
        "answer": language.answer(decision),
        "decision": decision.label,
        "amount": decision.amount // language.unit,
        "reason": decision.reason,
        "trap": case.trap,
        "line": now.line.key,
        "style": style,
        "policy": now.id,
        "changed": "yes" if _differ(old, decision) else "no",
    }


def _differ(a: Decision, b: Decision) -> bool:
    return (a.label, a.amount) != (b.label, b.amount)


__all__ = ["LANGUAGES", "POLICIES", "VERSIONS", "rows"]
