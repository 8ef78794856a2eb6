"""Which model, behind which server."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.records.files import Json
from harness.records.keys import digest
from harness.records.personal import KINDS

__all__ = ["OPENAI", "PREFIX", "Endpoint", "is_endpoint", "server_of"]

PREFIX = "endpoint:"
OPENAI = "https://api.openai.com/v1"


def is_endpoint(name: str) -> bool:
    """Whether a model's name asks for a server: ``endpoint:NAME``."""
    return name.startswith(PREFIX)


def server_of(base_url: str | None) -> str:
    """Returns the address that is asked where a user names one, or none."""
    return base_url or os.environ.get("OPENAI_BASE_URL") or OPENAI


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Which model, behind which server."""

    name: str  # as the server knows it
    base_url: str | None = None  # up to and including ``/v1``; None for OpenAI's own
    request: Mapping[str, object] = field(default_factory=dict, hash=False)  # more parameters
    # The task's own kinds of personal data, which are masked with the known ones; None: none are.
    masks: Mapping[str, str] | None = field(default=None, hash=False)

    @property
    def digest(self) -> str:
        """Identifies model and server; what the server really runs can't be known."""
        server = self.base_url or os.environ.get("OPENAI_BASE_URL") or "openai"
        more: Json = {"request": dict(self.request)} if self.request else {}
        if self.masks is not None:
            known = {kind: pattern.pattern for kind, pattern in KINDS.items()}
            more["masks"] = digest({**known, "own": dict(self.masks)})
        return digest({"endpoint": server, "model": self.name, **more})
