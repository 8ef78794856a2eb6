"""Turns the rows of a table into rows of a task; errors name the row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from harness.errors import DataError
from harness.metrics.registry import kinds
from harness.records.keys import digest
from harness.task.answered import AnswerReader, tokens_of
from harness.task.declared import Misdeclared
from harness.task.options import options_of, target_readings
from harness.task.spec import Columns, TaskSpec
from harness.task.splits import normalised
from harness.task.tables import Line, empty_words, read_chat, require_columns
from harness.types import Example, Passage, Query, Row

__all__ = [
    "RowReader",
    "check_target",
    "choices_in",
    "input_of",
    "out_of_reach",
    "rows_digest",
    "with_context",
]


class RowReader:
    """Reads rows by a task's declaration; `origin` names the table in errors."""

    def __init__(self, spec: TaskSpec, labels: tuple[str, ...], origin: str) -> None:
        self._spec, self._origin = spec, origin
        self._columns = spec.columns
        self.notes: list[str] = []  # how rows were read, where that was doubtful
        self._answers = AnswerReader(spec, labels)

    def rows(self, lines: list[Line]) -> list[Row]:
        """Returns one row a line, with unique ids; DataError if a column or cell is wrong."""
        if not lines:
            raise DataError(f"{self._origin} has no rows", "It needs one row at least.")
        lines = self._texts(lines)
        check_target(self._columns)
        for field, names in self._columns.model_dump().items():
            try:
                listed = [names] if isinstance(names, str) else names or ()
                require_columns(listed, lines, self._origin)
            except DataError as error:
                error.at = ("columns", field)
                raise
        seen: dict[str, list[str]] = {}
        if not self._spec.columns.choices:
            rows = [self._row(line, seen) for line in lines]
            self.notes += out_of_reach(rows, self._spec)
            if self._answers.nothing:
                self.notes.append(
                    f"the answer of {self._answers.nothing} of {len(rows)} rows is that there is none"
                )
            return rows
        rows = [
            self._row(line, seen, choices_in(line, self._spec.columns.choices)) for line in lines
        ]
        return self._with_right_options(rows)

    def _texts(self, lines: list[Line]) -> list[Line]:
        """Returns lines of a chat format as texts, and others as they are."""
        columns = self._columns
        prompt = self._spec.prompt.instructions
        # The last turn is an answer only where the target is named, and may be a turn.
        answer = columns.target or next(iter(columns.flags), "") or columns.passages
        is_chat = answer and not columns.tags
        chat = read_chat(lines, columns.input, answer, prompt) if is_chat else None
        if chat is not None:
            named = {"input": chat.input} | ({"target": chat.target} if columns.target else {})
            self._columns = columns.model_copy(update=named)
            self.notes.append(f"{self._origin}: {chat.note}")
            lines = chat.lines
        self.notes += empty_words(lines, (self._columns.input, self._columns.target), self._origin)
        return lines

    def _with_right_options(self, rows: list[Row]) -> list[Row]:
        """Reads targets and other right answers as options: how, all rows decide together."""
        asked = [
            (row.example.query.choices, answer, row.origin)
            for row in rows
            for answer in row.example.accepted
        ]
        right, notes = target_readings(asked)
        self.notes += notes
        answers = iter(right)
        return [_with_answers(row, [next(answers) for _ in row.example.accepted]) for row in rows]

    def _row(self, line: Line, seen: dict[str, list[str]], choices: tuple[str, ...] = ()) -> Row:
        spec, columns = self._spec, self._columns
        where = line.origin
        passages = self._passages(line, where)
        asked = input_of(line, columns)
        text = with_context(line, columns, asked, spec.prompt.input_cue)
        target = self._answers.target(line, columns)
        if target is None:  # a ranking: the first gold passage is what should be found
            target = passages[0].source if passages else ""
        for name, value in ((columns.input, asked), (columns.target or columns.passages, target)):
            if not value:
                raise DataError(f"{where}: {name!r} is empty", "Fill it in, or leave the row out.")
        if len(text) > spec.max_input_chars:
            raise DataError(
                f"{where}: {columns.input!r} has {len(text):,} characters, "
                f"{spec.max_input_chars:,} are allowed",
                "Split the row, or raise max_input_chars in a task file.",
            )
        target, *others = [
            answer if choices else self._answers.meant(answer, where, is_target=number == 0)
            for number, answer in enumerate((target, *self._accepted(line)))
        ]
        cluster = self._cluster(line, text)
        query = Query(self._id(line, text, seen), text, choices)
        example = Example(query, target, tuple(dict.fromkeys((target, *others))), cluster)
        answerable, facts = self._answerable(line), self._key_facts(line, where)
        if columns.key_facts and answerable and not (facts and all(facts)):
            raise DataError(
                f"{where}: {columns.key_facts!r} is empty", "Name one key fact at least."
            )
        slices = {name: line.text(name) for name in columns.slices}
        return Row(
            *(example, slices, answerable, passages, facts, where), asked if columns.context else ""
        )

    def _cluster(self, line: Line, text: str) -> str:
        """Returns what a row shares with others: by default its context, else its input."""
        columns = self._columns
        if columns.cluster:
            return line.text(columns.cluster)
        return digest(normalised(line.text(columns.context) if columns.context else text))[:16]

    def _id(self, line: Line, text: str, seen: dict[str, list[str]]) -> str:
        """Returns the table's own id, or one made of the input; repeated inputs are numbered."""
        column = self._columns.id
        if not column:
            name = digest(normalised(text))[:16]
            places = seen.setdefault(name, [])
            places.append(line.origin)
            return name if len(places) == 1 else f"{name}-{len(places)}"
        name = line.text(column)
        if not name:
            raise DataError(f"{line.origin}: the id in {column!r} is empty", "Each row needs one.")
        if name in seen:
            raise DataError(
                f"{line.origin}: the id {name!r} in {column!r} is that of {seen[name][0]} too",
                "Each row needs its own.",
            )
        seen[name] = [line.origin]
        return name

    def _accepted(self, line: Line) -> list[str]:
        column = self._columns.accepted
        if not column:
            return []
        value = line[column]
        parts = value if isinstance(value, list) else line.text(column).split("|")
        return [text for part in parts if (text := str(part).strip())]

    def _passages(self, line: Line, where: str) -> tuple[Passage, ...]:
        """Reads gold passages: ids, or objects with `document` and `text`."""
        column = self._columns.passages
        if not column:
            return ()
        value = line[column]
        try:
            return tuple(map(_passage, value if isinstance(value, list) else [value]))
        except (TypeError, KeyError) as error:
            raise DataError(
                f"{where}: {column!r} is no list of passages",
                'Each is an id, or an object: {"document": "rules.pdf", "text": "..."}.',
            ) from error

    def _key_facts(self, line: Line, where: str) -> tuple[tuple[str, ...], ...]:
        """Reads key facts: a list of facts, each a list of texts that state it."""
        column = self._columns.key_facts
        if not column:
            return ()
        facts = line[column]
        if not isinstance(facts, list) or not all(isinstance(fact, list) for fact in facts):
            raise DataError(
                f"{where}: {column!r} is no list of lists",
                'A key fact is a list of texts that state it: [["2 years", "24 months"], ["60%"]].',
            )
        return tuple(tuple(map(str, fact)) for fact in facts)

    def _answerable(self, line: Line) -> bool:
        column = self._columns.answerable
        return not column or line.text(column).casefold() in ("true", "1", "yes")


def _with_answers(row: Row, answers: list[str]) -> Row:
    accepted = tuple(dict.fromkeys(answers))
    return replace(row, example=replace(row.example, target=answers[0], accepted=accepted))


def input_of(line: Line, columns: Columns) -> str:
    """Returns what stands in the input column of a row: tokens become a text."""
    return " ".join(tokens_of(line, columns.input)) if columns.tags else line.text(columns.input)


def with_context(line: Line, columns: Columns, asked: str, cue: str) -> str:
    """Returns what is asked of a row; if the task has contexts, the row's, the cue, and the input."""
    if not columns.context:
        return asked
    return "\n\n".join(filter(None, (line.text(columns.context), f"{cue} {asked}".strip())))


def choices_in(line: Line, names: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the options of a row, which stand in a column each, or as a list in one.

    Raises:
        DataError: They are none.
    """
    if len(names) > 1:
        return options_of([line.text(name) for name in names], line.origin)
    cell = line[names[0]]
    listed = cell.get("text") if isinstance(cell, dict) else cell
    if not isinstance(listed, list):
        raise DataError(
            f"{line.origin}: {names[0]!r} is no list of options",
            "Name a column for each option: A,B,C.",
        )
    return options_of(list(map(str, listed)), line.origin)


def check_target(columns: Columns) -> None:
    """Raises where the question would hold its answer."""
    if columns.input == columns.target:
        raise Misdeclared(
            f"{columns.input!r} is both the input and the target: the question would hold its "
            "answer",
            "Name another column.",
            *("columns", "target"),
        )


def _passage(value: object) -> Passage:
    if isinstance(value, str):
        return Passage("", value)
    if not isinstance(value, dict):
        raise TypeError(value)
    return Passage(str(value["text"]), str(value["document"]))


def rows_digest(rows: list[Row]) -> str:
    """Returns the sha256 of rows, which identifies the data of a record."""
    return digest(
        sorted(
            [
                row.id,
                row.example.query.text,
                list(row.example.query.choices),
                row.example.target,
                list(row.example.accepted),
                row.answerable,
                [[passage.source, passage.text] for passage in row.passages],
                [list(fact) for fact in row.key_facts],
            ]
            for row in rows
        )
    )


def out_of_reach(rows: Sequence[Row], spec: TaskSpec) -> tuple[str, ...]:
    """Returns notes on answers that are too long, or hold what ends an answer.

    A word is at least one token, so that no answer is named that would fit; how many tokens it has
    is known where a model's tokenizer is.
    """
    kind = kinds()[spec.kind]
    if kind.chosen or kind.mute:
        return ()
    long = _named(rows, lambda text: len(text.split()) > spec.max_tokens)
    ended = _named(rows, lambda text: any(stop in text for stop in spec.stop))
    notes = []
    if long:
        notes.append(
            f"{long} has more words than the {spec.max_tokens} tokens that an answer may have: "
            "raise --max-tokens, or max_tokens in the task file"
        )
    if ended:
        stops = " or ".join(repr(stop) for stop in spec.stop)
        notes.append(
            f"{ended} goes on after {stops}, where an answer ends: name other ends, as stop in a "
            "task file"
        )
    return tuple(notes)


def _named(rows: Sequence[Row], is_out: Callable[[str], bool]) -> str:
    """Says in how many rows the right answer, and each other one, is out, and which is first."""
    out = [row for row in rows if all(is_out(text) for text in row.example.accepted)]
    if not out:
        return ""
    return f"the answer of {len(out)} of {len(rows)} rows ({out[0].origin or out[0].id} first)"
