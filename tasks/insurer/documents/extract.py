"""Reads the files again, and finds where a fact stands in them."""

from __future__ import annotations

import csv
import re
from html.parser import HTMLParser
from pathlib import Path


def extract(path: Path) -> str:
    """Reads the text of a file in one of the formats that are written here.

    Raises:
        ValueError: Another format.
    """
    match path.suffix:
        case ".txt":
            return path.read_text(encoding="utf-8")
        case ".csv":
            with path.open(encoding="utf-8-sig", newline="") as file:
                return "\n".join("\t".join(row) for row in csv.reader(file))
        case ".pdf":
            import pypdf

            return "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
        case ".docx":
            import docx

            file = docx.Document(str(path))
            rows = ("\t".join(c.text for c in row.cells) for t in file.tables for row in t.rows)
            return "\n".join([*(paragraph.text for paragraph in file.paragraphs), *rows])
        case ".html":
            return _PlainText.of(path.read_text(encoding="utf-8"))
        case ".hwpx":
            from hwpx.tools.text_extractor import TextExtractor

            with TextExtractor(str(path)) as reader:
                return str(reader.extract_text())
    raise ValueError(f"can't read {path.name}: no {path.suffix} is written here")


class _PlainText(HTMLParser):
    """Collects the text of a page's body, a line for each heading, paragraph and table row."""

    @classmethod
    def of(cls, page: str) -> str:
        """Reads a page."""
        parser = cls()
        parser.feed(page.partition("<body>")[2])
        return "".join(parser.parts)

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self.parts.append("\t")


def locate(text: str, statement: str) -> tuple[int, int] | None:
    """Finds a sentence in extracted text, whose lines may be broken anywhere.

    Returns:
        First and past-the-last character; None where it isn't there.
    """
    letters = re.sub(r"\s+", "", statement)
    found = re.search(r"\s*".join(map(re.escape, letters)), text)
    return found.span() if found else None
