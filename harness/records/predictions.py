"""One line a prediction: what is kept of an answer, and how it is read back.

A finished run has one for each test row. `stored_predictions` reads them for everybody, and holds
that; `mend_predictions` makes it true again of a file that a run goes on with.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from harness.errors import DataError
from harness.metrics.scored_rows import ScoredFields, ScoredRows, columns
from harness.records.files import Json, count_lines, each_line, stored, write_lines
from harness.records.keys import digest
from harness.records.personal import mask
from harness.records.schema import RunRecord
from harness.records.store import FINISHED, PREDICTIONS
from harness.text import cut
from harness.types import Call, Output, Scored, Usage

__all__ = [
    "IDS",
    "check_predictions",
    "count_predictions",
    "drop_errors",
    "from_line",
    "ids_digest",
    "mend_predictions",
    "output_of",
    "row_name",
    "scored_rows",
    "stored_predictions",
    "to_line",
    "unanswered",
]

IDS = "ids"
"""Name of the digest, among those of a task's rows, of the ids that a finished run answers."""
HINT = "Restore the file, or run the same command again: it answers what is missing."
ANEW = "Restore the file, or move its folder away: the same command then begins anew."
USAGE = frozenset(Usage.__slots__)
QUESTION = 1_500
"""Characters of a question that are kept at most."""
_MADE = re.compile(r"[0-9a-f]{16}(-\d+)?")  # an id that a task made of the input


class _Line(BaseModel):
    """What readers rely on in a line; those of a later version may have more."""

    model_config = ConfigDict(strict=True)

    id: str
    outcome: str
    correct: bool
    abstained: bool
    answerable: bool
    values: dict[str, float | None]
    cluster: str
    columns: dict[str, str]
    usage: dict[str, int]
    question: str = ""
    place: str = ""
    target: str = ""
    predicted: str | None = None
    text: str | None = None
    finish: str | None = None
    error: str | None = None
    excess: str | None = None
    withheld: str | None = None
    scores: dict[str, float] | None = None
    judged: dict[str, str] = {}
    evidence: list[dict[str, JsonValue]] = []
    calls: list[dict[str, JsonValue]] = []


def _plain(annotation: Any) -> tuple[frozenset[type], frozenset[type]]:
    """Returns the types that a field's value has, and those of what it holds."""
    given = _either(annotation)
    *_, held = get_args(given[0]) or (NoneType,)
    own, inner = (
        frozenset(get_origin(kind) or kind for kind in each) for each in (given, _either(held))
    )
    return own, inner


def _either(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)


_PLAIN = {name: _plain(field.annotation) for name, field in _Line.model_fields.items()}
_NEEDED = {name for name, field in _Line.model_fields.items() if field.is_required()}


def stored_predictions(folder: Path, record: RunRecord) -> Iterator[Json]:
    """Yields the predictions of a run: all test rows of a finished one, each once.

    Of a run that isn't finished: what is there, each once.

    Raises:
        DataError: A finished run lacks a row, or has one twice or one that is none of its test; or
            a line is damaged. It may come after the last line.
    """
    path, finished = folder / PREDICTIONS, record.status == FINISHED
    seen: set[str] = set()
    for number, line in enumerate(each_line(path), 1):
        if wrong := _wrong(line):
            raise DataError(f"{stored(path)} is damaged: prediction {number}, {wrong}", HINT)
        if line["id"] not in seen:
            seen.add(line["id"])
            yield line
        elif finished:
            raise DataError(f"{stored(path)} has the row {line['id']!r} twice", HINT)
    if finished:
        _check_whole(path, seen, record)


def count_predictions(folder: Path, record: RunRecord) -> None:
    """Holds that a finished run has a line for each row, by their number alone, which is quick.

    Raises:
        DataError: As `stored_predictions`.
    """
    if record.status == FINISHED and count_lines(folder / PREDICTIONS) != record.task.rows.test:
        check_predictions(folder, record)


def check_predictions(folder: Path, record: RunRecord) -> None:
    """Holds what `stored_predictions` does, and keeps nothing. Raises `DataError`: as there."""
    deque(stored_predictions(folder, record), maxlen=0)


@lru_cache(maxsize=256)
def _inside(
    names: tuple[str, ...], kinds: tuple[type, ...]
) -> tuple[tuple[str, frozenset[type]], ...] | None:
    """Says of what types the lists and objects of like lines hold; None of no ordinary ones."""
    if not _NEEDED.issubset(names):
        return None
    known = [
        (*_PLAIN[name], name, kind)
        for name, kind in zip(names, kinds, strict=True)
        if name in _PLAIN
    ]
    if any(kind not in own for own, _, _, kind in known):
        return None
    return tuple((name, held) for _, held, name, kind in known if kind in (dict, list))


def _ordinary(line: Json) -> bool:
    """Says whether a line has the very types of `_Line`, in a tenth of the time that it takes."""
    inside = _inside(tuple(line), tuple(map(type, line.values())))
    if inside is None:
        return False
    for name, held in inside:
        if value := line[name]:
            held_here = value if type(value) is list else value.values()
            if not held.issuperset(map(type, held_here)):
                return False
    return USAGE.issuperset(line["usage"])


def _wrong(line: Json) -> str | None:
    """Says what is wrong with a line; None where nothing is."""
    if _ordinary(line):
        return None
    try:
        _Line.model_validate(line)
    except ValidationError as error:
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg'].lower()}"
    unknown = line["usage"].keys() - USAGE
    return f"usage: unknown {min(unknown)}" if unknown else None


def _check_whole(path: Path, seen: Collection[str], record: RunRecord) -> None:
    rows = record.task.rows.test
    if not stored(path).exists():
        raise DataError(f"{path} is missing, with the answers to {rows} rows", HINT)
    if len(seen) < rows:
        raise DataError(f"{stored(path)} lacks {rows - len(seen)} of {rows} rows", HINT)
    if len(seen) > rows or record.task.digests.get(IDS) not in (None, ids_digest(seen)):
        raise DataError(f"{stored(path)} has rows that aren't of the run's test", HINT)


def ids_digest(ids: Collection[str]) -> str:
    """Returns the digest of the ids of rows, in any order."""
    return digest(sorted(ids))


def scored_rows(folder: Path, record: RunRecord) -> ScoredRows:
    """Reads the scored predictions of a run, as `stored_predictions` does."""
    return columns(map(_scored, stored_predictions(folder, record)))


def mend_predictions(
    folder: Path, ids: Collection[str], notify: Callable[[str], None]
) -> frozenset[str]:
    """Returns which of the test rows are answered, once the file of a run is fit to go on with.

    Damaged lines are taken out, so that their rows are asked again, and so are repeats.

    Raises:
        DataError: A row has two different answers, or is none of the test.
    """
    path = folder / PREDICTIONS
    damaged: list[int] = []
    names = [None if _wrong(line) else line["id"] for line in each_line(path, damaged)]
    answered = frozenset(name for name in names if name is not None)
    if strange := answered.difference(ids):
        raise DataError(f"{stored(path)} has the row {min(strange)!r}, not of the test", ANEW)
    if damaged or len(answered) < len(names):
        kept = _kept(path)
        write_lines(path, kept.values())
        taken = len(damaged) + len(names) - len(kept)
        notify(f"{stored(path)}: {taken} damaged or repeated lines are taken out")
    return answered


def unanswered(folder: Path) -> str:
    """Says how many rows have no answer; nothing where none is so."""
    outcomes = Counter(str(line.get("outcome")) for line in each_line(folder / PREDICTIONS, []))
    failed = outcomes["error"]
    return f"{failed} of {outcomes.total()} rows have no answer" if failed else ""


def drop_errors(folder: Path) -> None:
    """Takes out the rows that have no answer, so that they are asked again."""
    if unanswered(folder):
        path = folder / PREDICTIONS
        lines = each_line(path, [])
        write_lines(path, (line for line in lines if line.get("outcome") != "error"))


def _kept(path: Path) -> dict[str, Json]:
    kept: dict[str, Json] = {}
    for line in each_line(path, []):
        if not _wrong(line) and kept.setdefault(line["id"], line) != line:
            raise DataError(f"{stored(path)} has two answers to the row {line['id']!r}", ANEW)
    return kept


def to_line(
    output: Output,
    scored: Scored,
    store_text: str,
    masks: Mapping[str, str] | None = None,
    *,
    question: str = "",  # of one's own rows
    place: str = "",  # of these, where they stand
) -> Json:
    """Makes a line of a prediction, with ``full`` texts, ``masked`` ones, or ``ids`` alone.

    Masking replaces personal data; with ``ids`` no question and no answer is kept, and an error
    masked. A place is no text.
    """
    if store_text != "full":
        output, scored = _masked(output, scored, masks)
    line: Json = {
        "id": scored.id,
        "outcome": scored.outcome,
        "correct": scored.correct,
        "abstained": scored.abstained,
        "answerable": scored.answerable,
        "values": dict(scored.values),
        "cluster": scored.cluster,
        "columns": dict(scored.columns),
        "finish": output.finish,
        "usage": output.usage.as_dict(),
    }
    if place:
        line["place"] = place
    if store_text != "ids":
        asked = question if store_text == "full" else mask(question, masks)
        line |= _texts(output, scored, asked)
    if output.chosen and output.text not in (output.scores or ()):
        line["chosen"] = True
    if output.evidence:
        line["evidence"] = [
            {"source": passage.source, "span": passage.span, "place": passage.place}
            for passage in output.evidence
        ]
    if output.calls:
        line["calls"] = [_call(call, store_text != "ids") for call in output.calls]
    if not output.metered:
        line["metered"] = False
    if output.error:
        line["error"] = output.error
    if output.excess:
        line["excess"] = output.excess
    return line


def _texts(output: Output, scored: Scored, question: str) -> Json:
    """The part of a line that has text in it."""
    line: Json = {"question": cut(question, QUESTION)} if question else {}
    line |= {"target": scored.target, "predicted": scored.predicted, "text": output.text}
    if output.withheld is not None:
        line["withheld"] = output.withheld
    if output.scores:
        line["scores"] = {key: round(value, 6) for key, value in output.scores.items()}
    return line


def row_name(line: Mapping[str, Any]) -> str:
    """Returns what a person calls a row: its own id, or its place where that is made of its text."""
    name = str(line["id"])
    return str(line.get("place") or name) if _MADE.fullmatch(name) else name


def _call(call: Call, with_text: bool) -> Json:
    texts = {"input": call.input, "output": call.output} if with_text else {}
    return {"tool": call.tool, **texts, "usage": call.usage.as_dict()}


def _masked(
    output: Output, scored: Scored, masks: Mapping[str, str] | None
) -> tuple[Output, Scored]:
    """Both without personal data; an error may quote what was asked."""

    def clean(text: str | None) -> str | None:
        return text if text is None else mask(text, masks)

    calls = [
        replace(call, input=mask(call.input, masks), output=mask(call.output, masks))
        for call in output.calls
    ]
    excess = mask(output.excess, masks)  # a server's words
    hidden = replace(output, text=clean(output.text), error=clean(output.error), calls=calls)
    hidden = replace(hidden, excess=excess, withheld=clean(output.withheld))
    target = mask(scored.target, masks)
    return hidden, replace(scored, target=target, predicted=clean(scored.predicted))


def from_line(line: Json) -> Scored:
    """Reads a scored prediction back."""
    return Scored(*_scored(line))


def _scored(line: Json) -> ScoredFields:
    return (
        line["id"],
        line["outcome"],
        line.get("target", ""),
        line.get("predicted"),
        line["correct"],
        line["abstained"],
        line["answerable"],
        line["values"],
        line["cluster"],
        line["columns"],
        line.get("judged", {}),
    )


def output_of(line: Json) -> Output:
    """Reads the raw answer back, for scoring it again: one that has a score was chosen."""
    return Output(
        id=line["id"],
        text=line.get("text"),
        finish=line["finish"],
        scores=line.get("scores"),
        usage=Usage(**line["usage"]),
        error=line.get("error"),
        chosen=line.get("chosen", line.get("text") in (line.get("scores") or ())),
        excess=line.get("excess", ""),
        confidence=line["values"].get("confidence"),
        withheld=line.get("withheld"),
    )
