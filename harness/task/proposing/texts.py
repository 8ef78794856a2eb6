"""Texts that rows hold in pieces: turns of a conversation, sentences, passages, tables in lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from harness.task.proposing.hints import roles_of, words_of
from harness.task.proposing.profile import text_of
from harness.task.proposing.shaping import Shaped, items_of
from harness.task.tables import Line
from harness.task.tables.turns import turns_of, written_list

__all__ = ["holds_text", "pieced", "spoken", "written_out"]

SPEAKERS = (
    *("speaker", "role", "from", "participant", "participantid", "sender", "author", "user"),
    *("speaker_id", "speakerid", "name", "화자", "발화자", "who", "side"),
)
SAID = (
    "text",
    "utterance",
    "sentence",
    "content",
    "value",
    "message",
    "body",
    "form",
    "발화",
    "발화문",
    "내용",
)
SENTENCE = 3  # words in the middle, above which texts in a list are sentences, not tokens
CONTEXT = "context"


def _key(item: Mapping[str, object], names: Sequence[str]) -> str:
    lowered = {key.casefold(): key for key in item}
    return next((lowered[name] for name in names if name in lowered), "")


def spoken(lines: Sequence[Line]) -> Shaped | None:
    """Writes a conversation as a transcript, where another column holds the answer about it."""
    for name in lines[0]:
        items = items_of(lines, name)
        who, said = (_key(items[0], names) if items else "" for names in (SPEAKERS, SAID))
        if not who or not said or len(items) < len(lines[:50]):
            continue
        labels = [n for n in lines[0] if n != name and "label" in roles_of(n)]
        labels = [n for n in labels if len({text_of(line[n]) for line in lines}) > 1]
        if not labels and any(turns_of(line[name]) for line in lines[:50]):
            return None  # its last turn is the answer
        rows = [
            Line({**line, name: _transcript(line[name], who, said)}, line.origin) for line in lines
        ]
        return Shaped(rows, f"the turns in {name!r} became a transcript", {"input": name})
    return None


def pieced(lines: Sequence[Line]) -> Shaped | None:
    """Joins a text that stands in pieces, some of them marked as a slot: Snips' and Dialogflow's."""
    if any({"input", "question"} & roles_of(n) and isinstance(lines[0][n], str) for n in lines[0]):
        return None
    for name in lines[0]:
        items = items_of(lines, name)
        plain = bool(items) and all(isinstance(item.get("text"), str) for item in items)
        if plain and len(items) >= len(lines[:50]) and not _key(items[0], SPEAKERS):
            rows = [Line({**r, name: _joined(r[name])}, r.origin) for r in lines]
            return Shaped(rows, f"the pieces in {name!r} became a text", {"input": name})
    return None


def _joined(cell: object) -> str:
    pieces = [each for each in written_list(cell) or [] if isinstance(each, dict)]
    return "".join(str(each.get("text", "")) for each in pieces).strip()


def _transcript(cell: object, who: str, said: str) -> str:
    turns = [each for each in written_list(cell) or [] if isinstance(each, dict)]
    return "\n".join(f"{_name(each.get(who, ''))}: {each.get(said, '')}" for each in turns)


def _name(speaker: object) -> str:
    if isinstance(speaker, dict):
        speaker = next((value for value in speaker.values() if isinstance(value, str)), "")
    return str(speaker)


def written_out(lines: Sequence[Line]) -> Shaped | None:
    """Writes sentences, passages and tables that stand in lists as texts; several become a context."""
    asked = any("question" in roles_of(name) for name in lines[0])
    names = [name for name in lines[0] if holds_text(lines, name)]
    if not names:
        return None
    whole = [n for n in names if not any(n.startswith(f"{other}_") for other in names)]
    rows = [Line({**r, **{n: _text(r[n]) for n in names}}, r.origin) for r in lines]
    note = f"the lists in {', '.join(map(repr, names))} became texts"
    seen: dict[str, str] = {}
    for name in whole:  # ``table_ori`` is another writing of ``table``
        seen.setdefault("".join(filter(str.isalnum, str(rows[0][name]).casefold())), name)
    different = sorted(seen.values(), key=lambda n: "post" in words_of(n))
    if not asked or len(different) < 2 or CONTEXT in lines[0]:
        return Shaped(rows, note, {})
    rows = [
        Line(
            {k: c for k, c in r.items() if k not in names}
            | {CONTEXT: "\n".join(filter(None, (str(r[n]) for n in different)))},
            r.origin,
        )
        for r in rows
    ]
    return Shaped(rows, f"{note}, and those one {CONTEXT!r}", {CONTEXT: CONTEXT})


def holds_text(lines: Sequence[Line], name: str) -> bool:
    """Whether a column's lists hold sentences, rows of a table, or objects with a text each."""
    cells = [line[name] for line in lines[:50]]
    lists = [written_list(cell) or [] for cell in cells]
    items = [item for each in lists for item in each]
    if {"options", "label", "answer"} & roles_of(name) or name == "accepted":
        return False
    if sum(isinstance(cell, list) for cell in cells) < 0.9 * len(cells) or not items:
        return False
    if all(isinstance(item, list) and len(item) > 1 and _is_row(item) for item in items):
        return max(map(len, lists)) > 1
    texts = [piece for item in items for piece in _pieces(item)]
    return bool(texts) and all(texts) and median(len(text.split()) for text in texts) > SENTENCE


def _is_row(item: Sequence[object]) -> bool:
    return all(isinstance(cell, str) for cell in item)


def _piece(item: object) -> str:
    if isinstance(item, dict):
        key = _key(item, SAID)
        return str(item[key]) if key and not turns_of([item]) else ""
    return item if isinstance(item, str) else ""


def _pieces(item: object) -> list[str]:
    """Returns the texts in lists in one another: HotpotQA's title with its sentences."""
    if isinstance(item, list):
        return [piece for each in item for piece in _pieces(each)]
    return [_piece(item)]


def _text(cell: object) -> str:
    rows = []
    for each in written_list(cell) or []:
        in_row = isinstance(each, list) and _is_row(each)
        rows.append(" | ".join(each) if in_row else "\n".join(_pieces(each)))  # type: ignore[arg-type]
    return "\n".join(rows)
