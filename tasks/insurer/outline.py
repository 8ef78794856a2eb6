"""What an article of a document is written from: facts by their keys, and passages around them.

A text may point at another article of its document by title, between two section signs: "§해석§" is
written as that article's number.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """An item ("1.", "(a)") with items of its own ("가.", "(i)")."""

    text: str
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph that states no fact, with its items."""

    text: str
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """An article.

    Attributes:
        title: Its title.
        topics: Keys of the subjects whose facts stand in it, with blanks between.
        group: Key of the group that these facts are seen or unseen with; "" where each stands alone.
        about: What the group is about, where one can ask for all of it ("복지포인트 제도").
        passages: What stands after the facts.
    """

    title: str
    topics: str = ""
    group: str = ""
    about: str = ""
    passages: tuple[Passage, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of its subjects."""
        return tuple(self.topics.split())


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter with its articles."""

    title: str
    sections: tuple[Section, ...]


def groups(chapters: tuple[Chapter, ...]) -> dict[str, str]:
    """The group of each subject that has one."""
    return {
        key: section.group
        for chapter in chapters
        for section in chapter.sections
        if section.group
        for key in section.keys
    }


def steps(text: str, *items: str | Item) -> Passage:
    """A paragraph with items; a plain text is an item without items of its own."""
    return Passage(text, tuple(Item(item) if isinstance(item, str) else item for item in items))
