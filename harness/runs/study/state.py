"""What became of each cell: one small file a cell, replaced as a whole."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from harness.errors import DataError
from harness.records.store import FINISHED, RUN, read_head, read_json, write_json
from harness.runs.study.config import Cell

__all__ = ["States"]

WAITING = "waiting"


class States:
    """The states of a study's cells, under ``results/studies/NAME``.

    Args:
        results: Folder of the records.
        study: Name of the study.
    """

    def __init__(self, results: Path, study: str) -> None:
        self._results = results
        self.folder = results / "studies" / study

    def log(self, cell: Cell) -> Path:
        """Returns where the cell's own output goes."""
        return self.folder / f"{cell.id}.log"

    def write(self, cell: Cell, **values: Any) -> None:
        """Notes how a cell stands."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_json(self.folder / f"{cell.id}.json", {"cell": dict(cell.values), **values})

    def read(self, cell: Cell) -> dict[str, Any]:
        """Returns how a cell stands; one whose record is gone is waiting again."""
        try:
            state: dict[str, Any] = read_json(self.folder / f"{cell.id}.json")
        except DataError:
            return {"status": WAITING}
        if state["status"] == FINISHED and not self._has_record(state):
            return {"status": WAITING}
        return state

    def _has_record(self, state: dict[str, Any]) -> bool:
        try:
            return read_head(self._results / state["run"] / RUN).status == FINISHED
        except DataError:
            return False

    def counts(self, cells: tuple[Cell, ...]) -> Counter[str]:
        """Counts the cells by state."""
        return Counter(self.read(cell)["status"] for cell in cells)
