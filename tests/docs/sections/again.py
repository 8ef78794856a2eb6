"""docs/findings.md: cells that the README quotes, run again on another processor."""

from __future__ import annotations

from tests.docs.recomputed.frame import Rule, Says, Table
from tests.docs.recomputed.records import Run, run, runs
from tests.docs.recomputed.statistics import difference, f1, scored
from tests.docs.sections.news import code
from tests.docs.sections.readme import INSURER, KOREAN, LARGER

AGAIN, SECOND, FIRST = "again", "again-2", "first-run"


def same(a: Run, b: Run) -> int:
    """Rows that have the same answer in both."""
    told = {row["id"]: row["predicted"] for row in b.rows}
    return sum(told[row["id"]] == row["predicted"] for row in a.rows)


def row(cells: list[str]) -> list[list[object]]:
    task, strategy = code(cells[0]), code(cells[1])
    larger = "Qwen" in cells[1]
    before = run(LARGER if larger else KOREAN, task, strategy)
    after = run(AGAIN, task, strategy, model="qwen*" if larger else "[gn]*")  # gemma, or none
    if task == "fpb-ko":
        values = [f1(each, "macro")[0] for each in (before, after)]
        gap = f1(after, "macro", before)
    else:
        metric = "expected_loss" if task == "insurer-claims-ko" else "correct"
        values = [scored(each, metric)[0] for each in (before, after)]
        gap = difference(after, before, metric)
    kept = all("predicted" in each for each in after.rows)  # not in records of ids alone
    equal = [same(after, before)] if kept else []
    return [[values[0]], [values[1]], list(gap), equal, [len(after.rows)]]


def others() -> list[float]:
    """Percent of the machine that other processes took, at most: of the quiet cells, then of all."""
    share = {
        one.folder.name: one.record["machine_use"]["others_cpu_share"] for one in runs(AGAIN, "*")
    }
    quiet = [each for name, each in share.items() if 100 * each < 3]
    return [len(quiet), len(share), 3, 100 * max(share.values())]


def repeats() -> list[float]:
    """Of the first command: on one thread, on one or two, and between the two processors."""
    one, other = run(FIRST, INSURER, "qlora"), run(KOREAN, INSURER, "qlora")
    two, third = run(AGAIN, INSURER, "qlora"), run(SECOND, INSURER, "qlora")
    return [same(one, other), same(two, third)]


AGAIN_RULES: list[Rule] = [
    Says("with {} latency requests ({} of the slower", lambda: [
        len(run(AGAIN, INSURER, *each).record["latency"]["seconds"])
        for each in (("qlora",), ("few-shot+rag", 0, "qwen*"))]),
    Says("Beside {} of {} cells other processes took less than {} % of the machine, beside the rest up to\n"
         "{} %", others),
    Says("`qlora` {}, [results/again-2]", lambda: [2]),
    Table("| task | strategy | then |", row),
    Says("gave the same {} answers; on the second processor, where one or two threads ran by what the\n"
         "machine had free, {} were the same", repeats),
]  # fmt: skip
SECTIONS = {"The same commands on another processor": AGAIN_RULES}
