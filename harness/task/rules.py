"""How the rows of a task are scored."""

from __future__ import annotations

from harness.metrics.registry import kinds
from harness.metrics.score import Rules
from harness.task.task import Task

__all__ = ["rules_of"]


def rules_of(task: Task) -> Rules:
    """Returns how the rows of a task are scored."""
    return Rules(
        kind=task.kind,
        choices=task.labels,
        language=task.language,
        abstain=(task.abstain,) if task.abstain else (),
        aliases=task.spec.labels if kinds()[task.kind].spelt else {},
        costs=task.spec.decision,
        tolerance=task.spec.tolerance,
    )
