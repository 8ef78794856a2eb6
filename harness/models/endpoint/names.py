"""Which model, behind which server."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from harness.records.files import Json
from harness.records.keys import digest
from harness.records.personal import KINDS, mask

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
    tuned: str | None = None  # the model that the vendor made of it, which is asked instead
    stand_in: bool = False  # whether a stand-in for a vendor made that

    @property
    def asked(self) -> str:
        """The name in requests, whose tokens are priced."""
        return self.tuned or self.name

    @property
    def digest(self) -> str:
        """Identifies model and server; what the server really runs can't be known."""
        server = self.base_url or os.environ.get("OPENAI_BASE_URL") or "openai"
        more: Json = {"request": dict(self.request)} if self.request else {}
        if self.masks is not None:
            known = {kind: pattern.pattern for kind, pattern in KINDS.items()}
            more["masks"] = digest({**known, "own": dict(self.masks)})
        return digest({"endpoint": server, "model": self.asked, **more})

    def mask(self, turns: Sequence[dict[str, str]], found: Counter[str] | None) -> None:
        """Masks personal data in the turns of a chat, where that is wanted; `found` counts it."""
        for turn in turns if self.masks is not None else ():
            turn["content"] = mask(turn["content"], self.masks, found)
