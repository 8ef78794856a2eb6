"""Objects that a table holds as texts: ``{'text': ['a'], 'answer_start': [3]}``, as pandas writes them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.decoding import literal
from harness.task.proposing.hints import roles_of
from harness.task.proposing.profile import text_of
from harness.task.tables import Line

__all__ = ["with_objects"]

ROLES = {"answer", "label", "question", "options"}
MOST = 0.9  # share of a column's cells that have to be objects
_ARRAY = re.compile(r"\barray\((\[.*?\])(?:,\s*dtype=[\w.]+)?\)", re.DOTALL)  # of NumPy


def with_objects(lines: Sequence[Line]) -> tuple[Sequence[Line], str]:
    """Returns rows in which texts of objects are objects, where they are asked or answered, and why."""
    read = {name: cells for name in lines[0] if (cells := _objects(lines, name))}
    if not read:
        return lines, ""
    made = [
        Line({**line, **{name: cells[at] for name, cells in read.items()}}, line.origin)
        for at, line in enumerate(lines)
    ]
    return made, f"the objects that are written as texts in {', '.join(map(repr, read))} were read"


def _objects(lines: Sequence[Line], name: str) -> list[object]:
    if not ROLES & roles_of(name) or not text_of(lines[0][name]).startswith("{"):
        return []
    cells = [_read(line[name]) for line in lines]
    return cells if sum(isinstance(cell, dict) for cell in cells) > MOST * len(lines) else []


def _read(cell: object) -> object:
    if not isinstance(cell, str) or not cell.lstrip().startswith("{"):
        return cell
    value = literal(_ARRAY.sub(r"\1", cell))
    return value if isinstance(value, dict) else cell
