"""How a run's hyper-parameters came about, where they were searched for on dev rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

__all__ = ["Effort", "TriedSetting", "Tuning", "expected_best"]

Effort = Literal["default", "set", "paper", "tuned"]
"""Whether a run has its strategy's defaults, parameters that the user set, those of a preset, or
those that a search found."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TriedSetting(_Part):
    """One setting of hyper-parameters that a search tried."""

    parameters: dict[str, JsonValue] = Field(description="What it sets; none: the defaults.")
    origin: Literal["default", "random", "tpe"] = Field(
        description="How it was chosen; tpe: by what the settings before it came to."
    )
    status: Literal["finished", "pruned", "failed"] = Field(
        description="pruned: stopped at part of the dev rows, worse than half of the others there."
    )
    value: float | None = Field(description="Of the metric, on the dev rows it got to.")
    rows: int = Field(description="Dev rows that it answered.")
    seconds: float = Field(description="All that it took, preparing included.")
    error: str = Field("", description="Why it failed.")
    reused: bool = Field(False, description="Whether an earlier run had prepared and paid it.")


class Tuning(_Part):
    """A search for hyper-parameters on dev rows."""

    search: str = Field(description="Its folder under `searches`.")
    reused: bool = Field(False, description="Whether an earlier run searched, and paid for it.")
    trials: int | None = Field(None, description="Most settings to try; null: no limit was named.")
    usd: float | None = Field(None, description="Most dollars for them; null: no budget.")
    stopped: Literal["trials", "usd", "space"] = Field(
        description="What ended it; space: nothing was left that hadn't been tried."
    )
    metric: str = Field(description="What was compared on the dev rows.")
    higher_is_better: bool = Field(description="false: of losses the least is best.")
    rows: int = Field(description="Dev rows.")
    seed: int = Field(
        description="Of the sampler. Settings are trained with seed 0, whatever the run's is."
    )
    sampler: str = Field(description="How settings were chosen, and where they were stopped.")
    space: dict[str, JsonValue] = Field(description="What was varied: ends of a range, or values.")
    best: int = Field(description="Number of the setting that was taken, from 0: the defaults.")
    tried: tuple[TriedSetting, ...] = Field(description="All settings, in their order.")
    expected_best: tuple[float, ...] = Field(
        (), description="Best dev value to be expected of 1, 2, ... settings drawn at random."
    )

    @property
    def found(self) -> dict[str, JsonValue]:
        """The parameters that the search set."""
        return self.tried[self.best].parameters

    @property
    def seconds(self) -> float:
        """What all settings took, failed ones too."""
        return sum(each.seconds for each in self.tried)

    @property
    def budget(self) -> str:
        """The effort in words: equal ones can be compared."""
        limits = [f"{self.trials} settings"] if self.trials else []
        return " or ".join([*limits, *([f"${self.usd:g}"] if self.usd else [])])

    def counts(self) -> dict[str, int]:
        """Returns how many settings ended how."""
        names = ("finished", "pruned", "failed")
        return {name: sum(each.status == name for each in self.tried) for name in names}


def expected_best(values: Sequence[float], *, higher: bool = True) -> tuple[float, ...]:
    """Returns the best value to be expected of k settings, for k from 1 to all of them.

    ``sum over v of v (P(V <= v)^k - P(V < v)^k)``, P by the values that were seen (Dodge et al.
    2019, arXiv 1909.03004, equation 8). They have to be drawn independently of each other.
    """
    ordered = sorted(values, reverse=not higher)
    n = len(ordered)
    return tuple(
        sum(value * (((i + 1) / n) ** k - (i / n) ** k) for i, value in enumerate(ordered))
        for k in range(1, n + 1)
    )
