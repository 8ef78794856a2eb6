"""Lays an outline out as numbered articles: 7.1, (a), (i), and references to other articles."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from ..documents.blocks import Article, Block, Heading, Line
from ..ko.outline import Chapter, Passage, Section
from ..world import Fact
from .english import fill
from .outlines.general import NOTES

_REFERENCE = re.compile("§([^§]+)§")
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi")


class Layout:
    """Writes one document's articles."""

    def __init__(
        self,
        facts: Sequence[Fact],
        slots: Mapping[str, str],
        notes: Sequence[str],
        distractors: int,
        rng: random.Random,
    ) -> None:
        """Takes what there is to write.

        Args:
            facts: What the document states.
            slots: What the slots of passages hold.
            notes: Passages that answer nothing, from which each article with facts takes some.
            distractors: How many it takes.
            rng: Chooses them and where they stand.
        """
        self._facts: dict[str, list[Fact]] = defaultdict(list)
        for fact in facts:
            self._facts[fact.subject_key].append(fact)
        self._slots, self._rng = dict(slots), rng
        self._notes, self._distractors = [*notes, *NOTES], distractors
        self._left: list[str] = []
        self._numbers: dict[str, int] = {}

    def blocks(
        self, opening: Sequence[Section], chapters: Sequence[Chapter], closing: Sequence[Section]
    ) -> Iterator[Block]:
        """Yields chapters and articles.

        Raises:
            ValueError: A fact has no place in an article, or a reference leads nowhere.
        """
        whole = [Chapter("General", tuple(opening)), *chapters,
                 Chapter("Final provisions", tuple(closing))]  # fmt: skip
        parts = [(chapter.title, [part for part in map(self._with_facts, chapter.sections)
                                  if part[1] or part[0].passages]) for chapter in whole]  # fmt: skip
        placed = {fact.subject_key for _, part in parts for _, some in part for fact in some}
        if lost := set(self._facts) - placed:
            raise ValueError(f"no article of the outline holds {', '.join(sorted(lost))}")
        titles = [section.title for _, part in parts for section, _ in part]
        self._numbers = {title: number for number, title in enumerate(titles, start=1)}
        number = 0
        for at, (title, part) in enumerate(parts, start=1):
            yield Heading(f"Chapter {at}. {title}")
            for section, some in part:
                number += 1
                yield self._article(number, section, some)

    def _with_facts(self, section: Section) -> tuple[Section, list[Fact]]:
        return section, [fact for key in section.keys for fact in self._facts.get(key, [])]

    def _article(self, number: int, section: Section, facts: Sequence[Fact]) -> Article:
        paragraphs = [Passage(fact.statement) for fact in facts]
        for note in self._some_notes() if facts else ():
            place = self._rng.randrange(1, len(paragraphs) + 1)
            paragraphs.insert(place, Passage(self._written(note)))
        paragraphs += [Passage(self._written(each.text), each.items) for each in section.passages]
        lines: list[Line] = []
        for at, passage in enumerate(paragraphs, start=1):
            mark = f"{number}.{at} " if len(paragraphs) > 1 else ""
            lines.append(Line(mark + passage.text))
            lines += self._items(passage)
        return Article(f"Article {number} ({section.title})", tuple(lines))

    def _items(self, passage: Passage) -> Iterator[Line]:
        for at, item in enumerate(passage.items):
            yield Line(f"({chr(ord('a') + at)}) {self._written(item.text)}", 1)
            for mark, text in zip(_ROMAN, item.items, strict=False):
                yield Line(f"({mark}) {self._written(text)}", 2)

    def _written(self, text: str) -> str:
        def reference(found: re.Match[str]) -> str:
            if found[1] not in self._numbers:
                raise ValueError(f"no article is called {found[1]!r}")
            return f"Article {self._numbers[found[1]]}"

        return fill(_REFERENCE.sub(reference, text), **self._slots)

    def _some_notes(self) -> list[str]:
        """Deals notes round, so that one comes back only after all the others."""
        found: list[str] = []
        while len(found) < self._distractors:
            if not self._left:
                self._left = self._rng.sample(self._notes, len(self._notes))
            found.append(self._left.pop())
        return found
