"""Writes chapters as numbered articles with paragraphs, items and notes, and points to them."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..documents.blocks import Article, Block, Heading, Line
from ..outline import Chapter, Passage, Section
from ..world import Fact
from .korean import fill

Chapters = tuple[Chapter, ...]
CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
SYLLABLES = "가나다라마바사아자차카타파하"
_REFERENCE = re.compile("§([^§]+)§")
DELETED = "삭제"


@dataclass(frozen=True, slots=True)
class Written:
    """A document's articles.

    Attributes:
        blocks: Its chapters and articles.
        names: "제7조(육아휴직)" for each section, in order.
        facts: The facts that each section states, or did in an earlier version.
    """

    blocks: tuple[Block, ...]
    names: tuple[str, ...]
    facts: tuple[tuple[Fact, ...], ...]


def write_articles(
    chapters: Sequence[tuple[str, Sequence[Section]]],
    facts: Sequence[Fact],
    notes: Sequence[str],
    distractors: int,
    stream: str,
    slots: Mapping[str, str],
) -> Written:
    """Numbers and writes the articles of a document.

    Args:
        chapters: Titles and sections, from top to bottom.
        facts: The facts of the document's area, those among them that are no longer stated.
        notes: Passages that answer nothing; they are dealt so that none comes twice too early.
        distractors: How many of them stand in each article with facts.
        stream: Names the streams that deal them.
        slots: What the passages' slots hold.

    Returns:
        The articles.

    Raises:
        KeyError: A passage points at an article that the document doesn't have.
    """
    sections = [section for _, some in chapters for section in some]
    numbers = {section.title: f"제{at}조" for at, section in enumerate(sections, start=1)}
    deck = random.Random(stream).sample(notes, len(notes))
    blocks: list[Block] = []
    stated: list[tuple[Fact, ...]] = []
    at = 0
    for number, (title, some) in enumerate(chapters, start=1):
        blocks.append(Heading(f"제{number}장 {title}"))
        for section in some:
            own = tuple(fact for fact in facts if fact.subject_key in section.keys)
            stated.append(own)
            dealt = [deck[(at + step) % len(deck)] for step in range(distractors if own else 0)]
            at += len(dealt)
            rng = random.Random(f"{stream}/{section.title}")
            paragraphs = _paragraphs(own, section, dealt, rng)
            name = f"{numbers[section.title]}({section.title})"
            blocks.append(Article(name, _lines(paragraphs, numbers, slots)))
    names = tuple(f"{numbers[section.title]}({section.title})" for section in sections)
    return Written(tuple(blocks), names, tuple(stated))


def _paragraphs(
    facts: Sequence[Fact], section: Section, notes: Sequence[str], rng: random.Random
) -> list[Passage | str]:
    """The facts in their order, then the section's passages; notes stand anywhere but first."""
    texts: list[Passage | str] = [fact.statement for fact in facts if fact.statement]
    texts += section.passages
    for note in notes:
        texts.insert(rng.randint(min(1, len(texts)), len(texts)), Passage(note))
    return texts or [DELETED]


def _lines(
    paragraphs: Sequence[Passage | str], numbers: Mapping[str, str], slots: Mapping[str, str]
) -> tuple[Line, ...]:
    """Puts ①, 1. and 가. before paragraphs and items; one paragraph stands without a mark."""

    def said(text: str) -> str:
        return _REFERENCE.sub(lambda found: numbers[found[1]], fill(text, **slots))

    lines: list[Line] = []
    for mark, paragraph in zip(CIRCLED, paragraphs, strict=False):
        text = paragraph if isinstance(paragraph, str) else said(paragraph.text)
        lines.append(Line(f"{mark} {text}" if len(paragraphs) > 1 else text))
        for number, item in enumerate(getattr(paragraph, "items", ()), start=1):
            lines.append(Line(f"{number}. {said(item.text)}", 1))
            lines += [
                Line(f"{syllable}. {said(text)}", 2)
                for syllable, text in zip(SYLLABLES, item.items, strict=False)
            ]
    return tuple(lines)
