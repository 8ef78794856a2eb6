"""Full fine-tuning: every weight learns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from harness.strategy.family import Family
from harness.strategy.space import Range, Space
from harness.strategy.training_plan import TrainingPlan
from harness.training.weights import TrainedWeights

if TYPE_CHECKING:
    from harness.models.local.model import LocalModel


class FullFineTune(TrainedWeights):
    """Trains all weights; tied embeddings stay tied."""

    name: ClassVar[str] = "full-finetune"
    version: ClassVar[int] = 2
    summary: ClassVar[str] = "every weight of the model is trained"
    family: ClassVar[Family] = "full"
    trains: ClassVar[str] = "every weight"
    memory: ClassVar[str] = "16N bytes"
    space: ClassVar[Space] = {
        "learning_rate": Range(5e-6, 3e-4, log=True),
        "epochs": (1, 2, 4, 8),
        "weight_decay": (0.0, 0.1),
    }

    learning_rate: float | None = Field(5e-5, gt=0, description="Peak learning rate.")

    def workload(self) -> TrainingPlan:
        """Returns the recipe's plan, for all weights."""
        return self.planned("full")

    def attach(self, model: LocalModel) -> None:
        """Lets every weight be trained."""
        model.module.requires_grad_(True)

    def save(self, model: LocalModel, folder: Path) -> None:
        """Writes the whole model, in the type that it answers with."""
        model.module.to(model.device.torch_dtype)
        model.module.save_pretrained(str(folder), safe_serialization=True)
