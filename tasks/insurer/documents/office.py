"""Writes DOCX and HWPX files. Both are zip archives, whose times are set to one that never moves."""

from __future__ import annotations

import datetime
import re
import zipfile
from itertools import count
from pathlib import Path
from typing import Any

from .blocks import Article, Document, Grid, Heading, merges

FONTS = {"ko": ("Malgun Gothic", "맑은 고딕"), "en": ("Calibri", "Calibri")}
"""A font's name in the file, and its name for East Asian text."""
RANDOM_ID = re.compile(r'\b(id|idRef)="(\d{5,})"')
FIRST_ID = 100_000
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip archive can say


def write_docx(document: Document, path: Path) -> None:
    """A Word document with styles, header, footer, page numbers and merged cells."""
    import docx
    from docx.oxml.ns import qn
    from docx.shared import Cm

    file = docx.Document()
    file.core_properties.author = document.company
    file.core_properties.title = document.title
    file.core_properties.created = file.core_properties.modified = datetime.datetime(*EPOCH)  # noqa: DTZ001
    normal = file.styles["Normal"]
    normal.font.name, east = FONTS[document.language]
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), east)
    section = file.sections[0]
    section.header.paragraphs[0].text = document.header
    section.footer.paragraphs[0].text = document.footer + " - "
    _page_field(section.footer.paragraphs[0])
    file.add_heading(document.title, level=0)
    for block in document.blocks:
        if isinstance(block, Heading):
            file.add_heading(block.text, level=1)
        elif isinstance(block, Article):
            file.add_heading(block.title, level=2)
            for line in block.lines:
                file.add_paragraph(line.text).paragraph_format.left_indent = Cm(0.7 * line.level)
        else:
            file.add_heading(block.title, level=1)
            _docx_table(file, block)
    file.save(str(path))
    _settle(path)


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
    for first, last in merges(grid):
        table.cell(first, 0).merge(table.cell(last, 0)).text = grid.rows[first - 1][0]


def write_hwpx(document: Document, path: Path) -> None:
    """A Hangul document (OWPML) with header, footer, page numbers and merged cells."""
    from hwpx.document import HwpxDocument

    file = HwpxDocument.new()
    file.page.set_header(text=document.header)
    file.page.set_page_number(prefix=f"{document.footer} - ")  # sets the whole footer
    file.add_paragraph(document.title)
    for block in document.blocks:
        if isinstance(block, Heading):
            file.add_paragraph("")
            file.add_paragraph(block.text)
        elif isinstance(block, Article):
            file.add_paragraph(block.title)
            for line in block.lines:
                file.add_paragraph("  " * line.level + line.text)
        else:
            file.add_paragraph(block.title)
            _hwpx_table(file, block)
    file.save_to_path(str(path))
    _settle(path)


def _hwpx_table(file: Any, grid: Grid) -> None:
    table = file.add_table(len(grid.rows) + 1, len(grid.header))
    for at, row in enumerate((grid.header, *grid.rows)):
        for column, text in enumerate(row):
            table.set_cell_text(at, column, text)
    for first, last in merges(grid):
        table.merge_cells(first, 0, last, 0)


def _settle(path: Path) -> None:
    """Writes a zip archive again, in the same order, with one time for all its parts."""
    with zipfile.ZipFile(path) as archive:
        parts = [(info, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(path, "w") as archive:
        for info, content in parts:
            settled = zipfile.ZipInfo(info.filename, EPOCH)
            settled.compress_type, settled.external_attr = info.compress_type, info.external_attr
            is_section = re.fullmatch(r"Contents/section\d+\.xml", info.filename)
            archive.writestr(settled, _numbered(content) if is_section else content)


def _numbered(content: bytes) -> bytes:
    """Numbers the ids of a Hangul section in their order; python-hwpx draws them at random."""
    numbers, following = dict[str, int](), count(FIRST_ID)

    def renamed(found: re.Match[str]) -> str:
        if found[2] not in numbers:
            numbers[found[2]] = next(following)
        return f'{found[1]}="{numbers[found[2]]}"'

    return RANDOM_ID.sub(renamed, content.decode("utf-8")).encode("utf-8")
