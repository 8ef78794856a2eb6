"""Amendment histories: dates that answer no question, and a line for what a version changed."""

from __future__ import annotations

import random
from collections.abc import Sequence

from ..documents.blocks import Grid
from ..world import World
from .articles import Written
from .outlines.general import HISTORY

FIRST_YEARS, LAST_YEAR, VERSION_1_YEAR = (2001, 2005), 2023, 2024
N_AMENDMENTS = (4, 6)
DONE = {"changed": "기준을 바꿈", "added": "새로 정함", "removed": "규정을 없앰"}
MOST_NAMED = 3


def history(world: World, file: str, written: Written) -> Grid:
    """Writes a document's amendment history, with the dates' cells merged over their lines.

    Args:
        world: Its seed draws the dates, its version decides the last lines.
        file: Names the stream.
        written: The document's articles.

    Returns:
        The table.
    """
    rng = random.Random(f"insurer/{world.seed}/history/{file}")
    free = [name for name, facts in zip(written.names, written.facts, strict=True) if not facts]
    dates = _dates(rng)
    rows: list[tuple[str, ...]] = [(dates[0], "전체", "처음 만듦")]
    for date in dates[1:]:
        some = rng.sample(free, rng.randint(1, 2))
        rows += _dated(date, [(name, rng.choice(HISTORY)) for name in some])
    if world.version > 1:
        rows += _dated(_day(rng, VERSION_1_YEAR + world.version - 1), _updates(world, written))
    return Grid("개정 이력", ("개정일", "대상", "내용"), tuple(rows))


def _dated(date: str, lines: Sequence[tuple[str, str]]) -> list[tuple[str, ...]]:
    """Lines under one date, whose cell is merged over them."""
    return [(date if at == 0 else "", *line) for at, line in enumerate(lines)]


def _dates(rng: random.Random) -> list[str]:
    first = rng.randint(*FIRST_YEARS)
    years = sorted(rng.sample(range(first + 1, LAST_YEAR + 1), rng.randint(*N_AMENDMENTS)))
    return [_day(rng, year) for year in (first, *years)]


def _day(rng: random.Random, year: int) -> str:
    return f"{year}년 {rng.randint(1, 12)}월 {rng.randint(1, 28)}일"


def _updates(world: World, written: Written) -> list[tuple[str, str]]:
    """Which articles a version changed, one line for each sort of change."""
    lines = []
    for change, done in DONE.items():
        some = [
            name
            for name, facts in zip(written.names, written.facts, strict=True)
            if any(world.changes.get(fact.id) == change for fact in facts)
        ]
        if some:
            rest = f" 등 {len(some)}개 조" if len(some) > MOST_NAMED else ""
            lines.append((", ".join(some[:MOST_NAMED]) + rest, done))
    return lines or [("전체", "서식을 고침")]
