"""Rows of questions and answers, and which split each belongs to.

A seen fact shows three of its wordings in training, one in dev and one in test; an unseen fact
stands in test alone. Further wordings of unseen facts are asked until a kind has enough rows for
no answer to be right in more than 3 % of them. Each style of wording is tested equally often.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .derived import passages
from .language import Language
from .world import (
    DESCRIPTION,
    SHORT,
    STYLES,
    UNANSWERABLE,
    YES_NO,
    Account,
    Fact,
    World,
    accepted,
)

FORMS = (SHORT, DESCRIPTION)
SEEN_SPLITS = ("train", "train", "train", "dev", "test")
UNANSWERABLE_SHARE = 0.15
MOST_PER_ANSWER = 0.03
# Above the least number of rows that keeps a seen fact's five rows under MOST_PER_ANSWER, also
# where a later version has taken some facts away.
ROWS_PER_KIND = math.ceil(len(SEEN_SPLITS) / MOST_PER_ANSWER) + 24
MOST_WORDINGS = 3  # of an unseen fact
YES_NO_WORDINGS = 2

Schedule = dict[str, tuple[str, tuple[str, ...], int]]
"""The slice of a fact, the splits of its rows, and which of its wordings stands in test first."""


def make_rows(
    world: World, first: World, language: Language, forms: Sequence[str] = FORMS
) -> Iterator[dict[str, Any]]:
    """Yields a world's rows.

    Args:
        world: The company and its facts.
        first: The same company in its first version, which decides what is asked how often.
        language: Says which file an area stands in.
        forms: Which forms of answers are asked for.

    Yields:
        Rows of plain JSON values, ordered by a hash of their ids, so that order says nothing.
    """
    by_id = {fact.id: fact for fact in world.facts}
    schedule: Schedule = {}
    for form in forms:
        schedule |= _schedule(first, form)
    schedule |= _added(world, forms)
    rows = [
        row
        for name, (part, splits, tested) in schedule.items()
        for row in _rows(world, language, by_id, by_id[name], part, splits, tested)
    ]
    yield from sorted(rows, key=lambda row: hashlib.sha256(row["id"].encode()).digest())


def _stream(world: World, name: str) -> random.Random:
    return random.Random(f"insurer/{world.seed}/questions/{name}")


def _rows(
    world: World,
    language: Language,
    facts: Mapping[str, Fact],
    fact: Fact,
    part: str,
    splits: Sequence[str],
    tested: int,
) -> Iterator[dict[str, Any]]:
    """Yields a row for each split, each in another wording drawn for this fact."""
    order = list(enumerate(fact.wordings, start=1))
    named = [number for number, wording in order if wording.text in language.always]
    first = named[0] if named else order[tested][0]
    _stream(world, f"styles/{fact.id}").shuffle(order)
    # In test: the last of the seen ones, the first of the others.
    order.sort(key=lambda one: (one[0] == first) == (part == "seen"))
    answers = accepted(fact.value)
    for (number, wording), split in zip(order, splits, strict=False):
        yield {
            "id": f"{fact.id}#w{number}",
            "question": wording.text,
            "answer": answers[0],
            "accepted": answers,
            "key_facts": _key_facts(fact),
            "split": split,
            "fact": fact.id,
            "category": fact.category,
            "kind": fact.value.kind,
            "slice": part,
            "answerable": fact.answerable,
            "change": world.changes.get(fact.id, "unchanged"),
            "passages": _passages(fact, facts, language),
        }


def _key_facts(fact: Fact) -> list[list[str]]:
    value = fact.value
    return [list(texts) for texts in value.key_facts] if isinstance(value, Account) else []


def _passages(fact: Fact, facts: Mapping[str, Fact], language: Language) -> list[dict[str, str]]:
    if not fact.answerable:
        return []
    return [
        {"document": language.files[each.area], "text": each.statement}
        for each in passages(fact, facts)
    ]


def _schedule(first: World, form: str) -> Schedule:
    """Decides for each fact of one form how many wordings stand in which split."""
    by_kind: dict[str, list[Fact]] = defaultdict(list)
    for fact in first.facts:
        if fact.asked and fact.form == form:
            by_kind[fact.value.kind].append(fact)
    unanswerable = by_kind.pop(UNANSWERABLE, [])
    schedule: Schedule = {}
    for kind, facts in by_kind.items():
        seen = [fact for fact in facts if first.slices[fact.id] == "seen"]
        unseen = [fact for fact in facts if first.slices[fact.id] != "seen"]
        n_rows = ROWS_PER_KIND - len(seen) * len(SEEN_SPLITS)
        most = YES_NO_WORDINGS if kind == YES_NO else MOST_WORDINGS
        schedule |= _dealt(_stream(first, f"kind/{kind}"), seen, unseen, n_rows, most)
    odds = UNANSWERABLE_SHARE / (1 - UNANSWERABLE_SHARE)
    n_seen = sum(part == "seen" for part, _, _ in schedule.values())
    n_rows = sum(len(splits) for part, splits, _ in schedule.values() if part != "seen")
    rng = _stream(first, f"kind/{UNANSWERABLE}/{form}")
    dealt = rng.sample(unanswerable, len(unanswerable))
    n_seen = round(odds * n_seen)
    n_rows = round(odds * n_rows)
    schedule |= _dealt(rng, dealt[:n_seen], dealt[n_seen:], n_rows, MOST_WORDINGS)
    return schedule


def _dealt(
    rng: random.Random, seen: Sequence[Fact], unseen: Sequence[Fact], n_rows: int, most: int
) -> Schedule:
    """Gives the seen facts their five splits, and spreads about `n_rows` over the others."""
    schedule: Schedule = {}
    for at, fact in enumerate(rng.sample(seen, len(seen))):
        schedule[fact.id] = ("seen", SEEN_SPLITS, at % len(STYLES))
    n_unseen = len(unseen)
    each, more = divmod(min(max(n_rows, n_unseen), most * n_unseen), max(1, n_unseen))
    for at, fact in enumerate(rng.sample(unseen, n_unseen)):
        schedule[fact.id] = ("unseen", ("test",) * (each + (at < more)), at % len(STYLES))
    return schedule


def _added(world: World, forms: Iterable[str]) -> Schedule:
    """What a later version adds: seen facts as ever, unseen ones in one wording."""
    wanted = set(forms)
    added = [
        fact
        for fact in world.facts
        if world.changes.get(fact.id) == "added" and fact.asked and fact.form in wanted
    ]
    splits = {"seen": SEEN_SPLITS, "unseen": ("test",)}
    return {
        fact.id: (part, splits[part], at % len(STYLES))
        for at, fact in enumerate(added)
        for part in (world.slices[fact.id],)
    }
