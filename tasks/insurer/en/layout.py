"""Lays an outline out as numbered articles: 7.1, (a), (i), and references to other articles."""

from __future__ import annotations

import random
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..documents.blocks import Article, Block, Heading, Line
from ..outline import Chapter, Passage, Section
from ..world import Fact
from .english import fill

_REFERENCE = re.compile("§([^§]+)§")
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi")
DELETED = "Deleted."


@dataclass(frozen=True, slots=True)
class Laid:
    """A document's articles.

    Attributes:
        blocks: Its chapters and articles.
        titles: "Article 7 (Early return)" for each article, in order.
        facts: The facts that each article states, or did in an earlier version.
    """

    blocks: tuple[Block, ...]
    titles: tuple[str, ...]
    facts: tuple[tuple[Fact, ...], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Writes articles.

    Attributes:
        facts: The facts of the document, those among them that are no longer stated.
        notes: Passages that answer nothing, dealt so that one comes back only after the others.
        distractors: How many of them stand in each article with facts.
        stream: Names the streams that deal them, so that articles keep theirs in a later version.
        slots: What the passages' slots hold.
    """

    facts: Sequence[Fact]
    notes: Sequence[str]
    distractors: int
    stream: str
    slots: Mapping[str, str]

    def lay(self, chapters: Sequence[Chapter]) -> Laid:
        """Numbers and writes the articles of all chapters.

        Raises:
            ValueError: A fact has no place in an article, or a reference leads nowhere.
        """
        sections = [section for chapter in chapters for section in chapter.sections]
        placed = {key for section in sections for key in section.keys}
        if lost := {fact.subject_key for fact in self.facts} - placed:
            raise ValueError(f"no article of the outline holds {', '.join(sorted(lost))}")
        numbers = {section.title: at for at, section in enumerate(sections, start=1)}
        deck = deque(random.Random(self.stream).sample(self.notes, len(self.notes)))
        blocks: list[Block] = []
        titles: list[str] = []
        stated: list[tuple[Fact, ...]] = []
        for at, chapter in enumerate(chapters, start=1):
            blocks.append(Heading(f"Chapter {at}. {chapter.title}"))
            for section in chapter.sections:
                own = tuple(f for key in section.keys for f in self.facts if f.subject_key == key)
                notes = self._dealt(deck, section) if own else []
                titles.append(f"Article {len(titles) + 1} ({section.title})")
                stated.append(own)
                paragraphs = self._paragraphs(section, own, notes)
                blocks.append(Article(titles[-1], self._lines(len(titles), paragraphs, numbers)))
        return Laid(tuple(blocks), tuple(titles), tuple(stated))

    def _dealt(self, deck: deque[str], section: Section) -> list[str]:
        """Takes notes from the deck and puts them under it; none that points at its own article."""
        notes = [note for note in deck if f"§{section.title}§" not in note][: self.distractors]
        for note in notes:
            deck.remove(note)
            deck.append(note)
        return notes

    def _paragraphs(
        self, section: Section, facts: Sequence[Fact], notes: Sequence[str]
    ) -> list[Passage | str]:
        """The facts in their order, notes anywhere after the first, and the section's passages."""
        rng = random.Random(f"{self.stream}/{section.title}")
        texts: list[Passage | str] = [fact.statement for fact in facts if fact.statement]
        for note in notes:
            texts.insert(rng.randint(min(1, len(texts)), len(texts)), Passage(note))
        return [*texts, *section.passages] or [DELETED]

    def _lines(
        self, number: int, paragraphs: Sequence[Passage | str], numbers: Mapping[str, int]
    ) -> tuple[Line, ...]:
        lines: list[Line] = []
        for at, paragraph in enumerate(paragraphs, start=1):
            mark = f"{number}.{at} " if len(paragraphs) > 1 else ""
            if isinstance(paragraph, str):
                lines.append(Line(mark + paragraph))
            else:
                lines.append(Line(mark + self._written(paragraph.text, numbers)))
                lines += self._items(paragraph, numbers)
        return tuple(lines)

    def _items(self, passage: Passage, numbers: Mapping[str, int]) -> Iterator[Line]:
        for at, item in enumerate(passage.items):
            yield Line(f"({chr(ord('a') + at)}) {self._written(item.text, numbers)}", 1)
            for mark, text in zip(_ROMAN, item.items, strict=False):
                yield Line(f"({mark}) {self._written(text, numbers)}", 2)

    def _written(self, text: str, numbers: Mapping[str, int]) -> str:
        def reference(found: re.Match[str]) -> str:
            if found[1] not in numbers:
                raise ValueError(f"no article is called {found[1]!r}")
            return f"Article {numbers[found[1]]}"

        return fill(_REFERENCE.sub(reference, text), **self.slots)
