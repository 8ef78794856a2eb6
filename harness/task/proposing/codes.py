"""What codes of labels mean: as their column's name says it, a table of codes, or a list of names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.decoding import ending_of, file_bytes, table_text
from harness.errors import HarnessError
from harness.task.proposing.profile import SIGNS, Profile, profiles
from harness.task.tables import FORMATS, Layout, Line, read_table
from harness.task.tables.sheets import visible_sheets

__all__ = ["CodeBook", "code_books", "codes_named"]

LARGEST = 2**20  # bytes of a file that is looked into without being named
MOST = 500  # codes
LOOKED_AT = 12  # files beside the rows
LISTS = re.compile(r"label|class|categor|intent|라벨|레이블|분류|유형", re.I)
_SAID = re.compile(r"(-?\d+)\s*[=:]\s*([^\s,;/|()=:][^,;/|()=:]*)")
WORKBOOKS = (".xlsx", ".xlsm")


@dataclass(frozen=True)
class CodeBook:
    """A small table that could name codes, or a list whose places are the codes."""

    source: str
    lines: Sequence[Line] = ()
    names: Sequence[str] = ()


def code_books(paths: Sequence[Path], sheets: Iterable[str | int | None]) -> list[CodeBook]:
    """Reads small tables beside the rows, other sheets of their workbook, and lists of names."""
    read = {path.resolve() for path in paths}
    beside = [p for p in sorted(paths[0].parent.iterdir()) if p.is_file()]
    near = [p for p in beside if p.resolve() not in read and p.stat().st_size < LARGEST][:LOOKED_AT]
    books = [book for path in near for book in _of_file(path)]
    taken = set(sheets)
    if ending_of(paths[0]) in WORKBOOKS and None not in taken:
        others = [name for name in visible_sheets(paths[0]) if name not in taken]
        books += [book for name in others for book in _of_table(paths[0], Layout(sheet=name))]
    return books


def _of_file(path: Path) -> Iterator[CodeBook]:
    if path.suffix.lower() == ".txt" and LISTS.search(path.stem):
        try:
            text, _ = table_text(file_bytes(path), path.name)
        except HarnessError:
            return
        yield CodeBook(path.name, names=[name.strip() for name in text.split("\n") if name.strip()])
    elif ending_of(path) in FORMATS:
        yield from _of_table(path, Layout())


def _of_table(path: Path, layout: Layout) -> Iterator[CodeBook]:
    try:
        lines = read_table(path, layout).lines
    except HarnessError:  # nobody named it
        return
    if 1 < len(lines) <= MOST and len(lines[0]) > 1:
        place = f"sheet {layout.sheet!r}" if layout.sheet else path.name
        yield CodeBook(place, lines)


def codes_named(column: Profile, books: Iterable[CodeBook]) -> tuple[dict[str, str], str]:
    """Returns the names of a column's codes, and where they stand; nothing where none has all."""
    codes = list(column.counts)
    if not column.is_class_like or not (column.numeric > 0.95 or column.is_code):
        return {}, ""
    said = {code: name.strip() for code, name in _SAID.findall(column.name)}
    for names, source in [(said, "the column's name"), *_named(books, column)]:
        texts = {names[code] for code in codes if code in names}
        if len(texts) == len(codes) and all(code in names for code in codes):
            return {code: names[code] for code in codes}, source
    return {}, ""


def _named(books: Iterable[CodeBook], column: Profile) -> Iterator[tuple[Mapping[str, str], str]]:
    codes = set(column.counts)
    for book in books:
        for first in (0, 1):
            numbered = {str(place): name for place, name in enumerate(book.names, first)}
            if numbered.keys() == codes:
                yield numbered, book.source
        own = [line for line in book.lines if column.name in map(str, line.values())]
        for lines in (own, book.lines):  # a book of several columns names the column of each code
            if 1 < len(lines) <= 2 * len(codes) + 3:
                yield from ((pairs, book.source) for pairs in _pairs(lines, codes))


def _pairs(lines: Sequence[Line], codes: set[str]) -> Iterator[Mapping[str, str]]:
    columns = list(profiles(lines).values())
    keys = [each for each in columns if each.is_unique and codes <= each.counts.keys()]
    texts = [c for c in columns if c.is_unique and c.numeric < 0.5 and c.length <= SIGNS]
    for text in (each for each in texts if keys and each is not keys[0]):
        yield {str(line[keys[0].name]): str(line[text.name]) for line in lines}
