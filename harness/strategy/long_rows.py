"""Rows that are longer than a model's context: what becomes of them, and which they were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from harness.errors import DataError
from harness.models.base import Pair
from harness.models.window import Window

__all__ = ["OPTIONS", "LongRows", "Rule"]

Rule = Literal["skip", "cut", "fail"]
OPTIONS = (
    "--long-rows skip leaves such rows out of training and counts them as wrong in the test; "
    "cut shortens their input."
)


@dataclass
class LongRows:
    """The rule for rows that are too long, and the rows of training that it was applied to.

    One row never ends a run, unless that is asked for.
    """

    rule: Rule = "skip"
    origins: Mapping[str, str] = field(default_factory=dict)  # where rows to learn from stand
    rows: dict[str, str] = field(default_factory=dict)  # those that are too long: by how much

    @property
    def cut(self) -> bool:
        """Whether inputs are cut."""
        return self.rule == "cut"

    @property
    def first(self) -> str:
        """The place of the first row that is too long."""
        return self.place(next(iter(self.rows)))

    def place(self, id_: str) -> str:
        """Returns where a row stands, and how long it is."""
        return f"{self.origins.get(id_) or f'row {id_}'} ({self.rows[id_]})"

    def pairs(self, pairs: Sequence[Pair], window: Window) -> list[Pair]:
        """Returns the pairs to learn from that fit into a window; others are cut or left out.

        Raises:
            DataError: One is too long, and the rule is ``fail``.
        """
        kept, excess = [], {}
        for pair in pairs:
            fitted = window.fit(pair.prompt, (pair.target,), 1, cut=self.cut)
            if fitted.excess:
                excess[pair.id] = fitted.excess
            if fitted.prompt is not None:
                kept.append(replace(pair, prompt=fitted.prompt))
        self.note(excess)
        return kept

    def note(self, excess: Mapping[str, str]) -> None:
        """Takes by how much rows to learn from are too long.

        Raises:
            DataError: One is, and the rule is ``fail``.
        """
        self.rows |= excess
        if self.rows and self.rule == "fail":
            raise DataError(f"too long to train on: {self.first}", OPTIONS)
