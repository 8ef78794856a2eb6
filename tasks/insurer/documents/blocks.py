"""What a document is made of, whatever file it becomes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heading:
    """A chapter: "제2장 휴직의 종류"."""

    text: str


@dataclass(frozen=True, slots=True)
class Article:
    """An article with its paragraphs: "제7조(육아휴직)"; one paragraph stands without a number."""

    title: str
    paragraphs: tuple[str, ...]


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
        company: Whose it is; stands in the header.
        blocks: From top to bottom.
    """

    file: str
    title: str
    company: str
    blocks: tuple[Block, ...]


CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮"


def numbered(paragraphs: tuple[str, ...]) -> tuple[str, ...]:
    """Puts ①, ②, ... before the paragraphs of an article that has more than one."""
    if len(paragraphs) == 1:
        return paragraphs
    return tuple(f"{mark} {text}" for mark, text in zip(CIRCLED, paragraphs, strict=False))
