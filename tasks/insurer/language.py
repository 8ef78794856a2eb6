"""What a language brings: its areas of facts, and its documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from .documents.blocks import Document
from .world import Draw, Fact, World


class Area(Protocol):
    """A module that builds the facts of one area."""

    def facts(self, draw: Draw) -> Iterator[Fact]:
        """Yields the area's facts."""
        ...


@dataclass(frozen=True, slots=True)
class Language:
    """A language that the insurer is written in.

    Attributes:
        code: Two letters.
        areas: In the order in which a world is built; earlier ones have the first choice of values.
        company_name: Makes up a company that does not exist.
        documents: Plans the company's documents.
        files: The document that an area's facts stand in.
    """

    code: str
    areas: Sequence[Area]
    company_name: Callable[[Draw], str]
    documents: Callable[[World], tuple[Document, ...]]
    files: Mapping[str, str]
