"""Rows of questions and answers, and which split each belongs to.

A seen fact shows three of its wordings in training, one in dev and one in test; an unseen fact
stands in test alone. Facts are made seen by kind, so that no kind is easier to have memorised, and
second wordings of unseen facts are added until a kind has enough rows for no answer to be right in
more than 3 % of them.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from .language import Language
from .world import UNANSWERABLE, Fact, World, accepted

SEEN_SPLITS = ("train", "train", "train", "dev", "test")
SEEN_PER_KIND = {"yes_no": 10}
SEEN_OF_OTHER_KINDS = 21
UNANSWERABLE_SHARE = 0.15
MOST_PER_ANSWER = 0.03
# Above the least number of rows that keeps a seen fact's five rows under MOST_PER_ANSWER.
ROWS_PER_KIND = math.ceil(len(SEEN_SPLITS) / MOST_PER_ANSWER) + 6


def questions(world: World, language: Language) -> Iterator[dict[str, Any]]:
    """Yields a world's rows.

    Args:
        world: The company and its facts.
        language: Says which file an area stands in.

    Yields:
        Rows of plain JSON values, ordered by a hash of their ids, so that order says nothing.
    """
    seen, unseen = _divide(world)
    rows = [row for fact in seen for row in _rows(world, language, fact, "seen", SEEN_SPLITS)]
    for fact, n_wordings in unseen:
        rows += _rows(world, language, fact, "unseen", ("test",) * n_wordings)
    yield from sorted(rows, key=lambda row: hashlib.sha256(row["id"].encode()).digest())


def _stream(world: World, name: str) -> random.Random:
    return random.Random(f"insurer/{world.seed}/questions/{name}")


def _rows(
    world: World, language: Language, fact: Fact, part: str, splits: Iterable[str]
) -> Iterator[dict[str, Any]]:
    """Yields a row for each split, each in another wording drawn for this fact."""
    order = list(enumerate(fact.wordings, start=1))
    _stream(world, f"styles/{fact.id}").shuffle(order)
    answers = accepted(fact.value)
    for (number, wording), split in zip(order, splits, strict=False):
        yield {
            "id": f"{fact.id}#w{number}",
            "question": wording.text,
            "answer": answers[0],
            "accepted": answers,
            "split": split,
            "fact": fact.id,
            "category": fact.category,
            "kind": fact.value.kind,
            "slice": part,
            "answerable": fact.answerable,
            "document": language.files[fact.area] if fact.answerable else "",
            "passage": fact.statement,
        }


def _divide(world: World) -> tuple[list[Fact], list[tuple[Fact, int]]]:
    """Chooses the seen facts, and for each unseen fact how many wordings are asked."""
    by_kind: dict[str, list[Fact]] = defaultdict(list)
    for fact in world.facts:
        by_kind[fact.value.kind].append(fact)
    unanswerable = by_kind.pop(UNANSWERABLE)
    seen: list[Fact] = []
    unseen: list[tuple[Fact, int]] = []
    for kind, facts in by_kind.items():
        n_seen = SEEN_PER_KIND.get(kind, SEEN_OF_OTHER_KINDS)
        n_rows = max(0, ROWS_PER_KIND - n_seen * len(SEEN_SPLITS))
        _deal(_stream(world, f"kind/{kind}"), facts, n_seen, n_rows, seen, unseen)
    odds = UNANSWERABLE_SHARE / (1 - UNANSWERABLE_SHARE)
    n_seen, n_rows = round(odds * len(seen)), round(odds * sum(n for _, n in unseen))
    _deal(_stream(world, f"kind/{UNANSWERABLE}"), unanswerable, n_seen, n_rows, seen, unseen)
    return seen, unseen


def _deal(
    rng: random.Random,
    facts: list[Fact],
    n_seen: int,
    n_rows: int,
    seen: list[Fact],
    unseen: list[tuple[Fact, int]],
) -> None:
    """Deals `n_seen` facts to `seen`, the others to `unseen` with about `n_rows` rows."""
    dealt = rng.sample(facts, len(facts))
    seen += dealt[:n_seen]
    rest = dealt[n_seen:]
    n_second = min(len(rest), max(0, n_rows - len(rest)))
    unseen += [(fact, 2 if at < n_second else 1) for at, fact in enumerate(rest)]
