"""Judges the kept answers of a finished run, without its model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from harness.analysis.summary import write_metrics
from harness.config import RunConfig
from harness.errors import UsageError
from harness.metrics.judged import CRITERION
from harness.metrics.ragas import CORRECTNESS, JUDGED, Case
from harness.metrics.registry import known
from harness.records.files import Json, read_lines, write_lines
from harness.records.ledger import Ledger
from harness.records.locks import locked
from harness.records.predictions import check_predictions, stored_predictions
from harness.records.reading import read_record, write_record
from harness.records.schema import Against, JudgeRecord, RunRecord
from harness.records.store import LEDGER, PREDICTIONS
from harness.runs.evaluation import JUDGEMENT, JUDGEMENTS, opened_judge
from harness.runs.judging.agreement import judge_record
from harness.runs.judging.questions import (
    Correctness,
    Evaluated,
    Preference,
    Question,
    Rubric,
    judged,
    read_rubric,
)
from harness.runs.plan import SALT
from harness.runs.rescore import open_finished
from harness.runs.servers import named_judge
from harness.runs.work import check_judged
from harness.strategy.context import Monitor
from harness.task.splits import first
from harness.task.task import Task
from harness.types import Row

__all__ = ["judge_run"]

SETTINGS = ("judge", "judge_url", "judge_max_cost", "allow_unpriced", "prices", "results")
Gone = Callable[[str], bool]
"""Says of a value's name whether it is replaced; of the empty name whether all verdicts are."""


def judge_run(
    folder: Path,
    wanted: RunConfig,  # Of which `SETTINGS` count, the data's folder and the limit of rows
    data: Path | None = None,
    task: str | None = None,
    rubric: Path | None = None,  # Criteria with points, in place of the comparison
    against: Path | None = None,  # Another run, whose answers are compared with this one's
    monitor: Monitor | None = None,
) -> None:
    """Adds a judge's verdicts to a finished run: values and states of its rows, and their means.

    What the judge said is kept before it is used: the same call resumes, and pays nothing twice.

    Raises:
        UsageError: The run can't be judged, or was judged by another judge as it was made.
        BudgetExceeded: The judge's budget is spent.
    """
    monitor = monitor or Monitor()
    record, config, opened, rows = open_finished(
        folder, wanted.data_dir, data, task, monitor.message
    )
    check_judged(opened)
    config = config.model_copy(update={name: getattr(wanted, name) for name in SETTINGS})
    judge = judge_record(named_judge(config, opened, monitor), config.results)
    question = _question(record, rubric, against)
    with locked(folder):
        check_predictions(folder, record)
        cases = list(_cases(folder, record, rows))
        if isinstance(question, Preference):
            cases = [case for case in cases if case.id in question.others]
        cases = first(cases, wanted.limit or len(cases), SALT)
        gone = _replaced(record, judge, question, monitor)
        found, described = _judged(question, cases, config, opened, folder, monitor)
        _write(folder, record, found, gone)
        old = record.judge.model_dump() if record.judge and not gone("") else {}
        record.judge = judge.model_copy(update=_about(question, against, old) | described)
        names = {name: None for each in found.values() for name in (*each.states, *each.values)}
        kept = [name for name in record.metrics if not gone(name)]
        record.metrics = tuple(dict.fromkeys([*kept, *names]))
        write_record(folder, record)
        write_metrics(folder, record, opened, record.metrics)


def _question(record: RunRecord, rubric: Path | None, against: Path | None) -> Question:
    if rubric is not None:
        return read_rubric(rubric)
    return Preference(_others(against, record)) if against is not None else Correctness()


def _about(question: Question, against: Path | None, old: Json) -> Json:
    """Returns what a record says of the question, beside what it said of earlier ones."""
    about: Json = {name: old.get(name) for name in ("rubric", "against")}
    if isinstance(question, Rubric):
        about["rubric"] = question.digest
    if isinstance(question, Preference) and against is not None:
        counts = {name: question.counts[name] for name in Against.model_fields if name != "run"}
        about["against"] = Against(run=against.name, **counts)
    return about


def _others(against: Path, record: RunRecord) -> dict[str, str]:
    """Returns another run's answers by row."""
    other = read_record(against)
    if (other.status, other.task.name) != (record.status, record.task.name):
        raise UsageError(
            f"{against.name} is no finished run of {record.task.name}",
            "Answers to the same questions are compared.",
        )
    if other.config.store_text != "full":
        raise UsageError(f"{against.name} kept no answers", "They need --store-text full.")
    return {line["id"]: _answer(line) for line in stored_predictions(against, other)}


def _answer(line: Json) -> str:
    """Returns the parsed answer, empty where there is none or none was given on purpose."""
    answered = line["outcome"] == "ok" and not line["abstained"]
    return (line["predicted"] or "") if answered else ""


def _cases(folder: Path, record: RunRecord, rows: Mapping[str, Row]) -> Iterator[Case]:
    for line in stored_predictions(folder, record):
        row = rows[line["id"]]
        reference = row.example.target if row.answerable else ""
        yield Case(row.id, row.example.query.text, _answer(line), reference)


def _replaced(record: RunRecord, judge: JudgeRecord, question: Question, monitor: Monitor) -> Gone:
    """Says which values are replaced: of another judge all, else those of the same question."""
    old = record.judge
    if old is None or (old.digest, old.version) == (judge.digest, judge.version):
        rubric = isinstance(question, Rubric)
        return lambda name: name == question.metric or (rubric and name.startswith(CRITERION))
    told = f"{old.name}, prompt {old.version}"
    if set(record.metrics) & set(JUDGED) - {CORRECTNESS}:
        raise UsageError(
            f"this run was judged by {told} as it was made, by what no record keeps",
            f"`harness run ... --judge {judge.name}` makes another record.",
        )
    monitor.message(f"verdicts of {told} are replaced by those of {judge.name}")
    return lambda name: not name or name.startswith(CRITERION) or _is_judged(name)


def _is_judged(name: str) -> bool:
    return name in known() and "judge" in known()[name].needs


def _judged(
    question: Question,
    cases: list[Case],
    config: RunConfig,
    task: Task,
    folder: Path,
    monitor: Monitor,
) -> tuple[dict[str, Evaluated], Json]:
    """Asks; returns what was found by row, and what the record says of the asking."""
    judge = opened_judge(config, task, folder, monitor.message)
    assert judge is not None
    path = folder / LEDGER
    with Ledger(path, device=judge.device_class or "api").phase("judge") as spend:
        try:
            found = {each.id: each for each in judged(question, cases, judge, monitor.progress)}
            spend.count(rows=len(found))
        finally:
            judge.bill(spend, path)
    return found, judge.described()


def _write(folder: Path, record: RunRecord, found: Mapping[str, Evaluated], gone: Gone) -> None:
    """Adds values and states to judgements and predictions; each file is replaced as a whole."""
    judgements = {line["id"]: line for line in read_lines(folder / JUDGEMENTS, fields=JUDGEMENT)}
    for id_ in found:
        judgements.setdefault(id_, {"id": id_, "values": {}, "judged": {}})
    predictions = list(stored_predictions(folder, record))
    for line in (*judgements.values(), *predictions):
        new = found.get(line["id"])
        for key, more in (("values", new and new.values), ("judged", new and new.states)):
            old = {name: value for name, value in line.get(key, {}).items() if not gone(name)}
            line[key] = old | dict(more or {})
    write_lines(folder / JUDGEMENTS, judgements.values())
    write_lines(folder / PREDICTIONS, predictions)
