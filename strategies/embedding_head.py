"""Frozen sentence vectors and logistic regression (as SentEval compares them: Conneau and Kiela
2018, arXiv 1803.05449).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from harness.errors import UsageError
from harness.strategy.base import Predictor
from harness.strategy.classifying import (
    Classifier,
    ClassPredictor,
    check_classes,
    probabilities,
    readable,
)
from harness.strategy.context import Context
from harness.strategy.family import Family
from harness.strategy.space import Range, Space
from harness.types import Usage

if TYPE_CHECKING:
    from harness.retrieval.embedders import Embedder

FILE = "head.npz"
UNTORCHED = ("e5-small", "hashed")
"""Embedders that run without torch."""


class EmbeddingHead(Classifier):
    """Logistic regression on the vectors of an encoder that stays as it is."""

    name: ClassVar[str] = "embedding-head"
    summary: ClassVar[str] = "logistic regression on frozen sentence vectors"
    family: ClassVar[Family] = "encoder"
    trains: ClassVar[str] = "a linear classifier on an encoder's vectors"
    memory: ClassVar[str] = "the encoder, the vectors of the rows"
    paper: ClassVar[str] = "Conneau and Kiela 2018, arXiv 1803.05449"
    space: ClassVar[Space] = {
        "c": Range(0.1, 1000.0, log=True),
        "embedder": ("e5-small", "minilm"),
    }
    trial: ClassVar[dict[str, object]] = {"embedder": "hashed"}

    embedder: str = Field(
        "e5-small", description="e5-small (Korean too), minilm (English), a hub id, or a folder."
    )
    revision: str | None = Field(None, description="Revision of a hub embedder.")
    c: float = Field(10.0, gt=0, description="Inverse strength of the L2 penalty.")

    @property
    def required(self) -> frozenset[str]:
        """A device of torch as well, unless the embedder brings what runs it."""
        return self.needs if self.embedder in UNTORCHED else self.needs | {"embedder"}

    def describe(self) -> dict[str, object]:
        """Adds the digest of an embedder that is a folder."""
        from harness.models.sources.encoders import digests

        return super().describe() | digests(embedder=self.embedder)

    def prepare(self, context: Context) -> None:
        """Embeds the training rows, by the cache where it has them, and fits the classifier."""
        import numpy as np
        from sklearn.linear_model import LogisticRegression

        from harness.retrieval.corpus_index import bill_cached

        if (context.artifact / FILE).is_file():
            self._note(context)
            return
        embedder = self._embedder(context, cache=True)
        rows = readable(
            context, context.train, lambda text: embedder.excess(text, "query"), embedder.info.name
        )
        check_classes(rows, self.name)
        with context.ledger.phase("train") as spend:
            vectors = embedder.embed_queries(
                [text for text, _ in rows],
                lambda done, of: context.monitor.progress("embed", done, of),
            )
            usage = embedder.usage
            spend.usage.add(
                Usage(usage.tokens, computed_tokens=usage.tokens, passes=usage.requests)
            )
            spend.count(sequences=usage.texts - usage.cached, texts_cached=usage.cached)
            bill_cached(context.ledger, "train", usage)
            head = LogisticRegression(C=self.c, max_iter=1000).fit(vectors, [y for _, y in rows])
        arrays = {"classes": head.classes_.astype(str), "coef": head.coef_}
        np.savez(context.artifact / FILE, intercept=head.intercept_, **arrays)

        self._note(context)

    def _note(self, context: Context) -> None:
        """Notes how many weights learnt."""
        import numpy as np

        with np.load(context.artifact / FILE, allow_pickle=False) as kept:
            learnt = kept["coef"].size + kept["intercept"].size
        context.details["training"] = {"trainable_parameters": learnt}

    def predictor(self, context: Context) -> Predictor:
        """Opens the embedder without its cache: each answer takes what it takes."""
        import numpy as np

        with context.ledger.phase("load"):
            embedder = self._embedder(context, cache=False)
            with np.load(context.artifact / FILE, allow_pickle=False) as kept:
                classes, coef, intercept = kept["classes"], kept["coef"], kept["intercept"]

        def classify(texts: Sequence[str]) -> Iterator[tuple[list[float], Usage]]:
            before = embedder.usage.tokens, embedder.usage.requests
            vectors = embedder.embed_queries(texts)
            tokens, calls = embedder.usage.tokens - before[0], embedder.usage.requests - before[1]
            values = probabilities(vectors, coef, intercept).tolist()
            return zip(values, _shared(texts, tokens, calls), strict=True)

        return ClassPredictor(
            classes.tolist(),
            classify,
            lambda text: embedder.excess(text, "query"),
            context.long_rows,
            embedder.info,
        )

    def _embedder(self, context: Context, *, cache: bool) -> Embedder:
        from harness.retrieval.embedders import EmbedderConfig, open_embedder

        if self.embedder.startswith("api:"):
            raise UsageError(
                "embedding-head takes an embedder on this machine: a vendor's tokens have no price",
                "Name e5-small, minilm, a hub id or a folder.",
            )
        config = EmbedderConfig(model=self.embedder, revision=self.revision, cache=cache)
        device = None if self.embedder in UNTORCHED else str(context.device.torch)
        return open_embedder(config, device=device)


def _shared(texts: Sequence[str], tokens: int, passes: int) -> Iterator[Usage]:
    """Divides the tokens of all texts between them, by their lengths in characters."""
    total, letters, given = sum(map(len, texts)), 0, 0
    for number, text in enumerate(texts):
        letters += len(text)
        own = round(tokens * letters / total) - given
        given += own
        yield Usage(own, computed_tokens=own, passes=passes if number == 0 else 0)
