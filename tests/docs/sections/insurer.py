"""docs/findings.md: questions to a Korean insurer, to a small model and a larger one."""

from __future__ import annotations

from collections.abc import Callable
from statistics import fmean

from tests.docs.recomputed.frame import Rule, Says, Table
from tests.docs.recomputed.records import Run, month, run, runs
from tests.docs.recomputed.statistics import (
    Figure,
    difference,
    over_seeds,
    over_seeds_difference,
    scored,
)
from tests.docs.sections.readme import KOREAN, LARGER, first, of, times_as_large

TASK = "insurer-ko"
ONE_FACT = {"amount", "period", "percentage", "date", "list", "name", "definition"}


def asked(strategy: str, seed: int = 0) -> Run:
    return run(KOREAN, TASK, strategy, seed)


def large(strategy: str) -> Run:
    return run(LARGER, TASK, strategy)


def one_fact(row: dict) -> bool:  # type: ignore[type-arg]
    return row["columns"]["kind"] in ONE_FACT


def one_fact_of(seen: str) -> Callable[[dict], bool]:  # type: ignore[type-arg]
    return lambda row: one_fact(row) and of(seen)(row)


def counted(keep: Callable[[dict], bool]) -> int:  # type: ignore[type-arg]
    return len(first().values("exact_match", keep))


def row(cells: list[str]) -> list[list[object]]:
    one = asked(cells[0].split("`")[1])
    parts = [lambda row: True, of("seen"), of("unseen"), one_fact]
    once, p95 = one.once, one.record["latency"]["p95_seconds"]
    assert once == 0 or cells[5] != "–"
    return [
        *([scored(one, "exact_match", keep)] for keep in parts),
        [once] if cells[5] != "–" else [],
        [one.per_1k],
        [1000 * p95 if cells[-1].endswith("ms") else p95],
    ]


def more(a: str, b: str, metric: str = "exact_match", answerable: bool | None = None) -> object:
    def keep(row: dict) -> bool:  # type: ignore[type-arg]
        return answerable is None or row["answerable"] == answerable

    return difference(asked(a), asked(b), metric, keep)


def share(strategy: str, keep: Callable[[dict], bool], seed: int = 0) -> float:  # type: ignore[type-arg]
    return fmean(asked(strategy, seed).values("exact_match", keep).values())


def by_seed(strategy: str) -> list[float]:
    return [share(strategy, one_fact, seed) for seed in range(3)]


def kept(keep: Callable[[dict], bool]) -> float:  # type: ignore[type-arg]
    """What retrieved passages read of what gold ones do, over three seeds."""
    sums = (
        fmean(share(strategy, keep, seed) for seed in range(3))
        for strategy in ("few-shot+rag", "few-shot+oracle-rag")
    )
    return next(sums) / next(sums)


def knowing() -> list[object]:
    seen, unseen = one_fact_of("seen"), one_fact_of("unseen")
    shares = [share(name, keep) for name in ("qlora", "qlora+rag") for keep in (seen, unseen)]
    over = [more("qlora+rag", "qlora", answerable=rows) for rows in (None, True, False)]
    return [*shares, *over, more("full-finetune", "qlora")]


def tuned_or_shown() -> list[object]:
    tuned, shown = runs(KOREAN, TASK, "qlora+rag"), runs(KOREAN, TASK, "few-shot+rag")
    return [
        shown[0].record["config"]["set"]["few-shot.k"],
        over_seeds(tuned),
        over_seeds(shown),
        over_seeds_difference(tuned, shown),
        [more("qlora+rag", "few-shot+rag", answerable=rows) for rows in (True, False)],
    ]


def form() -> list[object]:
    exact, held = more("qlora+rag", "rag"), more("qlora+rag", "rag", "contains")
    left = 1 - held[0].value / exact[0].value  # type: ignore[index]
    return [exact, left, held, more("qlora+rag", "few-shot+oracle-rag")]


def read() -> list[object]:
    one = asked("few-shot+rag")
    chosen = one.record["config"]["set"]
    return [chosen["rag.chunk_size"], chosen["few-shot.k"], share("few-shot+rag", one_fact),
            scored(one, "hit@1")[0]]  # fmt: skip


QUESTIONS: list[Rule] = [
    Says("{} training rows, the first {} test rows", lambda: [
        first().record["task"]["rows"]["train"], len(first().rows)]),
    Says("exact match, all {} | facts in training ({}) | other facts ({}) | one-fact rows ({}) | "
         "once, compute | $ for {} more", lambda: [
             len(first().rows), counted(of("seen")), counted(of("unseen")), counted(one_fact), 1000]),
    Table("| strategy | exact match, all 400", row),
    Says("always on, {}, for each of them, at {}, {} and a {}\nrequests alike", lambda: [
        max(month(one.capacity, 1e6) for one in runs(KOREAN, TASK)), 1e4, 1e5, 1e6]),
    Says("*$ for {} more* is what the seconds of\n{} further", lambda: [1000, 1000]),
    Says("`qlora` gets\n   {} of the one-fact rows that it was shown and {} of the others. Trained "
         "with retrieved\n   passages, `qlora+rag` gets {} and {}. Over all rows `qlora+rag` is {} "
         "[{}, {}] above\n   `qlora` (answerable rows {} [{}, {}], unanswerable ones {} [{}, {}]). "
         "More weights don't\n   help: `full-finetune` minus `qlora` is {} [{}, {}]", knowing),
    Says("beats showing {} examples of it**: over three seeds `qlora+rag` gets {} [{}, {}] and "
         "`few-shot+rag` {} [{}, {}], a difference of {} [{}, {}]. On seed 0 it\n   is {} [{}, {}] on "
         "answerable rows and {} [{}, {}] on", tuned_or_shown),
    Says("`qlora+rag` is {}\n   [{}, {}] above `rag` without examples, of which a {} is form: by "
         "`contains` it is {} [{}, {}].\n   It is not shown to differ from examples with the gold "
         "sentences themselves ({} [{}, {}])", form),
    Says("With chunks of {} characters and {} examples\n   `few-shot+rag` reads {} of the one-fact "
         "rows; hit@1 is {}.", read),
    Says("three seeds read {}, {} and {}, and with the gold\n   sentences {}, {} and {}, so retrieval "
         "keeps {} of what they allow ({} on the {} rows of `seen`\n   facts, {} on the {} others)",
         lambda: [by_seed("few-shot+rag"), by_seed("few-shot+oracle-rag"), kept(one_fact),
                  kept(one_fact_of("seen")), counted(one_fact_of("seen")),
                  kept(one_fact_of("unseen")), counted(one_fact_of("unseen"))]),
    Says("`qlora+rag` reads {}, {} and {}, more", lambda: by_seed("qlora+rag")),
]  # fmt: skip


def larger_row(cells: list[str]) -> list[list[object]]:
    one = large(cells[0].split("`")[1])
    metrics = "exact_match", "value_match", "contains", "abstention_recall"
    return [[scored(one, metric)] for metric in metrics]


def over(a: Run, b: Run) -> tuple[Figure, ...]:
    return difference(a, b, "exact_match")


def chunk() -> int:
    chain = run(LARGER, "insurer-leave-ko", "rag")
    return chain.record["strategy"]["parameters"]["parts"][-1]["chunk_size"]


WITH_LARGER: list[Rule] = [
    Says("Instruct, {} times the weights", lambda: [times_as_large()]),
    Says("the same {} test rows", lambda: [len(large("zero-shot").rows)]),
    Says("abstention recall ({})", lambda: [
        len(large("zero-shot").values("abstention_recall"))]),
    Table("| strategy | exact match | value match", larger_row),
    Says("examples and passages by {} [{}, {}],\nwith the gold sentences by {} [{}, {}]", lambda: [
        over(large(name), asked(name)) for name in ("few-shot+rag", "few-shot+oracle-rag")]),
    Says("prompting one {}\ntimes as large**: `few-shot+rag` with 1.5B is {} [{}, {}] below", lambda: [
        times_as_large(), over(asked("qlora+rag"), large("few-shot+rag"))]),
    Says("cost the larger model {} [{}, {}]", lambda: [
        over(large("few-shot+oracle-rag"), large("few-shot+rag"))]),
    Says("chunks of {} characters", lambda: [chunk()]),
]  # fmt: skip

SECTIONS = {
    "Questions to a Korean insurer: `insurer-ko`": QUESTIONS,
    "The same questions to a larger model": WITH_LARGER,
}
