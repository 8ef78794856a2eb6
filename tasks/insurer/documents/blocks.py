"""What a document is made of, whatever file it becomes. Numbers and marks are in the texts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heading:
    """A chapter: "제2장 휴직의 종류"."""

    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph of an article (level 0), an item (1) or an item of an item (2)."""

    text: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class Article:
    """An article with its paragraphs and items: "제7조(육아휴직)"."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. An empty first cell belongs to the cell above it, and is merged with it."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Heading | Article | Grid


@dataclass(frozen=True, slots=True)
class Document:
    """A document.

    Attributes:
        file: Its file name, whose ending is its format.
        title: What stands on top of it.
        company: Whose it is.
        language: Two-letter code; decides the fonts.
        header: Stands on top of each page.
        footer: Stands at the bottom of each page, before its number.
        blocks: From top to bottom.
    """

    file: str
    title: str
    company: str
    language: str
    header: str
    footer: str
    blocks: tuple[Block, ...]


def merges(grid: Grid) -> list[tuple[int, int]]:
    """First and last table row of each merged first cell; the header is row 0."""
    found, start = [], 1
    for at in range(2, len(grid.rows) + 2):
        if at > len(grid.rows) or grid.rows[at - 1][0]:
            if at - 1 > start:
                found.append((start, at - 1))
            start = at
    return found
