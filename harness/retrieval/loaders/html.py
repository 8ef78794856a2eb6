"""HTML, by the standard library's parser: visible text, tables by row, headings as sections."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from harness.retrieval.loaders.base import DocumentText, Limits, LoadError, plain_text

__all__ = ["load_html"]

MOST_SEARCHED = 20_000_000  # characters, in search of ends
_CHARSET = re.compile(rb"<meta[^>]+charset=[\"']?\s*([\w-]+)", re.IGNORECASE)
_HIDDEN = frozenset({"script", "style", "template", "noscript", "svg", "head"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_INLINE = frozenset(
    {"a", "abbr", "b", "cite", "code", "em", "font", "i", "mark", "q", "s", "small", "span"}
    | {"strong", "sub", "sup", "time", "u", "img", "input", "label", "wbr"}
)


def load_html(path: Path, limits: Limits, text: DocumentText) -> None:
    """Adds what a page shows; scripts, styles and its head are left out."""
    data = path.read_bytes()
    declared = _CHARSET.search(data[:4096])
    content, text.encoding = plain_text(data, declared[1].decode() if declared else "")
    page = _Page(text)
    page.feed(_with_ends(content))
    page.close()
    page.flush()


def _with_ends(content: str) -> str:
    """Makes text of what looks like markup and isn't closed: the parser would look for ends anew."""
    last = content.rfind(">") + 1
    return content[:last] + content[last:].replace("<", "&lt;")


class _Tolerant(HTMLParser):
    """A parser that gives up where it has looked for too many ends that aren't there.

    For each tag, comment or declaration without one, Python's parser reads the rest of the page.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._searched = 0
        self._unended = 0  # characters before the page's end in which no comment ends

    def parse_starttag(self, i: int) -> int:
        return self._found(i, super().parse_starttag(i))

    def parse_html_declaration(self, i: int) -> int:
        return self._found(i, super().parse_html_declaration(i))

    def parse_comment(self, i: int, report: bool = True) -> int:
        """Parses a comment; where none ends after it, without a search."""
        left = len(self.rawdata) - i
        if left <= self._unended:
            return -1
        end = super().parse_comment(i, report)
        if end < 0:
            self._unended = left
        return self._found(i, end)

    def _found(self, i: int, end: int) -> int:
        self._searched += len(self.rawdata) - i if end < 0 else 0
        if self._searched > MOST_SEARCHED:
            raise LoadError(
                "has too many tags that are never closed", "Save it again in a browser.", "damaged"
            )
        return end


class _Page(_Tolerant):
    """Collects words into lines, and cells into rows; only the outermost table is one."""

    def __init__(self, text: DocumentText) -> None:
        super().__init__()
        self._text = text
        self._words: list[str] = []
        self._hidden = 0
        self._depth = 0
        self._rows: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag == "table":
            if not self._depth:
                self.flush()
            self._depth += 1
        elif self._depth == 1 and tag == "tr":
            self._words = []
            self._rows.append([])
        elif self._depth == 1 and tag in ("td", "th"):
            self._words = []
        elif tag not in _INLINE:
            self._break()

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag == "table" and self._depth:
            self._depth -= 1
            if not self._depth:
                self._text.table(self._rows)
                self._rows, self._words = [], []
        elif self._depth == 1 and tag in ("td", "th"):
            if not self._rows:
                self._rows.append([])
            self._rows[-1].append(self._take())
        elif tag in _HEADINGS and not self._depth:
            if line := " ".join("".join(self._words).split()):
                self._text.mark(section=line)
            self.flush()
        elif tag not in _INLINE:
            self._break()

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._words.append(data)

    def _take(self) -> str:
        words, self._words = "".join(self._words), []
        return words

    def _break(self) -> None:
        """Ends a line; inside a cell it is a space."""
        if self._depth:
            self._words.append(" ")
        else:
            self.flush()

    def flush(self) -> None:
        """Adds the words so far as a line, white space as a browser shows it."""
        if line := " ".join(self._take().split()):
            self._text.line(line)
