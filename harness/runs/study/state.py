"""How each cell stands: one small file for a cell, written whole or not at all."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Required, TypedDict, Unpack, cast

from harness.errors import DataError
from harness.records.files import RESTORE, read_json, write_json
from harness.records.reading import name_left_out, whole_record
from harness.records.scrub import without_places
from harness.records.store import FINISHED
from harness.runs.study.config import Cell
from harness.runs.study.edits import Edits

__all__ = ["State", "States"]

WAITING, EDITED = "waiting", "edited"


class State(TypedDict, total=False):
    """How a cell stands."""

    status: Required[str]  # ``waiting``, ``finished``, ``failed``, or ``edited`` since it finished
    edited: str  # What was edited
    unchecked: str  # Why nobody knows whether something was
    run: str  # Name of the record's folder
    reused: bool  # The record was there before
    seconds: float  # Wall time of this attempt
    usd: float | None  # Of the whole record; None where no part has a price
    error: str  # Why the cell failed


class States:
    """The states of a study's cells, under ``results/studies/NAME``."""

    def __init__(self, results: Path, study: str, edits: Edits | None = None) -> None:
        self.results, self._edits = results, edits
        self.folder = results / "studies" / study

    def log(self, cell: Cell) -> Path:
        """Returns where the cell's own output goes."""
        return self.folder / f"{cell.id}.log"

    def write(self, cell: Cell, **state: Unpack[State]) -> None:
        """Notes how a cell stands."""
        self.folder.mkdir(parents=True, exist_ok=True)
        values = without_places(dict(cell.values))
        write_json(self.folder / f"{cell.id}.json", {"cell": values, **state})

    def read(self, cell: Cell) -> State:
        """Returns how a cell stands; one whose record is gone is waiting again.

        One is ``edited`` where its inputs aren't those of its record, if that is to be found out.
        """
        state = _noted(self.folder / f"{cell.id}.json")
        if state["status"] != FINISHED:
            return state
        record = whole_record(self.results / state["run"])
        if record is None or record.status != FINISHED:
            return {"status": WAITING}
        answer = self._edits.since(cell, record) if self._edits else {}
        return {**state, **answer, "status": EDITED if "edited" in answer else FINISHED}

    def counts(self, cells: tuple[Cell, ...]) -> Counter[str]:
        """Counts the cells by state."""
        return Counter(self.read(cell)["status"] for cell in cells)


def _noted(path: Path) -> State:
    """Reads what was noted of a cell; one whose file is damaged, which is named, is waiting."""
    try:
        state = read_json(path) if path.exists() else {"status": WAITING}
        if not isinstance(state, dict) or not isinstance(state.get("status"), str):
            raise DataError(f"{path} is no state of a cell", RESTORE)
        if state["status"] == FINISHED and not isinstance(state.get("run"), str):
            raise DataError(f"{path} names no run", RESTORE)
    except DataError as error:
        name_left_out(error)
        return {"status": WAITING}
    return cast("State", state)
