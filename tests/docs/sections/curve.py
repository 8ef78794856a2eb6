"""docs/findings.md: quality against labelled rows."""

from __future__ import annotations

from functools import lru_cache

from tests.docs.recomputed.frame import Rule, Says, Table
from tests.docs.recomputed.records import Run, runs
from tests.docs.recomputed.statistics import difference, scored
from tests.docs.sections.news import code

ROWS = (10, 30, 100, 300, 1000)
LABEL_USD = 0.5


@lru_cache
def of(strategy: str, rows: int) -> Run:
    (found,) = (
        one for one in runs("curve", "fpb", strategy) if one.record["config"]["train_limit"] == rows
    )
    return found


def point(cells: list[str]) -> list[list[object]]:
    return [[scored(of(code(cells[0]), rows), "correct")] for rows in ROWS]


def apart(one: tuple[str, int], other: tuple[str, int]) -> object:
    return difference(of(*one), of(*other))


def fewer() -> list[object]:
    pairs = ((100, 1000), (30, 300))
    return [
        *(few / many for few, many in pairs[:1]),
        pairs[0],
        apart(("lora", 100), ("tfidf", 1000)),
        pairs[1],
        apart(("lora", 30), ("tfidf", 300)),
        LABEL_USD,
        [LABEL_USD * (many - few) for few, many in pairs],
    ]


CURVE: list[Rule] = [
    Says("the same {} test rows", lambda: [len(of("lora", 10).rows)]),
    Says("from {} to {} training rows", lambda: [ROWS[0], ROWS[-1]]),
    Says("| {} rows | {} | {} | {} | {} |", lambda: [ROWS]),
    Table("| strategy | 10 rows |", point),
    Says(
        "needs a {} of the labels**, on this seed: with {} rows `lora` is where `tfidf` is with {} (a difference "
        "of\n  {} [{}, {}]), with {} rows not shown to differ from `tfidf` with {} ({} [{}, {}]). At "
        "{} a label\n  that is {} and {} less", fewer),
    Says("`lora` is {} [{}, {}] above with {} rows, {} [{}, {}] with {} and {} [{}, {}] with {}",
         lambda: [[apart(("lora", n), ("tfidf", n)), n] for n in (10, 300, 1000)]),
    Says("From\n  {} to {} rows `lora` itself gains {} [{}, {}]", lambda: [
        300, 1000, apart(("lora", 1000), ("lora", 300))]),
    Says("`few-shot` takes {}, balanced", lambda: [
        of("few-shot", 10).record["strategy"]["parameters"]["parts"][-1]["k"]]),
    Says("With {} rows, most", lambda: [10]),
]  # fmt: skip

SECTIONS = {"Quality against labelled rows: `fpb`": CURVE}
