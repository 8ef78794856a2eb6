"""DOCX, by python-docx: paragraphs, tables where they stand, footnotes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import needs
from harness.retrieval.loaders.base import DocumentText, Limits, parsing
from harness.retrieval.places import is_article

if TYPE_CHECKING:
    from docx.document import Document
    from docx.oxml.xmlchemy import BaseOxmlElement

__all__ = ["load_docx"]

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def load_docx(path: Path, limits: Limits, text: DocumentText) -> None:
    """Adds the body of a Word document in reading order; headings become sections.

    Insertions that are not yet accepted are read, deletions aren't; headers and footers, which
    repeat, are left out.

    Raises:
        LoadError: It is damaged.
        MissingDependency: python-docx isn't installed.
    """
    with needs("DOCX", "documents"):
        import docx
    with parsing("Open it in Word and save it again."):
        _read(docx.Document(str(path)), text)


def _read(document: Document, text: DocumentText) -> None:
    from docx.text.paragraph import Paragraph

    for element in _blocks(document.element.body):
        if element.tag == f"{_W}tbl":
            text.table(_rows(element, text))
            continue
        line = _text(element)
        style = getattr(Paragraph(element, document._body).style, "name", None)
        is_heading = bool(style and style.startswith(("Heading", "Title", "제목")))
        if is_heading and line.strip() and not is_article(line):
            text.mark(section=" ".join(line.split()), article=None, article_title=None)
        text.line(line)
    _footnotes(document, text)


def _blocks(element: BaseOxmlElement) -> Iterator[BaseOxmlElement]:
    """Yields paragraphs and tables in order, also those in content controls."""
    for child in element:
        if child.tag in (f"{_W}p", f"{_W}tbl"):
            yield child
        elif child.tag != f"{_W}sectPr":
            yield from _blocks(child)


def _text(element: BaseOxmlElement) -> str:
    """Joins the text runs below an element, also those of text boxes, each once."""
    parts: list[str] = []

    def walk(node: BaseOxmlElement) -> None:
        for child in node:
            if child.tag == _FALLBACK:
                continue
            if child.tag == f"{_W}t":
                parts.append(child.text or "")
            elif child.tag == f"{_W}tab":
                parts.append("\t")
            elif child.tag in (f"{_W}br", f"{_W}cr"):
                parts.append("\n")
            else:
                # A paragraph inside a paragraph is one of a text box; in a cell there are many.
                parts.append("\n" if child.tag == f"{_W}p" else "")
                walk(child)

    walk(element)
    return "".join(parts)


def _rows(table: BaseOxmlElement, text: DocumentText) -> Iterator[list[str]]:
    """Yields a table's rows; a merged cell stands where it begins, and is empty elsewhere.

    How many columns a cell spans is what the file claims: they are counted before they are made.
    """
    for row in table.iterchildren(f"{_W}tr"):
        cells: list[str] = []
        for cell in row.iterchildren(f"{_W}tc"):
            merge, span = cell.find(f"{_W}tcPr/{_W}vMerge"), cell.find(f"{_W}tcPr/{_W}gridSpan")
            begins = merge is None or merge.get(f"{_W}val") == "restart"
            cells.append(_text(cell) if begins else "")
            covered = max(0, int(span.get(f"{_W}val", 1)) - 1) if span is not None else 0
            text.claim(covered)
            cells += [""] * covered
        yield cells


def _footnotes(document: Document, text: DocumentText) -> None:
    from lxml import etree

    for part in document.part.package.iter_parts():
        if not str(part.partname).endswith(("/footnotes.xml", "/endnotes.xml")):
            continue
        safe = etree.XMLParser(resolve_entities=False, no_network=True)
        for note in etree.fromstring(part.blob, safe):
            line = _text(note).strip()
            if line:
                text.line(f"[주 {note.get(f'{_W}id')}] {line}")
