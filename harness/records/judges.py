"""What a record says of the model that judged the answers."""

from __future__ import annotations

from pydantic import Field

from harness.records.figures import Figure, Part

__all__ = ["Against", "Agreement", "JudgeRecord"]


class Agreement(Part):
    """How a judge compares with people's labels."""

    judge: str = Field(description="Name of the model.")
    digest: str = Field(description="Of the model and its server.")
    version: int = Field(description="Of the prompt and its form.")
    data: str = Field(description="Whose labels.")
    n: int = Field(description="Answers with a verdict.")
    failed: int = Field(description="Answers without one.")
    agreement: Figure = Field(description="Share of equal labels.")
    kappa: Figure = Field(description="Cohen's kappa.")
    right_or_not: dict[str, Figure] = Field(description="Both, for right against all else.")
    table: dict[str, dict[str, int]] = Field(description="Answers by people's and judge's label.")
    tokens: dict[str, int] = Field(description="What asking took.")
    requests: int = Field(description="Requests to the judge.")
    usd: float | None = Field(description="Dollars for the tokens; null: unpriced.")
    structured: bool | None = Field(None, description="As of `JudgeRecord`.")


class Against(Part):
    """Another run whose answers a judge compared with this one's, each pair in both orders."""

    run: str = Field(description="Its id.")
    asked: int = Field(description="Pairs with verdicts in both orders.")
    flipped_to_first: int = Field(description="Pairs of which the first was preferred both times.")
    flipped_to_second: int = Field(description="Pairs of which the second was: both are ties.")


class JudgeRecord(Part):
    """Which model judged the answers."""

    name: str = Field(description="Name of the model.")
    digest: str = Field(description="Of the model and its server.")
    local: bool = Field(False, description="Whether it ran in this process, by likelihood.")
    version: int = Field(description="Of the prompt and its form.")
    measured: Agreement | None = Field(None, description="null where nobody measured it.")
    masked: dict[str, int] | None = Field(None, description="Of what it was sent; null: nothing.")
    structured: bool | None = Field(
        None,
        description="Whether its server was given the JSON schema of a verdict; false: it refuses that, "
        "and is asked for free text; null: no server answered.",
    )
    refused: dict[str, str] = Field(
        default_factory=dict,
        description="Parameters that its server refuses, with what was sent instead; empty: none.",
    )
    rubric: str | None = Field(None, description="Digest of the criteria; null: there were none.")
    against: Against | None = Field(None, description="null where no pairs were judged.")
