"""Bottleneck adapters: small layers behind the sublayers of a frozen model (Houlsby et al. 2019,
arXiv 1902.00751; Pfeiffer et al. 2020, arXiv 2005.00247).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from harness.strategy.family import Family
from harness.strategy.space import Range, Space
from harness.strategy.training_plan import TrainingPlan
from harness.training.weights import BesideFrozen

if TYPE_CHECKING:
    from harness.models.local.model import LocalModel
    from harness.records.model import Architecture

BEHIND = {"houlsby": ("o_proj", "down_proj"), "pfeiffer": ("down_proj",)}
"""The projections, by Llama's names, behind which an adapter stands."""


class Adapter(BesideFrozen):
    """Trains a bottleneck behind attention and feed-forward layers, or behind the latter alone."""

    name: ClassVar[str] = "adapter"
    summary: ClassVar[str] = "bottleneck adapters in the frozen model: small layers with a residual"
    family: ClassVar[Family] = "adapters"
    trains: ClassVar[str] = "bottlenecks of width / reduction"
    memory: ClassVar[str] = "2N + 16Na bytes"
    paper: ClassVar[str] = "Houlsby et al. 2019, arXiv 1902.00751; Pfeiffer et al. 2020, 2005.00247"
    space: ClassVar[Space] = {
        "kind": ("houlsby", "pfeiffer"),
        "reduction": (4, 16, 64),
        "learning_rate": Range(3e-4, 1e-2, log=True),
        "epochs": Range(1.0, 8.0),
    }

    kind: Literal["houlsby", "pfeiffer"] = Field(
        "houlsby",
        description="Two adapters in a block, behind attention and feed-forward layer, or one, "
        "behind the feed-forward layer.",
    )
    reduction: int = Field(16, ge=1, description="Hidden width / width of the bottleneck.")
    activation: Literal["relu", "gelu", "silu"] = Field(
        "gelu", description="Function inside the bottleneck."
    )

    def workload(self) -> TrainingPlan:
        """Returns the recipe's plan, for the bottlenecks alone."""
        behind = BEHIND[self.kind]

        def trainable(sizes: Architecture) -> int:
            inner = max(1, sizes.hidden // self.reduction)
            return sizes.layers * len(behind) * (2 * sizes.hidden * inner + inner + sizes.hidden)

        return self.planned("adapters", targets=behind, trainable=trainable)

    def attach(self, model: LocalModel) -> None:
        """Adds the adapters; they are float32 whatever the frozen weights are."""
        from harness.models.local.bottleneck import attach_bottlenecks

        attach_bottlenecks(model.module, self.kind, self.reduction, self.activation)

    def save(self, model: LocalModel, folder: Path) -> None:
        """Writes the adapters as safetensors, and what they are as JSON."""
        from harness.models.local.bottleneck import save_bottlenecks

        save_bottlenecks(model.module, folder, self.kind, self.reduction, self.activation)
