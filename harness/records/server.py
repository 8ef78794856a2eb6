"""What a record says of the server behind which the run's model is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from harness.types import Usage

__all__ = ["ENDS", "ServerRecord", "Tokens"]

ENDS = ("low", "expected", "high")


class Tokens(BaseModel):
    """Tokens of a whole run as they were estimated: least, expected, most."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    input: tuple[int, int, int] = Field(description="Read.")
    output: tuple[int, int, int] = Field(description="Generated.")

    def usages(self) -> list[Usage]:
        """Returns the tokens at each end."""
        pairs = zip(self.input, self.output, strict=True)
        return [Usage(input_tokens=read, output_tokens=written) for read, written in pairs]


class ServerRecord(BaseModel):
    """What the server of the run's model was asked, beside the messages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sent: dict[str, JsonValue] = Field(
        default_factory=dict, description="Parameters of a request, as they were sent at last."
    )
    refused: dict[str, str] = Field(
        default_factory=dict,
        description="Parameters that the server refuses, with what was sent instead; empty: none.",
    )
    masked: dict[str, int] | None = Field(
        None,
        description="Personal data masked in the requests, by kind; null where none was to be.",
    )
    estimate: Tokens | None = Field(
        None, description="Made before the first request; null where there is none."
    )

    @property
    def note(self) -> str:
        """What the server refuses, and what was masked; empty where there is neither."""
        fates = [
            f"{name} ({other} instead)" if other else f"{name} (left out)"
            for name, other in self.refused.items()
        ]
        parts = [f"refuses {', '.join(fates)}"] if fates else []
        if self.masked is not None:
            counts = ", ".join(f"{kind} {count:,}" for kind, count in self.masked.items())
            parts.append(f"masked in what it was sent: {counts or 'nothing was found'}")
        return "; ".join(parts)
