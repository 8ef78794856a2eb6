"""Any OpenAI-compatible service; tokens as the service counts them."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np

from harness.errors import HarnessError, UsageError
from harness.models.endpoint.client import Client
from harness.models.endpoint.failures import Failure
from harness.models.endpoint.reply import Malformed, usage_of
from harness.records.files import Json
from harness.records.secrets import without_passwords
from harness.retrieval.embedders.base import Embedder, EmbedderConfig, TextRole, Vectors

__all__ = ["ApiEmbedder"]


class ApiEmbedder(Embedder):
    """Asks a service: ``model`` is ``api:NAME``; the key stands in the environment only.

    Raises:
        UsageError: The key isn't set, or the address is none.
    """

    def __init__(self, config: EmbedderConfig) -> None:
        super().__init__()
        self.name = config.model.removeprefix("api:")
        self.batch_size = config.batch_size
        self.prefixes = {"query": config.query_prefix or "", "passage": config.passage_prefix or ""}
        self._dimensions = config.dimensions
        self._found: int | None = config.dimensions
        # A service may change its weights under the same name without notice.
        server = without_passwords(config.base_url or "openai")
        self.version = f"{server}/{config.dimensions or 'full'}"
        if config.base_url is None and not os.environ.get(config.key_env):
            raise UsageError(
                f"{config.key_env} isn't set", f"export {config.key_env}=..., or name a base_url."
            )
        self._client = Client(self.name, config.base_url, (config.key_env,))

    @property
    def dimension(self) -> int:
        """Length of a vector; asked of the service once if it wasn't given."""
        if self._found is None:
            _, tokens = self.encode(["dimension"], "query")
            self.usage.tokens += tokens
            self.usage.requests += 1
        assert self._found is not None, "each answer gives it"
        return self._found

    def encode(self, texts: Sequence[str], kind: TextRole) -> tuple[Vectors, int]:
        """Embeds one batch.

        Raises:
            UsageError: The key, the model's name or a text is refused.
            HarnessError: The service can't be reached, answers something else, or gives no usage.
        """
        lines = [self.prefixes[kind] + text for text in texts]
        body: Json = {"model": self.name, "input": lines, "encoding_format": "float"}
        if self._dimensions:
            body["dimensions"] = self._dimensions
        try:
            return self._client.post(
                "/embeddings", body, lambda answer: self._read(answer, len(lines))
            )
        except Failure as failure:
            raise _explained(failure, self.name) from failure

    def _read(self, answer: Json, count: int) -> tuple[Vectors, int]:
        """Returns the vectors in the order of the texts, and the tokens of all."""
        data = answer.get("data")
        if not isinstance(data, list) or len(data) != count:
            came = len(data) if isinstance(data, list) else 0
            raise Malformed(f"{count} texts were sent and {came} vectors came back")
        places = {each.get("index"): each for each in data if isinstance(each, dict)}
        if set(places) != set(range(count)):
            raise Malformed("the vectors don't say whose they are")
        rows = [places[at].get("embedding") for at in range(count)]
        width = self._found or (len(rows[0]) if isinstance(rows[0], list) else 0)
        if not width or not all(_is_vector(row, width) for row in rows):
            raise Malformed(f"a vector isn't a list of {width or 'several'} numbers")
        usage = usage_of(answer, generated=False)
        if usage is None:
            raise Malformed("it doesn't say how many tokens it took")
        self._found = width
        return np.asarray(rows, np.float32), usage.input_tokens


def _is_vector(row: object, width: int) -> bool:
    if not isinstance(row, list) or len(row) != width:
        return False
    return all(isinstance(each, float | int) and abs(each) < 1e30 for each in row)


def _explained(failure: Failure, name: str) -> HarnessError:
    if failure.kind in ("key", "forbidden"):
        return UsageError(f"the service refused the key: {failure.reason}", "Check the key.")
    if failure.kind in ("unknown", "row", "too_long"):
        return UsageError(
            f"the service refused {name}: {failure.reason}", "Check the model's name and the texts."
        )
    return HarnessError(
        f"the service failed: {failure.reason}",
        "Check the network and base_url; vectors so far are in the cache.",
    )
