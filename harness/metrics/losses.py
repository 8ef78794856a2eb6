"""What decisions cost: a matrix of right and taken decision, with fixed and amount-dependent parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = ["DecisionCosts", "Penalty", "Ruling"]


class Penalty(BaseModel):
    """The cost of one kind of mistake, in the currency: the sum of its parts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fixed: float = Field(0.0, ge=0, description="Whatever the amounts: a letter, a complaint.")
    paid: float = Field(0.0, ge=0, description="For each unit of money that was paid.")
    due: float = Field(0.0, ge=0, description="For each unit of money that was due.")
    over: float = Field(0.0, ge=0, description="For each unit that was paid beyond what was due.")
    under: float = Field(0.0, ge=0, description="For each unit that was due beyond what was paid.")

    def cost(self, due: Decimal, paid: Decimal) -> float:
        """Returns the cost of a mistake with these amounts; 0 stands for none."""
        difference = float(paid - due)
        return (
            self.fixed
            + self.paid * float(paid)
            + self.due * float(due)
            + self.over * max(0.0, difference)
            + self.under * max(0.0, -difference)
        )


class DecisionCosts(BaseModel):
    """How a task of kind ``decision`` is read, and what each mistake costs.

    A right decision with the right amount costs nothing. What no decision can be taken from (no
    readable answer, a payment without an amount, one above `authority`) goes to a person and costs
    `handover`, whatever was right.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    pay: str = Field(description="The label that an amount goes with.")
    deny: str = Field(description="The label that says that nothing is paid.")
    currency: Literal["KRW", "USD"] = Field(description="Of the answers and of all costs.")
    handover: float = Field(ge=0, description="A person decides in the model's place.")
    authority: float = Field(gt=0, description="A payment above this needs a person.")
    costs: Mapping[str, Mapping[str, Penalty]] = Field(
        description="By right decision, then by the decision taken."
    )

    @model_validator(mode="after")
    def _complete(self) -> DecisionCosts:
        labels = set(self.costs)
        if missing := {self.pay, self.deny} - labels:
            raise ValueError(f"costs: there is no row for {sorted(missing)[0]!r}")
        for right, row in self.costs.items():
            wanted = labels if right == self.pay else labels - {right}
            if set(row) != wanted:
                odd = sorted(set(row) ^ wanted)[0]
                raise ValueError(f"costs: {right}: {odd!r} is missing, or has no place here")
        return self

    @property
    def labels(self) -> tuple[str, ...]:
        """All decisions, in the order of the file."""
        return tuple(self.costs)

    def loss(self, right: tuple[str, Decimal], taken: tuple[str, Decimal | None] | None) -> float:
        """Returns what a decision costs beyond the right one, each a label with its amount.

        The right amount is 0 where nothing is due; the taken one is None where none was named, and
        `taken` is None where a person took over.
        """
        if self.hands_over(taken):
            return self.handover
        assert taken is not None
        paid = (taken[1] or Decimal(0)) if taken[0] == self.pay else Decimal(0)
        if (taken[0], paid) == right:
            return 0.0
        return self.costs[right[0]][taken[0]].cost(right[1], paid)

    def largest(self, right: tuple[str, Decimal]) -> float:
        """Returns the most that a decision of such a case can cost: no payment is above `authority`."""
        paid = (Decimal(0), Decimal(self.authority))
        mistakes = (
            penalty.cost(right[1], amount if taken == self.pay else Decimal(0))
            for taken, penalty in self.costs[right[0]].items()
            for amount in paid
        )
        return max(self.handover, *mistakes)

    def hands_over(self, taken: tuple[str, Decimal | None] | None) -> bool:
        """Says whether a person has to act in the model's place."""
        if taken is None:
            return True
        label, amount = taken
        return label == self.pay and (amount is None or float(amount) > self.authority)


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision beside the right one."""

    right: tuple[str, Decimal]  # The right label, and the amount due (0 where nothing is)
    taken: tuple[str, Decimal | None] | None  # None where no decision can be read
    costs: DecisionCosts

    @property
    def decided(self) -> bool:
        """Whether the label is right, whatever the amount."""
        return self.taken is not None and self.taken[0] == self.right[0]

    @property
    def exact(self) -> bool:
        """Whether label and amount are right."""
        amount = self.taken[1] if self.taken else None
        return self.decided and (not self.due or amount == self.right[1])

    @property
    def due(self) -> bool:
        """Whether it was right to pay."""
        return self.right[0] == self.costs.pay

    @property
    def pays(self) -> bool:
        """Whether the decision is to pay."""
        return self.taken is not None and self.taken[0] == self.costs.pay

    @property
    def hands_over(self) -> bool:
        """Whether a person has to act in the model's place."""
        return self.costs.hands_over(self.taken)
