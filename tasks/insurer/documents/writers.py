"""Writes documents as files. The same world gives the same text in every format."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from .blocks import Article, Document, Grid, Heading, numbered

FONT, BOLD = "HYSMyeongJo-Medium", "HYGothic-Medium"
"""Adobe's Korean CID fonts: every PDF reader has them, so none is put into the file."""


def write_documents(documents: Iterable[Document], folder: Path) -> list[Path]:
    """Writes each document in the format that its name ends in.

    Args:
        documents: From `documents`.
        folder: Is made if it isn't there.

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


def _header(document: Document) -> str:
    """What stands on top of each page; the Korean CID fonts have no middle dot."""
    return f"{document.company} | {document.title}"


def write_txt(document: Document, path: Path) -> None:
    """Plain text, UTF-8."""
    lines = [document.company, document.title, ""]
    for block in document.blocks:
        if isinstance(block, Heading):
            lines += ["", block.text, ""]
        elif isinstance(block, Article):
            lines += [block.title, *numbered(block.paragraphs), ""]
        else:
            lines += [f"[{block.title}]", *(" | ".join(row) for row in (block.header, *block.rows))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_csv(document: Document, path: Path) -> None:
    """The document's table, in UTF-8 with a byte order mark, as a spreadsheet wants it."""
    grid = next(block for block in document.blocks if isinstance(block, Grid))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(grid.header)
        writer.writerows(grid.rows)


def write_docx(document: Document, path: Path) -> None:
    """A Word document with styles, header, page numbers and merged cells."""
    import docx
    from docx.oxml.ns import qn

    file = docx.Document()
    normal = file.styles["Normal"]
    normal.font.name = "Malgun Gothic"
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), "맑은 고딕")
    section = file.sections[0]
    section.header.paragraphs[0].text = _header(document)
    _page_field(section.footer.paragraphs[0])
    file.add_heading(document.title, level=0)
    for block in document.blocks:
        if isinstance(block, Heading):
            file.add_heading(block.text, level=1)
        elif isinstance(block, Article):
            file.add_heading(block.title, level=2)
            for text in numbered(block.paragraphs):
                file.add_paragraph(text)
        else:
            file.add_heading(block.title, level=1)
            _docx_table(file, block)
    file.save(str(path))


def _page_field(paragraph: Any) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)


def _docx_table(file: Any, grid: Grid) -> None:
    table = file.add_table(rows=0, cols=len(grid.header), style="Table Grid")
    for row in (grid.header, *grid.rows):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    for first, last in _merges(grid):
        table.cell(first, 0).merge(table.cell(last, 0)).text = grid.rows[first - 1][0]


def _merges(grid: Grid) -> list[tuple[int, int]]:
    """First and last table row of each merged first cell; the header is row 0."""
    found, start = [], 1
    for at in range(2, len(grid.rows) + 2):
        if at > len(grid.rows) or grid.rows[at - 1][0]:
            if at - 1 > start:
                found.append((start, at - 1))
            start = at
    return found


def write_hwpx(document: Document, path: Path) -> None:
    """A Hangul document (OWPML)."""
    from hwpx.document import HwpxDocument

    file = HwpxDocument.new()
    file.page.set_header(text=_header(document))
    file.add_paragraph(document.title)
    for block in document.blocks:
        if isinstance(block, Heading):
            file.add_paragraph("")
            file.add_paragraph(block.text)
        elif isinstance(block, Article):
            for text in (block.title, *numbered(block.paragraphs)):
                file.add_paragraph(text)
        else:
            file.add_paragraph(block.title)
            table = file.add_table(len(block.rows) + 1, len(block.header))
            for at, row in enumerate((block.header, *block.rows)):
                for column, text in enumerate(row):
                    table.set_cell_text(at, column, text)
            for first, last in _merges(block):
                table.merge_cells(first, 0, last, 0)
    file.save_to_path(str(path))


def write_pdf(document: Document, path: Path) -> None:
    """A PDF with headers and page numbers; long lines are wrapped by reportlab."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.lib.units import mm
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

    for font in (FONT, BOLD):
        pdfmetrics.registerFont(UnicodeCIDFont(font))
    text = ParagraphStyle("text", fontName=FONT, fontSize=11, leading=20, wordWrap="CJK")
    article = ParagraphStyle("article", parent=text, fontName=BOLD, spaceBefore=10)
    chapter = ParagraphStyle("chapter", parent=article, fontSize=14, leading=26, spaceBefore=18)
    top = ParagraphStyle("title", parent=chapter, fontSize=20, leading=36)
    flow: list[Any] = [Paragraph(document.title, top), Spacer(1, 8 * mm)]
    for block in document.blocks:
        if isinstance(block, Heading):
            flow.append(Paragraph(block.text, chapter))
        elif isinstance(block, Article):
            flow.append(Paragraph(block.title, article))
            flow += [Paragraph(line, text) for line in numbered(block.paragraphs)]
        else:
            flow += [Paragraph(block.title, chapter), _pdf_table(block, text)]

    def frame(canvas: Any, _: Any) -> None:
        canvas.setFont(FONT, 9)
        canvas.drawString(25 * mm, 285 * mm, _header(document))
        canvas.drawCentredString(105 * mm, 12 * mm, f"- {canvas.getPageNumber()} -")

    margin = 25 * mm
    SimpleDocTemplate(
        str(path), pagesize=A4, title=document.title, author=document.company, invariant=1,
        leftMargin=margin, rightMargin=margin, topMargin=margin, bottomMargin=margin,
    ).build(flow, onFirstPage=frame, onLaterPages=frame)  # fmt: skip


def _pdf_table(grid: Grid, style: Any) -> Any:
    from reportlab.lib import colors
    from reportlab.platypus import Paragraph, Table

    cells = [[Paragraph(text, style) for text in row] for row in (grid.header, *grid.rows)]
    spans = [("SPAN", (0, first), (0, last)) for first, last in _merges(grid)]
    return Table(cells, style=[("GRID", (0, 0), (-1, -1), 0.5, colors.grey), *spans])


WRITERS: dict[str, Callable[[Document, Path], None]] = {
    ".txt": write_txt,
    ".csv": write_csv,
    ".docx": write_docx,
    ".hwpx": write_hwpx,
    ".pdf": write_pdf,
}
