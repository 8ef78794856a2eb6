"""LoRA: low-rank updates beside frozen weights (Hu et al. 2021, arXiv 2106.09685)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field, field_validator

from harness.strategy.family import Family
from harness.strategy.space import Range, Space
from harness.strategy.training_plan import TrainingPlan
from harness.training.weights import BesideFrozen

if TYPE_CHECKING:
    from harness.models.local.model import LocalModel
    from harness.training.targets import Targets

ATTENTION = ("q_proj", "k_proj", "v_proj", "o_proj")
ALL_LINEAR = (*ATTENTION, "gate_proj", "up_proj", "down_proj")


class LoRA(BesideFrozen):
    """Trains rank-r matrices on the chosen projections."""

    name: ClassVar[str] = "lora"
    version: ClassVar[int] = 2
    summary: ClassVar[str] = "low-rank adapters on the frozen model"
    family: ClassVar[Family] = "low-rank"
    trains: ClassVar[str] = "rank r matrices"
    memory: ClassVar[str] = "2N + 16Na bytes"
    paper: ClassVar[str] = "Hu et al. 2021, arXiv 2106.09685"
    tried_first: ClassVar[bool] = True
    # Dropout isn't varied: with it a step takes two to three times as long on a CPU.
    space: ClassVar[Space] = {
        "learning_rate": Range(1e-4, 1e-2, log=True),
        "rank": (4, 8, 16, 32, 64),
        "max_steps": Range(30, 240, log=True),
    }

    served: ClassVar[frozenset[str]] = frozenset({"merge"})

    rank: int = Field(16, ge=1, le=1024, description="Rank r of the update.")
    alpha: float = Field(32.0, gt=0, description="The update is scaled by alpha / rank.")
    dropout: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="Before the adapter; on a CPU it costs a third of a step, and beginnings that "
        "rows share are computed again for each.",
    )
    bias: str = Field("none", pattern="^(none|all|lora_only)$", description="Biases to train.")
    # Where a model calls its layers otherwise, the default stands for all linear ones of its blocks.
    targets: tuple[str, ...] = Field(ALL_LINEAR, description="Names of the layers to adapt.")
    rslora: bool = Field(False, description="Scale by alpha / sqrt(rank) instead.")
    dora: bool = Field(False, description="Train magnitude and direction apart (DoRA).")
    merge: bool = Field(
        True, description="Add the update to the weights for serving: faster, rounded to 16 bits."
    )

    @field_validator("targets", mode="before")
    @classmethod
    def _one_or_more(cls, names: object) -> object:
        """Takes ``q_proj,v_proj`` as well, and a single name."""
        return tuple(map(str.strip, names.split(","))) if isinstance(names, str) else names

    @property
    def merges(self) -> bool:
        """Whether the adapter is merged for serving."""
        return self.merge

    def workload(self) -> TrainingPlan:
        """Returns the recipe's plan, for the low-rank matrices alone."""
        return self.planned("lora", rank=self.rank, targets=self.targets)

    def _chosen(self, model: LocalModel) -> Targets:
        from harness.training.targets import choose

        return choose(model.module, self.targets, ALL_LINEAR, merged=self.merge)

    def notes(self, model: LocalModel) -> tuple[str, ...]:
        """Says which targets no layer of the model has, or only some."""
        return self._chosen(model).notes

    def attach(self, model: LocalModel) -> None:
        """Adds the adapters with peft; they are float32 whatever the frozen weights are."""
        from peft import LoraConfig, get_peft_model

        chosen = self._chosen(model)
        config = LoraConfig(
            r=self.rank,
            lora_alpha=self.alpha,
            lora_dropout=self.dropout,
            bias=self.bias,
            target_modules=list(chosen.names),
            fan_in_fan_out=chosen.transposed,
            use_rslora=self.rslora,
            use_dora=self.dora,
            task_type="CAUSAL_LM",
        )
        model.module = get_peft_model(model.module, config, autocast_adapter_dtype=True)

    def save(self, model: LocalModel, folder: Path) -> None:
        """Writes the adapter in peft's format."""
        model.module.save_pretrained(str(folder), safe_serialization=True)
