"""lm-eval's tasks as exams: its own harness asks and marks."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, cast

from harness.config import RunConfig
from harness.errors import MissingDependency
from harness.records.probes import ProbeScore
from harness.runs.lm_eval import PREFIX, evaluate
from harness.runs.probes.exams import Charge, Exam, Examinee, exam_digest
from harness.types import Usage

if TYPE_CHECKING:
    from harness.models.local.model import LocalModel

__all__ = ["PREFIX", "lm_eval_exam"]

ROWS = 100  # of each task


def lm_eval_exam(probe: str, name: str, config: RunConfig) -> Exam:
    """Returns a task of lm-eval as an exam that is named as the probe.

    Raises:
        MissingDependency: lm-eval isn't there.
    """
    try:
        found = version("lm-eval")
    except PackageNotFoundError as error:
        raise MissingDependency(
            f"--probe {name} needs the package lm-eval", "pip install 'adaptbench[lm-eval]'"
        ) from error
    task = Path(name.removeprefix(PREFIX))
    declared = task.read_text(encoding="utf-8") if task.is_file() else ""

    def sit(model: Examinee, charge: Charge) -> list[ProbeScore]:
        usage = Usage()
        scores = evaluate(
            [name],
            cast("LocalModel", model),
            limit=ROWS,
            data_dir=config.data_dir,
            offline=config.offline,
            usage=usage,
        )
        charge(usage)
        return scores

    return Exam(probe, exam_digest(name, declared, found, ROWS), {}, sit)
