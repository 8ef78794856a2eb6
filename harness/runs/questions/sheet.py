"""The workbook in which a person ticks proposed questions: written, and read back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import DataError
from harness.records.files import Json, whole
from harness.runs.questions.proposing import KINDS, Proposal
from harness.task.tables import Layout, read_table, require_columns
from harness.task.tables.table import Line
from harness.text import LONGEST_CELL, printable

__all__ = ["TICKS", "Ticked", "read_sheet", "write_sheet"]

TICKS = ("keep", "wrong", "edit")
"""Right as it is; not to be used; right as its cells stand now."""
SHEET, ABOUT = "questions", "about"
COLUMNS = {  # with their widths
    "tick": 8, "question": 50, "answer": 24, "kind": 12, "file": 20, "place": 24, "passage": 80,
    "comment": 30, "minutes": 10, "id": 30,
}  # fmt: skip
NEEDED = ("tick", "question", "answer", "kind", "minutes", "id")
HELP = (
    "tick: keep (right as it is), wrong (left out), edit (you changed question or answer). Questions "
    "of the kinds 'near' and 'off topic' are right where the documents don't answer them. minutes: "
    "what your work took, a row or the whole in one cell."
)


@dataclass(frozen=True, slots=True)
class Ticked:
    """A row that came back."""

    tick: str  # of `TICKS`; empty where nobody looked
    question: str
    answer: str  # empty where the documents don't answer it
    kind: str
    chunk: str  # the first digits of the passage's id; "none" of another subject
    id: str
    edited: bool  # whether question or answer is another than the model's
    minutes: float
    origin: str  # ``questions.xlsx, row 3``


def write_sheet(path: Path, proposals: Sequence[Proposal], about: Json) -> None:
    """Writes the rows to tick, and what they come from in a second sheet; no cell is a formula."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet, second = book.active, book.create_sheet(ABOUT)
    sheet.title, sheet.freeze_panes = SHEET, "B2"
    rows = [dict.fromkeys(COLUMNS, "") | _cells(each) for each in proposals]
    table = [list(COLUMNS), *([row[name] for name in COLUMNS] for row in rows)]
    lines = [["what", "value"], ["help", HELP], *([k, json.dumps(v)] for k, v in about.items())]
    for target, cells in ((sheet, table), (second, lines)):
        for number, row in enumerate(cells, 1):
            for column, text in enumerate(row, 1):
                cell = target.cell(number, column, printable(text)[:LONGEST_CELL])
                cell.data_type, cell.number_format = "s", "@"  # text, whatever it begins with
                cell.alignment = Alignment(wrap_text=True, vertical="top")
    for number, width in enumerate(COLUMNS.values(), 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    ticks = DataValidation(type="list", formula1=f'"{",".join(TICKS)}"', allow_blank=True)
    ticks.add(f"A2:A{len(table)}")
    sheet.add_data_validation(ticks)
    with whole(path, "Choose another file with --out.") as file:
        book.save(file)


def _cells(proposal: Proposal) -> dict[str, str]:
    return {
        "question": proposal.question,
        "answer": proposal.answer,
        "kind": proposal.kind,
        "file": proposal.source,
        "place": proposal.place,
        "passage": proposal.passage,
        "id": proposal.id,
    }


def read_sheet(path: Path) -> tuple[list[Ticked], Json]:
    """Reads a sheet that came back: its rows, and what was known when it was written.

    Raises:
        DataError: It isn't such a sheet, or a cell can't be used, with its row.
    """
    lines = read_table(path, Layout(sheet=SHEET)).lines
    require_columns(NEEDED, lines, path.name)
    about = {}
    for line in read_table(path, Layout(sheet=ABOUT)).lines:
        if line.text("what") != "help":
            about[line.text("what")] = _json(line)
    rows = [_ticked(line) for line in lines]
    seen: dict[str, str] = {}
    for row in rows:
        if row.id in seen:
            raise DataError(f"{row.origin}: the id of {seen[row.id]}", "Leave one of them out.")
        seen[row.id] = row.origin
    return rows, about


def _json(line: Line) -> object:
    try:
        return json.loads(line.text("value"))
    except ValueError as error:
        hint = "Take that sheet from the file as it was written."
        raise DataError(f"{line.origin}: 'value' was edited", hint) from error


def _ticked(line: Line) -> Ticked:
    cells = {name: " ".join(line.text(name).split()) for name in NEEDED}
    tick, kind = cells["tick"].casefold(), cells["kind"]
    _, chunk, content = (cells["id"].rsplit("-", 2) + ["", ""])[:3]
    if kind not in KINDS or not content:
        raise DataError(f"{line.origin}: 'kind' or 'id' was edited", "Restore them.")
    if tick and tick not in TICKS:
        raise DataError(
            f"{line.origin}: the tick {tick!r} is unknown", f"One of {', '.join(TICKS)}."
        )
    answerable = kind == "answerable"
    if tick in ("keep", "edit") and (not cells["question"] or bool(cells["answer"]) != answerable):
        what = (
            "it has no question or no answer" if answerable else f"{kind!r}, but it has an answer"
        )
        raise DataError(f"{line.origin}: {what}", "Mend it, or tick wrong.")
    edited = Proposal(kind, cells["question"], cells["answer"]).content != content
    minutes = _minutes(cells["minutes"], line.origin)
    named = (cells["question"], cells["answer"], kind, chunk, cells["id"])
    return Ticked(tick, *named, edited=edited, minutes=minutes, origin=line.origin)


def _minutes(text: str, origin: str) -> float:
    try:
        minutes = float(text.replace(",", ".") or 0)
    except ValueError:
        minutes = -1.0
    if not 0 <= minutes < 100_000:
        raise DataError(f"{origin}: 'minutes' is {text!r}", "Write a number: 2.5")
    return minutes
