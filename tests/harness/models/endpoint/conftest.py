"""A hostile server, with a client that is quick to give up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hostile_server import HostileServer

from harness.models.endpoint import client


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[HostileServer]:
    monkeypatch.setenv("HARNESS_API_KEY", "sk-invented-key")
    monkeypatch.setattr(client, "DEADLINE_SECONDS", 1.0)
    monkeypatch.setattr(client, "PAUSES", (0.02, 0.1))
    made = HostileServer()
    yield made
    made.close()
