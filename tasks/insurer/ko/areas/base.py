"""How Korean fills question templates and states facts."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ... import areas
from ...areas import Topic
from ...world import STYLES, Value, Wording
from ..korean import fill, josa, slip
from ..values import Day, Unknown, YesNo

__all__ = ["ABSENT", "NEAR_MISS", "REMOVED", "Area", "Bank", "Topic", "denied", "written"]

ABSENT = Unknown("absent")
NEAR_MISS = Unknown("near-miss")
REMOVED = Unknown("removed")


def written(value: Value) -> str:
    """Writes a value as a rule does: a day of every year says so."""
    yearly = isinstance(value, Day) and value.month and not value.year
    return f"매년 {value.text}" if yearly else value.text


def denied(clause: str) -> str:
    """Turns "계약직도 ... 쓸 수 있" into "계약직은 ... 쓸 수 없": what is denied isn't "also" so."""
    plain = re.sub(
        r"(\S+)도 ", lambda found: found[1] + josa(found[1], "은/는") + " ", clause, count=1
    )
    return plain.removesuffix("있") + "없"


@dataclass(frozen=True, slots=True)
class Bank(areas.Bank):
    """Question templates in `korean.fill`'s notation; `states` is how the documents say it."""

    states: tuple[str, ...] = ("{s}[은/는] {x}[으로/로] 한다.",)

    def statement(self, value: Value, slots: Mapping[str, str]) -> str:
        """Writes the rule as the company's documents do; "" where they say nothing.

        `states` holds the sentence with the value in its slot `x`; for yes/no it holds two.
        """
        if isinstance(value, Unknown):
            return ""
        at = 0 if not isinstance(value, YesNo) or value.key else 1
        more = {"x": written(value), "no": denied(slots.get("v", ""))}
        return fill(self.states[at], **slots, **more)

    def wordings(self, rng: random.Random, slots: Mapping[str, str]) -> tuple[Wording, ...]:
        """Words a question in every style, choosing among the alternatives."""
        texts = {style: fill(rng.choice(getattr(self, style)), **slots) for style in STYLES}
        texts["slip"] = slip(texts["slip"], rng)
        return tuple(Wording(style, texts[style]) for style in STYLES)


class Area(areas.Area):
    """Builds the facts of one area in Korean."""

    removed: ClassVar[Unknown] = REMOVED
