"""What makes a run's figures say less than they seem to, with the next step."""

from __future__ import annotations

from harness.analysis.words import Phrase, phrase
from harness.records.schema import Metrics, RunRecord

__all__ = ["alarms"]

LONGEST = 40  # characters of an answer that is named


def alarms(record: RunRecord, metrics: Metrics | None) -> dict[str, Phrase]:
    """Returns sentences by what they are about: ``answers``, ``training``."""
    found = {}
    if metrics and metrics.one_answer and not _by_design(record):
        same = metrics.one_answer
        text = same.answer if len(same.answer) <= LONGEST else f"{same.answer[:LONGEST]}..."
        trained = "trained" if _training(record) else "untrained"
        found["answers"] = phrase(
            "alarm.one_answer",
            answer=text,
            count=same.count,
            n=same.n,
            others=same.others,
            step=phrase(f"alarm.{trained}"),
        )
    floor, steps = (_training(record).get(name) for name in ("least_steps", "planned_steps"))
    if isinstance(floor, int) and isinstance(steps, int) and steps < floor:
        found["training"] = phrase("alarm.few_steps", steps=steps, floor=floor)
    return found


def _by_design(record: RunRecord) -> bool:
    """Whether one answer is all that a strategy gives; older records say only if a model takes part."""
    constant = record.strategy.constant
    return record.model is None if constant is None else constant


def _training(record: RunRecord) -> dict[str, object]:
    details = record.artifact.details.training if record.artifact else None
    return details.model_dump() if details else {}
