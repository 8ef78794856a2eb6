"""What a language brings: its areas of facts, what follows from them, and its documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from .derived import Derived
from .documents.blocks import Document
from .draw import Draw
from .world import Fact, Value, World


class Area(Protocol):
    """A module that builds the facts of one area."""

    def facts(self, draw: Draw) -> Iterator[Fact]:
        """Yields the area's facts; those that a later version adds only where `draw` is that late."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """A language that the insurer is written in.

    Attributes:
        code: Two letters.
        areas: In the order in which a world is built; earlier ones have the first choice of values.
        company_name: Makes up a company that does not exist.
        derive: Proposes what follows from the base facts of version 1, given their slices; the
            questions of that form that have no answer are among them.
        twins: Builds so many look-alikes of each of some subjects, which are only stated.
        removed: The value of a fact that a version no longer states.
        documents: Plans the company's documents; the number says how many passages that answer
            nothing stand in each article.
        files: The document that an area's facts stand in.
        always: Questions that always stand in the test split.
    """

    code: str
    areas: Sequence[Area]
    company_name: Callable[[Draw], str]
    derive: Callable[[Draw, Sequence[Fact], Mapping[str, str]], Iterable[Derived]]
    twins: Callable[[Draw, int], Iterable[Fact]]
    removed: Value
    documents: Callable[[World, int], tuple[Document, ...]]
    files: Mapping[str, str]
    always: frozenset[str] = frozenset()
