"""Which model, behind which server."""

from __future__ import annotations

import os
from dataclasses import dataclass

from harness.records.keys import digest

__all__ = ["PREFIX", "Endpoint", "is_endpoint"]

PREFIX = "endpoint:"


def is_endpoint(name: str) -> bool:
    """Whether a model's name asks for a server: ``endpoint:NAME``."""
    return name.startswith(PREFIX)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Which model, behind which server."""

    name: str  # as the server knows it
    base_url: str | None = None  # up to and including ``/v1``; None for OpenAI's own

    @property
    def digest(self) -> str:
        """Identifies model and server; what the server really runs can't be known."""
        server = self.base_url or os.environ.get("OPENAI_BASE_URL") or "openai"
        return digest({"endpoint": server, "model": self.name})
