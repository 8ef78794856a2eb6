"""What a record says of the server behind which the run's model is."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from harness.types import Usage

__all__ = ["ENDS", "ServerRecord", "Tokens", "refusals"]

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


def refusals(refused: Mapping[str, str]) -> str:
    """Says what a server refuses, by what is sent instead (empty: nothing)."""
    fates = (
        f"{name} ({other} instead)" if other else f"{name} (left out)"
        for name, other in refused.items()
    )
    return f"refuses {', '.join(fates)}"


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
    answered: dict[str, int] = Field(
        default_factory=dict, description="Responses that came one by one, and in batches."
    )
    failed: dict[str, int] = Field(
        default_factory=dict,
        description="Requests of the last attempt that have no answer, by the kind of failure.",
    )
    program: str | None = Field(None, description="That was started here; null: it ran already.")
    version: str | None = Field(None, description="Of that program.")
    processor_seconds: float | None = Field(
        None, description="Of its processes, for answering the test rows."
    )
    peak_memory_bytes: int | None = Field(
        None, description="Highest resident memory of its processes, added up."
    )
    unbound: int | None = Field(
        None,
        description="Answers of another form than they were to be bound to; null where to none.",
    )
    stand_in: bool = Field(
        False,
        description="Whether a stand-in for a vendor trained what answered: a server on loopback, or "
        "one whose job says so. No table of results has such a run.",
    )
    estimate: Tokens | None = Field(
        None, description="Made before the first request; null where there is none."
    )

    @property
    def waited(self) -> bool:
        """Whether all requests could wait, so that each costs a share of its price."""
        return self.answered.get("in_batches", 0) > 0 and not self.answered.get("singly")

    @property
    def note(self) -> str:
        """What the server refuses, and what was masked; empty where there is neither."""
        parts = ["trained by a stand-in for a vendor: in no table of results"] * self.stand_in
        parts += [refusals(self.refused)] if self.refused else []
        if self.program is not None:
            took = self.processor_seconds
            seconds = "nobody knows how much" if took is None else f"{took:,.1f} s of"
            parts.append(
                f"{self.program} {self.version} took {seconds} processor time for the test rows; "
                "memory is that of its processes"
            )
        if self.failed:
            counts = ", ".join(f"{kind} {count:,}" for kind, count in self.failed.items())
            parts.append(f"no answer: {counts}")
        if self.masked is not None:
            counts = ", ".join(f"{kind} {count:,}" for kind, count in self.masked.items())
            parts.append(f"masked in what it was sent: {counts or 'nothing was found'}")
        if self.unbound:
            parts.append(f"didn't bind {self.unbound:,} answers to their form")
        if self.answered.get("in_batches"):
            mixed = "" if self.waited else f", {self.answered['singly']:,} singly: priced in full"
            parts.append(f"answered in batches {self.answered['in_batches']:,}{mixed}")
        return "; ".join(parts)
