"""A service of embeddings that answers something else: an explained error, and no wrong vector."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hostile_server import HostileServer, http

from harness.errors import HarnessError, UsageError
from harness.models.endpoint import client
from harness.retrieval.embedders import EmbedderConfig, open_embedder

RIGHT = {"data": [{"index": 1, "embedding": [0.0, 1.0]}, {"index": 0, "embedding": [1.0, 0.0]}],
         "usage": {"prompt_tokens": 7}}  # fmt: skip
WRONG: dict[str, Any] = {
    "no JSON": http("<html>"),
    "a list": [],
    "no data": {"usage": {"prompt_tokens": 7}},
    "one too few": RIGHT | {"data": RIGHT["data"][:1]},
    "the same twice": RIGHT | {"data": [RIGHT["data"][0]] * 2},
    "null": RIGHT | {"data": [None, None]},
    "vectors of other lengths": RIGHT | {"data": [RIGHT["data"][0], {"index": 0, "embedding": [1]}]},
    "texts": RIGHT | {"data": [{"index": n, "embedding": ["1", "0"]} for n in (0, 1)]},
    "no numbers": http(json.dumps(RIGHT).replace("1.0", "NaN")),
    "infinite ones": http(json.dumps(RIGHT).replace("1.0", "1e999")),
    "no usage": {"data": RIGHT["data"]},
    "negative usage": RIGHT | {"usage": {"prompt_tokens": -7}},
}  # fmt: skip


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[HostileServer]:
    monkeypatch.setattr(client, "PAUSES", (0.01, 0.02))
    made = HostileServer()
    yield made
    made.close()


def embedder(server: HostileServer) -> Any:
    return open_embedder(EmbedderConfig(model="api:e", base_url=server.url, cache=False))


def test_vectors_come_in_the_order_of_their_texts(server: HostileServer):
    server.play = lambda n, body, head: [http(json.dumps(RIGHT if len(body["input"]) == 2 else
        {"data": [{"index": 0, "embedding": [1.0, 0.0]}], "usage": {"prompt_tokens": 1}}))]  # fmt: skip
    made = embedder(server)
    assert made.embed_passages(["a", "b"]).tolist() == [[1, 0], [0, 1]]
    assert made.usage.tokens == 8


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_vector_is_refused(server: HostileServer, name: str):
    data = WRONG[name]
    server.play = lambda n, body, head: [
        data if isinstance(data, bytes) else http(json.dumps(data))
    ]
    with pytest.raises(HarnessError, match="the service failed: an answer of another form"):
        embedder(server).encode(["a", "b"], "query")


def test_what_a_service_refuses_is_told(server: HostileServer):
    for status, match in (("401 No", "refused the key: 401 bad"), ("404 No", "refused e: 404 bad")):
        server.play = lambda n, body, head, status=status: [http('{"error": "bad"}', status=status)]
        with pytest.raises(UsageError, match=match):
            embedder(server).embed_queries(["a"])


def test_an_address_leaves_its_password_out_of_the_cache(server: HostileServer):
    config = EmbedderConfig(model="api:e", base_url="http://u:secret@127.0.0.1:1/v1", dimensions=2)
    assert "secret" not in json.dumps(open_embedder(config.model_copy(update={"cache": False})).identity())  # fmt: skip
