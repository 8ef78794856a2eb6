"""Files of rows that aren't tables: CoNLL, fastText, tables under the name ``.txt``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.decoding import file_bytes, parse_json, table_text
from harness.errors import DataError
from harness.task.policy import named_split
from harness.task.tables import Layout, Line
from harness.task.tables.delimited import read_delimited

__all__ = ["IOB", "LOOSE", "JsonTables", "Loose", "json_tables", "read_loose"]

LOOSE = (".txt", ".conll", ".bio", ".iob", ".iob2", ".ner", ".tsv")
IOB = re.compile(r"O|[BIESLU]-\S+")
FASTTEXT = "__label__"
TAILS = "@#^~"  # signs before a label at the end of a line
LABEL = 40  # characters
PROBED = 400  # lines


@dataclass(frozen=True)
class Loose:
    """Rows of such a file, and how they were read."""

    lines: list[Line]
    note: str


def read_loose(path: Path) -> Loose | None:
    """Reads a file by what stands in it; None where it is a table that is read as it is.

    Raises:
        DataError: It is none of these formats.
    """
    text, _ = table_text(file_bytes(path), path.name)
    raw = text.split("\n")
    if _is_conll(raw):
        return _conll(path.name, raw)
    if path.suffix.lower() == ".tsv":
        return None
    if sum(FASTTEXT in line.split(" ")[0] for line in raw[:PROBED] if line.strip()) > 1:
        return _fasttext(path.name, raw)
    if (tailed := _tailed(path.name, raw)) is not None:
        return tailed
    head = next((line for line in raw if line.strip()), "")
    if any(separator in head for separator in "\t,;|"):
        table = read_delimited(path, Layout())
        if table.lines and len(table.lines[0]) > 1:
            return Loose(table.lines, f"{path.name} was read as a table divided by signs")
    raise DataError(
        f"{path.name} is no table and no CoNLL file",
        "Save it as CSV with a header. Documents to look answers up in go with --docs.",
    )


def _is_conll(raw: Sequence[str]) -> bool:
    """Whether each line is a token with its tag last, and blank lines end sentences."""
    head = [line for line in raw[:PROBED] if not line.startswith(("-DOCSTART-", "# ", "## "))]
    filled = [line.split() for line in head if line.strip()]
    tagged = [cells for cells in filled if len(cells) > 1 and IOB.fullmatch(cells[-1])]
    blank = any(not line.strip() for line in head[:-1])
    return len(filled) > 3 and blank and len(tagged) > 0.95 * len(filled)


def _conll(name: str, raw: Sequence[str]) -> Loose:
    lines: list[Line] = []
    tokens: list[str] = []
    tags: list[str] = []
    start = 1
    for number, line in enumerate([*raw, ""], 1):
        cells = line.split()
        skipped = line.startswith(("-DOCSTART-", "# ", "## "))
        if len(cells) > 1 and not skipped:
            start = start if tokens else number
            tokens.append(cells[0])
            tags.append(cells[-1])
        elif tokens:
            lines.append(Line({"tokens": tokens, "tags": tags}, f"{name}, line {start}"))
            tokens, tags = [], []
    return Loose(
        lines, f"{name} was read as CoNLL: a token a line, its tag last, blank lines between"
    )


def _fasttext(name: str, raw: Sequence[str]) -> Loose:
    lines = []
    for number, line in enumerate(raw, 1):
        words = line.split()
        labels = [word.removeprefix(FASTTEXT) for word in words if word.startswith(FASTTEXT)]
        text = " ".join(word for word in words if not word.startswith(FASTTEXT))
        if text:
            lines.append(Line({"text": text, "label": "|".join(labels)}, f"{name}, line {number}"))
    return Loose(lines, f"{name} was read as fastText's: {FASTTEXT}NAME, then the text")


def _tailed(name: str, raw: Sequence[str]) -> Loose | None:
    """Reads lines of a text, a rare sign, and one of few labels: ``Profit rose.@positive``."""
    filled = [(number, line) for number, line in enumerate(raw, 1) if line.strip()]
    for sign in TAILS:
        rows = [(number, *line.rpartition(sign)) for number, line in filled]
        labels = {label.strip() for _, _, _, label in rows}
        few = 1 < len(labels) <= len(rows) // 5 and max(map(len, labels)) <= LABEL
        if few and all(text.strip() for _, text, _, _ in rows):
            made = [
                Line({"text": text.strip(), "label": label.strip()}, f"{name}, line {number}")
                for number, text, _, label in rows
            ]
            return Loose(made, f"{name} was read as texts with a label behind the last {sign!r}")
    return None


@dataclass(frozen=True)
class JsonTables:
    """Rows of one JSON object by split, and how they were read."""

    parts: dict[str, list[Line]]
    note: str


def json_tables(path: Path) -> JsonTables | None:
    """Reads one object that holds rows in another way than a list; None where it holds a list.

    Known are lists by split (``{"train": [...], "test": [...]}``), columns (``{"text": [...]}``, as
    pandas and `datasets` write them) and rows by id.
    """
    text, _ = table_text(file_bytes(path), path.name)
    if not text.lstrip().startswith("{"):
        return None
    try:
        value = parse_json(text)
    except ValueError:
        return None
    if not isinstance(value, dict) or len(value) < 2:
        return None
    splits = {key: named_split(key) for key in value}
    if all(splits.values()) and all(isinstance(each, list) for each in value.values()):
        parts = {splits[key]: _lines(path, rows, key) for key, rows in value.items()}
        return JsonTables({str(k): v for k, v in parts.items()}, "has a list of rows by split")
    columns = list(value.values())
    listed = all(isinstance(each, list) and len(each) == len(columns[0]) > 1 for each in columns)
    if listed and not any(isinstance(each[0], dict) for each in columns):
        rows = [dict(zip(value, cells, strict=True)) for cells in zip(*columns, strict=True)]
        return JsonTables({"all": _lines(path, rows, "item")}, "has a list for each column")
    if all(isinstance(each, dict) and each for each in columns):
        keys = set(columns[0])
        same = all(set(each) == keys for each in columns)
        if same and len(keys) > len(value):
            rows = [{name: value[name][key] for name in value} for key in columns[0]]
            return JsonTables({"all": _lines(path, rows, "item")}, "has an object for each column")
        rows = [{"id": key, **each} for key, each in value.items()]
        if len(rows) > 9 and len(keys & set(columns[-1])) > 1:
            return JsonTables({"all": _lines(path, rows, "item")}, "has its rows by their ids")
    return None


def _lines(path: Path, rows: Sequence[object], what: str) -> list[Line]:
    kept = [(number, row) for number, row in enumerate(rows, 1) if isinstance(row, dict)]
    names = dict.fromkeys(name for _, row in kept for name in row)
    return [
        Line({name: row.get(name) for name in names}, f"{path.name}, {what} {number}")
        for number, row in kept
    ]
