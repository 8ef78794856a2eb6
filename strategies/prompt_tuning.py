"""Prompt tuning: vectors learnt before the text (Lester et al. 2021, arXiv 2104.08691)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from harness.strategy.base import Pairs
from harness.strategy.context import Context
from harness.strategy.family import Family
from harness.strategy.space import Range, Space
from harness.strategy.training_plan import TrainingPlan
from harness.training.weights import BesideFrozen

if TYPE_CHECKING:
    import torch

    from harness.models.local.model import LocalModel
    from harness.training.recipe import Recipe

RELATIVE_RATE = 0.1
"""Of .03, .1 and .3 on dev rows of two tasks: after 24 steps of 8 rows .429, .371, .369 nats a label
token of `fpb` (SmolLM2), 2.62, 2.30, 2.29 of `insurer-ko` (Gemma). With .3 the loss rose tenfold on
the way."""


class PromptTuning(BesideFrozen):
    """Trains a few vectors that the model reads before each text; its weights stay."""

    name: ClassVar[str] = "prompt-tuning"
    summary: ClassVar[str] = "learnt vectors before the text, on the frozen model"
    family: ClassVar[Family] = "soft prompts"
    trains: ClassVar[str] = "vectors of the learnt tokens"
    memory: ClassVar[str] = "2N bytes, and the learnt tokens' activations"
    paper: ClassVar[str] = "Lester et al. 2021, arXiv 2104.08691"
    space: ClassVar[Space] = {
        "relative_rate": Range(0.01, 1.0, log=True),
        "tokens": (8, 20, 50, 100),
        "begin": ("instructions", "vocabulary"),
    }

    tokens: int = Field(20, ge=1, le=1000, description="Learnt tokens before each text.")
    begin: Literal["instructions", "vocabulary"] = Field(
        "instructions",
        description="What the vectors begin as: words of the task's instructions, repeated or cut, "
        "or words of the vocabulary at random.",
    )
    text: str = Field("", description="Words to begin as, in the place of the instructions.")
    learning_rate: float | None = Field(
        None, gt=0, description="Peak learning rate; by default relative_rate x a word's size."
    )
    relative_rate: float = Field(
        RELATIVE_RATE,
        gt=0,
        description="Peak learning rate as a share of the size (root mean square) of the numbers "
        "in a word's vector.",
    )

    def recipe(self, model: LocalModel) -> Recipe:
        """Returns itself, with a learning rate that fits the size of the model's word vectors.

        Adam moves each number by about the rate, whatever its size. SmolLM2's numbers are of size
        0.1, those of Gemma, which multiplies them by the root of its width, of size 1: one rate for
        both would be too low for one or too high for the other.
        """
        if self.learning_rate is not None:
            return self
        vectors = self._words(model, range(0, model.vocabulary, max(1, model.vocabulary // 1024)))
        size = float(vectors.square().mean().sqrt())
        return self.model_copy(update={"learning_rate": self.relative_rate * size})

    def workload(self) -> TrainingPlan:
        """Returns the recipe's plan, in which each row begins with the learnt tokens."""
        return self.planned("prompt-tuning", virtual=self.tokens)

    def fit(self, context: Context, pairs: Pairs) -> None:
        """Trains, from the task's instructions where no other words are given."""
        own = self.text or context.task.instructions
        super(PromptTuning, self.model_copy(update={"text": own})).fit(context, pairs)

    def attach(self, model: LocalModel) -> None:
        """Puts the learnt tokens behind the vocabulary."""
        from harness.models.local.soft_prompt import Learnt, put_learnt

        put_learnt(model.module, Learnt(self._words(model, self._first(model))), self.tokens)

    def _first(self, model: LocalModel) -> list[int]:
        import torch

        words: list[int] = []
        if self.begin == "instructions":
            words = model.tokenizer(self.text, add_special_tokens=False).input_ids
        if not words:
            words = torch.randint(model.vocabulary, (self.tokens,)).tolist()
        return (words * self.tokens)[: self.tokens]

    def _words(self, model: LocalModel, ids: list[int] | range) -> torch.Tensor:
        """Returns words' vectors as the first layer reads them."""
        import torch

        from harness.models.local.soft_prompt import soft_prompt

        soft = soft_prompt(model.module)
        embedding = model.module.get_input_embeddings() if soft is None else soft.embedding
        with torch.no_grad():
            vectors: torch.Tensor = embedding(torch.tensor(list(ids), device=model.device.torch))
        return vectors.float()

    def quantities(self, model: LocalModel) -> dict[str, float]:
        """Says that vectors are multiplied with nothing."""
        return {"trained_matrices": 0.0}

    def save(self, model: LocalModel, folder: Path) -> None:
        """Writes the vectors in peft's format."""
        from peft import PromptTuningConfig

        from harness.models.local.soft_prompt import save_learnt

        text = model.module.config.get_text_config()
        config = PromptTuningConfig(
            task_type="CAUSAL_LM",
            num_virtual_tokens=self.tokens,
            token_dim=text.hidden_size,
            num_transformer_submodules=1,
            num_attention_heads=text.num_attention_heads,
            num_layers=text.num_hidden_layers,
        )
        save_learnt(model.module, folder, config)
