"""Files of rows that aren't tables: CoNLL, fastText, tables under the name ``.txt``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.decoding import file_bytes, table_text
from harness.errors import DataError
from harness.metrics.answers.entities import tagged
from harness.task.proposing.heading import with_its_header
from harness.task.tables import Layout, Line, refuse_other
from harness.task.tables.delimited import read_delimited

__all__ = ["IOB", "LOOSE", "Loose", "read_loose"]

LOOSE = (".txt", ".conll", ".bio", ".iob", ".iob2", ".ner", ".tsv")
IOB = re.compile(r"O|[BIESLU]-\S+")
FASTTEXT = "__label__"
TAILS = "@#^~"  # signs before a label at the end of a line
LABEL = 40  # characters
HTML = ("<html", "<!doctype html", "<table", "<meta")
WEBANNO = "#FORMAT=WebAnno"
COMMENTS = ("-DOCSTART-", "# ", "## ", "#\t")
PROBED = 400  # lines


@dataclass(frozen=True)
class Loose:
    """Rows of such a file, and how they were read."""

    lines: list[Line]
    note: str


def read_loose(path: Path, doubts: list[str]) -> Loose | None:
    """Reads a file by what stands in it; None where it is a table that is read as it is.

    Raises:
        DataError: It is none of these formats.
    """
    refuse_other(path)
    text, _ = table_text(file_bytes(path), path.name)
    raw = text.split("\n")
    if text.lstrip()[:20].casefold().startswith(HTML):
        raise DataError(f"{path.name} is an HTML page", "Open it in Excel, and save it as .xlsx.")
    if text.startswith(WEBANNO):
        raise DataError(f"{path.name} is INCEpTION's WebAnno TSV", "Export it as CoNLL 2002.")
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
        table, _ = with_its_header(read_delimited, path, Layout(), doubts)
        if table.lines and len(table.lines[0]) > 1:
            return Loose(table.lines, f"{path.name} was read as a table divided by signs")
    raise DataError(
        f"{path.name} is no table and no CoNLL file",
        "Save it as CSV with a header. Documents to look answers up in go with --docs.",
    )


def _is_conll(raw: Sequence[str]) -> bool:
    """Whether each line is a token with its tag first or last, and blank lines end sentences."""
    head = [line for line in raw[:PROBED] if not line.startswith(COMMENTS)]
    filled = [_cells(line) for line in head if line.strip()]
    blank = any(not line.strip() for line in head[:-1])
    return len(filled) > 3 and blank and _tag_place(filled) is not None


def _cells(line: str) -> list[str]:
    """Divides a line by tabs, since a token may be a blank (KLUE's are single characters)."""
    return line.rstrip("\r").split("\t") if "\t" in line else line.split()


def _tag_place(rows: Sequence[Sequence[str]]) -> int | None:
    """Returns where tags stand: -1 last, 0 first; None where they stand nowhere."""
    for place in (-1, 0):
        tagged_rows = [cells for cells in rows if len(cells) > 1 and IOB.fullmatch(cells[place])]
        if len(tagged_rows) > 0.95 * len(rows):
            return place
    return None


def _conll(name: str, raw: Sequence[str]) -> Loose:
    place = _tag_place(
        [_cells(line) for line in raw if line.strip() and not line.startswith(COMMENTS)]
    )
    lines: list[Line] = []
    pairs: list[tuple[str, str]] = []
    start = 1
    for number, line in enumerate([*raw, ""], 1):
        cells = _cells(line)
        if len(cells) > 1 and not line.startswith(COMMENTS):
            start = start if pairs else number
            pairs.append((cells[0] if place else cells[-1], cells[place or 0]))
        elif pairs:
            tokens, tags = map(list, zip(*pairs, strict=True))
            lines.append(Line({"tokens": tokens, "tags": tags}, f"{name}, line {start}"))
            pairs = []
    note = f"{name} was read as CoNLL: a token a line with its tag, blank lines between"
    return _of_characters(lines, note) or Loose(lines, note)


def _of_characters(lines: Sequence[Line], note: str) -> Loose | None:
    """Joins tokens that are single characters, blanks too, to texts with their entities."""
    tokens = [[str(each) for each in line["tokens"]] for line in lines]  # type: ignore[attr-defined]
    single = all(len(token) <= 1 or not token.strip() for each in tokens for token in each)
    if not single or not any(not token.strip() for each in tokens for token in each):
        return None
    rows = []
    for line, characters in zip(lines, tokens, strict=True):
        tags = [str(each) for each in line["tags"]]  # type: ignore[attr-defined]
        # Characters are no words: what joins them isn't a blank.
        marked = [(k, t.replace("\0 ", "").removesuffix("\0")) for k, t in tagged([f"{c or ' '}\0" for c in characters], tags)]  # fmt: skip
        entities = [{"text": text, "type": kind} for kind, text in marked]
        text = "".join(each or " " for each in characters)
        rows.append(Line({"text": text, "entities": entities}, line.origin))
    return Loose(rows, f"{note}; its tokens are single characters, which became texts")


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
