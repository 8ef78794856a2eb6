"""Rows as annotation tools export them: places in a text, choices, verdicts on a row, scores by label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from harness.task.proposing.hints import roles_of
from harness.task.proposing.profile import text_of
from harness.task.proposing.shaping import FILE_SPLIT, Shaped, first_list, left_out
from harness.task.tables import Line
from harness.task.tables.turns import written_list

__all__ = ["judged", "places", "scored_labels", "span_of", "studio"]

STARTS = (
    "start",
    "start_offset",
    "begin",
    "startpos",
    "start_idx",
    "startoffset",
    "offset",
    "from",
)
ENDS = ("end", "end_offset", "endpos", "end_idx", "endoffset", "to")
TYPES = (
    "label",
    "labels",
    "type",
    "entity",
    "tag",
    "entity_type",
    "category",
    "displayname",
    "slot_name",
)
TEXTS = ("text", "word", "form", "value", "mention", "surface", "snippet")
INCLUSIVE = ("endpos", "end_idx")  # the place of the last character, where no text says better
VERDICTS = {"accept", "reject", "ignore"}
Span = tuple[int, int, str]


def span_of(value: object) -> Span | None:
    """Reads a marked place: ``[start, end, label]``, or an object under the names that tools use."""
    if isinstance(value, list) and len(value) == 3:
        start, end, label = value
    elif isinstance(value, dict) and not {"polarity", "sentiment"} & value.keys():
        named = {key.casefold(): cell for key, cell in value.items()}
        start, end = (_first(named, names) for names in (STARTS, ENDS))
        label = _first(named, TYPES)
        if end is None and str(start).isdigit() and str(named.get("length")).isdigit():
            end = int(str(start)) + int(str(named["length"]))
        elif end is not None and any(name in named for name in INCLUSIVE):
            end = int(str(end)) + 1 if str(end).isdigit() else end
        if several := written_list(label):
            label = several[0]
    else:
        return None
    is_place = str(start).isdigit() and str(end).isdigit()
    if is_place and label and isinstance(label, str) and not label.isdigit():
        return int(str(start)), int(str(end)), label
    return None


def _first(named: Mapping[str, object], names: Sequence[str]) -> object:
    return next((named[name] for name in names if named.get(name) not in (None, "", [])), None)


def places(lines: Sequence[Line]) -> Shaped | None:
    """Reads entities as places in a text: doccano's lists, spaCy's, Prodigy's and others' objects."""
    column = next((n for n in lines[0] if any(map(span_of, first_list(lines, n)))), "")
    known = ("text", "data", "sentence", "content", "form")
    texts = [n for n in lines[0] if n in known or {"input", "question"} & roles_of(n)]
    plain = [n for n in texts if n != column and isinstance(lines[0][n], str)]
    text = next((n for n in plain if n in known), plain[0] if plain else "")
    if not column or not text:
        return None
    rows, other, first = [], 0, ""
    for line in lines:
        marks = list(_marked(line, column, text_of(line[text])))
        if wrong := sum(not agrees for _, _, agrees in marks):
            other, first = other + wrong, first or line.origin
        entities = [{"text": said, "type": kind} for said, kind, _ in marks]
        rest = {key: cell for key, cell in line.items() if key != column}
        rows.append(Line({**rest, "entities": entities}, line.origin))
    note = f"{column!r} marks places in {text!r}: they became texts with their types"
    if other:
        note += f"; {other:,} marks name another text than stands at their place ({first} first): it is taken where the row holds it"
    return Shaped(rows, note, {"input": text, "entities": "entities"})


def _marked(line: Line, column: str, whole: str) -> Iterator[tuple[str, str, bool]]:
    """Yields the text of each mark, its type, and whether the text that it names stands at its place."""
    for each in written_list(line[column]) or []:
        if (span := span_of(each)) is None:
            continue
        start, end, kind = span
        named = (
            {key.casefold(): cell for key, cell in each.items()} if isinstance(each, dict) else {}
        )
        given = _first(named, TEXTS)
        cut = whole[start:end]
        if not isinstance(given, str) or given.casefold() == kind.casefold():
            yield cut, kind, True
        else:  # some count the last character, some don't
            agrees = given in (cut, whole[start : end + 1], whole[start : max(start, end - 1)])
            yield given if given in whole else cut, kind, agrees


def studio(lines: Sequence[Line]) -> Shaped | None:
    """Reads Label Studio's export: `data`, and `annotations` with results."""
    if not {"data", "annotations"} <= lines[0].keys():
        return None
    rows = []
    for line in lines:
        data, made = line["data"], written_list(line["annotations"]) or []
        if not isinstance(data, dict):
            return None
        done = [m for m in made if isinstance(m, dict) and m.get("was_cancelled") != "true"]
        if not done:
            continue
        results = done[0].get("result") or []
        if not isinstance(results, list):
            return None
        values = [r.get("value", {}) for r in results if isinstance(r, dict)]
        row: dict[str, object] = {**data, **{k: line[k] for k in (FILE_SPLIT,) if k in line}}
        if chosen := [c for v in values for c in v.get("choices", [])]:
            row["label"] = chosen[0] if len(chosen) == 1 else chosen
        row["entities"] = [v for v in values if span_of(v)]
        rows.append(Line(row, line.origin))
    if not rows:
        return None
    note = "Label Studio's export" + left_out(lines, rows, "without a finished annotation")
    if any(row["entities"] for row in rows):
        return Shaped([Line({"label": "", **r}, r.origin) for r in rows], note, {})
    labelled = [row for row in rows if "label" in row]
    note += ": its choices are the labels" + left_out(rows, labelled, "without a choice")
    return Shaped([_without(row, "entities") for row in labelled], note, {})


def _without(line: Line, *names: str) -> Line:
    return Line({key: cell for key, cell in line.items() if key not in names}, line.origin)


def judged(lines: Sequence[Line]) -> Shaped | None:
    """Reads Prodigy's rows: an annotator accepts what is marked, rejects it, or ignores the row."""
    marks = [n for n in ("spans", "accept", "label") if n in lines[0]]
    said = {text_of(line.get("answer", "")) for line in lines}
    if not marks or not said <= VERDICTS or "accept" not in said:
        return None
    binary = marks == ["label"]
    wanted = ("accept", "reject") if binary else ("accept",)
    rows = [line for line in lines if line["answer"] in wanted]
    note = "Prodigy's answers" + left_out(lines, rows, f"whose answer isn't {' or '.join(wanted)}")
    if binary:
        rows = [
            Line({**r, "label": f"{'' if r['answer'] == 'accept' else 'not '}{r['label']}"}, r.origin)
            for r in rows
        ]  # fmt: skip
    elif "accept" in marks:
        chosen = [written_list(row["accept"]) or [] for row in rows]
        one = all(len(each) == 1 for each in chosen)
        rows = [
            Line({**_without(row, "label"), "label": each[0] if one else each}, row.origin)
            for row, each in zip(rows, chosen, strict=True)
        ]
        note += "; 'accept' names what was chosen of the options"
    used = ("answer", "accept", "options", "tokens", "_input_hash", "_task_hash", "_timestamp")
    return Shaped([_without(row, *used) for row in rows], note, {})


def scored_labels(lines: Sequence[Line]) -> Shaped | None:
    """Takes labels out of objects that score each: spaCy's ``{"cats": {"refund": 1, "claim": 0}}``."""
    for name in lines[0]:
        cells = [line[name] for line in lines]
        keys = {key for cell in cells if isinstance(cell, dict) for key in cell}
        marks = [str(v) for cell in cells if isinstance(cell, dict) for v in cell.values()]
        filled = all(isinstance(cell, dict) and cell for cell in cells)
        if not filled or len(keys) < 2 or not set(marks) <= {"0", "1", "true", "false"}:
            continue
        if len(keys) > len(cells) // 2:  # other labels in each row are its options
            return _options(lines, name)
        held = [[k for k, v in c.items() if str(v) in ("1", "true")] for c in cells if isinstance(c, dict)]  # fmt: skip
        one = all(len(each) == 1 for each in held)
        rows = [
            Line({**_without(line, name), "label": each[0] if one else each}, line.origin)
            for line, each in zip(lines, held, strict=True)
        ]
        return Shaped(rows, f"{name!r} scores each label: those with 1 are the row's", {})
    return None


def _options(lines: Sequence[Line], name: str) -> Shaped | None:
    """Reads BIG-bench's ``{"target_scores": {"yes": 1, "no": 0}}`` as options and the right one."""
    rows = []
    for line in lines:
        scores = line[name]
        assert isinstance(scores, dict)
        right = [key for key, value in scores.items() if str(value) in ("1", "true")]
        if len(right) == 1:
            cells = {**_without(line, name), "choices": list(scores), "answer": right[0]}
            rows.append(Line(cells, line.origin))
    note = f"{name!r} scores options: the one with 1 is right"
    return (
        Shaped(rows, note + left_out(lines, rows, "without one right option"), {}) if rows else None
    )
