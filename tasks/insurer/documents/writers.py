"""Writes documents as files. The same world gives the same bytes in every format."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from pathlib import Path

from .blocks import Article, Document, Grid, Heading
from .html import write_html
from .office import write_docx, write_hwpx
from .pdf import write_pdf

INDENT = "  "


def write_documents(documents: Iterable[Document], folder: Path) -> list[Path]:
    """Writes each document in the format that its name ends in.

    Args:
        documents: From a language's `documents`.
        folder: Is made if it isn't there.

    Returns:
        The files.

    Raises:
        ImportError: A package of the extra ``documents`` is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for document in documents:
        path = folder / document.file
        WRITERS[path.suffix](document, path)
        written.append(path)
    return written


def write_txt(document: Document, path: Path) -> None:
    """Plain text, UTF-8; items are indented, and a merged cell is said once."""
    lines = [document.header, document.title, ""]
    for block in document.blocks:
        if isinstance(block, Heading):
            lines += ["", block.text, ""]
        elif isinstance(block, Article):
            lines += [block.title, *(INDENT * line.level + line.text for line in block.lines), ""]
        else:
            lines += [f"[{block.title}]", *(" | ".join(row) for row in (block.header, *block.rows))]
    lines += ["", document.footer]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def write_csv(document: Document, path: Path) -> None:
    """The document's table, in UTF-8 with a byte order mark, as a spreadsheet wants it."""
    grid = next(block for block in document.blocks if isinstance(block, Grid))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(grid.header)
        writer.writerows(grid.rows)


WRITERS: dict[str, Callable[[Document, Path], None]] = {
    ".txt": write_txt,
    ".csv": write_csv,
    ".docx": write_docx,
    ".html": write_html,
    ".hwpx": write_hwpx,
    ".pdf": write_pdf,
}
