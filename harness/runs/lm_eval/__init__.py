"""Tasks of lm-evaluation-harness, asked by its own evaluator and answered by models of ours.

Prompts, few-shot examples, filters and metrics are lm-eval's; tokens equal those of its own ``hf``
model, and what requests share is computed once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from harness.records.probes import ProbeScore
from harness.runs.lm_eval.evaluator import evaluated, figures_of
from harness.runs.lm_eval.tasks import PREFIX, library, load_tasks
from harness.types import Usage

if TYPE_CHECKING:
    from harness.models.local.model import LocalModel

__all__ = ["PREFIX", "evaluate"]


def evaluate(
    names: Sequence[str],
    model: LocalModel,
    *,
    adapted: bool = False,  # what the scores say of the model
    limit: int | None = None,  # documents of each task, the first ones
    data_dir: Path | None = None,
    offline: bool = False,
    usage: Usage | None = None,  # gets what the requests took
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> list[ProbeScore]:
    """Asks a model tasks of lm-eval, by name or YAML file, each as lm-eval's command does.

    A name of a group gives the group's figures, one of a tag those of its tasks. The prefix
    ``lm-eval:`` may be there.

    Raises:
        UsageError: There is no such task.
        DataError: A task can't be used.
        MissingDependency: lm-eval isn't installed, or a task's data isn't here and can't be fetched.
    """
    scores: list[ProbeScore] = []
    with library():
        from harness.runs.lm_eval.model import HarnessLM

        asked = HarnessLM(model, progress)
        for name in [each.removeprefix(PREFIX) for each in names]:
            tasks = load_tasks([name], data_dir=data_dir, offline=offline)
            results = evaluated(asked, tasks, limit=limit)
            scores += [
                figure.model_copy(update={"probe": f"{PREFIX}{name}"})
                for task in results.get("groups") or results["results"]
                for figure in figures_of(results, task, adapted=adapted)
            ]
    if usage is not None:
        usage.add(asked.usage)
    return scores
