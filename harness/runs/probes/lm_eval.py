"""lm-eval's tasks as exams, where this installation can evaluate them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import cast

from harness.errors import MissingDependency, UsageError
from harness.records.probes import ProbeScore
from harness.runs.probes.exams import Charge, Exam, Examinee, exam_digest

__all__ = ["PREFIX", "lm_eval_exam"]

PREFIX = "lm-eval:"
ROWS = 100  # of each task
EVALUATOR = "harness.runs.lm_eval"
"""The module that has ``evaluate(names, model, *, limit, data_dir)``."""
Evaluate = Callable[..., Sequence[ProbeScore]]


def lm_eval_exam(probe: str, data_dir: Path | None) -> Exam:
    """Returns a task of lm-eval as an exam; its own harness marks it.

    Raises:
        UsageError: This version can't evaluate such tasks.
        MissingDependency: lm-eval isn't there.
    """
    name = probe.removeprefix(PREFIX)
    try:
        found = version("lm-eval")
    except PackageNotFoundError as error:
        raise MissingDependency(
            f"--probe {probe} needs the package lm-eval", "pip install 'adaptbench[judge]'"
        ) from error
    try:
        evaluate = cast(Evaluate, import_module(EVALUATOR).evaluate)
    except (ModuleNotFoundError, AttributeError) as error:
        raise UsageError(
            f"--probe {probe}: this version evaluates no tasks of lm-eval", "Use --probe default."
        ) from error

    def sit(model: Examinee, charge: Charge) -> list[ProbeScore]:
        return list(evaluate([name], model, limit=ROWS, data_dir=data_dir))

    return Exam(probe, exam_digest(name, found, ROWS), {}, sit)
