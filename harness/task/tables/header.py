"""Finds the header of a sheet or a delimited file, and names the cells of the rows below it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from harness.errors import DataError
from harness.task.tables.cells import NoValue
from harness.task.tables.table import Layout, Line, Stream, check_extent

__all__ = ["NumberedRow", "with_header"]

NumberedRow = tuple[int, Sequence[object]]  # its number in the file, and its cells
TITLES = 5  # rows above a header that are taken for titles, at most
FEW = 0.1  # share of rows that may hold something beyond the last named column
OWN = "Give each column a name of its own."


@dataclass(frozen=True, slots=True)
class _File:
    """How a place in a file is written."""

    name: str  # of the file, and of the sheet
    unit: str  # what it counts: ``line`` or ``row``

    def at(self, number: int) -> str:
        return f"{self.name}, {self.unit} {number}"


def with_header(
    name: str,
    rows: Callable[[], Iterable[NumberedRow]],
    layout: Layout,
    unit: str,
    notes: Iterable[str] = (),
    sheet: str = "",
) -> Stream:
    """Makes a table of rows that aren't blank: the first that is no title names the columns.

    ``rows`` begins with the first at each call: once they are looked at, then read as often as they
    are wanted. ``unit`` is what the file counts, ``line`` or ``row``; ``sheet`` stands in every place.

    Raises:
        DataError: There is no header, or a row or column can't be told.
    """
    file, notes = _File(f"{name}, sheet {sheet!r}" if sheet else name, unit), list(notes)
    at = _header_at(rows(), layout, file, notes)
    if at is None:
        return Stream(name, (), 0, lambda: iter(()), tuple(notes))
    number, header = next(iter(islice(rows(), max(at, 0), None)))
    names = [_shown(cell) for cell in header]
    if at < 0:
        names = [f"column{place}" for place in range(1, len(header) + 1)]
    check_extent(name, len(names), len(names))
    count, loose = 0, _Loose(names)
    for row in islice(rows(), at + 1, None):
        loose.see(_cut(row, names, number, file))
        count += 1
        check_extent(name, len(names) * (count + 1))
    kept = _columns(names, loose, number, file, notes)

    def lines() -> Iterator[Line]:
        for row in islice(rows(), at + 1, None):
            own, cells = _cut(row, names, number, file)
            held = {names[index]: why or cells[index] for index, why in kept.items()}
            yield Line(held, file.at(own))

    columns = tuple(Line({names[index]: "" for index in kept}, ""))
    return Stream(name, columns, count, lines, tuple(notes))


def _header_at(
    rows: Iterable[NumberedRow], layout: Layout, file: _File, notes: list[str]
) -> int | None:
    if layout.header_row == 0:
        return -1 if any(True for _ in rows) else None
    if layout.header_row is not None:
        for at, (number, _) in enumerate(rows):
            if number == layout.header_row:
                return at
        raise DataError(f"{file.at(layout.header_row)} is empty", "Check --header-row.")
    above = list(islice(rows, TITLES + 1))
    filled = [sum(map(bool, map(_shown, cells))) for _, cells in above]
    titles = next((at for at, count in enumerate(filled) if count > 1), 0)
    for number, cells in above[:titles]:
        text = " ".join(filter(None, map(_shown, cells)))
        notes.append(
            f"{file.at(number)} ({text[:60]!r}) was taken for a title, and {file.unit} "
            f"{above[titles][0]} for the header; --header-row N says otherwise"
        )
    return titles if above else None


def _shown(cell: object) -> str:
    return "" if cell is None or isinstance(cell, NoValue) else str(cell).strip()


def _cut(row: NumberedRow, names: Sequence[str], header: int, file: _File) -> NumberedRow:
    """Returns a row as long as the header: cells that are empty and have no name don't count."""
    number, cells = row
    beyond = list(map(_shown, cells[len(names) :]))
    if file.unit == "row" and any(beyond):
        index = next(index for index, text in enumerate(beyond) if text)
        raise _nameless(file, header, len(names) + index, number, beyond[index])
    # A sheet leaves out empty cells at the end of a row.
    if any(beyond) or (file.unit == "line" and any(names[len(cells) :])):
        raise DataError(
            f"{file.at(number)}: {len(cells)} cells, the header ({file.unit} {header}) has "
            f"{len(names)}",
            "Put text that holds the separator or a line break into quotes; where the header "
            "stands elsewhere: --header-row N.",
        )
    return number, [*cells, *[""] * len(names)][: len(names)]


class _Loose:
    """What stands in columns that have no name, or one that another column has."""

    def __init__(self, names: Sequence[str]) -> None:
        self.first: dict[int, tuple[int, str]] = {}  # by column: a row's number, and its text
        self.filled: Counter[int] = Counter()  # rows in which a column holds anything
        self.rows = 0
        several = {name for name, times in Counter(names).items() if times > 1}
        self._columns = [at for at, name in enumerate(names) if not name or name in several]
        self._counts = {0, 1} if names and not names[0] else set()  # where it may begin to count

    @property
    def counting(self) -> bool:
        """Whether the first column counts the rows."""
        return bool(self._counts)

    def see(self, row: NumberedRow) -> None:
        """Looks at the next row."""
        number, cells = row
        for index in self._columns:
            if text := _shown(cells[index]):
                self.first.setdefault(index, (number, text))
                self.filled[index] += 1
        if self._counts:
            self._counts &= {at for at in (0, 1) if _shown(cells[0]) == str(self.rows + at)}
        self.rows += 1


def _columns(
    names: list[str], loose: _Loose, header: int, file: _File, notes: list[str]
) -> dict[int, NoValue | None]:
    """Returns which columns are kept, those that have a name, and why one's cells can't be asked for.

    Columns without a name must hold nothing, but for a few cells beyond the last name.
    """
    where = file.at(header)
    empty = 0
    for index, name in enumerate(names):
        if name:
            continue
        beyond = not any(names[index:]) and loose.filled[index] < FEW * loose.rows
        if index == 0 and loose.counting:
            notes.append(f"{where}: column 1 has no name and counts the rows: it is left out")
        elif index in loose.first and beyond:
            number, text = loose.first[index]
            held = f"{loose.filled[index]:,} of {loose.rows:,} rows hold something there"
            notes.append(
                f"{where}: column {index + 1} has no name and is left out; {held} "
                f"({file.unit} {number} first: {text[:40]!r})"
            )
        elif index in loose.first:
            raise _nameless(file, header, index, *loose.first[index])
        else:
            empty += 1
    if empty:
        notes.append(f"{where}: {empty} empty column{'s' * (empty > 1)} without a name left out")
    kept: dict[int, NoValue | None] = {at: None for at, name in enumerate(names) if name}
    return _of_each_name(names, kept, loose, where, notes)


def _of_each_name(
    names: Sequence[str],
    kept: dict[int, NoValue | None],
    loose: _Loose,
    where: str,
    notes: list[str],
) -> dict[int, NoValue | None]:
    """Keeps one of several columns of one name: the one that holds anything, else none can be asked.

    Where most columns share a name, they are no header.
    """
    places = {
        name: [at for at in kept if names[at] == name] for name in map(names.__getitem__, kept)
    }
    several = {name: each for name, each in places.items() if len(each) > 1}
    for name, each in several.items():
        listed = " and ".join(str(at + 1) for at in each)
        what = f"columns {listed} are both named {name!r}"
        if 2 * sum(map(len, several.values())) > len(kept):
            raise DataError(f"{where}: {what}", OWN)
        filled = [at for at in each if at in loose.first]
        chosen = filled[0] if len(filled) == 1 else each[0]
        if len(filled) < 2:
            notes.append(f"{where}: {what}; column {chosen + 1} is read, the other is empty")
        else:
            notes.append(f"{where}: {what}, so that neither can be asked for. {OWN}")
        why = NoValue(f"stands in columns {listed}", OWN) if len(filled) > 1 else None
        kept = {
            at: why if at == chosen else said
            for at, said in kept.items()
            if at == chosen or at not in each
        }
    return kept


def _nameless(file: _File, header: int, index: int, number: int, text: str) -> DataError:
    return DataError(
        f"{file.at(header)}: column {index + 1} has no name, and holds {text[:40]!r} in "
        f"{file.unit} {number}",
        f"{OWN} Where the header stands elsewhere: --header-row N.",
    )
