"""Amendment histories: dates that answer no question, and lines for what a version changed."""

from __future__ import annotations

import random
from collections.abc import Sequence

from ..documents.blocks import Grid
from ..world import World
from .layout import Laid
from .outlines.general import HISTORY
from .values import Day

FIRST_YEARS, LAST_YEAR, VERSION_1_YEAR = (1998, 2003), 2023, 2024
N_AMENDMENTS = (4, 6)
DONE = {"changed": "Figures or rules changed", "added": "Rules added", "removed": "Rules deleted"}
MOST_NAMED = 3


def history(world: World, file: str, laid: Laid) -> Grid:
    """Writes a document's amendment history, a date's cell merged over its lines.

    Args:
        world: Its seed draws the dates, its version decides the last lines.
        file: Names the stream.
        laid: The document's articles.

    Returns:
        The table.
    """
    rng = random.Random(f"insurer/{world.seed}/history/{file}")
    free = [title for title, facts in zip(laid.titles, laid.facts, strict=True) if not facts]
    first, *later = _dates(rng)
    rows: list[tuple[str, ...]] = [(first, "All articles", "First issue")]
    for date in later:
        some = rng.sample(free, rng.randint(1, 2))
        rows += _dated(date, [(title, rng.choice(HISTORY)) for title in some])
    if world.version > 1:
        rows += _dated(_day(rng, VERSION_1_YEAR + world.version - 1), _updates(world, laid))
    return Grid("Amendment history", ("Date", "Article", "What changed"), tuple(rows))


def _dated(date: str, lines: Sequence[tuple[str, str]]) -> list[tuple[str, ...]]:
    return [(date if at == 0 else "", *line) for at, line in enumerate(lines)]


def _dates(rng: random.Random) -> list[str]:
    first = rng.randint(*FIRST_YEARS)
    years = sorted(rng.sample(range(first + 1, LAST_YEAR + 1), rng.randint(*N_AMENDMENTS)))
    return [_day(rng, year) for year in (first, *years)]


def _day(rng: random.Random, year: int) -> str:
    return Day(year, rng.randint(1, 12), rng.randint(1, 28)).text


def _updates(world: World, laid: Laid) -> list[tuple[str, str]]:
    """Which articles a version changed, a line for each sort of change."""
    lines = []
    for change, done in DONE.items():
        some = [title for title, facts in zip(laid.titles, laid.facts, strict=True)
                if any(world.changes.get(fact.id) == change for fact in facts)]  # fmt: skip
        if some:
            rest = len(some) - MOST_NAMED
            others = f" and {rest} other{'s' if rest > 1 else ''}" if rest > 0 else ""
            lines.append((", ".join(some[:MOST_NAMED]) + others, done))
    return lines or [("All articles", "Forms tidied up")]
