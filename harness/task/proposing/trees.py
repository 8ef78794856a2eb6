"""Rows anywhere in a tree: JSON, YAML or XML that holds them deep, by split, id, label or column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import yaml

from harness.decoding import check_yaml, file_bytes, parse_json, parse_xml, table_text
from harness.errors import DataError
from harness.task.policy import named_split
from harness.task.proposing.hints import roles_of
from harness.task.tables import Line

__all__ = ["TREES", "Tree", "read_tree", "split_within", "tree_of"]

TREES = (".json", ".yaml", ".yml", ".xml")
DEEPEST = 8  # levels in which rows are looked for
CLOSE = 0.3  # share of the largest list's cells from which another one could be meant
LEAST = 9  # objects by id, above which they are rows
Row = Mapping[str, object]


@dataclass(frozen=True)
class Tree:
    """Rows of one tree by split, and how they were read."""

    parts: dict[str, list[Line]]
    note: str
    doubt: str = ""


@dataclass(frozen=True)
class _Found:
    """Rows at one place of a tree, by split."""

    place: tuple[str, ...]
    parts: dict[str, list[Row]]
    how: str  # "" where it is a plain list of objects

    @property
    def size(self) -> int:
        """How many cells it has."""
        return sum(_leaves(row) for rows in self.parts.values() for row in rows)

    @property
    def name(self) -> str:
        """Where it stands, and how many rows it has."""
        count = sum(map(len, self.parts.values()))
        return f"{'.'.join(self.place) or 'the whole'} ({count:,} rows)"


def tree_of(path: Path) -> object:
    """Returns what a file of JSON, YAML or XML holds; None where it is no JSON.

    Raises:
        DataError: It is no YAML or XML, or is more than is read.
    """
    data, ending = file_bytes(path), path.suffix.lower()
    if ending == ".xml":
        return parse_xml(data, path.name)
    text, _ = table_text(data, path.name)
    if ending in (".yaml", ".yml"):
        try:
            check_yaml(text, path.name)
            return yaml.safe_load(text)
        except yaml.YAMLError as error:
            why = " ".join(str(error).split())[:200]
            raise DataError(f"{path.name} is no YAML ({why})", "Correct it, or save it as JSON.") from error  # fmt: skip
    try:
        return parse_json(text)
    except ValueError:
        return _lists_in_lines(text)


def _lists_in_lines(text: str) -> object:
    """Reads a list a line: ``["text", "label"]``."""
    lines = [line for line in text.split("\n") if line.strip()]
    if not all(line.lstrip().startswith("[") for line in lines[:2]):
        return None
    try:
        return [parse_json(line) for line in lines]
    except ValueError:
        return None


def read_tree(path: Path) -> Tree | None:
    """Reads rows that stand in a tree; None where the reader of tables reads them in place.

    Known are lists of objects or of lists under any keys, lists by split (``{"train": [...]}``) or by
    label (``{"refund": [...]}``), rows by id, and columns (``{"text": [...]}``, as pandas and
    `datasets` write them). Of several, the one with most cells is read.

    Raises:
        DataError: A file of YAML or XML holds no rows.
    """
    value = tree_of(path)
    in_json = path.suffix.lower() not in TREES[1:]
    if value is None and in_json:
        return None
    found = sorted(_found(value, ()), key=lambda each: -each.size)
    if not found and in_json:
        return None
    if not found:
        raise DataError(
            f"{path.name} holds no list of rows", "Rows are a list of objects with the same fields."
        )
    best, rest = found[0], found[1:]
    plain = not best.how and set(best.parts) == {"all"}
    if in_json and plain and _is_table(value, best.place):
        return None
    place = f"its rows are {'.'.join(best.place)!r}" if best.place else "was read whole"
    note = f"{path.name}: {place}" + (f", {best.how}" if best.how else "")
    other = next((each for each in rest if each.size > CLOSE * best.size), None)
    doubt = f"rows: {best.name} of {path.name} are read, not {other.name}" if other else ""
    parts = {split: _lines(path, rows, split) for split, rows in best.parts.items()}
    return Tree(parts, note, doubt)


def _is_table(value: object, place: tuple[str, ...]) -> bool:
    """Whether the reader of tables finds the rows: a list, or an object's only list of objects."""
    if not place or not isinstance(value, dict):
        return not place
    lists = [
        v for v in value.values() if isinstance(v, list) and all(isinstance(i, dict) for i in v)
    ]
    return len(place) == 1 and len(list(filter(None, lists))) == 1


def _found(value: object, place: tuple[str, ...]) -> Iterator[_Found]:
    """Yields the outermost rows below a place."""
    if len(place) > DEEPEST:
        return
    if isinstance(value, dict) and (parts := _by_split(value)):
        yield _Found(place, parts, "by split")
    elif (rows := _rows(value)) is not None:
        yield _Found(place, {"all": rows[0]}, rows[1])
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _found(each, (*place, str(key)))
    elif isinstance(value, list) and len(value) == 1:
        yield from _found(value[0], place)


def split_within(name: str) -> str:
    """Returns the split that a word of a name means: ``oos_val`` is dev; "" where none does."""
    words = [word for word in re.split(r"[\W_]+", name) if word and not word.isdigit()]
    return next((split for word in words if (split := named_split(word))), "")


def _by_split(value: Mapping[str, object]) -> dict[str, list[Row]] | None:
    named = {key: split for key in value if (split := split_within(str(key)))}
    read = {key: _rows(value[key]) for key in named}
    if len({named[key] for key, rows in read.items() if rows}) < 2:
        return None
    parts: dict[str, list[Row]] = {}
    for key, rows in read.items():
        parts.setdefault(named[key], []).extend(rows[0] if rows else [])
    return parts


def _rows(value: object) -> tuple[list[Row], str] | None:
    """Returns the rows that a value is, and in which form; None where it is none."""
    if isinstance(value, list) and len(value) > 1:
        if all(isinstance(each, dict) for each in value):
            return value, ""
        if all(isinstance(each, list) and len(each) > 1 for each in value):
            return _of_lists(value, None)
    if isinstance(value, dict) and len(value) > 1:
        return _of_columns(value) or _of_objects(value) or _of_labels(value)
    return None


def _of_columns(value: Mapping[str, object]) -> tuple[list[Row], str] | None:
    """Reads a list for each column, or a list of lists beside the list of their names."""
    lists = [each for each in value.values() if isinstance(each, list) and len(each) > 1]
    for rows in lists:
        if all(isinstance(row, list) and len(row) == len(rows[0]) for row in rows):
            for names in lists:
                texts = [n.get("name") if isinstance(n, dict) else n for n in names]
                if names is not rows and len(texts) == len(rows[0]) and _are_texts(texts):
                    return _of_lists(rows, list(map(str, texts)))
    same = len(lists) == len(value) and len({len(each) for each in lists}) == 1
    if same and not any(isinstance(each[0], dict) for each in lists) and not _are_labels(value):
        cells = zip(*lists, strict=True)
        return [dict(zip(value, row, strict=True)) for row in cells], "a list for each column"
    return None


def _are_labels(value: Mapping[str, object]) -> bool:
    """Whether keys are labels of the texts in their lists: no name of a column, and each has sentences."""
    if any(roles_of(str(key)) for key in value):
        return False
    lists = [each for each in value.values() if isinstance(each, list)]
    return all(_are_texts(each) and median(len(t.split()) for t in each) > 2 for each in lists)


def _are_texts(values: Sequence[object]) -> bool:
    return bool(values) and all(isinstance(each, str) and each for each in values)


def _of_objects(value: Mapping[str, object]) -> tuple[list[Row], str] | None:
    """Reads an object for each column, whose keys are the rows, or an object for each row."""
    objects = [each for each in value.values() if isinstance(each, dict) and each]
    if len(objects) < len(value):
        return None
    keys = set(objects[0])
    if len(keys) > len(value) and all(set(each) == keys for each in objects):
        columns = dict(zip(value, objects, strict=True))
        rows: list[Row] = [{name: columns[name][key] for name in value} for key in objects[0]]
        return rows, "an object for each column"
    if len(objects) > LEAST and len(keys & set(objects[-1])) > 1:
        named = zip(value, objects, strict=True)
        return [{"id": key, **each} for key, each in named], "by their ids"
    return None


def _of_labels(value: Mapping[str, object]) -> tuple[list[Row], str] | None:
    """Reads a list for each label: of texts, or of objects with the same fields."""
    lists: dict[str, list[object]] = {}
    for key, each in value.items():
        inner = next(iter(each.values())) if isinstance(each, dict) and len(each) == 1 else each
        is_column = inner is each and roles_of(str(key))
        if not isinstance(inner, list) or not inner or is_column:
            return None
        lists[str(key)] = inner
    items = [item for each in lists.values() for item in each]
    if len(items) < 2 * len(lists):
        return None
    if _are_texts(items):
        return [{"text": i, "label": k} for k, each in lists.items() for i in each], "by label"
    fields = {frozenset(item) for item in items if isinstance(item, dict)}
    if len(fields) == 1 and all(isinstance(item, dict) for item in items):
        made: list[Row] = [
            {**i, "label": k} for k, each in lists.items() for i in each if isinstance(i, dict)
        ]
        return made, "by label"
    return None


def _of_lists(
    rows: Sequence[Sequence[object]], names: Sequence[str] | None
) -> tuple[list[Row], str] | None:
    """Names the cells of rows that are lists: ``[text, {...}]``, below names, or by their length."""
    if names is None and all(len(r) == 2 and isinstance(r[1], dict) for r in rows):
        pairs: list[Row] = [{"text": text, **rest} for text, rest in rows]  # type: ignore[dict-item]
        return pairs, "a text and an object each"
    if len({len(row) for row in rows}) > 1:
        return None
    if any(isinstance(cell, (list, dict)) for row in rows for cell in row) and names is None:
        return None
    body, how = list(rows), "a list for each row"
    if names is None and _is_header(rows):
        names, body = list(map(str, rows[0])), body[1:]
    if names is None:
        sizes = [median(len(str(row[at])) for row in rows) for at in range(len(rows[0]))]
        longest = sizes.index(max(sizes))
        others = iter(["label"] if len(sizes) == 2 else [f"column{n}" for n in range(1, 99)])
        names = ["text" if at == longest else next(others) for at in range(len(sizes))]
        how += f"; its columns are named {', '.join(names)}"
    return [dict(zip(names, row, strict=True)) for row in body], how


def _is_header(rows: Sequence[Sequence[object]]) -> bool:
    """Whether the first row names the columns: short texts that stand in no other row."""
    first = rows[0]
    if not all(isinstance(name, str) and 0 < len(name) < 40 for name in first):
        return False
    below = {str(cell) for row in rows[1:] for cell in row}
    return not below & set(map(str, first)) and any(roles_of(str(name)) for name in first)


def _leaves(value: object) -> int:
    """Counts the cells in a value."""
    todo, count = [value], 0
    while todo:
        each = todo.pop()
        if isinstance(each, (dict, list)):
            todo += each.values() if isinstance(each, dict) else each
        else:
            count += 1
    return count


def _lines(path: Path, rows: Sequence[Row], split: str) -> list[Line]:
    what = "item" if split == "all" else split
    names = dict.fromkeys(name for row in rows for name in row)
    return [
        Line({name: row.get(name) for name in names}, f"{path.name}, {what} {number}")
        for number, row in enumerate(rows, 1)
    ]
