"""Any method of peft, by name; its further parameters are the fields of peft's configuration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import ConfigDict, Field, model_validator

from harness.strategy.family import Family
from harness.strategy.space import Range, Space
from harness.strategy.training_plan import TrainingPlan
from harness.training.peft_methods import METHODS, Method, checked, method_named
from harness.training.weights import BesideFrozen

if TYPE_CHECKING:
    from harness.models.local.model import LocalModel
    from harness.training.loop import Stepping
    from harness.training.recipe import Recipe


class Peft(BesideFrozen):
    """Trains what one method of peft adds to a frozen model.

    Parameters that aren't of the recipe go to the configuration of the method, by peft's names, and
    are checked against it.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    name: ClassVar[str] = "peft"
    summary: ClassVar[str] = "any method of peft; further parameters are its configuration's"
    family: ClassVar[Family] = "low-rank"  # of most; see `own_family`
    trains: ClassVar[str] = "what the method adds"
    memory: ClassVar[str] = "2N + 16Na bytes"
    paper: ClassVar[str] = "by method: docs/strategies.md"
    space: ClassVar[Space] = {"learning_rate": Range(1e-4, 3e-2, log=True)}
    served: ClassVar[frozenset[str]] = frozenset({"merge"})
    trial: ClassVar[dict[str, object]] = {"method": "vera"}

    method: str = Field(description=f"One of {', '.join(METHODS)}.")
    learning_rate: float | None = Field(
        None, gt=0, description="Peak learning rate; by default the method's own."
    )
    merge: bool = Field(
        True, description="Add what was learnt to the weights for serving, where that is possible."
    )

    @model_validator(mode="before")
    @classmethod
    def _configured(cls, values: dict[str, Any]) -> dict[str, Any]:
        known = {name: value for name, value in values.items() if name in cls.model_fields}
        rest = {name: value for name, value in values.items() if name not in known}
        if "method" not in known:
            return known
        return known | checked(str(known["method"]), rest, cls.model_fields)

    @property
    def chosen(self) -> Method:
        """The method."""
        return method_named(self.method)

    @property
    def own_family(self) -> Family:
        """The method's family."""
        return self.chosen.family

    @property
    def merges(self) -> bool:
        """Whether what was learnt is merged for serving."""
        return self.merge and not self.chosen.before

    def recipe(self, model: LocalModel) -> Recipe:
        """Returns itself, with the method's learning rate for the model's width."""
        if self.learning_rate is not None:
            return self
        width = model.module.config.get_text_config().hidden_size
        return self.model_copy(update={"learning_rate": self.chosen.learning_rate(width)})

    def workload(self) -> TrainingPlan | None:
        """Returns the recipe's plan; None for methods whose work no formula here counts."""
        method, own = self.chosen, {**self.chosen.defaults, **(self.model_extra or {})}
        targets = own.get("target_modules", method.targets)
        if method.before:
            kind = "prompt-tuning" if method.beside == "tokens" else "prefix-tuning"
            return self.planned(kind, virtual=own["num_virtual_tokens"])
        if method.kind == "LORA":
            return self.planned("lora", rank=own["r"], targets=tuple(targets))
        if method.kind == "ADALORA":
            return self.planned("lora", rank=own.get("init_r", 12), targets=tuple(targets))
        if method.kind == "VERA":
            return self.planned("vera", rank=own.get("r", 256), targets=tuple(targets))
        return self.planned("adapters") if method.beside == "scales" else None

    def notes(self, model: LocalModel) -> tuple[str, ...]:
        """Says what the layers lack, and that the learning rate is a guess."""
        from harness.training.peft_layers import chosen

        wanted = (self.model_extra or {}).get("target_modules")
        notes = chosen(model, self.method, wanted, merged=self.merges).notes
        if not self.chosen.guessed or self.learning_rate is not None:
            return notes
        rate = self.recipe(model).peak
        return (*notes, f"the learning rate of {self.method}, {rate:.2g}, is a guess: tune it")

    def attach(self, model: LocalModel) -> None:
        """Adds the method's weights with peft."""
        from harness.training.peft_layers import attach

        attach(model, self.method, self.model_extra or {}, merged=self.merges)

    def stepping(self, model: LocalModel) -> Stepping | None:
        """AdaLoRA moves ranks between layers after each step."""
        from harness.training.adalora import RankAllocation

        return RankAllocation(model.module) if self.chosen.kind == "ADALORA" else None

    def quantities(self, model: LocalModel) -> dict[str, float]:
        """Returns the weights that positions are multiplied with, see `peft_layers.quantities`."""
        from harness.training.peft_layers import quantities

        return quantities(model.module, self.chosen)

    def save(self, model: LocalModel, folder: Path) -> None:
        """Writes what was learnt in peft's format."""
        from harness.training.peft_layers import save

        save(model, folder)
