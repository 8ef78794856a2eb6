"""Rows that are spread over the files of a folder: a text or a document each, or tables that belong together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.decoding import decode, file_bytes
from harness.errors import DataError, HarnessError, UsageError
from harness.task.proposing.hints import roles_of, words_of
from harness.task.proposing.profile import text_of
from harness.task.proposing.trees import split_within, tree_of
from harness.task.tables import FORMATS, Line, read_table

__all__ = ["Folder", "files_of", "read_folder", "split_of"]

MOST_FILES = 200_000
LEAST = 10  # files of one sort, from which each is a row
NAMED = 0.8  # share of texts that a table has to name
FOLDERS = "a folder for each label, a table that names each text's label, or .ann files beside them"
_MARK = re.compile(r"T\d+\t(\S+) (\d+(?: \d+)?(?:;\d+ \d+)*)\t(.*)")  # of BRAT's
IGNORED = re.compile(
    r"sample_?submission|dataset_(infos?|dict)|^state$|manifest|package|config|readme", re.I
)


@dataclass(frozen=True)
class Folder:
    """Rows of a folder by split, how they were read, and a file that stands for where they lie."""

    path: Path
    parts: Mapping[str, list[Line]]
    note: str
    doubt: str = ""


def files_of(folder: Path) -> list[Path]:
    """Returns all files below a folder but hidden ones.

    Raises:
        DataError: It can't be listed, or holds more than is read.
    """
    found: list[Path] = []
    try:
        for path in folder.rglob("*"):
            inside = path.relative_to(folder).parts
            if not any(part.startswith((".", "__MACOSX")) for part in inside) and path.is_file():
                found.append(path)
            if len(found) > MOST_FILES:
                raise DataError(
                    f"{folder} has more than {MOST_FILES:,} files", "Name one below it."
                )
    except OSError as error:
        raise DataError(f"{folder} can't be listed ({error.strerror})", "Check it.") from error
    return sorted(found)


def read_folder(folder: Path) -> Folder | None:
    """Reads rows of which each is a file, or that several files have together; None otherwise.

    Raises:
        UsageError: There are texts, and nothing says what is asked of them.
    """
    files = files_of(folder)
    own = [path for path in _tables(files) if path.parent == folder and path.suffix != ".json"]
    texts = [path for path in files if path.suffix.lower() == ".txt"]
    if own:  # what lies below them isn't what is meant, unless they name it
        return (_named_texts(folder, texts, own) if texts else None) or _judgements(folder, files)
    every = set(files)
    if marks := [path for path in texts if path.with_suffix(".ann") in every]:
        return _brat(folder, marks)
    if len(texts) >= LEAST and not any(split_within(path.stem) for path in texts):
        return _named_texts(folder, texts, files) or _texts_by_folder(folder, texts)
    documents = [path for path in files if path.suffix.lower() in (".json", ".xml")]
    documents = [path for path in documents if not IGNORED.search(path.stem)]
    if len(documents) >= LEAST and (found := _documents(folder, documents)):
        return found
    return _tables_by_label(folder, documents)


def _tables(files: Sequence[Path]) -> list[Path]:
    return [p for p in files if p.suffix.lower() in FORMATS and not IGNORED.search(p.stem)]


def split_of(path: Path, folder: Path) -> str:
    """Returns the split that a folder above a file names; "all" where none does."""
    above = path.relative_to(folder).parts[:-1]
    return next((split for name in above if (split := split_within(name))), "all")


def _by_split(folder: Path, numbered: Sequence[tuple[Path, Line]]) -> dict[str, list[Line]]:
    parts: dict[str, list[Line]] = {}
    for path, line in numbered:
        parts.setdefault(split_of(path, folder), []).append(line)
    return parts


def _text(path: Path) -> str:
    try:
        return decode(file_bytes(path))[0].removeprefix("\ufeff").replace("\r\n", "\n")
    except DataError as error:
        raise DataError(f"{path.name} {error.message}", error.hint) from error


def _place(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _folders_above(paths: Sequence[Path], folder: Path) -> dict[Path, str]:
    """Returns for each file the name of the folder that tells it from others; {} where none does."""
    above = {p: [n for n in p.relative_to(folder).parts[:-1] if not split_within(n)] for p in paths}
    for level in range(max(map(len, above.values()), default=0)):
        named = {path: names[level] for path, names in above.items() if len(names) > level}
        if len(named) == len(paths) and len(set(named.values())) > 1:
            return named
    return {}


def _texts_by_folder(folder: Path, texts: Sequence[Path]) -> Folder:
    """Reads a text a file, labelled by the folder it lies in."""
    labels = _folders_above(texts, folder)
    if not labels:
        raise UsageError(
            f"{folder} has {len(texts):,} texts, and nothing says what is asked of them",
            f"Known are {FOLDERS}. Documents to look answers up in go with --docs.",
        )
    rows = [
        (path, Line({"text": _text(path), "label": label}, _place(path, folder)))
        for path, label in labels.items()
    ]
    note = f"each of {len(texts):,} texts is a row, and the folder that it lies in its label"
    return Folder(texts[0], _by_split(folder, rows), note)


def _named_texts(folder: Path, texts: Sequence[Path], files: Sequence[Path]) -> Folder | None:
    """Reads a text a file, beside a table that names each."""
    names: dict[str, Path] = {}
    for path in texts:
        own = _place(path, folder)
        names |= dict.fromkeys((own, path.name, path.stem, str(Path(own).with_suffix(""))), path)
    for table in _tables(files):
        try:
            lines = read_table(table).lines
        except HarnessError:
            continue
        for column in lines[0]:
            held = [line for line in lines if text_of(line[column]).removeprefix("./") in names]
            if len(held) < NAMED * min(len(lines), len(texts)):
                continue
            made = "text" if "text" not in lines[0] else "text_of_file"
            rows = []
            for line in held:
                path = names[text_of(line[column]).removeprefix("./")]
                rows.append((path, Line({made: _text(path), **line}, line.origin)))
            note = f"{column!r} of {table.name} names {len(held):,} of {len(texts):,} texts"
            if gone := len(lines) - len(held):
                note += f"; {gone:,} rows that name none are left out"
            return Folder(table, _by_split(folder, rows), note)
    return None


def _brat(folder: Path, texts: Sequence[Path]) -> Folder:
    """Reads BRAT's texts, with places and types in a file beside each."""
    rows, cut = [], 0
    for path in texts:
        found = list(map(_MARK.fullmatch, _text(path.with_suffix(".ann")).split("\n")))
        cut += sum(bool(match) and ";" in match[2] for match in found if match)
        entities = [{"text": match[3], "type": match[1]} for match in found if match]
        rows.append((path, Line({"text": _text(path), "entities": entities}, _place(path, folder))))
    note = f"each of {len(texts):,} texts is a row, with the entities of BRAT's file beside it"
    note += f"; {cut:,} marks of several pieces are one text each" if cut else ""
    return Folder(texts[0], _by_split(folder, rows), note)


def _documents(folder: Path, paths: Sequence[Path]) -> Folder | None:
    """Reads a JSON or XML object a file, each a row, or what holds the rows of one document."""
    found: list[tuple[Path, Mapping[str, object]]] = []
    for path in paths:
        value = tree_of(path)
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if isinstance(value, dict):
            found.append((path, value))
    usual = Counter(frozenset(value) for _, value in found).most_common(1)
    if len(found) < max(LEAST, NAMED * len(paths)):
        return None
    same = [(path, value) for path, value in found if set(value) & usual[0][0]]
    labels = _folders_above([path for path, _ in same], folder)
    columns = dict.fromkeys(key for _, value in same for key in value)
    rows = []
    for path, value in same:
        cells = {key: value.get(key) for key in columns} | (
            {"folder": labels[path]} if labels else {}
        )
        rows.append((path, Line(cells, _place(path, folder))))
    note = f"each of {len(same):,} files is a document: a row, or as many as its list has"
    other = len(paths) - len(same)
    doubt = (
        f"files: {other:,} of {len(paths):,} are no such documents and are left out"
        if other
        else ""
    )
    return Folder(paths[0], _by_split(folder, rows), note, doubt)


def _judgements(folder: Path, files: Sequence[Path]) -> Folder | None:
    """Reads BEIR's folder: queries, documents, and which of these answer which, by split."""
    judged = [path for path in files if path.parent.name == "qrels"]
    queries = next((path for path in files if path.stem == "queries"), None)
    if not judged or queries is None:
        return None
    asked = {
        text_of(line.get("_id", line.get("id", ""))): line for line in read_table(queries).lines
    }
    parts: dict[str, list[Line]] = {}
    for path in judged:
        gold: dict[str, list[str]] = {}
        for line in read_table(path).lines:
            query, document, *score = map(text_of, line.values())
            if query in asked and (not score or score[-1] not in ("0", "-1")):
                gold.setdefault(query, []).append(document)
        rows = [
            Line(
                {"id": query, "query": asked[query].get("text", ""), "gold": ids},
                asked[query].origin,
            )
            for query, ids in gold.items()
        ]
        if rows:
            parts[split_within(path.stem) or "all"] = rows
    note = f"queries of {queries.name} with the documents that {', '.join(p.name for p in judged)} give them"  # fmt: skip
    return Folder(queries, parts, note) if parts else None


def _could_answer(name: str, values: Sequence[object]) -> bool:
    several = len({value for value in values if isinstance(value, str)}) > 1
    return several and bool({"label", "answer"} & roles_of(name))


def _tables_by_label(folder: Path, paths: Sequence[Path]) -> Folder | None:
    """Reads lists of texts in files of which each is one label, as Dialogflow exports intents."""
    lists = [(path, value) for path in paths if isinstance(value := tree_of(path), list)]
    fields = {frozenset(i) for _, v in lists for i in v if isinstance(i, dict)}
    if len(lists) < 2 or len(fields) != 1 or any(split_within(path.stem) for path, _ in lists):
        return None
    names = next(iter(fields))
    if any(_could_answer(name, [item[name] for _, v in lists for item in v]) for name in names):
        return None
    shared = set.intersection(*(set(words_of(path.stem)) for path, _ in lists))
    rows = []
    for path, value in lists:
        label = " ".join(word for word in words_of(path.stem) if word not in shared)
        for number, item in enumerate(value, 1):
            cells = {**item, "label": label}
            rows.append((path, Line(cells, f"{_place(path, folder)}, item {number}")))
    note = f"the name of each of {len(lists)} files is the label of its rows"
    return Folder(lists[0][0], _by_split(folder, rows), note, f"labels: {note}")
