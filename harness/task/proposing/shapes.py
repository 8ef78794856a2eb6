"""Makes rows with one question each of nested ones: SQuAD, annotated spans, tokens in rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.task.proposing.hints import roles_of
from harness.task.proposing.loose import IOB
from harness.task.proposing.profile import text_of
from harness.task.tables import Line
from harness.task.tables.turns import written_list

__all__ = ["FILE_SPLIT", "Shaped", "shaped"]

FILE_SPLIT = "split_of_file"  # column of rows of several files: the split of each


@dataclass(frozen=True)
class Shaped:
    """Rows that were made of others, and the sentence that says how."""

    lines: list[Line]
    note: str
    columns: Mapping[str, str]  # what is known of them then


def shaped(lines: Sequence[Line]) -> Shaped | None:
    """Returns rows of a nested format as flat ones; None where they are flat."""
    for reader in READERS:
        if (found := reader(lines)) is not None and found.lines:
            return found
    return None


def _squad(lines: Sequence[Line]) -> Shaped | None:
    """Reads articles with paragraphs, each with questions: SQuAD and KorQuAD."""
    nested = next((name for name in ("paragraphs", "qas") if name in lines[0]), None)
    if nested is None:
        return None
    rows: list[Line] = []
    asked = 0
    for line in lines:
        for paragraph in (
            (written_list(line["paragraphs"]) or []) if nested == "paragraphs" else [line]
        ):
            if isinstance(paragraph, dict):
                asked += len(written_list(paragraph.get("qas")) or [])
                kept = {key: line[key] for key in ("title", FILE_SPLIT) if key in line}
                rows += _asked(paragraph, kept, line.origin)
    note = "SQuAD's nesting: a row for each question"
    left = asked - len(rows)
    note += f"; {left:,} of {asked:,} have no answer and are left out" if left else ""
    return Shaped(rows, note, {"input": "question", "target": "answer", "context": "context"})


def _asked(
    paragraph: Mapping[str, object], kept: Mapping[str, object], origin: str
) -> Iterator[Line]:
    asked = paragraph.get("qas")
    for each in asked if isinstance(asked, list) else ():
        texts = _answers(each.get("answers"))
        if not texts:  # SQuAD 2: the passage doesn't say it
            continue
        row = {
            "id": each.get("id", ""),
            **kept,
            "context": paragraph.get("context", ""),
            "question": each.get("question", ""),
            "answer": texts[0],
            "accepted": texts[1:],
        }
        yield Line(row, f"{origin}, question {row['id'] or row['question']}")


def _answers(cell: object) -> list[str]:
    """Returns texts of answers: ``[{"text": ...}]``, or Hugging Face's ``{"text": [...]}``."""
    if isinstance(cell, dict):
        cell = cell.get("text")
    several = cell if isinstance(cell, list) else [cell]
    texts = [each.get("text") if isinstance(each, dict) else each for each in several]
    return list(dict.fromkeys(str(text).strip() for text in texts if text not in (None, "")))


def _answer_objects(lines: Sequence[Line]) -> Shaped | None:
    """Reads answers that are objects with texts and where they start."""
    name = next((n for n in ("answers", "answer") if n in lines[0]), None)
    if name is None or "question" not in lines[0]:
        return None
    cells = [line[name] for line in lines]
    nested = [cell for cell in cells if isinstance(cell, dict) or _is_of_texts(cell)]
    if len(nested) < 0.5 * len(cells):
        return None
    rows = []
    for line in lines:
        if texts := _answers(line[name]):
            flat = {key: cell for key, cell in line.items() if key != name}
            rows.append(Line({**flat, "answer": texts[0], "accepted": texts[1:]}, line.origin))
    left = len(lines) - len(rows)
    note = f"the first text of each {name!r} is the answer, the others are accepted"
    note += f"; {left} rows without an answer are left out" if left else ""
    known = {"input": "question", "target": "answer"}
    return Shaped(rows, note, known | ({"context": "context"} if "context" in lines[0] else {}))


def _is_of_texts(cell: object) -> bool:
    """Whether a cell lists answers: texts or objects with texts, not numbers of documents."""
    several = written_list(cell)
    if not several:
        return False
    texts = [each.get("text") if isinstance(each, dict) else each for each in several]
    return not all(str(text).isdigit() or "::" in str(text) for text in texts)


def _objects(lines: Sequence[Line]) -> Shaped | None:
    """Makes columns of the fields of objects: ``question.stem``."""
    names = [
        name
        for name in lines[0]
        if name not in ("choices", "options", "answers")
        and sum(isinstance(line[name], dict) for line in lines) > 0.5 * len(lines)
    ]
    if not names:
        return None
    rows = []
    for line in lines:
        row: dict[str, object] = {key: cell for key, cell in line.items() if key not in names}
        for name in names:
            cell = line[name]
            inner = cell if isinstance(cell, dict) else {}
            row |= {f"{name}.{key}": value for key, value in inner.items()}
        rows.append((row, line.origin))
    columns = dict.fromkeys(key for row, _ in rows for key in row)
    flat = [Line({key: row.get(key, "") for key in columns}, origin) for row, origin in rows]
    note = f"the fields of {', '.join(map(repr, names))} became columns of their own"
    again = shaped(flat)
    if again is not None:
        return Shaped(again.lines, f"{note}; {again.note}", again.columns)
    return Shaped(flat, note, {})


def _exploded(lines: Sequence[Line]) -> Shaped | None:
    """Makes a row of each marked aspect: ``[{"aspect": ..., "polarity": ...}]``."""
    for name in lines[0]:
        cell = lines_cell(lines, name)
        first = (written_list(cell) or [None])[0]
        if not isinstance(first, dict):
            continue
        keys = {role: key for key in first for role in ("label", "aspect") if role in roles_of(key)}
        if len(set(keys.values())) < 2 or any(_span(each) for each in written_list(cell) or []):
            continue
        rows = [
            Line({**{k: c for k, c in line.items() if k != name}, **each}, line.origin)
            for line in lines
            for each in written_list(line[name]) or []
            if isinstance(each, dict)
        ]
        return Shaped(rows, f"a row for each item of {name!r}", {})
    return None


def _single(lines: Sequence[Line]) -> Shaped | None:
    """Takes labels out of lists that hold one each."""
    names = [
        name
        for name in lines[0]
        if {"label", "answer"} & roles_of(name)
        and all(
            isinstance(line[name], list) and len(written_list(line[name]) or []) == 1
            for line in lines
        )
    ]
    names = [name for name in names if _are_labels([written_list(line[name]) for line in lines])]
    if not names:
        return None
    rows = [
        Line({**line, **{n: (written_list(line[n]) or [""])[0] for n in names}}, line.origin)
        for line in lines
    ]
    return Shaped(rows, f"each list in {names[0]!r} holds one value, which was taken out", {})


def _are_labels(lists: Sequence[list[object] | None]) -> bool:
    """Whether texts in lists of one are few, as labels are, and no numbers of documents."""
    texts = [str(each[0]) for each in lists if each]
    few = len(set(texts)) <= max(2, len(texts) // 3)
    return few and not any(text.isdigit() for text in texts)


def _studio(lines: Sequence[Line]) -> Shaped | None:
    """Reads Label Studio's export: `data`, and `annotations` with results."""
    if not {"data", "annotations"} <= lines[0].keys():
        return None
    rows = []
    for line in lines:
        data, made = line["data"], written_list(line["annotations"]) or []
        first = made[0] if made and isinstance(made[0], dict) else {}
        results = first.get("result") or []
        if not isinstance(data, dict) or not isinstance(results, list):
            return None
        row: dict[str, object] = {**data, **{k: line[k] for k in (FILE_SPLIT,) if k in line}}
        values = [r.get("value", {}) for r in results if isinstance(r, dict)]
        if spans := [[v["start"], v["end"], v["labels"][0]] for v in values if v.get("labels")]:
            row["entities"] = spans
        elif chosen := [c for v in values for c in v.get("choices", [])]:
            row["label"] = chosen[0] if len(chosen) == 1 else chosen
        else:
            row["entities"] = []
        rows.append(Line(row, line.origin))
    if all("label" in row for row in rows):
        return Shaped(rows, "Label Studio's export: its choices are the labels", {})
    return _offsets([Line({"entities": [], **row}, row.origin) for row in rows])


def _offsets(lines: Sequence[Line]) -> Shaped | None:
    """Reads entities as places in a text: doccano's ``[start, end, label]``, spaCy's objects."""
    name = next(
        (n for n in lines[0] if any(map(_span, written_list(lines_cell(lines, n)) or []))), ""
    )
    text = next((n for n in ("text", "data", "sentence", "content") if n in lines[0]), "")
    text = text or next((n for n in lines[0] if "input" in roles_of(n)), "")
    if not name or not text or name == text:
        return None
    rows = []
    for line in lines:
        spans = [span for each in written_list(line[name]) or [] if (span := _span(each))]
        whole = str(line[text])
        entities = [{"text": whole[start:end], "type": kind} for start, end, kind in spans]
        rest = {key: cell for key, cell in line.items() if key != name}
        rows.append(Line({**rest, "entities": entities}, line.origin))
    note = f"{name!r} marks places in {text!r}: they became texts with their types"
    return Shaped(rows, note, {"input": text, "entities": "entities"})


def lines_cell(lines: Sequence[Line], name: str) -> object:
    """Returns the first cell of a column that is a list with something in it."""
    return next((line[name] for line in lines if written_list(line.get(name, ""))), None)


def _span(value: object) -> tuple[int, int, str] | None:
    if isinstance(value, dict):
        keys = [
            ("start", "start_offset", "begin"),
            ("end", "end_offset"),
            ("label", "type", "entity"),
        ]
        parts = [next((value[k] for k in names if k in value), None) for names in keys]
        if parts[2] is None and (several := written_list(value.get("labels"))):
            parts[2] = several[0]
    elif isinstance(value, list) and len(value) == 3:
        parts = value
    else:
        return None
    start, end, label = parts
    if str(start).isdigit() and str(end).isdigit() and label and not str(label).isdigit():
        return int(str(start)), int(str(end)), str(label)
    return None


def _words_in_rows(lines: Sequence[Line]) -> Shaped | None:
    """Reads a token a row with the number of its sentence, as Kaggle's NER sets have it."""
    tag = next((n for n in lines[0] if _is_tag_column(lines, n)), None)
    word = next((n for n in lines[0] if n.casefold() in ("word", "token", "words", "tokens")), None)
    names = [n for n in lines[0] if n.casefold().replace("_", " ").startswith(("sentence", "sent"))]
    if not tag or not word or not names:
        return None
    rows: list[Line] = []
    last = ""
    for line in lines:
        number = text_of(line[names[0]]) or last
        if number != last or not rows:
            kept = {FILE_SPLIT: line[FILE_SPLIT]} if FILE_SPLIT in line else {}
            rows.append(Line({"id": number, "tokens": [], "tags": [], **kept}, line.origin))
        last = number
        for key, name in (("tokens", word), ("tags", tag)):
            cell = rows[-1][key]
            assert isinstance(cell, list)
            cell.append(text_of(line[name]))
    note = f"a row for each sentence of {names[0]!r}, made of the rows of its words"
    return Shaped(rows, note, {"input": "tokens", "tags": "tags"})


def _is_tag_column(lines: Sequence[Line], name: str) -> bool:
    cells = [text_of(line[name]) for line in lines[:500]]
    return all(map(IOB.fullmatch, cells)) and len(set(cells)) > 1


READERS: tuple[Callable[[Sequence[Line]], Shaped | None], ...] = (
    _squad,
    _answer_objects,
    _studio,
    _offsets,
    _exploded,
    _words_in_rows,
    _single,
    _objects,
)
