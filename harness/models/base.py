"""What every model can be asked, be it on this machine or behind an API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Any, Protocol, runtime_checkable

from harness.types import Generation, GenRequest, Prompt, ScoreRequest, Scores

__all__ = [
    "Architecture",
    "HoldsPrefix",
    "Model",
    "ModelInfo",
    "Pair",
    "Scorer",
    "Sessions",
    "SharesPrefixes",
]


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
        heads: Query heads a layer; 0 in records that don't say, then their total width is taken
            to be the hidden one.
        intermediate: Width inside the feed-forward block; 0 in records that don't say, then it
            is found from the trunk.
        normed: Widths of everything that a layer normalises, together; 0 in records that don't
            say, then two norms of the hidden width.
    """

    parameters: int
    trunk_parameters: int
    layers: int
    hidden: int
    kv_heads: int
    head_dim: int
    vocabulary: int
    heads: int = 0
    intermediate: int = 0
    normed: int = 0

    @property
    def query_width(self) -> int:
        """Width of all query heads together."""
        return self.heads * self.head_dim if self.heads else self.hidden

    @property
    def norm_width(self) -> int:
        """Widths of everything that a layer normalises, together."""
        return self.normed or 2 * self.hidden

    @property
    def inner_width(self) -> int:
        """Width inside the feed-forward block; from the trunk, if need be, as a gated one's."""
        if self.intermediate:
            return self.intermediate
        attention = 2 * self.hidden * (self.query_width + self.kv_heads * self.head_dim)
        return round((self.trunk_parameters / self.layers - attention) / (3 * self.hidden))


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


class Scorer(Protocol):
    """Scores list after list of requests."""

    def score(self, requests: Sequence[ScoreRequest]) -> Iterator[Scores]:
        """Yields the log-likelihood of each request's continuations."""
        ...


@runtime_checkable
class Sessions(Protocol):
    """A model that is faster where it knows that its weights stay as they are."""

    def session(self) -> Scorer:
        """Returns what scores with the weights of now."""
        ...


@runtime_checkable
class HoldsPrefix(Protocol):
    """A model that can compute what prompts begin with before they come, as a server does."""

    def holding(self, prompts: Sequence[Prompt]) -> AbstractContextManager[int]:
        """Holds what the prompts begin with; gives the number of its tokens."""
        ...


@runtime_checkable
class SharesPrefixes(Protocol):
    """A model whose requests share what their prompts begin with, as far as it can."""

    @property
    def unshared(self) -> str:
        """Why they can't share all of it; empty where they do."""
        ...


class Model(Protocol):
    """A language model. Results arrive as they finish, in any order, matched by id.

    Batching, sharing of prefixes and concurrency are the model's own business.
    """

    info: ModelInfo

    def score(self, requests: Iterable[ScoreRequest]) -> Iterator[Scores]:
        """Yields the log-likelihood of each request's continuations."""
        ...

    def generate(self, requests: Iterable[GenRequest]) -> Iterator[Generation]:
        """Yields new text for each request."""
        ...

    def count_tokens(self, prompt: Prompt) -> int:
        """Returns the length of a rendered prompt in the model's own tokens."""
        ...
