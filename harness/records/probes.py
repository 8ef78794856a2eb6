"""What a record says of what a model can do beside its task, before it was adapted and after."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["ProbeRecord", "ProbeScore"]


class ProbeScore(BaseModel):
    """One figure of what a model can do beside its task, before it was adapted or after."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    probe: str = Field(description="What was asked for: `default`, or `lm-eval:NAME`.")
    name: str = Field(description="What was looked at, such as general-text-ko.")
    metric: str = Field(description="bits_per_byte, accuracy, ...")
    adapted: bool = Field(description="false: of the model as it was before.")
    value: float | None = Field(description="null where it isn't defined.")
    stderr: float | None = Field(None, description="Standard error; null where nothing says.")
    n: int = Field(description="Items: paragraphs, questions, rows.")
    higher_is_better: bool = Field(description="false for bits a byte.")
    change: float | None = Field(
        None, description="Of an adapted one: itself less what it was before, on the same items."
    )
    low: float | None = Field(None, description="Lower end of the change's 95 % interval.")
    high: float | None = Field(None, description="Upper end.")
    method: str = Field("", description="How that interval was made.")


class ProbeRecord(BaseModel):
    """What one probe found."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(description="As it was asked for.")
    version: int = Field(description="Of its items, and of how they are asked.")
    changed: bool | None = Field(
        description="Whether adapting changed a language model's weights; where not, what was "
        "before is after. null where nobody knows."
    )
    scores: tuple[ProbeScore, ...] = Field((), description="Before and after.")
    missing: dict[str, str] = Field(
        default_factory=dict, description="What wasn't measured, and why."
    )
