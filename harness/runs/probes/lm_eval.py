"""lm-eval's tasks as exams, where this installation can evaluate them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import cast

from harness.config import RunConfig
from harness.errors import MissingDependency, UsageError
from harness.records.probes import ProbeScore
from harness.runs.probes.exams import Charge, Exam, Examinee, exam_digest
from harness.types import Usage

__all__ = ["PREFIX", "lm_eval_exam"]

PREFIX = "lm-eval:"
ROWS = 100  # of each task
EVALUATOR = "harness.runs.lm_eval"
"""The module that has ``evaluate``: it is loaded by name, since lm-eval may be missing."""
Evaluate = Callable[..., Sequence[ProbeScore]]


def lm_eval_exam(probe: str, name: str, config: RunConfig) -> Exam:
    """Returns a task of lm-eval as an exam that is named as the probe; lm-eval itself marks it.

    Raises:
        UsageError: This version can't evaluate such tasks.
        MissingDependency: lm-eval isn't there.
    """
    try:
        found = version("lm-eval")
    except PackageNotFoundError as error:
        raise MissingDependency(
            f"--probe {name} needs the package lm-eval", "pip install 'adaptbench[lm-eval]'"
        ) from error
    try:
        evaluate = cast(Evaluate, import_module(EVALUATOR).evaluate)
    except (ModuleNotFoundError, AttributeError) as error:
        raise UsageError(
            f"--probe {name}: this version evaluates no tasks of lm-eval", "Use --probe default."
        ) from error
    task, data_dir = name.removeprefix(PREFIX), config.data_dir
    declared = Path(task).read_text(encoding="utf-8") if Path(task).is_file() else ""

    def sit(model: Examinee, charge: Charge) -> list[ProbeScore]:
        usage = Usage()
        about = {"limit": ROWS, "data_dir": data_dir, "offline": config.offline, "usage": usage}
        scores = list(evaluate([task], model, **about))
        charge(usage)
        return scores

    return Exam(probe, exam_digest(task, declared, found, ROWS), {}, sit)
