"""A figure as records keep it, and what people's grades are made of."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from harness.records.files import Json

__all__ = ["Figure", "GradesRecord", "Part"]


class Part(BaseModel):
    """A part of a record."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    def as_json(self) -> Json:
        """Returns what is known as JSON values: fields that nobody set are left out."""
        return self.model_dump(mode="json", exclude_unset=True)


class Figure(Part):
    """A metric with its 95 % interval."""

    value: float | None = Field(description="null where it isn't defined.")
    low: float | None = Field(None, description="Lower end.")
    high: float | None = Field(None, description="Upper end.")
    n: int = Field(description="Rows that it is made of.")
    method: str = Field("", description="How the interval was made.")
    higher_is_better: bool | None = Field(None, description="null where nothing says.")
    unit: str = Field("", description="Of an amount; empty for a share.")


class GradesRecord(Part):
    """What people said of some of the answers."""

    sheet: str = Field(description="Whose key lies under `grades` in the results.")
    drawn: int = Field(description="Rows that the sheet asked about.")
    rows: int = Field(description="Rows that have a grade.")
    raters: int = Field(description="People who graded.")
    minutes: float = Field(description="That they wrote down.")
    predict_from: str = Field(description="Metric of all rows that the estimate starts from.")
    agreement: Figure | None = Field(None, description="Share of equal grades; null: one rater.")
    kappa: Figure | None = Field(None, description="Cohen's kappa; null: one rater.")
