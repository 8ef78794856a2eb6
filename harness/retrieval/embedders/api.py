"""Any OpenAI-compatible service, by the package openai; tokens as the service counts them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.errors import HarnessError, UsageError, needs
from harness.retrieval.embedders.base import Embedder, EmbedderConfig, TextRole, Vectors

if TYPE_CHECKING:
    from openai import OpenAI

__all__ = ["ApiEmbedder"]

RETRIES = 4


class ApiEmbedder(Embedder):
    """Asks a service: ``model`` is ``api:NAME``; the key stands in the environment only.

    Raises:
        UsageError: The key isn't set.
        MissingDependency: The package openai isn't installed.
    """

    def __init__(self, config: EmbedderConfig) -> None:
        super().__init__()
        self.name = config.model.removeprefix("api:")
        self.batch_size = config.batch_size
        self.prefixes = {"query": config.query_prefix or "", "passage": config.passage_prefix or ""}
        self._dimensions = config.dimensions
        self._found: int | None = config.dimensions
        # A service may change its weights under the same name without notice.
        self.version = f"{config.base_url or 'openai'}/{config.dimensions or 'full'}"
        self._client = self._connect(config)

    def _connect(self, config: EmbedderConfig) -> OpenAI:
        with needs("a service's embedder", "api"):
            from openai import OpenAI
        key = os.environ.get(config.key_env)
        if not key and config.base_url is None:
            raise UsageError(
                f"{config.key_env} isn't set", f"export {config.key_env}=..., or name a base_url."
            )
        return OpenAI(api_key=key or "none", base_url=config.base_url, max_retries=RETRIES)

    @property
    def dimension(self) -> int:
        """Length of a vector; asked of the service once if it wasn't given."""
        if self._found is None:
            vectors, tokens = self.encode(["dimension"], "query")
            self.usage.tokens += tokens
            self.usage.requests += 1
            self._found = len(vectors[0])
        return self._found

    def encode(self, texts: Sequence[str], kind: TextRole) -> tuple[Vectors, int]:
        """Embeds one batch; UsageError where the key or the model's name is refused.

        Raises:
            UsageError: The key or the model's name is refused.
            HarnessError: The service can't be reached, or gives no usage.
        """
        import openai

        lines = [self.prefixes[kind] + text for text in texts]
        extra: dict[str, Any] = {"dimensions": self._dimensions} if self._dimensions else {}
        try:
            answer = self._client.embeddings.create(
                model=self.name, input=lines, encoding_format="float", **extra
            )
        except (openai.AuthenticationError, openai.PermissionDeniedError) as error:
            raise UsageError(f"the service refused the key: {error}", "Check the key.") from error
        except (openai.NotFoundError, openai.BadRequestError) as error:
            raise UsageError(
                f"the service refused {self.name}: {error}", "Check the model's name and the texts."
            ) from error
        except openai.APIError as error:
            raise HarnessError(
                f"the service failed after {RETRIES + 1} tries: {error}",
                "Check the network and base_url; vectors so far are in the cache.",
            ) from error
        data = sorted(answer.data, key=lambda item: item.index)
        if len(data) != len(lines):
            raise HarnessError(f"{len(lines)} texts were sent and {len(data)} vectors came back")
        if answer.usage is None:
            raise HarnessError("the service doesn't say how many tokens it took")
        vectors = np.asarray([item.embedding for item in data], np.float32)
        return vectors, int(answer.usage.prompt_tokens)
