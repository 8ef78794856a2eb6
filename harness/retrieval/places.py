"""Where in a document something stands: pages, sections, articles, tables, sheets and rows.

A loaded document carries ``marks`` in its metadata: positions in its text, in rising order, each
with what holds from there on (``{"page": 3}``). A value of None ends something (a table).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["Mark", "Places", "article_marks", "cite", "is_article"]

Mark = tuple[int, Mapping[str, Any]]

_ARTICLE = re.compile(
    r"^[ \t]*(?P<name>제\s?\d{1,9}\s?조(?:의\s?\d+)?)[ \t]*"
    r"(?:[(（【\[](?P<title>[^)）】\]\n]{1,60})[)）】\]](?![은는이가을를에의과와로도만까])|(?=[①\n]|$))"
    r"|^[ \t]*(?P<english>(?:Article|ARTICLE)[ ]\d{1,9}[A-Za-z]?)\b[ .:]*(?P<heading>[^\n]{0,60})$",
    re.MULTILINE,
)
_CHAPTER = re.compile(
    r"^[ \t]*(?P<chapter>제\s?\d+\s?[편장절][ \t]+[^\n]{1,40}|부\s?칙\b[^\n]{0,40})$", re.M
)
_NUMBER = re.compile(r"\d+")


class Places:
    """Answers what holds at a position of a text; marks are sorted, or JSON lists of them."""

    def __init__(self, marks: Sequence[Mark] | Sequence[Sequence[Any]]) -> None:
        self.starts: list[int] = []
        self._states: list[dict[str, Any]] = []
        state: dict[str, Any] = {}
        for start, change in sorted(marks, key=lambda mark: mark[0]):
            state = {**state, **change}
            self.starts.append(start)
            self._states.append({key: value for key, value in state.items() if value is not None})

    def at(self, position: int) -> dict[str, Any]:
        """Returns what holds at a position, by name."""
        count = bisect_right(self.starts, position)
        return dict(self._states[count - 1]) if count else {}

    def within(self, start: int, end: int) -> dict[str, Any]:
        """Returns what holds at the start of a stretch, and its last page as ``page_end``."""
        place = self.at(start)
        last = self.at(max(start, end - 1)).get("page")
        if last is not None and last != place.get("page"):
            place["page_end"] = last
        return place

    def starts_of(self, key: str) -> list[int]:
        """Returns the positions at which a value of this name begins or ends."""
        starts, last = [], None
        for start, state in zip(self.starts, self._states, strict=True):
            if state.get(key) != last:
                starts.append(start)
                last = state.get(key)
        return starts


def article_marks(text: str) -> list[Mark]:
    """Returns marks of a regulation: ``article`` and ``article_title``, ``section`` for chapters.

    Articles are 제7조(육아휴직) or Article 7, chapters 제2장 휴직. A reference at the start of a
    broken line ("제7조(육아휴직)에 따라") is no article, and neither is a number below the last
    one's, except for a new start at 1.
    """
    nothing = {"article": None, "article_title": None}
    marks: list[Mark] = [
        (match.start(), {"section": match["chapter"].strip(), **nothing})
        for match in _CHAPTER.finditer(text)
    ]
    last = 0
    for match in _ARTICLE.finditer(text):
        name = re.sub(r"\s", "", match["name"]) if match["name"] else match["english"]
        number = int(_NUMBER.findall(name)[0])
        if number < last and number != 1:
            continue
        last = number
        title = (match["title"] or match["heading"] or "").strip()
        marks.append((match.start(), {"article": name, "article_title": title or None}))
    return sorted(marks, key=lambda mark: mark[0])


def is_article(line: str) -> bool:
    """Whether a line is the heading of an article, which is no section."""
    return bool(_ARTICLE.match(line))


def cite(metadata: Mapping[str, Any]) -> str:
    """Writes where a chunk comes from, for a person: ``휴직.pdf, p. 3-4, 제7조(육아휴직)``."""
    parts = [str(metadata.get("source", ""))]
    if (page := metadata.get("page")) is not None:
        end = metadata.get("page_end")
        parts.append(f"p. {page}-{end}" if end else f"p. {page}")
    if article := metadata.get("article"):
        title = metadata.get("article_title")
        parts.append(f"{article}({title})" if title else str(article))
    elif section := metadata.get("section"):
        parts.append(str(section))
    if sheet := metadata.get("sheet"):
        parts.append(str(sheet))
    parts += [f"{key} {metadata[key]}" for key in ("table", "row") if metadata.get(key) is not None]
    return ", ".join(part for part in parts if part)
