"""Measures a judge against people: agreement and Cohen's kappa, with intervals.

The labels are those of FinanceBench (Islam et al. 2023, arXiv 2311.11944): people called 2,400
answers of 16 systems to 150 questions right, wrong, or a refusal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
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
from harness.models.sources.catalog import ModelFolder
from harness.records.files import read_json, read_lines, write_json, write_lines
from harness.records.ledger import Ledger
from harness.records.reading import checked
from harness.records.schema import Agreement, JudgeRecord
from harness.runs.judging.judge import Judge, version_of
from harness.runs.judging.opening import open_judge
from harness.runs.judging.questions import LABELS, asked_about
from harness.strategy.context import Monitor
from harness.task.splits import first
from harness.types import Estimate

__all__ = [
    "FOLDER",
    "Labelled",
    "agreement",
    "human_labels",
    "judge_record",
    "measure_judge",
    "measured",
]

FOLDER, FILE = "judges", "judge.json"
DATA = "financebench"
SALT = "adaptbench-judge"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A response that people compared with the reference: their label, of `LABELS`.

    Responses to one question are a cluster.
    """

    id: str
    question: str
    reference: str
    response: str
    label: str  # One of `LABELS`
    cluster: str  # The same for all responses to one question


def human_labels(data_dir: Path | None, limit: int | None = None) -> list[Labelled]:
    """Reads answers with people's labels: the first ``limit`` by hash, or all that have a text.

    Raises:
        DataError: The files aren't there, or a row has another label.
    """
    folder = (data_dir or Path()) / DATA
    tables = []
    for name in ("questions.jsonl", "human_labelled_answers.jsonl"):
        if not (folder / name).is_file():
            raise DataError(
                f"there is no {DATA}/{name} in the data folder",
                "Name the folder with HARNESS_DATA or --data-dir; docs/judging.md says what it is.",
            )
        tables.append(read_lines(folder / name))
    questions = {line["id"]: line for line in tables[0]}
    rows = []
    for line in tables[1]:
        if line["response"] is None:  # one was judged, and its text isn't there
            continue
        question, label = questions[line["id"]], line["label"]
        id_, response = f"{line['config']}/{line['id']}", line["response"].strip()
        reference = str(question["answer"])
        rows.append(
            Labelled(id_, question["question"], reference, response, label, cluster=line["id"])
        )
    if unknown := {row.label for row in rows} - set(LABELS):
        raise DataError(f"unknown label {sorted(unknown)[0]!r} in {DATA}")
    return first(rows, limit or len(rows), SALT)


def agreement(
    people: Sequence[str], judge: Sequence[str], clusters: Sequence[str], seed: int = 0
) -> dict[str, Estimate]:
    """Returns the share of equal labels of people and a judge as ``agreement``, and ``kappa``.

    Cohen's kappa (1960) is agreement beyond chance, which follows from how often each rater gives
    each label. Intervals are of 95 %, by resampling clusters.
    """
    n, names = len(people), sorted({*people, *judge})
    counts = margins(people, judge, codes(clusters), names)
    figures: dict[str, Callable[[Floats], Floats]] = {"agreement": _observed, "kappa": _kappa}
    estimates = {}
    for name, figure in figures.items():
        drawn = np.concatenate([figure(some @ counts) for some in weights(len(counts), 2000, seed)])
        value = float(figure(counts.sum(0, keepdims=True))[0])
        inside = name == "agreement" or value > 0
        bounds = interval(value, drawn, len(counts), 0.95, inside=inside)
        estimates[name] = Estimate(value, bounds.low, bounds.high, n, bounds.method)
    return estimates


def _observed(sums: Floats) -> Floats:
    """Share of equal labels, of each draw; sums: [draws, 3 * labels]."""
    hits, people, _ = np.split(sums, 3, axis=1)
    return np.asarray(hits.sum(1) / people.sum(1))


def _kappa(sums: Floats) -> Floats:
    """Cohen's kappa of each draw; 0 by convention where both raters only give one label."""
    _, people, judge = np.split(sums, 3, axis=1)
    chance = (people * judge).sum(1) / people.sum(1) ** 2
    room = np.where(chance < 1, 1 - chance, 1)
    return np.asarray(np.where(chance < 1, (_observed(sums) - chance) / room, 0.0))


def measure_judge(
    named: Endpoint | ModelFolder,
    rows: Sequence[Labelled],
    results: Path,
    book: PriceBook,
    *,
    most_usd: float | None = None,
    unpriced: bool = False,
    monitor: Monitor | None = None,
) -> dict[str, Any]:
    """Asks a judge about answers that people judged; stores and returns the comparison.

    It lies under ``judges/`` in the results. Where ``most_usd`` dollars are spent this raises
    `BudgetExceeded`, and the same call resumes there.
    """
    monitor = monitor or Monitor()
    folder = _folder(results, named)
    folder.mkdir(parents=True, exist_ok=True)
    journal, notify = folder / "responses.jsonl", monitor.message
    judge = open_judge(named, journal, book, most_usd, unpriced=unpriced, notify=notify)
    path = folder / "ledger.jsonl"
    ledger = Ledger(path, device=judge.device_class or "api")
    asked = [asked_about(row.id, row.question, row.reference, row.response) for row in rows]
    verdicts: dict[str, str] = {}
    with ledger.phase("judge") as spend:
        try:
            for number, (id_, verdict) in enumerate(judge.verdicts(asked), 1):
                if verdict is not None:
                    verdicts[id_] = verdict
                monitor.progress("judge", number, len(rows))
        finally:
            judge.bill(spend, path)
    value = _compared(named, rows, verdicts) | _spent(named, judge, book)
    value["structured"] = judge.described().get("structured")
    write_json(folder / FILE, value)
    lines = ({"id": row.id, "people": row.label, "judge": verdicts.get(row.id)} for row in rows)
    write_lines(folder / "verdicts.jsonl", lines)
    return value


def _compared(
    named: Endpoint | ModelFolder, rows: Sequence[Labelled], verdicts: dict[str, str]
) -> dict[str, Any]:
    judged = [row for row in rows if row.id in verdicts]
    if not judged:
        raise DataError(
            f"{named.name} gave no verdict on any of {len(rows)} answers",
            "It has to reply with a JSON object: see its responses.jsonl, beside the ledger.",
        )
    raters = [row.label for row in judged], [verdicts[row.id] for row in judged]
    clusters = [row.cluster for row in judged]
    right = [[str(label == LABELS[0]) for label in labels] for labels in raters]
    table = Counter(zip(*raters, strict=True))
    figures = {name: asdict(each) for name, each in agreement(*raters, clusters).items()}
    binary = agreement(right[0], right[1], clusters)
    return {
        "judge": named.name,
        "digest": named.digest or "",
        "version": _version(named),
        "data": f"{DATA}/human_labelled_answers",
        "n": len(judged),
        "failed": len(rows) - len(judged),
        **figures,
        "right_or_not": {name: asdict(each) for name, each in binary.items()},
        "table": {label: {other: table[label, other] for other in LABELS} for label in LABELS},
    }


def _spent(named: Endpoint | ModelFolder, judge: Judge, book: PriceBook) -> dict[str, Any]:
    usage, unmetered = judge.paid()
    price = api_price(named.name, book=book) if isinstance(named, Endpoint) else None
    usd = token_usd(usage, price) if price and not unmetered else None
    return {"tokens": usage.as_dict(), "requests": judge.requests, "usd": usd}


def _folder(results: Path, named: Endpoint | ModelFolder) -> Path:
    name = "".join(c if c.isalnum() or c in ".-" else "-" for c in Path(named.name).name)
    return results / FOLDER / f"{name}-{(named.digest or '')[:8]}-v{_version(named)}"


def _version(named: Endpoint | ModelFolder) -> int:
    return version_of(local=isinstance(named, ModelFolder))


def measured(results: Path, named: Endpoint | ModelFolder) -> Agreement | None:
    """Returns how a judge compares with people; None where that wasn't measured."""
    path = _folder(results, named) / FILE
    return checked(Agreement, read_json(path), path) if path.is_file() else None


def judge_record(named: Endpoint | ModelFolder, results: Path) -> JudgeRecord:
    """Returns a judge for a run's record, with its measured agreement with people."""
    return JudgeRecord(
        name=named.name,
        digest=named.digest or "",
        local=not isinstance(named, Endpoint),
        version=_version(named),
        measured=measured(results, named),
    )
