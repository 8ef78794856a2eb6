"""LoRA: low-rank updates beside frozen weights (Hu et al. 2021, arXiv 2106.09685)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from harness.training.weights import TrainedWeights

if TYPE_CHECKING:
    from harness.models.local import LocalModel

ATTENTION = ("q_proj", "k_proj", "v_proj", "o_proj")
ALL_LINEAR = (*ATTENTION, "gate_proj", "up_proj", "down_proj")


class LoRA(TrainedWeights):
    """Trains rank-r matrices on the chosen projections."""

    name: ClassVar[str] = "lora"
    summary: ClassVar[str] = "low-rank adapters on the frozen model"

    rank: int = Field(16, ge=1, le=1024, description="Rank r of the update.")
    alpha: float = Field(32.0, gt=0, description="The update is scaled by alpha / rank.")
    dropout: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="Dropout before the adapter; on a CPU it costs a third of a step.",
    )
    bias: str = Field("none", pattern="^(none|all|lora_only)$", description="Biases to train.")
    targets: tuple[str, ...] = Field(ALL_LINEAR, description="Names of the projections.")
    rslora: bool = Field(False, description="Scale by alpha / sqrt(rank) instead.")
    dora: bool = Field(False, description="Train magnitude and direction apart (DoRA).")

    def attach(self, model: LocalModel) -> None:
        """Puts the adapters in, with peft; they are float32 whatever the frozen weights are."""
        from peft import LoraConfig, get_peft_model

        config = LoraConfig(
            r=self.rank,
            lora_alpha=self.alpha,
            lora_dropout=self.dropout,
            bias=self.bias,
            target_modules=list(self.targets),
            use_rslora=self.rslora,
            use_dora=self.dora,
            task_type="CAUSAL_LM",
        )
        model.module = get_peft_model(model.module, config, autocast_adapter_dtype=True)

    def save(self, model: LocalModel, folder: Path) -> None:
        """Writes the adapter in peft's format."""
        model.module.save_pretrained(str(folder), safe_serialization=True)
