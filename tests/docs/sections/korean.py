"""docs/findings.md: three more tasks, and the advice."""

from __future__ import annotations

from statistics import fmean

import numpy as np
from sklearn.metrics import f1_score

from tests.docs.recomputed.advice import behind, candidates, rows_that_decide
from tests.docs.recomputed.frame import Rule, Says, Table
from tests.docs.recomputed.records import HOURS_A_MONTH, PEAK, Run, book, month, run, runs
from tests.docs.recomputed.statistics import Figure, difference, draws, f1, scored
from tests.docs.sections.readme import KOREAN, first

NEWS, EXAM, CLAIMS, ASKED = "fpb-ko", "ko-insurance-exam", "insurer-claims-ko", "insurer-ko"
OPTIONS = 4  # of a question of the exam, whose text is in no record
LABEL, MONTHS = 0.5, 12  # as the section says


def there(task: str, strategy: str) -> bool:
    return bool(runs(KOREAN, task, strategy))


def row(cells: list[str]) -> list[list[object]]:
    name = cells[0].split("`")[1]
    news = run(KOREAN, NEWS, name) if there(NEWS, name) else None
    exam = run(KOREAN, EXAM, name) if there(EXAM, name) else None
    claims = run(KOREAN, CLAIMS, name) if there(CLAIMS, name) else None
    return [
        [f1(news, "macro")] if news else [],
        [scored(news, "correct")] if news else [],
        [scored(exam, "correct")] if exam else [],
        [scored(claims, "expected_loss")] if claims else [],
        [scored(claims, "decision_accuracy")] if claims else [],
    ]


def sizes(task: str, strategy: str) -> list[int]:
    rows = run(KOREAN, task, strategy).record["task"]["rows"]
    return [rows["train"], rows["test"]]


def rare(strategy: str) -> float:
    rows = run(KOREAN, NEWS, strategy).rows
    told = [[row[key] for row in rows] for key in ("target", "predicted")]
    return f1_score(*told, labels=["부정"], average="macro")


def pays() -> list[object]:
    best, shown, words = (run(KOREAN, NEWS, n) for n in ("full-finetune", "few-shot", "tfidf"))
    k = shown.record["config"]["set"]["k"]
    gap = difference(best, words)
    return [difference(best, shown), k, gap, f1(best, "macro", words),
            rare("full-finetune"), rare("tfidf")]  # fmt: skip


def claims(strategy: str) -> Run:
    return run(KOREAN, CLAIMS, strategy)


def loss(strategy: str) -> float:
    return scored(claims(strategy), "expected_loss")[0].value


def steps() -> int:
    both = {
        claims(name).record["artifact"]["details"]["training"]["steps"]
        for name in ("qlora", "lora")
    }
    (count,) = both
    return count


def right_alike() -> Figure:
    first, second = (scored(claims(name), "decision_accuracy")[0] for name in ("qlora", "majority"))
    assert first == second
    return first


MORE: list[Rule] = [
    Says("(`fpb-ko`, {} training rows, {} test rows)", lambda: sizes(NEWS, "lora")),
    Says("{} and {} rows, {} options, so guessing gets {};", lambda: [
        sizes(EXAM, "lora"), OPTIONS, 1 / OPTIONS]),
    Says("(`insurer-claims-ko`, {} and {} rows)", lambda: sizes(CLAIMS, "lora")),
    Says("{} won are an adjuster's", lambda: [loss("majority")]),
    Table("| strategy | `fpb-ko`: macro-F1", row),
    Says("is {} [{}, {}] of\n   accuracy above {} examples. But `tfidf` is as accurate (difference {} "
         "[{}, {}]); what training\n   buys is the rare class: macro-F1 {} [{}, {}] above `tfidf`, "
         "negative news found with an F1 of {}\n   instead of {}", pays),
    Says("found for\n   {} % of the questions, but the gold articles themselves don't help ({})",
         lambda: [100 * scored(run(KOREAN, EXAM, "rag"), "hit@1")[0],
                  scored(run(KOREAN, EXAM, "few-shot+oracle-rag"), "correct")[0]]),
    Says("accuracy, {} times the loss", lambda: [loss("qlora") / loss("majority")]),
    Says("as `majority` ({})", lambda: [right_alike()]),
    Says("loses {} won a case more [{}, {}]", lambda: [
        difference(claims("qlora"), claims("majority"), "expected_loss")]),
    Says("trainings were of {} steps", lambda: [steps()]),
]  # fmt: skip


def total(strategy: str, requests: float, task: str = ASKED) -> float:
    """Labels, development and machines over the months, of the runs that had their machine alone."""
    alone = [one for one in runs(KOREAN, task, strategy) if not one.record["shared"]]
    once, capacity = fmean(one.once for one in alone), fmean(one.capacity for one in alone)
    return alone[0].labels * LABEL + once + MONTHS * month(capacity, requests)


def second_machine(strategy: str) -> float:
    """Requests a month above which one machine doesn't do."""
    alone = [one for one in runs(KOREAN, ASKED, strategy) if not one.record["shared"]]
    return fmean(one.capacity for one in alone) * HOURS_A_MONTH * 3600 / PEAK


def charged(won: float, requests: float) -> float:
    """Dollars that so much a case comes to over the months."""
    (rate,) = (row["per_usd"] for row in book()["currencies"] if row["id"] == "KRW")
    return MONTHS * requests * won / rate


def by_total() -> list[object]:
    """Of the claims the total cost of leaving all to a person, and how often it is the lowest."""
    names = list(candidates(KOREAN, CLAIMS))
    one = claims("majority")
    groups, index = np.unique(
        [one.clusters[name] for name in sorted(one.clusters)], return_inverse=True
    )
    weights, sizes, drawn = draws(len(groups)), np.bincount(index), []
    for name in names:
        values = claims(name).values("expected_loss")
        sums = np.bincount(index, [values[row] for row in sorted(values)])
        lost = charged(1.0, 1e5) * (weights @ sums) / (weights @ sizes)
        drawn.append(lost + total(name, 1e5, CLAIMS))
    lowest = np.argmin(np.stack(drawn), axis=0) == names.index("majority")
    left = charged(loss("majority"), 1e5)
    return [total("majority", 1e5, CLAIMS) + left, left, 100 * lowest.mean()]


def advice(cells: list[str]) -> list[list[object]]:
    if "3000000" in cells[0]:
        assert total("few-shot+rag", 3e6) > total("qlora+rag", 3e6)
        return [[total("qlora+rag", 3e6)], [second_machine("few-shot+rag")]]
    if "margin 0.3" in cells[0]:
        labels = [run(KOREAN, ASKED, name).labels for name in ("few-shot+rag", "qlora+rag")]
        return [[total("few-shot+rag", 1e5)], [labels, 100 * behind(KOREAN, ASKED)["few-shot+rag"]]]
    assert behind(KOREAN, ASKED)["qlora+rag"].value == 0
    return [[total("qlora+rag", 1e5)], []]


def decided() -> list[object]:
    rows = rows_that_decide(KOREAN, NEWS, "full-finetune")
    return [80, rows, LABEL * rows]


ADVICE: list[Rule] = [
    Table("| asked | advice | why |", advice),
    Says("would decide in {} % of such studies: {} more\nrows of news and two more runs, {}.", decided),
    Says("(`majority`), {} in a year, {} of it\nfor adjusters, the lowest in {} % of resamples", by_total),
    Says("always on ({} a month)", lambda: [month(first().capacity, 1e5)]),
]  # fmt: skip

SECTIONS = {"Three more tasks for a Korean insurer": MORE, "Which strategy to take": ADVICE}
