"""Rows as JSON: a list of objects, or an object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path

from harness.decoding import file_bytes, parse_json, table_lines, table_text
from harness.errors import DataError
from harness.task.tables.table import (
    Layout,
    Line,
    Stream,
    Table,
    check_extent,
    stream_of,
    table_of,
)

__all__ = ["read_json", "read_json_lines", "stream_json_lines"]

OBJECTS = 'It has to be a list of objects: [{"question": "...", "answer": "..."}, ...]'
RECORDS = "pandas writes such a list with df.to_json(orient='records')."
CONVERSATIONS = ("messages", "conversations")  # one row, not a wrapper


def read_json(path: Path, layout: Layout) -> Table:
    """Reads a list of objects; lines of JSON under this name are read as such."""
    text, notes = table_text(file_bytes(path), path.name)
    try:
        value = _parsed(text)
    except ValueError as error:
        if _is_lines(text):
            notes.append(f"{path.name} holds JSON Lines, and was read as such")
            return _lines(path.name, text, notes)
        raise DataError(f"{path.name}{_said(error)}", OBJECTS) from error
    return _items(path.name, value, notes)


def stream_json_lines(path: Path, layout: Layout) -> Stream:
    """Reads an object a line, and again at each pass; a list under this name is read whole."""
    text = table_lines(path)
    if next((line for line in text.each() if line.strip()), "").lstrip().startswith("["):
        return stream_of(read_json_lines(path, layout))
    columns, count = dict[str, None](), 0
    for _, row in _objects(path.name, text.each()):
        columns |= dict.fromkeys(row)
        count += 1
    check_extent(path.name, len(columns) * count, len(columns))

    def lines() -> Iterator[Line]:
        for origin, row in _objects(path.name, text.each()):
            yield Line({column: row.get(column) for column in columns}, origin)

    return Stream(path.name, tuple(Line(columns, "")), count, lines, text.notes)


def read_json_lines(path: Path, layout: Layout) -> Table:
    """Reads an object a line; a list under this name is read as such."""
    text, notes = table_text(file_bytes(path), path.name)
    if text.lstrip().startswith("["):
        try:
            value = _parsed(text)
        except ValueError:
            return _lines(path.name, text, notes)
        notes.append(f"{path.name} is one JSON list, and was read as such")
        return _items(path.name, value, notes)
    return _lines(path.name, text, notes)


def _lines(name: str, text: str, notes: list[str]) -> Table:
    return table_of(name, list(_objects(name, text.split("\n"))), notes)


def _objects(name: str, lines: Iterable[str]) -> Iterator[tuple[str, dict[str, object]]]:
    """Yields the object of each line that isn't blank, with its place."""
    numbered = enumerate(lines, 1)
    for number, line in numbered:
        if not line.strip():
            continue
        place = f"{name}, line {number}"
        try:
            row = _parsed(line)
        except ValueError as error:
            hint = "Each line is a JSON object."
            if number > 1 and not any(each.strip() for _, each in numbered):
                hint += (
                    " It is the last: the file may be cut off. Copy it again, or take the line out."
                )
            raise DataError(f"{place}{_said(error, in_line=True)}", hint) from error
        yield place, _object(row, place)


def _items(name: str, value: object, notes: list[str]) -> Table:
    if isinstance(value, dict):
        value = _unwrapped(name, value, notes)
    if not isinstance(value, list):
        raise DataError(f"{name} is {_kind(value)}, not a list of objects", OBJECTS)
    rows = [(f"{name}, item {number}", row) for number, row in enumerate(value, 1)]
    return table_of(name, [(place, _object(row, place)) for place, row in rows], notes)


def _unwrapped(name: str, value: dict[str, object], notes: list[str]) -> list[object]:
    """Returns the one list of objects in an object, as ``{"data": [...]}`` has it."""
    lists = {
        key: each
        for key, each in value.items()
        if isinstance(each, list) and each and all(isinstance(item, dict) for item in each)
    }
    if len(lists) == 1 and not lists.keys() & set(CONVERSATIONS):
        key, rows = lists.popitem()
        notes.append(f"{name} is an object: its list {key!r} was read as the rows")
        return rows
    if not value:
        raise DataError(f"{name} is an empty object", OBJECTS)
    keys = ", ".join(map(repr, list(value)[:5]))
    raise DataError(f"{name} is one object (of {keys}), not a list of objects", RECORDS)


def _object(row: object, place: str) -> dict[str, object]:
    if not isinstance(row, dict):
        raise DataError(f"{place} is {_kind(row)}, not an object", OBJECTS)
    return row


def _kind(value: object) -> str:
    names = {list: "a list", dict: "an object", str: "a text", type(None): "null"}
    return names.get(type(value), "a number" if not isinstance(value, bool) else "true or false")


def _parsed(text: str) -> object:
    """Parses JSON; numbers keep all their digits, and a key twice is a `ValueError`."""
    return parse_json(text, parse_float=Decimal, object_pairs_hook=_distinct)


def _distinct(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made: dict[str, object] = {}
    for key, value in pairs:
        if key in made:
            raise ValueError(f"the key {key!r} stands twice in one object")
        made[key] = value
    return made


def _said(error: ValueError, *, in_line: bool = False) -> str:
    """Says where and what is wrong, to be put behind a file or a line."""
    if not isinstance(error, json.JSONDecodeError):
        return f": {error}"
    place = f", column {error.colno}" if in_line else f", line {error.lineno}, column {error.colno}"
    return f"{place}: {error.msg[:1].lower()}{error.msg[1:]}"


def _is_lines(text: str) -> bool:
    """Whether the first lines that aren't blank are objects, each for itself."""
    lines = [line for line in text.split("\n") if line.strip()][:2]
    return bool(lines) and all(line.strip().startswith("{") for line in lines) and _is_whole(lines)


def _is_whole(lines: list[str]) -> bool:
    try:
        return all(isinstance(parse_json(line), dict) for line in lines[:1])
    except ValueError:
        return False
