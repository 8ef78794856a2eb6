"""What of a run's options and of its strategy decides its work, for the keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from harness.config import RunConfig
from harness.errors import MissingDependency, UsageError
from harness.metrics.metric import TEXT
from harness.metrics.ragas import CORRECTNESS, JUDGED, RAGAS, missing
from harness.metrics.registry import kinds
from harness.models.endpoint import is_endpoint
from harness.strategy.base import TUNE, Strategy
from harness.task.task import Task

if TYPE_CHECKING:
    from harness.models.sources.catalog import ModelFolder

__all__ = ["check_judged", "divided", "evaluated_metrics", "judging", "long_rows"]


def check_judged(task: Task) -> None:
    """Raises `UsageError` where a judge has nothing to read."""
    if not kinds()[task.kind].among(TEXT):
        raise UsageError(
            f"a judge reads answers in free text; {task.name} is {task.kind}", "Leave --judge out."
        )


def evaluated_metrics(config: RunConfig, strategy: Strategy, task: Task) -> tuple[str, ...]:
    """Returns the metrics of ragas that a run gets: for answers in free text alone.

    Those without a judge are for strategies that retrieve, unless ``ragas`` is on or off.

    Raises:
        UsageError: A judge for a task without free text.
        MissingDependency: ragas is wanted, and a package is missing.
    """
    if config.judge:
        check_judged(task)
    if not kinds()[task.kind].among(TEXT):
        return ()
    judged: tuple[str, ...] = ()
    if config.judge:  # ragas' prompts want long JSON, which a small model doesn't write
        judged = JUDGED if is_endpoint(config.judge) else (CORRECTNESS,)
    package = missing()
    if package and (config.ragas == "on" or judged == JUDGED):
        raise MissingDependency(
            f"ragas' metrics need the package {package}", "pip install 'adaptbench[judge]'"
        )
    retrieves = strategy.retrieves or "gold_passages" in strategy.required
    offline = config.ragas == "on" or (config.ragas == "auto" and retrieves)
    plain = [name for name in RAGAS if name not in JUDGED] if offline and not package else []
    return (*plain, *judged)


def judging(config: RunConfig) -> dict[str, object]:
    """Returns what makes another key of a record by its judge; nothing where there is no choice."""
    choices: dict[str, object] = {} if config.ragas == "auto" else {"ragas": config.ragas}
    if config.judge is not None:
        from harness.runs.judging.judge import version_of
        from harness.runs.judging.opening import judge_called

        version = version_of(local=not is_endpoint(config.judge))
        try:  # the plan of a run has fetched it
            named = judge_called(config.judge, config.judge_url, offline=True)
        except MissingDependency:
            choices["judge"] = {"name": config.judge, "version": version}
        else:
            choices["judge"] = {"digest": named.digest, "version": version}
    return choices


def long_rows(config: RunConfig, *rules: str) -> dict[str, str]:
    """Returns what makes another key by one of these rules; by default by any but the usual one."""
    rule = config.long_rows
    return {"long_rows": rule} if rule in (rules or ("cut", "fail")) else {}


def divided(
    strategy: Strategy, others: Mapping[str, ModelFolder] = {}
) -> tuple[dict[str, object], dict[str, object]]:
    """Divides a description into what `prepare` reads, and what is only read to answer."""
    description = strategy.describe()
    nested = description.get("parts")
    served = {}
    values_of_parts = nested if isinstance(nested, list) else [description]
    for part, values in zip(strategy.parts, values_of_parts, strict=True):
        for name in part.served:
            served[f"{part.name}.{name}"] = values.pop(name)
    if others:  # a name may stand for other weights tomorrow
        description["models"] = {name: other.digest for name, other in others.items()}
    if strategy.abstain == TUNE:  # the artifact has the dev rows' answers, no threshold
        served["abstain_error"] = description.pop("abstain_error")
    elif strategy.abstain is not None:
        served["abstain"] = description.pop("abstain")
    return description, served
