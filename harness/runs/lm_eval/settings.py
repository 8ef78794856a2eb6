"""What a run of one of lm-eval's tasks is asked to do, and what it can't do."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from harness.config import PRICING, RunConfig, flag_of, spelling_of
from harness.errors import UsageError
from harness.models.endpoint import is_endpoint
from harness.runs.lm_eval.tasks import PREFIX
from harness.strategy.adaptation import Adaptation
from harness.strategy.base import Frozen, Prompting
from harness.strategy.registry import create_strategy
from harness.text import words

__all__ = ["Parameters", "asks_lm_eval", "check_options", "parameters_of"]

USED = frozenset(
    words("""
        strategy task model revision seed limit set task_set latency device dtype offline
        store_text force results data_dir
    """)
)
"""Options that have a part in such a run, or are always there; those about money are the reader's."""


class Parameters(BaseModel):
    """What ``--task-set`` sets, by lm-eval's own names."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    num_fewshot: int | None = Field(None, ge=0, description="Examples; by default the task's own.")
    apply_chat_template: bool = Field(False, description="Whether prompts are turns of a chat.")
    system_instruction: str | None = Field(None, description="Stands before everything.")
    metric: str | None = Field(None, description="The primary one; by default the task's first.")


def asks_lm_eval(config: RunConfig) -> bool:
    """Whether a configuration names a task of lm-eval."""
    return config.data is None and config.task.startswith(PREFIX)


def parameters_of(config: RunConfig) -> Parameters:
    """Reads ``--task-set``. Raises `UsageError`: an unknown name, or a value that isn't allowed."""
    from pydantic import ValidationError

    if strange := sorted(config.task_set.keys() - Parameters.model_fields.keys()):
        known = ", ".join(Parameters.model_fields)
        raise UsageError(f"lm-eval's tasks have no parameter {strange[0]!r}", f"Known: {known}.")
    try:
        return Parameters(**config.task_set)
    except ValidationError as error:
        first = error.errors()[0]
        name = first["loc"][0]
        hint = str(Parameters.model_fields[str(name)].description)
        raise UsageError(
            f"--task-set {name}={first['input']}: {first['msg'].lower()}", hint
        ) from error


def check_options(config: RunConfig) -> None:
    """Refuses what would be dropped silently: other strategies, options without an effect.

    Raises:
        UsageError: What it is.
    """
    strategy = create_strategy(config.strategy, config.set)
    parts = strategy.parts
    if not (
        isinstance(strategy, Adaptation)
        and isinstance(strategy.weights, Frozen)
        and all(map(_adds_nothing, parts[1:]))
    ):
        raise UsageError(
            f"lm-eval asks its tasks itself, of a model as it is: {config.strategy} has no part in it",
            "Use --strategy zero-shot, with --task-set num_fewshot=N for examples; what adapting "
            f"did to a model is shown by --probe {config.task}, or by its export --to merged.",
        )
    if config.model and is_endpoint(config.model):
        raise UsageError(
            "lm-eval's tasks need a model that runs here, for its likelihoods",
            "Use lm-eval's own model of servers: lm_eval --model local-completions.",
        )
    for name, field in RunConfig.model_fields.items():
        usual = field.get_default(call_default_factory=True)
        read = name in USED or flag_of(field).panel == PRICING
        if not read and getattr(config, name) != usual:
            raise UsageError(
                f"{spelling_of(name, field)} does nothing with a task of lm-eval", "Leave it out."
            )


def _adds_nothing(part: object) -> bool:
    if not isinstance(part, Prompting):
        return False
    own = (type(part).fit, type(part).renderer, type(part).toolbox)
    return own == (Prompting.fit, Prompting.renderer, Prompting.toolbox)
