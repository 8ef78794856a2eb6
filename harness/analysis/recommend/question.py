"""What a recommendation is asked for. Each field is documented here, once."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.costs.ownership import Terms
from harness.errors import UsageError

__all__ = ["Question", "make_question"]


class Question(BaseModel):
    """How much is asked for how long, and what the answer has to respect."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    task: str = Field(description="Name of the task whose records decide.")
    requests_per_month: float = Field(100_000, ge=0, description="Requests a month.")
    months: float = Field(12, gt=0, description="Months that it will be used.")
    updates_per_month: float = Field(0, ge=0, description="How often a month the facts change.")
    label_cost: float | None = Field(None, ge=0, description="Price of one labelled row, in $.")
    min_quality: float | None = Field(
        None, description="Least quality, of the primary metric; its lower bound has to reach it."
    )
    max_latency: float | None = Field(
        None, gt=0, description="Most seconds that 95 % of requests may take."
    )
    margin: float = Field(
        0.02, gt=0, description="Difference in quality that doesn't matter, of the metric."
    )
    margin_share: float | None = Field(
        None, gt=0, lt=1, description="The same, as a share of the best's own value."
    )
    hardware: str | None = Field(
        None, description="Machine or GPU of the price book to run on; by default as measured."
    )
    serving: Literal["always-on", "as-used"] = Field(
        "always-on", description="Pay for whole machines, or for the seconds that they work."
    )
    peak_factor: float = Field(3.0, ge=1, description="Busiest second over the mean one.")
    count_shared: bool = Field(
        False, description="Price seconds on a machine that another run was on, too."
    )
    data_stays: Literal["on-prem", "country", "any"] = Field(
        "any", description="Where requests may go."
    )
    licence: Literal["commercial", "any"] = Field(
        "any", description="Whether the model has to be free for commercial use."
    )
    model: str | None = Field(None, description="Only this model; by default each one apart.")

    @property
    def terms(self) -> Terms:
        """What is asked of every deployment alike."""
        return Terms(peak_factor=self.peak_factor)


def make_question(**values: Any) -> Question:
    """Makes a question; problems are said in words.

    Raises:
        UsageError: A value that isn't allowed, with the field's name.
    """
    try:
        return Question(**values)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(step) for step in first["loc"]).replace("_", "-")
        raise UsageError(
            f"--{field} {first.get('input')!r}: {first['msg'].lower()}",
            "`harness recommend --help` shows what is allowed.",
        ) from error
