"""Finds the tables that are meant: one file, several, a folder; and which splits they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.decoding import ending_of
from harness.errors import DataError, HarnessError, UsageError
from harness.task.policy import named_split
from harness.task.proposing.folders import IGNORED, files_of, read_folder
from harness.task.proposing.heading import with_its_header
from harness.task.proposing.loose import LOOSE, read_loose
from harness.task.proposing.trees import TREES, read_tree
from harness.task.tables import FORMATS, Layout, Line, read_table
from harness.task.tables.cells import NoValue
from harness.task.tables.sheets import visible_sheets

__all__ = ["Given", "Part", "gather"]

_WORD = re.compile(r"[\W_]+")
HEADED = (".csv", ".tsv", ".xlsx", ".xlsm")  # whose first row may be no header
SHOWN = 12  # files or folders that an error names
_SHARD = re.compile(r"-\d{5}-of-\d{5}$")
ORDER = {"train": 0, "dev": 1, "test": 2}


@dataclass(frozen=True)
class Part:
    """One table, and the split that its name says."""

    path: Path
    lines: list[Line]
    split: str = "all"
    layout: Layout = Layout()
    copied: str = ""  # why the rows have to be written anew to be read, where they have to


@dataclass(frozen=True)
class Given:
    """All tables of a task, with what was doubtful about them."""

    parts: list[Part]
    notes: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    @property
    def lines(self) -> list[Line]:
        """All rows."""
        return [line for part in self.parts for line in part.lines]


def gather(paths: Sequence[Path], layout: Layout, unpacked: str = "") -> Given:
    """Reads the tables that the user names; where they were `unpacked`, that says of what.

    Raises:
        DataError: There is no table, or there are several and nothing says how they go together.
    """
    notes: list[str] = []
    doubts: list[str] = []
    parts = _parts(paths, layout, notes, doubts)
    if unpacked:
        notes.append(unpacked)
        parts = [replace(part, copied=part.copied or unpacked) for part in parts]
    return Given(_with_test(_labelled(parts, doubts), doubts), notes, doubts)


def _parts(
    paths: Sequence[Path], layout: Layout, notes: list[str], doubts: list[str]
) -> list[Part]:
    folder = paths[0] if len(paths) == 1 and paths[0].is_dir() else None
    if folder is not None:
        if (spread := read_folder(folder)) is not None:
            notes.append(spread.note)
            doubts += filter(None, (spread.doubt,))
            return [
                Part(spread.path, lines, split, copied=spread.note)
                for split, lines in spread.parts.items()
            ]
        files = _of_folder(folder)
    else:
        files = list(paths)
        if len(files) == 1 and (others := _siblings(files[0])):
            files = others
            named = ", ".join(path.name for path in files)
            doubts.append(
                f"splits: {named} lie together and name splits, so all are read; to use one alone, "
                "move it into a folder of its own"
            )
    splits = _splits(files, folder)
    files.sort(key=lambda path: ORDER.get(splits.get(path, ""), 0))
    return [
        part
        for path in files
        for part in _read(path, splits.get(path, "all"), layout, notes, doubts)
    ]


def _tables(files: Sequence[Path]) -> list[Path]:
    known = (*FORMATS, *LOOSE, *TREES)
    return [p for p in files if ending_of(p) in known and not IGNORED.search(p.stem)]


def _of_folder(folder: Path) -> list[Path]:
    files = files_of(folder)
    tables = _tables([path for path in files if path.parent == folder]) or _tables(files)
    if len(tables) < 2:
        if not tables:
            odd = next((p for p in files if not IGNORED.search(p.stem)), None)
            if odd is not None:
                read_table(odd)  # says what it is
            raise DataError(f"{folder} has no table", f"Known: {', '.join((*FORMATS, *TREES))}.")
        return tables
    families: dict[tuple[str, str], list[Path]] = {}
    for path in tables:
        stem, split = _divided(path, folder)
        if split or _SHARD.search(path.stem):
            families.setdefault((stem, path.suffix), []).append(path)
    whole = [paths for paths in families.values() if len(paths) > 1]
    if len(whole) == 1 and (len(families) == 1 or len(tables) == len(whole[0])):
        return whole[0]
    options = [str(path) for path in tables]
    if len(whole) > 1 and len({p.parent for paths in whole for p in paths}) > 1:
        options = sorted({str(path.parent) for paths in whole for path in paths})
    listed = "\n  ".join(f"--data {each}" for each in options[:SHOWN])
    listed += f"\n  and {len(options) - SHOWN:,} more" if len(options) > SHOWN else ""
    raise UsageError(
        f"{folder} has {len(tables)} tables, and their names don't say which belong together",
        f"Name one, or several by giving --data several times:\n  {listed}",
    )


def _divided(path: Path, folder: Path | None = None) -> tuple[str, str]:
    """Divides a file's name into what stays and its split: ``fiqa_train`` is fiqa and train.

    The names of folders between it and `folder` count as well: ``train/data.jsonl`` is data and train.
    """
    inside = path.relative_to(folder).parts[:-1] if folder else ()
    words = [word for name in (*inside, path.stem) for word in _WORD.split(name) if word]
    for place, word in enumerate(words):
        if (split := named_split(word)) and not word.isdigit():
            shard = [w for w in words[place + 1 :] if not (w.isdigit() or w == "of")]
            return "_".join([*words[:place], *shard]).casefold(), split
    return _SHARD.sub("", path.stem).casefold(), ""


def _siblings(path: Path) -> list[Path]:
    """Returns the files beside one that are its other splits, and itself; [] where it is alone."""
    stem, split = _divided(path)
    if not split:
        return []
    beside = _tables(sorted(p for p in path.parent.iterdir() if p.is_file()))
    same = [p for p in beside if _divided(p)[0] == stem and p.suffix == path.suffix]
    return same if len({_divided(p)[1] for p in same} - {""}) > 1 else []


def _splits(files: Sequence[Path], folder: Path | None) -> dict[Path, str]:
    found = {path: split for path in files if (split := _divided(path, folder)[1])}
    return found if len(files) > 1 and len(set(found.values())) > 1 else {}


def _read(
    path: Path, split: str, layout: Layout, notes: list[str], doubts: list[str]
) -> list[Part]:
    if not path.exists():
        raise DataError(f"there is no {path}", "Check the path.")
    ending = ending_of(path)
    is_loose = ending in LOOSE or ending not in (*FORMATS, *TREES)
    if is_loose and (loose := read_loose(path, doubts)) is not None:
        notes.append(loose.note)
        return [Part(path, loose.lines, split, copied=loose.note)]
    if ending in (".xlsx", ".xlsm") and layout.sheet is None:
        return _sheets(path, split, layout, notes, doubts)
    if ending in (*TREES, ".jsonl") and (tree := read_tree(path)) is not None:
        notes.append(tree.note)
        doubts += filter(None, (tree.doubt,))
        several = len(tree.parts) > 1
        return [
            Part(path, lines, name if several else split, copied=tree.note)
            for name, lines in tree.parts.items()
        ]
    if ending in HEADED:
        table, layout = with_its_header(read_table, path, layout, doubts)
    else:
        table = read_table(path, layout)
    notes += table.notes
    return [Part(path, table.lines, split, layout)]


def _filled(part: Part, doubts: list[str]) -> Part:
    """Gives each row the value of the merged cell that it is part of."""
    lines, last, filled = list[Line](), dict[str, object](), 0
    for line in part.lines:
        cells = dict(line)
        for name, cell in line.items():
            if isinstance(cell, NoValue) and "merged" in cell.why and name in last:
                cells[name] = last[name]
                filled += 1
        last = cells
        lines.append(Line(cells, line.origin))
    if not filled:
        return part
    why = f"{filled} merged cells of {part.path.name} got the value above them"
    doubts.append(f"merged cells: {why}")
    return replace(part, lines=lines, copied=why)


def _sheets(
    path: Path, split: str, layout: Layout, notes: list[str], doubts: list[str]
) -> list[Part]:
    """Reads a workbook: sheets that are splits, else the one with most rows."""
    names = visible_sheets(path)
    named = {name: found for name in names if (found := _divided(Path(f"{name}.x"))[1])}
    chosen = list(named) if len(set(named.values())) > 1 else names
    read: list[Part] = []
    problem: HarnessError | None = None
    for name in chosen:
        own = replace(layout, sheet=name)
        try:
            table, own = with_its_header(read_table, path, own, doubts)
        except DataError as error:
            problem = problem or error
            continue
        part = Part(path, table.lines, named.get(name, split), own)
        read.append(_filled(part, doubts))
        notes += table.notes if len(chosen) == 1 or name in named else ()
    if not read:
        raise problem or DataError(f"{path.name} has no rows", "It needs one row at least.")
    if len(set(named.values())) > 1 or len(read) == 1:
        alone = [replace(p, layout=replace(p.layout, sheet=layout.sheet)) for p in read]
        return read if len(names) > 1 else alone
    alike: dict[tuple[str, ...], list[Part]] = {}
    for part in read:
        alike.setdefault(tuple(part.lines[0]), []).append(part)
    same = max(
        alike.values(), key=lambda parts: sum(len(p.lines) for p in parts) * len(parts[0].lines[0])
    )
    if len(same) > 1:
        listed = ", ".join(str(part.layout.sheet) for part in same)
        doubts.append(f"sheets: {listed} have the same columns, so all are read")
        return same
    largest = same[0]
    others = ", ".join(name for name in names if name != largest.layout.sheet)
    doubts.append(
        f"sheet: {str(largest.layout.sheet)!r} has most cells and is read, not {others}; "
        "--sheet names another"
    )
    notes += read_table(path, largest.layout).notes
    return [largest]


def _labelled(parts: list[Part], doubts: list[str]) -> list[Part]:
    """Leaves out a test file that lacks a column of the train file: its answers aren't there."""
    learnt = next((part for part in parts if part.split == "train"), None)
    if learnt is None:
        return parts
    kept = []
    for part in parts:
        absent = [name for name in learnt.lines[0] if name not in part.lines[0]]
        if part.split == "test" and absent:
            doubts.append(
                f"splits: {part.path.name} lacks {', '.join(map(repr, absent[:3]))}, so it has no "
                "answers to be scored by and isn't used; a test is divided off the other rows"
            )
        else:
            kept.append(part)
    if len(kept) == 1:
        kept = [replace(kept[0], split="all")]
    return kept


def _with_test(parts: list[Part], doubts: list[str]) -> list[Part]:
    """Makes the dev file the test where there is none, since something has to be scored."""
    splits = {part.split for part in parts}
    if splits == {"all"} or "test" in splits:
        return parts
    if "dev" in splits:
        doubts.append("splits: no file is the test, so the dev file is; dev is divided off train")
        return [replace(p, split="test") if p.split == "dev" else p for p in parts]
    return [replace(part, split="all") for part in parts]
