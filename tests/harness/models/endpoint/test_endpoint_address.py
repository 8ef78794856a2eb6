"""Which hosts may be asked, what goes past proxies, and Azure's form of address."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hostile_server import HostileServer, right
from test_endpoint import request

from harness.config import run_config
from harness.errors import UsageError
from harness.models.endpoint import Endpoint, EndpointModel
from harness.models.endpoint.address import ALLOWED, is_loopback
from harness.runs.runner import run


def heads_of(server: HostileServer) -> list[bytes]:
    heads: list[bytes] = []

    def play(number: int, body: Any, head: bytes) -> Iterable[bytes]:
        heads.append(head)
        return [right()]

    server.play = play
    return heads


def ask(url: str, name: str = "m") -> str:
    (found,) = EndpointModel(Endpoint(name, url), None).generate([request()])
    assert found.error is None, found.error
    return found.text


def test_this_machine_is_asked_past_a_proxy(
    server: HostileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # nothing listens there
    monkeypatch.delenv("no_proxy", raising=False)
    assert ask(server.url) == "2"


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://localhost:8000/v1", True), ("http://model.localhost/v1", True),
        ("http://127.9.9.9/v1", True), ("http://[::1]:8000/v1", True),
        ("http://10.0.0.1/v1", False), ("http://localhost.example/v1", False),
        ("https://127.0.0.1.example/v1", False),
    ],
)  # fmt: skip
def test_this_machine_is_known_by_its_address(url: str, here: bool) -> None:
    assert is_loopback(url) is here


def test_azure_gets_its_deployment_in_the_path_and_its_own_header(server: HostileServer) -> None:
    heads = heads_of(server)
    base = server.url.removesuffix("/v1")
    query = "?api-version=2024-10-21"
    ask(f"{base}/openai/deployments/mine{query}")
    ask(f"{base}/openai{query}", "my gpt")
    ask(f"{base}/openai/v1")  # its newer form is as OpenAI's
    paths = [head.split()[1].decode() for head in heads]
    assert paths == [
        f"/openai/deployments/mine/chat/completions{query}",
        f"/openai/deployments/my%20gpt/chat/completions{query}",
        "/openai/v1/chat/completions",
    ]
    for head in heads[:2]:
        assert b"api-key: sk-invented-key\r\n" in head and b"Authorization" not in head
    assert b"Authorization: Bearer sk-invented-key\r\n" in heads[2] and b"api-key" not in heads[2]


@pytest.mark.parametrize(
    ("listed", "allowed"),
    [
        ("127.0.0.1", True), ("other.example, 127.0.0.1", True), ("127.0.0.1:{port}", True),
        ("127.0.0.1:1", False), (".example.com", False), ("api.openai.com 10.0.0.1", False),
        ("", True), (".0.0.1", True), ("27.0.0.1", False),
    ],
)  # fmt: skip
def test_only_listed_hosts_are_asked(
    server: HostileServer, monkeypatch: pytest.MonkeyPatch, listed: str, allowed: bool
) -> None:
    port = server.url.rpartition(":")[2].partition("/")[0]
    monkeypatch.setenv(ALLOWED, listed.format(port=port))
    if allowed:
        assert ask(server.url) == "2"
        return
    with pytest.raises(UsageError, match="isn't among the hosts that may be asked"):
        ask(server.url)
    assert not server.asked


def test_a_run_is_refused_before_anything_is_written(
    server: HostileServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(ALLOWED, "api.example.com")
    with pytest.raises(UsageError, match="HARNESS_ALLOWED_HOSTS|isn't among"):
        run(run_config(
            strategy="zero-shot", task="insurer-ko", limit=2, model="endpoint:m",
            base_url=server.url, results=tmp_path / "results",
        ))  # fmt: skip
    assert not server.asked and not (tmp_path / "results").exists()
