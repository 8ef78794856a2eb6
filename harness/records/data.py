"""What a record keeps of the data that a run read: sizes, labels, repeats and leaks."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["DataReport", "Leak", "Longest"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Leak(_Part):
    """Rows of one split that stand in another as well."""

    split: str = Field(description="Whose rows.")
    also_in: dict[str, int] = Field(
        description="How many of them stand in which other split, but for the last kind."
    )
    exact: int = Field(description="Rows whose input stands there, character for character.")
    spelling: int = Field(description="Rows whose input stands there but for case and spaces.")
    near: int = Field(description="Rows whose input stands there but for a few characters.")
    other_numbers: int = Field(description="Rows whose wording stands there with other numbers.")
    examples: tuple[str, ...] = Field((), description="Places of the first pairs.")

    @property
    def rows(self) -> int:
        """How many rows are the same, or nearly so."""
        return self.exact + self.spelling + self.near


class Longest(_Part):
    """The row with the longest input."""

    characters: int = Field(description="Of the input.")
    place: str = Field(description="Where it stands.")


class DataReport(_Part):
    """What was seen in the rows that a run uses, after its limits."""

    read: int = Field(0, description="Rows that were read.")
    rows: dict[str, int] = Field(default_factory=dict, description="Rows by split.")
    classes: dict[str, dict[str, int]] = Field(
        default_factory=dict, description="Rows by label and split, where labels are few."
    )
    repeated: int = Field(0, description="Rows whose input an earlier row has.")
    near_repeated: int = Field(0, description="Rows whose input an earlier row nearly has.")
    conflicting: int = Field(0, description="Inputs that have several answers.")
    conflicts: tuple[str, ...] = Field((), description="Places of the first of them.")
    leaks: tuple[Leak, ...] = Field((), description="Pairs of splits that share rows.")
    in_documents: int | None = Field(
        None, description="Test rows whose input stands in the documents; null: not looked."
    )
    dropped: dict[str, int] = Field(
        default_factory=dict, description="Rows by split that --drop-leaked left out."
    )
    longest: Longest | None = Field(None, description="null where there are no rows.")
    notes: tuple[str, ...] = Field((), description="What was doubtful, and how it was read.")
    warnings: tuple[str, ...] = Field((), description="What makes figures of these rows weak.")
