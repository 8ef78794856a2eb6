"""What every test gets: no network, and tiny models where a test asks for one."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import tiny_models

from harness.models.local import tiny

# Workers of pytest-xdist have the terminal's width there; a test that needs one sets it.
os.environ.pop("COLUMNS", None)

# How long an example takes says how busy the machine is, and nothing of the program.
hypothesis.settings.register_profile("harness", deadline=None)
hypothesis.settings.load_profile("harness")


def _outside(address: Any) -> bool:
    if not isinstance(address, tuple):
        return False  # a Unix socket
    host = str(address[0])
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host not in ("localhost", "")


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Lets nothing out but to this machine: a test that needs the network is no unit test."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded(self: socket.socket, address: Any) -> None:
        if _outside(address):
            raise RuntimeError(f"a test tried to reach {address}")
        connect(self, address)

    def guarded_ex(self: socket.socket, address: Any) -> int:
        if _outside(address):
            raise RuntimeError(f"a test tried to reach {address}")
        return connect_ex(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_ex)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    yield


@pytest.fixture(autouse=True, scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Lets the runs of a test process see no others: tests run side by side."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HARNESS_PRESENCE", str(tmp_path_factory.mktemp("presence")))
        yield


@pytest.fixture(scope="session")
def tiny_llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a random two-layer Llama that has a chat template."""
    return tiny.tiny_llama(tmp_path_factory.mktemp("tiny-llama"))


@pytest.fixture(scope="session")
def tiny_llama_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a random two-layer Llama without a chat template."""
    return tiny.tiny_llama(tmp_path_factory.mktemp("tiny-llama-base"), chat=False)


@pytest.fixture(scope="session")
def tiny_gemma3(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a random two-layer Gemma 3, a base model with a window of 24 tokens."""
    return tiny_models.tiny_gemma3(tmp_path_factory.mktemp("tiny-gemma3"))
