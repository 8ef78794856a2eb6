"""How each cell stands: one small file for a cell, written whole or not at all."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Required, TypedDict, Unpack

from harness.errors import DataError
from harness.records.files import read_json, write_json
from harness.records.store import FINISHED, RUN, read_head
from harness.runs.study.config import Cell

__all__ = ["State", "States"]

WAITING = "waiting"


class State(TypedDict, total=False):
    """How a cell stands."""

    status: Required[str]  # ``waiting``, ``finished`` or ``failed``
    run: str  # Name of the record's folder
    reused: bool  # The record was there before
    seconds: float  # Wall time of this attempt
    usd: float | None  # Of the whole record; None where no part has a price
    error: str  # Why the cell failed


class States:
    """The states of a study's cells, under ``results/studies/NAME``."""

    def __init__(self, results: Path, study: str) -> None:
        self._results = results
        self.folder = results / "studies" / study

    def log(self, cell: Cell) -> Path:
        """Returns where the cell's own output goes."""
        return self.folder / f"{cell.id}.log"

    def write(self, cell: Cell, **state: Unpack[State]) -> None:
        """Notes how a cell stands."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_json(self.folder / f"{cell.id}.json", {"cell": dict(cell.values), **state})

    def read(self, cell: Cell) -> State:
        """Returns how a cell stands; one whose record is gone is waiting again."""
        try:
            state: State = read_json(self.folder / f"{cell.id}.json")
        except DataError:
            return {"status": WAITING}
        if state["status"] == FINISHED and not self._has_record(state):
            return {"status": WAITING}
        return state

    def _has_record(self, state: State) -> bool:
        try:
            return read_head(self._results / state["run"] / RUN).status == FINISHED
        except DataError:
            return False

    def counts(self, cells: tuple[Cell, ...]) -> Counter[str]:
        """Counts the cells by state."""
        return Counter(self.read(cell)["status"] for cell in cells)
