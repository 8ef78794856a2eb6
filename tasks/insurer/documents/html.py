"""Writes HTML pages, as an intranet shows them."""

from __future__ import annotations

from html import escape
from pathlib import Path

from .blocks import Article, Document, Grid, Heading, merges

STYLE = "body{font-family:sans-serif;max-width:46em;margin:2em auto;line-height:1.5}" \
        "table{border-collapse:collapse}td,th{border:1px solid;padding:.3em .6em}"  # fmt: skip


def write_html(document: Document, path: Path) -> None:
    """An HTML page with header, footer, headings and a table whose cells are merged by rowspan."""
    parts = [f"<h1>{escape(document.title)}</h1>"]
    for block in document.blocks:
        if isinstance(block, Heading):
            parts.append(f"<h2>{escape(block.text)}</h2>")
        elif isinstance(block, Article):
            parts.append(f"<h3>{escape(block.title)}</h3>")
            parts += [
                f'<p style="margin-left:{2 * line.level}em">{escape(line.text)}</p>'
                for line in block.lines
            ]
        else:
            parts += [f"<h2>{escape(block.title)}</h2>", _table(block)]
    page = (
        f'<!DOCTYPE html>\n<html lang="{document.language}">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(document.title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<header>{escape(document.header)}</header>\n" + "\n".join(parts) + "\n"
        f"<footer>{escape(document.footer)}</footer>\n</body>\n</html>\n"
    )
    path.write_text(page, encoding="utf-8", newline="\n")


def _table(grid: Grid) -> str:
    spans = {first - 1: last - first + 1 for first, last in merges(grid)}
    covered = {at for first, rows in spans.items() for at in range(first + 1, first + rows)}
    head = "".join(f"<th>{escape(text)}</th>" for text in grid.header)
    lines = [f"<table>\n<tr>{head}</tr>"]
    for at, row in enumerate(grid.rows):
        first = f'<td rowspan="{spans[at]}">' if at in spans else "<td>"
        cells = [] if at in covered else [f"{first}{escape(row[0])}</td>"]
        cells += [f"<td>{escape(text)}</td>" for text in row[1:]]
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return "\n".join([*lines, "</table>"])
