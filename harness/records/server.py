"""What a record says of the server behind which the run's model is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, JsonValue

__all__ = ["ServerRecord"]


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

    @property
    def note(self) -> str:
        """What the server refuses, as a sentence; empty where it refuses nothing."""
        if not self.refused:
            return ""
        fates = [
            f"{name} ({other} instead)" if other else f"{name} (left out)"
            for name, other in self.refused.items()
        ]
        return f"refuses {', '.join(fates)}"
