"""Reads the files again, and finds where a fact stands in them."""

from __future__ import annotations

import csv
import re
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
        case ".hwpx":
            from hwpx.tools.text_extractor import TextExtractor

            with TextExtractor(str(path)) as reader:
                return str(reader.extract_text())
    raise ValueError(f"can't read {path.name}: no {path.suffix} is written here")


def locate(text: str, statement: str) -> tuple[int, int] | None:
    """Finds a sentence in extracted text, whose lines may be broken anywhere.

    Returns:
        First and past-the-last character; None where it isn't there.
    """
    letters = re.sub(r"\s+", "", statement)
    found = re.search(r"\s*".join(map(re.escape, letters)), text)
    return found.span() if found else None
