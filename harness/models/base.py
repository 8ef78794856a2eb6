"""What every model can be asked, be it on this machine or behind an API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from harness.types import Generation, GenRequest, Prompt, ScoreRequest, Scores

__all__ = ["Architecture", "Model", "ModelInfo", "Pair"]


@dataclass(frozen=True, slots=True)
class Architecture:
    """The sizes that FLOPs, memory and a projection are computed from.

    Attributes:
        parameters: All weights, tied ones once.
        trunk_parameters: Weights that take part in matrix products for every token: without
            the embedding table and the output head.
        layers: Number of transformer blocks.
        hidden: Width of the residual stream.
        kv_heads: Key/value heads a layer.
        head_dim: Width of one head.
        vocabulary: Rows of the output head.
    """

    parameters: int
    trunk_parameters: int
    layers: int
    hidden: int
    kv_heads: int
    head_dim: int
    vocabulary: int


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Which model answered, as the record names it.

    Attributes:
        name: Catalogue name, hub id or folder name; never an absolute path.
        digest: sha256 over the weights, or the hub revision; None behind an API.
        weights_origin: Where the weights come from, in words ("4-bit GGUF, de-quantised").
        licence: Licence of the weights.
        chat: Whether prompts go through the model's chat template.
        dtype: Type of the weights in memory (``bfloat16``); None behind an API.
        quantization: ``nf4``, ``int8`` or None.
        adapter: ``merged`` into the weights, or computed ``beside`` them; None without one.
        architecture: Sizes; None behind an API.
    """

    name: str
    digest: str | None = None
    weights_origin: str = "unknown"
    licence: str = "unknown"
    chat: bool = False
    dtype: str | None = None
    quantization: str | None = None
    adapter: str | None = None
    architecture: Architecture | None = None

    def as_dict(self) -> dict[str, Any]:
        """Returns the fields as JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Pair:
    """A rendered training example: what the model reads, and what it should answer.

    Attributes:
        id: Of the row it was made from.
        prompt: As it will be rendered when serving.
        target: The answer, without a leading space or end token.
    """

    id: str
    prompt: Prompt
    target: str


class Model(Protocol):
    """A language model. Results arrive as they finish, in any order, matched by id.

    Batching, sharing of prefixes and concurrency are the model's own business.
    """

    info: ModelInfo
    capabilities: frozenset[str]  # of {"score", "generate", "train"}

    def score(self, requests: Iterable[ScoreRequest]) -> Iterator[Scores]:
        """Yields the log-likelihood of each request's continuations."""
        ...

    def generate(self, requests: Iterable[GenRequest]) -> Iterator[Generation]:
        """Yields new text for each request."""
        ...

    def count_tokens(self, prompt: Prompt) -> int:
        """Returns the length of a rendered prompt in the model's own tokens."""
        ...
