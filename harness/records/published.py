"""What others measured on a task, as a task file quotes it and a record keeps it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["TEST", "Published"]

TEST = "test"
"""``rows`` of a result on the task's own test rows, all of them."""


class Published(BaseModel):
    """A result that others published."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    system: str = Field(min_length=1, description="System or model, as its source names it.")
    metric: str = Field(
        min_length=1, description="A metric of `harness list metrics`, or what the source calls it."
    )
    value: float = Field(allow_inf_nan=False, description="A share is 0 to 1, as ours are.")
    rows: str = Field(
        min_length=1,
        description="test: this task's test rows, all of them. Otherwise which ones, in words.",
    )
    n: int | None = Field(None, ge=1, description="How many rows; null where nobody says.")
    source: str = Field(min_length=1, description="Citation, with where in it the figure stands.")
    year: int = Field(
        ge=1950, le=2100, description="Of the source; of an undated page, when it was read."
    )
    note: str = Field("", description="What else has to be known of the figure.")
