"""Hub models, from a small stand-in for the hub on this machine."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from harness.errors import DataError, FetchError, MissingDependency, UsageError
from harness.models.sources.fetch import resolve
from harness.models.sources.hub import looks_like_id

hub = pytest.importorskip("huggingface_hub")

COMMIT = "a" * 40
CARD = "---\nlicense: apache-2.0\nlanguage:\n- ko\n- en\n---\n# A model\n"
MODEL = {
    "config.json": b"{}", "model.safetensors": b"weights", "tokenizer.json": b"{}",
    "README.md": CARD.encode(), "pytorch_model.bin": b"a pickle", "modeling.py": b"code",
}  # fmt: skip


class FakeHub(BaseHTTPRequestHandler):
    """Answers as the hub does: what a model has, and its files."""

    files: ClassVar[dict[str, bytes]] = MODEL
    asked: ClassVar[list[str]] = []

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        path = self.path.split("?")[0]
        self.asked.append(path)
        name = path.rpartition(f"/resolve/{COMMIT}/")[2]
        if path.startswith("/api/models/org/gated"):
            self._send(403, b"{}", {"X-Error-Code": "GatedRepo"}, body)
        elif not path.startswith(("/api/models/org/name/", "/org/name/")):
            self._send(401, b"{}", {"X-Error-Code": "RepoNotFound"}, body)
        elif "/revision/" in path and not path.endswith(("/main", "/v1", COMMIT)):
            self._send(404, b"{}", {"X-Error-Code": "RevisionNotFound"}, body)
        elif "/tree/" in path:
            tree = [
                {"type": "file", "path": file, "size": len(data), "oid": "0" * 40}
                for file, data in self.files.items()
            ]
            self._send(200, json.dumps(tree).encode(), {}, body)
        elif path.startswith("/api/"):
            siblings = [{"rfilename": file} for file in self.files]
            info = {"id": "org/name", "sha": COMMIT, "siblings": siblings}
            self._send(200, json.dumps(info).encode(), {}, body)
        elif name in self.files:
            data = self.files[name]
            etag = f'"{hashlib.sha256(data).hexdigest()}"'
            self._send(200, data, {"ETag": etag, "X-Repo-Commit": COMMIT}, body)
        else:
            self._send(404, b"", {"X-Error-Code": "EntryNotFound"}, body)

    def _send(self, code: int, data: bytes, headers: dict[str, str], body: bool) -> None:
        self.send_response(code)
        for key, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(key, value)
        self.end_headers()
        if body:
            self.wfile.write(data)

    def log_message(self, *arguments: object) -> None:
        """Says nothing."""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[FakeHub]]:
    class Handler(FakeHub):
        files = dict(MODEL)
        asked: ClassVar[list[str]] = []

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    poll = {"poll_interval": 0.02}
    threading.Thread(target=running.serve_forever, kwargs=poll, daemon=True).start()
    endpoint = f"http://127.0.0.1:{running.server_port}"
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(hub.constants, "HF_TOKEN_PATH", str(tmp_path / "no-token"))
    yield Handler
    running.shutdown()
    running.server_close()


def test_a_model_at_a_revision(server: type[FakeHub]) -> None:
    told: list[str] = []
    folder = resolve("org/name", revision="v1", notify=told.append)
    assert folder.name == "org/name" and folder.digest == COMMIT
    assert folder.licence == "apache-2.0" and folder.languages == ("ko", "en")
    assert (folder.path / "model.safetensors").read_bytes() == b"weights"
    assert told == [
        "Fetching org/name at revision v1",
        f"org/name: licence apache-2.0, commit {COMMIT}",
    ]


def test_neither_pickles_nor_code_are_downloaded(server: type[FakeHub]) -> None:
    resolve("org/name")
    assert not [path for path in server.asked if path.endswith((".bin", ".py"))]


def test_then_it_is_there_offline(server: type[FakeHub]) -> None:
    first = resolve("org/name")
    server.asked.clear()
    assert resolve("org/name", offline=True) == first
    assert not server.asked


def test_offline_without_it(server: type[FakeHub]) -> None:
    with pytest.raises(MissingDependency, match="models fetch org/name"):
        resolve("org/name", offline=True)
    assert not server.asked


def test_only_pickled_weights(server: type[FakeHub]) -> None:
    del server.files["model.safetensors"]
    with pytest.raises(DataError, match="safetensors"):
        resolve("org/name")


@pytest.mark.parametrize(
    ("name", "revision", "error", "text"),
    [
        ("org/nobody", None, UsageError, "no model org/nobody"),
        ("org/gated", None, FetchError, "HF_TOKEN"),
        ("org/name", "v9", UsageError, "no revision v9"),
    ],
)
def test_what_the_hub_refuses(
    server: type[FakeHub], name: str, revision: str | None, error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text) as caught:
        resolve(name, revision=revision)
    assert type(caught.value) is error


def test_no_hub_at_all(server: type[FakeHub], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(FetchError, match="HF_ENDPOINT"):
        resolve("org/name")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("org/name", True),
        ("org/na.me-1_b", True),
        ("name", False),
        ("a/b/c", False),
        ("../b", False),
    ],
)
def test_hub_ids(text: str, expected: bool) -> None:
    assert looks_like_id(text) is expected
