"""Sits exams, those that were sat before left out: of a model as it is once for all runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from harness.records.keys import digest
from harness.records.ledger import Ledger
from harness.records.probes import ProbeScore
from harness.runs.plan import Plan
from harness.runs.probes.exams import Exam, Examinee
from harness.runs.probes.marks import Mark, Sitting, keep, kept
from harness.strategy.context import Monitor

__all__ = ["before_file", "sit"]

FILE = "before.jsonl"


def before_file(plan: Plan) -> Path:
    """Returns the file of the marks of the plan's model as it is, on its class of device."""
    model = plan.model
    assert model is not None
    key = digest([model.digest, plan.device.dtype, plan.device.device_class])
    return plan.config.results / "probes" / f"{model.name.replace('/', '--')}_{key[:12]}" / FILE


def sit(
    exams: Sequence[Exam],
    path: Path,
    load: Callable[[], Examinee],  # called where there is an exam to sit
    ledger: Ledger,
    monitor: Monitor,
) -> tuple[dict[str, Sitting], list[Sitting]]:
    """Sits the exams that a file has no marks of, one after the other, and adds them to it.

    Returns all by the exam's name, and those that the file had.
    """
    known = kept(path)
    found = [known[key] for exam in exams if (key := (exam.name, exam.digest)) in known]
    sittings = {sitting.exam: sitting for sitting in found}
    waiting = [exam for exam in exams if exam.name not in sittings]
    if not waiting:
        return sittings, found
    with ledger.phase("probe"):
        model = load()
    for number, exam in enumerate(waiting):
        monitor.progress("probe", number, len(waiting))
        with ledger.phase("probe") as spend:
            got = exam.sit(model, spend.usage.add)
            spend.count(items=float(len(got)))
        marks = tuple(each for each in got if isinstance(each, Mark))
        scores = tuple(each for each in got if isinstance(each, ProbeScore))
        sitting = Sitting(exam.name, exam.digest, marks, scores, spend.seconds, spend.usage)
        keep(path, sitting)
        sittings[exam.name] = sitting
    monitor.progress("probe", len(waiting), len(waiting))
    return sittings, found
