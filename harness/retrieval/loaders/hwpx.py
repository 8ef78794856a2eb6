"""HWPX (OWPML, of Hangul 2014 and later), by python-hwpx: paragraphs and tables in order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from harness.errors import needs
from harness.retrieval.loaders.base import DocumentText, Limits, parsing

if TYPE_CHECKING:
    from hwpx.tools.text_extractor import TextExtractor

__all__ = ["load_hwpx"]


def load_hwpx(path: Path, limits: Limits, text: DocumentText) -> None:
    """Adds paragraphs and tables of a Hangul document, footnotes inline; no headers and footers.

    Raises:
        LoadError: It is damaged.
        MissingDependency: python-hwpx isn't installed.
    """
    with needs("HWPX", "documents"):
        from hwpx.tools.text_extractor import AnnotationOptions, TextExtractor
    notes = AnnotationOptions(
        footnote="inline", endnote="inline", note_inline_format=" [주: {text}]"
    )
    with parsing("Open it in Hangul and save it again."), TextExtractor(str(path)) as extractor:
        for section in extractor.iter_sections():
            for paragraph in extractor.iter_paragraphs(section, include_nested=False):
                text.line(paragraph.text(annotations=notes))
                for table in _tables(paragraph.element):
                    text.table(_rows(table, extractor, text))


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _children(element: Element, *names: str) -> Iterator[Element]:
    return (child for child in element if _name(child) in names)


def _tables(element: Element) -> Iterator[Element]:
    """Yields the outermost tables of a paragraph, also those in text boxes."""
    for child in element:
        if _name(child) == "tbl":
            yield child
        elif _name(child) not in ("header", "footer"):
            yield from _tables(child)


def _rows(table: Element, extractor: TextExtractor, text: DocumentText) -> Iterator[list[str]]:
    """Yields a table's rows; cells that a merged one covers are empty.

    Where a cell stands is what the file claims: what is empty is counted before it is made.
    """
    for row in _children(table, "tr"):
        cells: dict[int, str] = {}
        for cell in _children(row, "tc"):
            address = next(_children(cell, "cellAddr"), None)
            at = int(address.get("colAddr", len(cells))) if address is not None else len(cells)
            lines = [
                extractor.paragraph_text(paragraph, object_behavior="nested")
                for part in _children(cell, "subList")
                for paragraph in _children(part, "p")
            ]
            cells[at] = "\n".join(lines)
        last = max(cells, default=-1)
        text.claim(max(0, last - len(cells)))
        yield [cells.get(at, "") for at in range(last + 1)]
