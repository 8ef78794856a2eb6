"""What is proposed of one thing, why, and what else it could be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from harness.task.tables import Line

__all__ = ["Draft", "Guess", "Wishes", "named", "names_in"]


@dataclass(frozen=True)
class Guess:
    """A proposal for one field, with its reason in a line."""

    field: str
    value: str
    why: str
    options: tuple[str, ...] = ()  # what else it may be
    doubtful: bool = False

    def __str__(self) -> str:
        return f"{self.field}: {self.value} ({self.why})"


@dataclass
class Draft:
    """A task as far as it is decided."""

    lines: list[Line]
    kind: str = ""
    columns: dict[str, object] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    language: str = "en"
    instructions: str = ""  # that all rows share, of a chat format
    metrics: tuple[str, ...] = ()
    primary: str = ""
    abstain: str = ""  # the answer where the text doesn't say
    max_tokens: int = 32
    multiline: bool = False  # whether answers have several lines
    longest: int = 0  # characters of an input
    guesses: list[Guess] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    copied: list[str] = field(default_factory=list)  # why rows have to be written anew

    def say(
        self,
        field: str,
        value: str,
        why: str,
        options: Sequence[str] = (),
        *,
        doubtful: bool = False,
    ) -> None:
        """Keeps a proposal."""
        self.guesses.append(Guess(field, value, why, tuple(options), doubtful))

    @property
    def input(self) -> str:
        """Column of the question."""
        return str(self.columns.get("input", ""))

    @property
    def target(self) -> str:
        """Column of the answer; "" where there is none."""
        return str(self.columns.get("target", ""))

    @property
    def doubts(self) -> list[Guess]:
        """The proposals that somebody has to look at."""
        return [guess for guess in self.guesses if guess.doubtful]


Wishes = Mapping[str, object]
"""What the user says, by field: it is taken as it is."""


def names_in(value: object) -> tuple[str, ...]:
    """Returns the columns that a field names: one, several, or none."""
    if isinstance(value, str):
        return (value,)
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else ()


def named(names: Sequence[str], most: int = 6) -> str:
    """Lists names, the first ones."""
    shown = ", ".join(map(str, names[:most]))
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")
