"""QLoRA: LoRA on a model kept in 4 bits (Dettmers et al. 2023, arXiv 2305.14314)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, field_validator

from harness.strategy.family import Family
from harness.strategy.training_plan import TrainingPlan

from .lora import ATTENTION, LoRA

if TYPE_CHECKING:
    from harness.models.local.model import LocalModel


class QLoRA(LoRA):
    """Trains LoRA matrices on NF4 weights with double quantisation, or on int8 ones."""

    name: ClassVar[str] = "qlora"
    version: ClassVar[int] = 2
    summary: ClassVar[str] = "LoRA on the model in 4 bits (NF4, double quantisation) or 8"
    family: ClassVar[Family] = "low-rank"
    trains: ClassVar[str] = "rank r matrices on 4-bit weights"
    memory: ClassVar[str] = "0.52N of the layers, 2 of the rest, + 16Na bytes"
    paper: ClassVar[str] = "Dettmers et al. 2023, arXiv 2305.14314"
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        # A Korean insurer's published study: Mistral-7B on one GPU.
        "reference": {
            "rank": 32,
            "alpha": 32,
            "dropout": 0.05,
            "bias": "none",
            "targets": (*ATTENTION, "gate_proj"),
            "optimizer": "paged_adamw_32bit",
            "learning_rate": 2e-4,
            "max_grad_norm": 0.3,
            "max_steps": 60,
            "warmup_ratio": 0.03,
            "schedule": "cosine",
            "batch_size": 2,
            "accumulation": 2,
            "checkpoint_every": 10,
            "log_every": 10,
            "checkpointing": True,
            "float32_rest": True,
        }
    }

    bits: Literal[4, 8] = Field(4, description="Bits of a frozen weight.")
    float32_rest: bool = Field(
        False,
        description="Keep norms, embeddings and head in float32, as peft's k-bit preparation does.",
    )

    merge: bool = Field(
        False, description="Always false: weights in few bits would round the update away."
    )

    @field_validator("merge")
    @classmethod
    def _beside(cls, merge: bool) -> bool:
        if merge:
            raise ValueError("an adapter merged into 4- or 8-bit weights would be rounded away")
        return merge

    @property
    def quantization(self) -> str:
        """NF4 or int8."""
        return "nf4" if self.bits == 4 else "int8"

    def workload(self) -> TrainingPlan:
        """Returns LoRA's plan, on quantised weights."""
        return replace(super().workload(), method="qlora", float32_rest=self.float32_rest)

    def attach(self, model: LocalModel) -> None:
        """Prepares the quantised model for training, then adds the adapters."""
        from harness.training.kbit import prepare_kbit

        prepare_kbit(model.module, checkpointing=self.checkpointing, float32_rest=self.float32_rest)
        super().attach(model)
