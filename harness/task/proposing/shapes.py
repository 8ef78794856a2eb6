"""Makes rows with one question each of nested ones: lists of questions, answers, turns, tokens in rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from harness.task.proposing.annotations import judged, places, scored_labels, span_of, studio
from harness.task.proposing.hints import roles_of, words_of
from harness.task.proposing.loose import IOB
from harness.task.proposing.profile import language_of, text_of
from harness.task.proposing.shaping import (
    ANSWERABLE,
    FILE_SPLIT,
    Shaped,
    first_list,
    items_of,
    left_out,
)
from harness.task.proposing.texts import holds_text, pieced, spoken, written_out
from harness.task.tables import Line
from harness.task.tables.turns import written_list

__all__ = ["FILE_SPLIT", "Shaped", "shaped"]

STEPS = 12  # shapes in one another
KEPT = ("choices", "options", "answers", "messages", "conversations")  # read as they are
UNSAID = ("The text does not say.", "글에 나오지 않는다.")
_CODE = re.compile(r"\d+|(?=\S*\d)(?=\S*[A-Za-z])[\w:.#/-]+|\S*::\S*")  # of a document
NUMBER = "item"  # column that says which rows were one before
ANSWERS = {"answer", "answers", "truth", "truths"}
FELT = {"polarity", "sentiment"}  # what is asked of an aspect, whatever its category
_BULLET = re.compile(r"^\s*[-*] +", re.MULTILINE)
_MARKED = re.compile(r"\[([^\[\]]+)\](?:\([^()]*\)|\{[^{}]*\})")  # Rasa's: [blaze](cover)


def shaped(lines: Sequence[Line]) -> Shaped | None:
    """Returns rows of a nested format as flat ones; None where they are flat."""
    made, notes, known = list(lines), list[str](), dict[str, str]()
    for _ in range(STEPS):
        found = next((f for read in READERS if (f := read(made)) is not None and f.lines), None)
        if found is None:
            break
        made, known = found.lines, {**known, **found.columns}
        notes.append(found.note)
        if "entities" in known:
            break
    return Shaped(made, "; ".join(notes), known) if notes else None


def _listed_rows(lines: Sequence[Line]) -> Shaped | None:
    """Makes a row of each item of a list that holds the questions or the answers.

    SQuAD's paragraphs and questions, a sentence's aspects, a dialogue's labelled turns.
    """
    for name in lines[0]:
        items = items_of(lines, name)
        if items and _asks(name, items, lines[0]):
            found = _expanded(lines, name, [written_list(line[name]) or [] for line in lines])
            felt = [n for n in found.lines[0] if FELT & set(words_of(n))] if found.lines else []
            return Shaped(found.lines, found.note, {"target": felt[0]} if len(felt) == 1 else {})
    return None


def _asks(name: str, items: Sequence[Mapping[str, object]], row: Mapping[str, object]) -> bool:
    """Whether items are what is asked about a row, or what a row asks."""
    if {"options", "answer"} & roles_of(name) or any(map(span_of, items)):
        return False
    keys = dict.fromkeys(key for item in items for key in item)
    answers = {key for key in keys if {"label", "answer"} & roles_of(key)}
    labels = {key for key in answers if "label" in roles_of(key)}
    aspects = {key for key in keys if "aspect" in roles_of(key)}
    asked = {key for key in keys if "question" in roles_of(key)}
    if any(labels - {key} for key in aspects) or any(map(_is_marked, items)):
        return True
    if asked and answers - asked and not any("question" in roles_of(key) for key in row):
        return True
    texts = {key for key in keys if {"input", "question"} & roles_of(key)} - answers
    if texts and labels:  # pieces of the row's own text are entities
        said = [str(item[key]) for item in items for key in texts if item.get(key)]
        return not any(isinstance(c, str) and t in c for c in row.values() for t in said[:3])
    inner = [
        (key, [i for item in items for i in written_list(item.get(key)) or []]) for key in keys
    ]
    return any(
        bool(each) and all(isinstance(i, dict) for i in each) and _asks(key, each, {})  # type: ignore[arg-type]
        for key, each in inner
    )


def _is_marked(item: Mapping[str, object]) -> bool:
    """Whether an object is a text with marked places: a sentence of a corpus."""
    return any(span_of(mark) for cell in item.values() for mark in written_list(cell) or [])


def _parallel(lines: Sequence[Line]) -> Shaped | None:
    """Makes a row of each question, where a row lists questions and, as long, their answers: RACE's."""
    asked = next((n for n in lines[0] if "question" in roles_of(n) and first_list(lines, n)), "")
    lists = {n: [written_list(line[n]) or [] for line in lines] for n in lines[0]}
    sizes = list(map(len, lists.get(asked, [])))
    same = [n for n, cells in lists.items() if asked and list(map(len, cells)) == sizes]
    plain = [n for n in same if not any(isinstance(e, dict) for cell in lists[n] for e in cell)]
    if asked not in plain or max(sizes) < 2 or not any("answer" in roles_of(n) for n in plain):
        return None
    zipped = [
        [
            dict(zip(plain, cells, strict=True))
            for cells in zip(*(lists[n][at] for n in plain), strict=True)
        ]
        for at in range(len(lines))
    ]
    rest = [Line({k: c for k, c in r.items() if k not in plain}, r.origin) for r in lines]
    found = _expanded([Line({**r, asked: ""}, r.origin) for r in rest], asked, zipped)
    return Shaped(found.lines, f"a row for each of the questions in {asked!r}", {})


def _expanded(lines: Sequence[Line], name: str, lists: Sequence[Sequence[object]]) -> Shaped:
    """Makes a row of each item, an object or a text, beside what its row holds otherwise."""
    rows = []
    own = any(len({text_of(line[n]) for line in lines}) == len(lines) for n in lines[0] if isinstance(lines[0][n], str))  # fmt: skip
    fields = dict.fromkeys(k for each in lists for item in each if isinstance(item, dict) for k in item)  # fmt: skip
    kept = [key for key in lines[0] if key != name and key not in fields]
    for at, (line, each) in enumerate(zip(lines, lists, strict=True), 1):
        number = {NUMBER: f"{at}"} if not set(kept) & {NUMBER} and (not own or "id" in fields) else {}  # fmt: skip
        for count, item in enumerate(each, 1):
            inner = item if isinstance(item, dict) else {name: item}
            cells = {
                **{k: line[k] for k in kept},
                **number,
                **{k: inner.get(k, "") for k in fields},
            }
            origin = f"{line.origin}, {name} {count}"
            rows.append(Line(cells if fields else {**cells, **inner}, origin))
    empty = sum(not each for each in lists)
    note = f"a row for each item of {name!r}"
    note += f"; {empty:,} of {len(lines):,} rows have none and are left out" if empty else ""
    return Shaped(rows, note, {})


def _phrases(lines: Sequence[Line]) -> Shaped | None:
    """Makes a row of each text that a label lists: ``{"tag": ..., "patterns": [...]}``, or as bullets."""
    named = [n for n in lines[0] if isinstance(lines[0][n], str) and "label" in roles_of(n)]
    for name in lines[0]:
        lists = [_texts_in(line[name]) for line in lines]
        several = sum(len(each) > 1 for each in lists)
        asked = {"input", "question"} & roles_of(name) and "answer" not in roles_of(name)
        if not asked or not named or several < 2 or several < 0.5 * sum(map(bool, lists)):
            continue
        label = next((n for n in named if n != name), "")
        if not label or len({text_of(line[label]) for line in lines}) < 2:
            continue
        whole = [
            (line, each) for line, each in zip(lines, lists, strict=True) if text_of(line[label])
        ]
        marks = sum(bool(_MARKED.search(text)) for _, each in whole for text in each)
        lists = [[_MARKED.sub(r"\1", text) for text in each] for _, each in whole]
        found = _expanded([line for line, _ in whole], name, lists)
        note = found.note + left_out(lines, whole, f"without {label!r}")
        note += f"; {marks:,} texts lost the marks of their entities" if marks else ""
        return Shaped(found.lines, note, {"input": name, "target": label})
    return None


def _texts_in(cell: object) -> list[str]:
    """Returns the texts that a cell lists, as a list or as bullets."""
    if isinstance(cell, str) and _BULLET.match(cell):
        return [text.strip() for text in _BULLET.split(cell) if text.strip()]
    several = cell if isinstance(cell, list) else []
    return [str(each) for each in several] if all(isinstance(e, str) for e in several) else []


def _answer_objects(lines: Sequence[Line]) -> Shaped | None:
    """Reads answers that are objects with texts and where they start, or lists of texts."""
    asked = next((n for n in lines[0] if "question" in roles_of(n)), "")
    names = [n for n in lines[0] if ANSWERS & set(words_of(n))]
    names.sort(key=lambda n: n not in ("answers", "answer"))
    name = next((n for n in names if _holds_answers([line[n] for line in lines])), "")
    if not asked or not name or "accepted" in lines[0]:
        return None
    korean = language_of([text_of(line[asked]) for line in lines[:100]]) == "ko"
    rows, unsaid = [], 0
    for line in lines:
        texts = _answers(line[name])
        if len(texts) > 1 and any(text_of(c).startswith("multi") for c in line.values()):
            texts = ["; ".join(texts)]  # TAT-QA's: all of them are the answer
        unsaid += not texts
        first, *others = texts or [UNSAID[korean]]
        flat = {key: cell for key, cell in line.items() if key != name}
        cells = {**flat, "answer": first, "accepted": others, ANSWERABLE: bool(texts)}
        rows.append(Line(cells, line.origin))
    note = f"the first text of each {name!r} is the answer, the others are accepted"
    known = {"input": asked, "target": "answer", "accepted": "accepted"}
    known |= {"context": "context"} if "context" in lines[0] else {}
    if not unsaid or "context" not in known:
        rows = [row for row in rows if row[ANSWERABLE] == "true"]
        return Shaped(rows, note + left_out(lines, rows, "without an answer"), known)
    note += f"; {unsaid:,} of {len(rows):,} rows have none: right is then {UNSAID[korean]!r}"
    return Shaped(rows, note, known | {ANSWERABLE: ANSWERABLE})


def _holds_answers(cells: Sequence[object]) -> bool:
    """Whether cells are lists or objects of texts, not of numbers of documents."""
    nested = [cell for cell in cells if isinstance(cell, dict) or written_list(cell)]
    texts = [text for cell in nested for text in _answers(cell)]
    several = len(nested) + sum(cell == [] for cell in cells) >= 0.5 * len(cells)
    plain = [each for cell in nested for each in written_list(cell) or [None]]
    codes = all(isinstance(each, str) and _CODE.fullmatch(each) for each in plain)
    return several and bool(texts) and not codes


def _answers(cell: object) -> list[str]:
    """Returns texts of answers: ``[{"text": ...}]``, or Hugging Face's ``{"text": [...]}``."""
    if isinstance(cell, dict):
        cell = cell.get("text")
    several = cell if isinstance(cell, list) else [cell]
    texts = [each.get("text") if isinstance(each, dict) else each for each in several]
    return list(dict.fromkeys(str(text).strip() for text in texts if text not in (None, "")))


def _objects(lines: Sequence[Line]) -> Shaped | None:
    """Makes columns of the fields of objects, and of lists of one object each: ``question.stem``."""
    names = [
        name
        for name in lines[0]
        if name not in KEPT
        and _are_single([line[name] for line in lines])
        and not holds_text(lines, name)
    ]
    if not names:
        return None
    rows = []
    for line in lines:
        row: dict[str, object] = {key: cell for key, cell in line.items() if key not in names}
        for name in names:
            row |= {f"{name}.{key}": value for key, value in _one(line[name]).items()}
        rows.append((row, line.origin))
    columns = dict.fromkeys(key for row, _ in rows for key in row)
    flat = [Line({key: row.get(key, "") for key in columns}, origin) for row, origin in rows]
    return Shaped(
        flat, f"the fields of {', '.join(map(repr, names))} became columns of their own", {}
    )


def _are_single(cells: Sequence[object]) -> bool:
    """Whether most cells are objects, or lists of one, and none is a list of several."""
    several = any(isinstance(cell, list) and len(cell) > 1 for cell in cells)
    return not several and sum(map(bool, map(_one, cells))) > 0.5 * len(cells)


def _one(cell: object) -> Mapping[str, object]:
    """Returns the object that a cell is, or that its list holds alone; {} where it is none."""
    if isinstance(cell, list) and len(cell) == 1:
        cell = cell[0]
    return cell if isinstance(cell, dict) else {}


def _single(lines: Sequence[Line]) -> Shaped | None:
    """Takes labels, and answers where nothing is asked, out of lists that hold one each."""
    free = not any("question" in roles_of(name) for name in lines[0])
    names = [
        name
        for name in lines[0]
        if {"label", "answer"} & roles_of(name)
        and all(isinstance(line[name], list) and len(_texts_in(line[name])) == 1 for line in lines)
        and _are_answers(
            [_texts_in(line[name])[0] for line in lines], free and "answer" in roles_of(name)
        )
    ]
    if not names:
        return None
    rows = [
        Line({**line, **{n: _texts_in(line[n])[0] for n in names}}, line.origin) for line in lines
    ]
    return Shaped(rows, f"each list in {names[0]!r} holds one value, which was taken out", {})


def _are_answers(texts: Sequence[str], free: bool) -> bool:
    """Whether texts are few, as labels are, or `free` answers, and no numbers of documents."""
    few = len(set(texts)) <= max(2, len(texts) // 3)
    return (few or free) and not any(map(_CODE.fullmatch, texts))


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
    studio,
    judged,
    places,
    scored_labels,
    _listed_rows,
    _parallel,
    _phrases,
    _answer_objects,
    pieced,
    spoken,
    _words_in_rows,
    _single,
    _objects,
    written_out,
)
