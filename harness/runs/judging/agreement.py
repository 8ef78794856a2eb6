"""Measures a judge against people: agreement and Cohen's kappa, with intervals.

The labels are those of FinanceBench (Islam et al. 2023, arXiv 2311.11944): people called 2,400
answers of 16 systems to 150 questions right, wrong, or a refusal. Answers to one question are a
cluster.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from harness.costs.book import PriceBook
from harness.costs.tokens import api_price, token_usd
from harness.errors import DataError
from harness.metrics.statistics.counts import margins
from harness.metrics.statistics.resampling import Floats, codes, interval, weights
from harness.models.endpoint import Endpoint
from harness.records.files import read_json, read_lines, write_json, write_lines
from harness.records.ledger import Ledger
from harness.records.schema import Agreement
from harness.runs.judging.evaluate import AT_ONCE
from harness.runs.judging.judge import LABELS, VERSION, Judge, JudgeFailed, open_judge
from harness.strategy.context import Monitor
from harness.task.splits import first
from harness.types import Estimate

__all__ = ["FOLDER", "Labelled", "agreement", "human_labels", "measure_judge", "measured"]

FOLDER, FILE = "judges", "judge.json"
DATA = "financebench"
SALT = "adaptbench-judge"


@dataclass(frozen=True, slots=True)
class Labelled:
    """An answer that people judged.

    Attributes:
        id: Of the answer.
        question: As asked.
        reference: The right answer.
        response: The answer.
        label: What people called it, of `LABELS`.
        cluster: The question's id.
    """

    id: str
    question: str
    reference: str
    response: str
    label: str
    cluster: str


def human_labels(data_dir: Path | None, limit: int | None = None) -> list[Labelled]:
    """Reads answers with people's labels.

    Args:
        data_dir: Folder with local copies of data sets.
        limit: The first n by hash; all by default.

    Raises:
        DataError: The files aren't there, or a row has another label.
    """
    folder = (data_dir or Path()) / DATA
    tables = []
    for name in ("questions.jsonl", "human_labelled_answers.jsonl"):
        if not (folder / name).is_file():
            raise DataError(
                f"there is no {DATA}/{name} in the data folder",
                "Name the folder with HARNESS_DATA or --data-dir; docs/retrieval.md says what it is.",
            )
        tables.append(read_lines(folder / name))
    asked = {line["id"]: line for line in tables[0]}
    rows = [
        Labelled(
            f"{line['config']}/{line['id']}",
            asked[line["id"]]["question"],
            str(asked[line["id"]]["answer"]),
            str(line["response"]).strip(),
            line["label"],
            line["id"],
        )
        for line in tables[1]
    ]
    if strange := {row.label for row in rows} - set(LABELS):
        raise DataError(f"unknown label {sorted(strange)[0]!r} in {DATA}")
    return first(rows, limit or len(rows), SALT)


def agreement(
    people: Sequence[str], judge: Sequence[str], clusters: Sequence[str], seed: int = 0
) -> dict[str, Estimate]:
    """Compares two raters.

    Args:
        people: Their label of each answer.
        judge: The judge's.
        clusters: Answers that share a question share this.
        seed: Of the resampling.

    Returns:
        ``agreement``, the share of equal labels, and ``kappa``, Cohen's (1960): agreement beyond
        what the raters' own shares of the labels give by chance. 95 % by resampling clusters.
    """
    n, names = len(people), sorted({*people, *judge})
    counts = margins(people, judge, codes(clusters), names)
    figures: dict[str, Callable[[Floats], Floats]] = {"agreement": _observed, "kappa": _kappa}
    found = {}
    for name, figure in figures.items():
        drawn = np.concatenate([figure(some @ counts) for some in weights(len(counts), 2000, seed)])
        value = float(figure(counts.sum(0, keepdims=True))[0])
        made = interval(value, drawn, len(counts), 0.95, inside=name == "agreement" or value > 0)
        found[name] = Estimate(made.value, made.low, made.high, n, made.method)
    return found


def _observed(sums: Floats) -> Floats:
    hits, people, _ = np.split(sums, 3, axis=1)
    return np.asarray(hits.sum(1) / people.sum(1))


def _kappa(sums: Floats) -> Floats:
    """Where both give one label only, agreement beyond chance is 0 by convention."""
    _, people, judge = np.split(sums, 3, axis=1)
    chance = (people * judge).sum(1) / people.sum(1) ** 2
    room = np.where(chance < 1, 1 - chance, 1)
    return np.asarray(np.where(chance < 1, (_observed(sums) - chance) / room, 0.0))


def measure_judge(
    endpoint: Endpoint,
    rows: Sequence[Labelled],
    results: Path,
    book: PriceBook,
    *,
    most_usd: float | None = None,
    monitor: Monitor | None = None,
) -> dict[str, Any]:
    """Asks a judge for its verdicts on answers that people judged, and keeps the comparison.

    Args:
        endpoint: Which model, behind which server.
        rows: What people judged.
        results: Folder of the records; the comparison goes to ``judges/`` in it.
        book: For the price of the judge's tokens.
        most_usd: Most that it may cost.
        monitor: Progress out.

    Returns:
        What is kept: agreement and kappa with intervals, both as well for right against all else,
        a table of labels, answers without a verdict, tokens and dollars.

    Raises:
        DataError: The judge gave no verdict at all.
        BudgetExceeded: The limit is reached; the same call goes on from there.
    """
    monitor = monitor or Monitor()
    folder = _folder(results, endpoint)
    folder.mkdir(parents=True, exist_ok=True)
    judge = open_judge(endpoint, folder / "responses.jsonl", book, most_usd)
    path = folder / "ledger.jsonl"
    ledger = Ledger(path, device="api")
    verdicts: dict[str, str] = {}
    with ledger.phase("judge") as spend:
        try:
            for number, (row, said) in enumerate(_ask(judge, rows), 1):
                if said is not None:
                    verdicts[row.id] = said
                monitor.progress("judge", number, len(rows))
        finally:
            spend.usage.add(judge.unbilled(path))
            spend.count(judge_requests=judge.requests, judge_failed=judge.failed)
    value = _compared(endpoint, rows, verdicts) | _spent(endpoint, judge, book)
    write_json(folder / FILE, value)
    lines = ({"id": row.id, "people": row.label, "judge": verdicts.get(row.id)} for row in rows)
    write_lines(folder / "verdicts.jsonl", lines)
    return value


def _ask(judge: Judge, rows: Sequence[Labelled]) -> Any:
    def one(row: Labelled) -> tuple[Labelled, str | None]:
        try:
            return row, judge.verdict(row.question, row.reference, row.response)
        except JudgeFailed:
            return row, None

    for start in range(0, len(rows), AT_ONCE):  # a refusal of the server ends it at once
        with ThreadPoolExecutor(AT_ONCE) as pool:
            yield from pool.map(one, rows[start : start + AT_ONCE])


def _compared(
    endpoint: Endpoint, rows: Sequence[Labelled], verdicts: dict[str, str]
) -> dict[str, Any]:
    judged = [row for row in rows if row.id in verdicts]
    if not judged:
        raise DataError(
            f"{endpoint.name} gave no verdict on any of {len(rows)} answers",
            "Its responses are kept beside the ledger: it has to reply with a JSON object.",
        )
    people, said = [row.label for row in judged], [verdicts[row.id] for row in judged]
    clusters = [row.cluster for row in judged]
    right = [[str(label == LABELS[0]) for label in labels] for labels in (people, said)]
    table = Counter(zip(people, said, strict=True))
    plain = {name: asdict(each) for name, each in agreement(people, said, clusters).items()}
    binary = agreement(right[0], right[1], clusters)
    return {
        "judge": endpoint.name,
        "digest": endpoint.digest,
        "version": VERSION,
        "data": f"{DATA}/human_labelled_answers",
        "n": len(judged),
        "failed": len(rows) - len(judged),
        "agreement": plain["agreement"],
        "kappa": plain["kappa"],
        "right_or_not": {name: asdict(each) for name, each in binary.items()},
        "table": {label: {other: table[label, other] for other in LABELS} for label in LABELS},
    }


def _spent(endpoint: Endpoint, judge: Judge, book: PriceBook) -> dict[str, Any]:
    price = api_price(endpoint.name, book=book)
    usd = token_usd(judge.paid, price) if price else None
    return {"tokens": judge.paid.as_dict(), "requests": judge.requests, "usd": usd}


def _folder(results: Path, endpoint: Endpoint) -> Path:
    name = "".join(c if c.isalnum() or c in ".-" else "-" for c in Path(endpoint.name).name)
    return results / FOLDER / f"{name}-{endpoint.digest[:8]}-v{VERSION}"


def measured(results: Path, endpoint: Endpoint) -> Agreement | None:
    """Returns how a judge compares with people; None where that wasn't measured."""
    path = _folder(results, endpoint) / FILE
    return Agreement.model_validate(read_json(path)) if path.is_file() else None
