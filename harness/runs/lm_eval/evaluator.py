"""Runs lm-evaluation-harness' own evaluator with a model of ours, and reads its figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from harness.errors import DataError, HarnessError
from harness.records.probes import ProbeScore
from harness.runs.lm_eval.tasks import PREFIX, Loaded

if TYPE_CHECKING:
    from harness.runs.lm_eval.model import HarnessLM

__all__ = ["evaluated", "figures_of"]

DRAWS = 1000  # of a bootstrap, where a standard error has no formula; lm-eval takes 100,000

Results = Mapping[str, Any]
"""What lm-eval's `evaluate` returns."""


def evaluated(
    model: HarnessLM,
    tasks: Loaded,
    *,
    limit: int | None = None,  # documents of each task, the first ones
    chat: bool = False,  # whether prompts go through the model's chat template
    system: str | None = None,
) -> Results:
    """Asks a model all requests of tasks, and returns lm-eval's results with each document's.

    Raises:
        DataError: The task, or its code, failed.
    """
    from lm_eval.evaluator import evaluate

    try:
        results: Results = evaluate(
            lm=model,
            task_dict=tasks,
            limit=limit,
            bootstrap_iters=DRAWS,
            log_samples=True,
            system_instruction=system,
            apply_chat_template=chat,
            fewshot_as_multiturn=chat,
        )
    except HarnessError:
        raise
    except Exception as error:  # of the task's own code, which lm-eval runs
        names = ", ".join(tasks["tasks"])
        why = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        raise DataError(f"lm-eval's evaluation of {names} failed: {why}", "Correct it.") from error
    return results


def figures_of(results: Results, task: str, *, adapted: bool = False) -> Iterator[ProbeScore]:
    """Yields the metrics of a task or a group, in lm-eval's order, each with its filter, if any.

    So ``exact_match,strict-match``; `adapted` is what the scores say of the model.
    """
    values = results["results"][task]
    better = results["higher_is_better"].get(task) or {}
    for key, value in values.items():
        metric, comma, kept = key.partition(",")
        if not comma or metric.endswith("_stderr"):
            continue
        error = values.get(f"{metric}_stderr,{kept}")
        yield ProbeScore(
            probe=f"{PREFIX}{task}",
            name=task,
            metric=metric if kept == "none" else key,
            adapted=adapted,
            value=_number(value),
            stderr=_number(error),
            n=int(values.get("sample_len") or 0),
            higher_is_better=better.get(metric) is not False,
        )


def _number(value: object) -> float | None:
    """Returns a finite number; None of what is none (``N/A``)."""
    import math

    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
