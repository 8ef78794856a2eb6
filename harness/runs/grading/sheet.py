"""The sheets for raters: rows drawn by hash, the answers of one or several runs in a blind order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.errors import DataError, UsageError
from harness.metrics.parse import visible
from harness.records.files import RESTORE, Json, read_json, write_json
from harness.records.keys import digest
from harness.records.predictions import stored_predictions
from harness.records.reading import read_record
from harness.runs.rescore import config_here, rows_of_test
from harness.task.splits import first
from harness.text import cut, defused
from harness.types import Row

__all__ = ["COLUMNS", "FOLDER", "TEXTS", "Key", "draw", "marks", "read_key"]

FOLDER = "grades"
SALT = "adaptbench-grades"
TEXTS = ("question", "right answer", "answer")
"""Columns that have to come back as they went out."""
COLUMNS = ("code", "question", "right answer", "passages", "answer", "grade", "comment", "minutes")
LONGEST = 30_000  # characters of a cell; a spreadsheet's own limit is 32,767
NO_ANSWER, UNKNOWN = "(no answer)", "(none: it is right to say that one doesn't know)"


class _Answer(BaseModel):
    """What stands behind a code."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    row: str
    runs: tuple[str, ...]  # those that gave this answer
    marks: tuple[str, ...]  # of `TEXTS`


class Key(BaseModel):
    """What unblinds a sheet; it lies in the results."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sheet: str
    runs: tuple[str, ...]
    drawn: int = Field(description="Rows.")
    raters: int
    answers: dict[str, _Answer] = Field(description="By code: SHEET-RATER-NUMBER.")


@dataclass(frozen=True, slots=True)
class _Shown:
    """An answer as a rater sees it."""

    row: Row
    text: str
    runs: tuple[str, ...]

    @property
    def cells(self) -> dict[str, str]:
        right = self.row.example.target if self.row.answerable else UNKNOWN
        return {"question": self.row.question, "right answer": right, "answer": self.text}


def draw(
    folders: Sequence[Path],
    results: Path,
    *,
    rows: int,
    raters: int = 1,
    data_dir: Path | None = None,
    data: Path | None = None,
    task: str | None = None,
) -> tuple[Key, list[list[tuple[str | None, ...]]]]:
    """Draws rows of the runs' test and returns a table of `COLUMNS` for each rater.

    Rows are the first by hash, so a larger sheet begins with a smaller one's. Each rater has an
    order of their own; answers to one question stand together, equal ones once. The key is written
    to the results.

    Raises:
        UsageError: The runs answered different rows, or kept no text; there is no such number.
    """
    if rows < 2 or raters < 1:
        raise UsageError(f"{rows} rows for {raters} raters are no sample", "--rows 60 --raters 2")
    asked, answers = _read(folders, data_dir, data, task)
    drawn = first([row for row in asked.values() if row.id in answers], rows, SALT)
    runs = tuple(folder.name for folder in folders)
    sheet = digest([runs, [row.id for row in drawn], raters])[:6]
    shown = [
        _Shown(row, text, tuple(runs)) for row in drawn for text, runs in answers[row.id].items()
    ]
    codes: dict[str, _Answer] = {}
    tables = []
    for rater in range(1, raters + 1):
        table = []
        for number, each in enumerate(sorted(shown, key=lambda it: _place(it, sheet, rater)), 1):
            code, cells = f"{sheet}-{rater}-{number:03}", each.cells
            codes[code] = _Answer(row=each.row.id, runs=each.runs, marks=marks(cells))
            passages = "\n\n".join(passage.text for passage in each.row.passages)
            line: dict[str, str | None] = {"code": code, "passages": passages, **cells}
            texts = {name: text and cut(text, LONGEST) for name, text in line.items()}
            table.append(tuple(texts.get(name) for name in COLUMNS))
        tables.append(table)
    key = Key(sheet=sheet, runs=runs, drawn=len(drawn), raters=raters, answers=codes)
    (results / FOLDER).mkdir(parents=True, exist_ok=True)
    write_json(results / FOLDER / f"{sheet}.json", key.model_dump(mode="json"))
    return key, tables


def _place(shown: _Shown, sheet: str, rater: int) -> tuple[str, str]:
    question = digest([sheet, rater, shown.row.id])
    return question, digest([question, shown.text])


def _read(
    folders: Sequence[Path], data_dir: Path | None, data: Path | None, task: str | None
) -> tuple[dict[str, Row], dict[str, dict[str, list[str]]]]:
    """Returns the test rows by id, and of each that all runs answered the runs by answer."""
    tests, asked = set(), dict[str, Row]()
    answers: dict[str, dict[str, list[str]]] = {}
    for number, folder in enumerate(folders):
        record = read_record(folder)
        _, asked = rows_of_test(record, config_here(record.config, data_dir, data, task))
        tests.add(record.task.digests.get("test"))
        there = dict(_answered(stored_predictions(folder, record)))
        kept = there.keys() if number == 0 else there.keys() & answers.keys()
        answers = {id_: answers.get(id_, {}) for id_ in kept}
        for id_ in kept:
            answers[id_].setdefault(there[id_], []).append(folder.name)
    if len(tests) > 1:
        raise UsageError(
            "these runs answered different test rows",
            "Runs of one task with one --limit go together.",
        )
    return asked, answers


def _answered(lines: Iterator[Json]) -> Iterator[tuple[str, str]]:
    for line in lines:
        if line["outcome"] != "error":
            yield line["id"], visible(line.get("text") or "") or NO_ANSWER


def marks(cells: Mapping[str, str]) -> tuple[str, ...]:
    """Returns short digests of `TEXTS`; blanks don't count, which programs write differently."""
    texts = (normalize("NFC", defused(cut(cells[name], LONGEST))) for name in TEXTS)
    return tuple(digest(" ".join(text.split()))[:12] for text in texts)


def read_key(results: Path, sheet: str, origin: str) -> Key:
    """Reads the key of a sheet; `origin` is where its name stands.

    Raises:
        DataError: There is none, or it is damaged.
    """
    path = results / FOLDER / f"{sheet}.json"
    if not sheet.isalnum() or not path.is_file():
        raise DataError(
            f"{origin}: the sheet {sheet!r} was not exported from {results}",
            "Its key lies under grades/ in the results that it came from: --results FOLDER",
        )
    try:
        return Key.model_validate(read_json(path))
    except ValidationError as error:
        raise DataError(f"{path} is damaged", RESTORE) from error
