"""What lies beside the rows: names of label codes, and tables of documents that rows name by id."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from harness.decoding import check_yaml, parse_json
from harness.errors import HarnessError, UsageError
from harness.task.proposing.profile import profiles
from harness.task.tables import FORMATS, Line, read_table

__all__ = ["Documents", "code_names", "documents_beside", "read_documents"]

LARGEST = 64 * 2**20  # bytes of a file that is looked into without being named
MOST = 12  # tables beside the rows that are looked into
SMALL = 2**20
INFOS = ("dataset_infos.json", "dataset_info.json", "features.json")
MAPS = ("labels.json", "label_map.json", "id2label.json", "label2id.json", "label_names.json")


@dataclass(frozen=True)
class Documents:
    """A table of documents."""

    path: Path
    id: str
    text: str
    ids: frozenset[str] = field(repr=False, default=frozenset())


def code_names(paths: Sequence[Path], column: str) -> dict[str, str]:
    """Returns what the codes of a column mean, as Hugging Face's files beside the rows say it.

    Read are Parquet's own metadata, ``dataset_info.json``, ``features.json``, the head of
    ``README.md`` and small tables of codes (``id2label.json``), in the rows' folder and the one
    above it.
    """
    for path in paths:
        if path.suffix == ".parquet" and (found := _features(_of_parquet(path), column)):
            return found
        if path.suffix == ".json" and (found := _features(_head(path), column)):
            return found
    folders = dict.fromkeys(f for p in paths for f in (p.parent, p.absolute().parent.parent))
    for folder in folders:
        for value in _declared(folder):
            if found := _features(value, column):
                return found
    return next((n for f in folders for name in MAPS if (n := _mapped(f / name))), {})


def _of_parquet(path: Path) -> object:
    try:
        from pyarrow import parquet

        held = parquet.read_schema(path).metadata or {}
        return json.loads(held.get(b"huggingface", b"null"))
    except Exception:  # the reader of the rows says what is wrong with the file
        return None


@cache
def _head(path: Path) -> object:
    """Returns the features that a small JSON file declares beside its rows, as the Hub's API does."""
    with suppress(ValueError):
        value = parse_json(_small(path) or "null")
        return value.get("features") if isinstance(value, dict) else None
    return None


def _declared(folder: Path) -> Iterator[object]:
    for name in INFOS:
        if text := _small(folder / name):
            with suppress(ValueError):
                yield parse_json(text)
    head = (_small(folder / "README.md") or "").split("---\n")
    if len(head) > 2 and not head[0].strip():
        try:
            check_yaml(head[1], "README.md")
            yield yaml.safe_load(head[1])
        except (HarnessError, yaml.YAMLError):
            return


def _small(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8") if path.stat().st_size < SMALL else None
    except (OSError, UnicodeDecodeError):
        return None


def _features(value: object, column: str) -> dict[str, str]:
    """Finds the names of a column's classes anywhere in what such files declare."""
    if isinstance(value, list):
        return next((found for each in value if (found := _features(each, column))), {})
    if not isinstance(value, dict):
        return {}
    own = value if value.get("name") == column else value.get(column)
    if isinstance(own, dict) and (found := _numbered(_names(own))):
        return found
    return next((found for each in value.values() if (found := _features(each, column))), {})


def _names(value: object, levels: int = 4) -> object:
    """Returns what stands under `names` in a feature: a class's own, or that of the items of a list."""
    if not isinstance(value, dict) or not levels:
        return None
    if isinstance(value.get("names"), (list, dict)):
        return value["names"]
    return next((found for each in value.values() if (found := _names(each, levels - 1))), None)


def _numbered(names: Any) -> dict[str, str]:
    if isinstance(names, list):
        return {str(number): str(name) for number, name in enumerate(names)}
    return {str(code): str(name) for code, name in names.items()} if isinstance(names, dict) else {}


def _mapped(path: Path) -> dict[str, str]:
    try:
        value = parse_json(_small(path) or "null")
    except ValueError:
        return {}
    names = _numbered(value)
    if names and all(str(each).isdigit() for each in names.values()):
        names = {code: name for name, code in names.items()}
    return names if all(code.lstrip("-").isdigit() for code in names) else {}


def documents_beside(paths: Sequence[Path], lines: Sequence[Line]) -> list[Documents]:
    """Returns the tables beside the rows that could be documents; none unless rows list ids."""
    if not any(isinstance(cell, list) for cell in lines[0].values()):
        return []
    folder = paths[0].parent
    tables = [p for p in sorted(folder.iterdir()) if p.suffix.lower() in FORMATS and p not in paths]
    found = []
    for path in tables[:MOST]:
        try:
            if path.stat().st_size <= LARGEST:
                found.append(read_documents(path))
        except (HarnessError, OSError):
            continue  # nobody named it
    return found


def read_documents(path: Path) -> Documents:
    """Reads a table with a document a row.

    Raises:
        UsageError: No column holds ids, or none holds texts.
    """
    lines = read_table(path).lines
    found = profiles(lines)
    ids = [c for c in found.values() if c.is_unique and c.is_plain]
    texts = sorted((c for c in found.values() if c.is_plain), key=lambda c: -c.length)
    own = sorted((c for c in ids if c is not texts[0]), key=lambda c: "id" not in c.roles)
    if not own:
        raise UsageError(f"{path.name} has no column of ids", "A document needs an id and a text.")
    return Documents(path, own[0].name, texts[0].name, frozenset(own[0].counts))


def found_in(documents: Sequence[Documents]) -> Mapping[str, frozenset[str]]:
    """Returns the ids of documents by the name of their file."""
    return {each.path.name: each.ids for each in documents}
