"""A cross-encoder that reads question and passage together and puts the best first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from harness.errors import needs
from harness.models.sources.encoders import encoder_folder

__all__ = ["RerankConfig", "Reranker", "RerankUsage"]


class RerankConfig(BaseModel):
    """Which cross-encoder reorders how many candidates."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    model: str = Field(description="Hub id or folder of a sequence classifier.")
    revision: str | None = Field(None, description="Revision of a hub model.")
    candidates: int = Field(20, ge=1, description="How many of the first stage it reads.")
    max_tokens: int = Field(512, ge=16, description="Longer pairs are cut in the passage.")
    batch_size: int = Field(16, ge=1, description="Pairs in one call.")


@dataclass(slots=True)
class RerankUsage:
    """Pairs of question and passage, and the tokens of all of them."""

    pairs: int = 0
    tokens: int = 0


class Reranker:
    """Scores pairs of question and passage.

    Raises:
        UsageError: There is no such model.
        MissingDependency: torch or transformers isn't installed.
    """

    def __init__(self, config: RerankConfig) -> None:
        with needs("a reranker", "local"):
            import torch
            from transformers import AutoModelForSequenceClassification, AutoTokenizer
        folder = encoder_folder(config.model, config.revision)
        self.config = config
        self.usage = RerankUsage()
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
        classifier: Any = AutoModelForSequenceClassification
        self._model: Any = classifier.from_pretrained(
            folder, dtype=torch.float32, use_safetensors=True, trust_remote_code=False
        ).eval()
        self._model.to(self._device)

    def scores(self, query: str, passages: Sequence[str]) -> list[float]:
        """Scores each passage for one question.

        Returns:
            The probability that it is relevant, 0-1: of the last class, or the sigmoid of a single
            output.
        """
        import torch

        scores = [0.0] * len(passages)
        order = sorted(range(len(passages)), key=lambda at: len(passages[at]))
        for start in range(0, len(order), self.config.batch_size):
            batch = order[start : start + self.config.batch_size]
            inputs = self._tokenizer(
                [query] * len(batch),
                [passages[at] for at in batch],
                padding=True,
                truncation="only_second",
                max_length=self.config.max_tokens,
                split_special_tokens=True,  # control tokens in a passage are text
                return_tensors="pt",
            ).to(self._device)
            with torch.inference_mode():
                logits = self._model(**inputs).logits.float()
            one = logits.shape[1] == 1
            values = logits[:, 0].sigmoid() if one else logits.softmax(1)[:, -1]
            for at, value in zip(batch, values.tolist(), strict=True):
                scores[at] = value
            self.usage.pairs += len(batch)
            self.usage.tokens += int(inputs["attention_mask"].sum())
        return scores
