"""What has to be explained: a code of the catalogue with its values, said in any language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.analysis.words import Language, word

__all__ = ["Reason"]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something doesn't count or isn't decided, or what a reader has to know."""

    code: str  # the catalogue has its phrase as ``reason.CODE``
    values: Mapping[str, Any] = field(default_factory=dict)  # what the phrase is filled with

    def say(self, language: Language = "en") -> str:
        """Returns the phrase."""
        return word(f"reason.{self.code}", language, **self.values)

    def as_dict(self) -> dict[str, object]:
        """Returns code, values and the English phrase as JSON values."""
        values = {
            name: value if isinstance(value, (str, int, float)) else value.say("en")
            for name, value in self.values.items()
        }
        return {"code": self.code, "values": values, "text": self.say()}

    def __str__(self) -> str:
        return self.say()
