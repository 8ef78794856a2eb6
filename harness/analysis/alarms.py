"""What makes a run's figures say less than they seem to, with the next step."""

from __future__ import annotations

import math

from harness.analysis.words import Phrase, phrase
from harness.records.schema import Metrics, RunRecord

__all__ = ["alarms"]

FAR = 4.0  # standard errors
LONGEST = 40  # characters of an answer that is named


def alarms(record: RunRecord, metrics: Metrics | None) -> dict[str, Phrase]:
    """Returns sentences by what they are about: ``answers``, ``training``, ``dev``."""
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
    if promise := _unkept(record, metrics):
        found["dev"] = promise
    return found


def _unkept(record: RunRecord, metrics: Metrics | None) -> Phrase | None:
    """Says that a tuned setting is much worse on the test than on dev, if it is.

    The best of several settings is always somewhat worse on new rows; what is beyond `FAR` standard
    errors says that the dev rows aren't like the test's.
    """
    tuning = record.tuning
    test = metrics.metrics.get(tuning.metric) if metrics and tuning else None
    if tuning is None or test is None or test.value is None or test.low is None:
        return None
    dev = tuning.tried[tuning.best]
    if test.high is None or dev.value is None or not dev.rows or not 0 <= dev.value <= 1:
        return None  # amounts have no standard error here
    error = math.hypot(
        (test.high - test.low) / 3.92, (dev.value * (1 - dev.value) / dev.rows) ** 0.5
    )
    worse = dev.value - test.value if tuning.higher_is_better else test.value - dev.value
    if not error or worse < FAR * error:
        return None
    return phrase(
        "alarm.dev", metric=tuning.metric, dev=f"{dev.value:.3f}", test=f"{test.value:.3f}"
    )


def _by_design(record: RunRecord) -> bool:
    """Whether one answer is all that a strategy gives; older records say only if a model takes part."""
    constant = record.strategy.constant
    return record.model is None if constant is None else constant


def _training(record: RunRecord) -> dict[str, object]:
    details = record.artifact.details.training if record.artifact else None
    return details.model_dump() if details else {}
