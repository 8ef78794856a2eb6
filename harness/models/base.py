"""What every model can do, on this machine or behind an API."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from harness.models.window import Window
from harness.records.model import ModelInfo
from harness.types import Generation, GenRequest, Prompt, ScoreRequest, Scores

__all__ = [
    "HasWindow",
    "HoldsPrefix",
    "Model",
    "Pair",
    "ReadsText",
    "RunsElsewhere",
    "Scorer",
    "Sessions",
    "SharesPrefixes",
    "TunedThere",
]


@dataclass(frozen=True, slots=True)
class Pair:
    """A training example: the prompt as it is rendered for answering, and the answer to it."""

    id: str
    prompt: Prompt
    target: str  # without a leading space or end token


class Scorer(Protocol):
    """Scores list after list of requests."""

    def score(self, requests: Sequence[ScoreRequest]) -> Iterator[Scores]:
        """Yields the log-likelihood of each request's continuations."""


@runtime_checkable
class Sessions(Protocol):
    """A model that scores and writes faster while its weights stay as they are."""

    def session(self, *, writes: bool = False) -> Scorer:
        """Returns what scores with the current weights; `writes`: it will generate texts, too."""


@runtime_checkable
class HoldsPrefix(Protocol):
    """A model that can compute the prefix of prompts before they come, as a server does."""

    def holding(self, prompts: Sequence[Prompt]) -> AbstractContextManager[int]:
        """Caches the prefix of the prompts; gives the number of its tokens."""


@runtime_checkable
class SharesPrefixes(Protocol):
    """A model whose requests share the prefixes of their prompts, as far as it can."""

    @property
    def unshared(self) -> str:
        """Why they can't share all of it; empty where they do."""


@runtime_checkable
class HasWindow(Protocol):
    """A model that knows how much it can read."""

    @property
    def window(self) -> Window:
        """The tokens of its context, and how they are counted."""


@runtime_checkable
class RunsElsewhere(Protocol):
    """A model in other processes of this machine."""

    def peak_bytes(self) -> int:
        """Returns the highest memory of these so far."""


@runtime_checkable
class ReadsText(Protocol):
    """A model that says how likely plain text is, without a prompt before it."""

    def logprobs(self, texts: Iterable[str]) -> Iterator[Scores]:
        """Yields the log-likelihood of each whole text; ids are its number from 0."""


@runtime_checkable
class TunedThere(Protocol):
    """A model that is trained where it is: by its vendor."""

    def tune(
        self,
        pairs: Sequence[Pair],
        settings: Mapping[str, object],
        folder: Path,
        notify: Callable[[str], None],
    ) -> dict[str, Any]:
        """Has it trained by `settings` of a job; `folder` keeps what was begun. Returns the job."""


class Model(Protocol):
    """A language model. Results arrive as they finish, in any order, matched by id.

    Batches, shared prefixes and concurrency are up to the model.
    """

    info: ModelInfo

    def score(self, requests: Iterable[ScoreRequest]) -> Iterator[Scores]:
        """Yields the log-likelihood of each request's continuations."""

    def generate(self, requests: Iterable[GenRequest]) -> Iterator[Generation]:
        """Yields new text for each request."""

    def count_tokens(self, prompt: Prompt) -> int:
        """Returns the length of a rendered prompt in the model's own tokens."""
