"""log.json: what a record of answers made elsewhere keeps of the log that they were read from."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["LOG", "ForeignLog", "Waits"]

LOG = "log.json"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Waits(_Part):
    """Seconds from request to answer, as the log has them: how many ran at once isn't known."""

    n: int = Field(description="Answers whose seconds the log has.")
    p50: float = Field(description="The median.")
    p95: float = Field(description="What one in twenty exceeds.")


class ForeignLog(_Part):
    """A log of another package, without its texts."""

    format: str = Field(description="The package, and its version.")
    file: str = Field(description="Name of the file.")
    task: str = Field(description="What the log calls what it asks.")
    name: str = Field("", description="Which model, prompt or pass of the file.")
    answers: int = Field(description="Answers in it.")
    matched: dict[str, int] = Field(
        description="By id, or by which text, they were matched to rows."
    )
    metric: str = Field("", description="Name of its own score; empty without one.")
    scores: dict[str, float] = Field(default_factory=dict, description="Its own, by id of a row.")
    places: dict[str, str] = Field(
        default_factory=dict, description="Where in the file these stand, by id of a row."
    )
    usd: float | None = Field(None, description="What it says the answers cost; null: nothing.")
    usd_answers: int = Field(0, description="Answers whose cost it has.")
    seconds: Waits | None = Field(None, description="null where it has none.")
    notes: tuple[str, ...] = Field((), description="Which answers fit no row; what isn't known.")
