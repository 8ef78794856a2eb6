"""Writes PDF files with reportlab; long lines are wrapped by it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from .blocks import Article, Document, Grid, Heading, merges

FONTS = {"ko": ("HYSMyeongJo-Medium", "HYGothic-Medium"), "en": ("Times-Roman", "Helvetica-Bold")}
"""Text and bold. Every PDF reader has them, so none is put into the file: Adobe's Korean CID fonts
(which have no middle dot), and the standard Latin ones."""
INDENT = 14  # points a level


def write_pdf(document: Document, path: Path) -> None:
    """A PDF with headers, footers, page numbers, and tables with merged cells."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

    class Sentence(Paragraph):
        """A paragraph that no page breaks, so that header and footer don't part a passage."""

        def split(self, *_: Any) -> list[Any]:
            return []

    styles = _styles(document.language)
    flow: list[Any] = [Paragraph(escape(document.title), styles["title"]), Spacer(1, 8 * mm)]
    for block in document.blocks:
        if isinstance(block, Heading):
            flow.append(Paragraph(escape(block.text), styles["chapter"]))
        elif isinstance(block, Article):
            flow.append(Paragraph(escape(block.title), styles["article"]))
            flow += [Sentence(escape(line.text), styles[line.level]) for line in block.lines]
        else:
            flow.append(Paragraph(escape(block.title), styles["chapter"]))
            flow.append(_table(block, styles[0]))

    def frame(canvas: Any, _: Any) -> None:
        canvas.setFont(FONTS[document.language][0], 9)
        canvas.drawString(25 * mm, 285 * mm, document.header)
        canvas.drawString(25 * mm, 12 * mm, document.footer)
        canvas.drawRightString(185 * mm, 12 * mm, f"- {canvas.getPageNumber()} -")

    margin = 25 * mm
    SimpleDocTemplate(
        str(path), pagesize=A4, title=document.title, author=document.company, invariant=1,
        leftMargin=margin, rightMargin=margin, topMargin=margin, bottomMargin=margin,
    ).build(flow, onFirstPage=frame, onLaterPages=frame)  # fmt: skip


def _styles(language: str) -> dict[str | int, Any]:
    """Styles by name, and those of an article's lines by level."""
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont

    font, bold = FONTS[language]
    wrap = {"wordWrap": "CJK"} if language == "ko" else {}
    if language == "ko":
        for name in (font, bold):
            pdfmetrics.registerFont(UnicodeCIDFont(name))
    text = ParagraphStyle("text", fontName=font, fontSize=11, leading=20, **wrap)
    article = ParagraphStyle("article", parent=text, fontName=bold, spaceBefore=10, keepWithNext=1)
    chapter = ParagraphStyle("chapter", parent=article, fontSize=14, leading=26, spaceBefore=18)
    title = ParagraphStyle("title", parent=chapter, fontSize=20, leading=36)
    levels: dict[str | int, Any] = {
        level: ParagraphStyle(f"level{level}", parent=text, leftIndent=INDENT * level)
        for level in range(3)
    }
    return {"title": title, "chapter": chapter, "article": article, **levels}


def _table(grid: Grid, style: Any) -> Any:
    from reportlab.lib import colors
    from reportlab.platypus import Paragraph, Table

    cells = [[Paragraph(escape(text), style) for text in row] for row in (grid.header, *grid.rows)]
    looks = [("GRID", (0, 0), (-1, -1), 0.5, colors.grey), ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
             ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke)]  # fmt: skip
    spans = [("SPAN", (0, first), (0, last)) for first, last in merges(grid)]
    return Table(cells, style=[*looks, *spans], repeatRows=1)
