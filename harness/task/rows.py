"""Turns the rows of a table into rows of a task; errors name the row."""

from __future__ import annotations

from collections.abc import Mapping

from harness.errors import DataError, nearest
from harness.metrics.decision import parse_target
from harness.records.keys import digest
from harness.task.readers import RawRow, require_columns
from harness.task.spec import TaskSpec
from harness.task.splits import normalised
from harness.types import Example, Passage, Query, Row

__all__ = ["RowReader", "rows_digest"]


class RowReader:
    """Reads rows by a task's declaration; `origin` names the table in errors."""

    def __init__(self, spec: TaskSpec, labels: tuple[str, ...], origin: str) -> None:
        self._spec, self._labels, self._origin = spec, labels, origin
        self._known = {**spec.labels, **{label: label for label in labels}}

    def rows(self, lines: list[RawRow]) -> list[Row]:
        """Returns one row a line, with unique ids; DataError if a column or cell is wrong."""
        if not lines:
            raise DataError(f"{self._origin} has no rows", "It needs one row at least.")
        for names in self._spec.columns.model_dump().values():
            require_columns(
                [names] if isinstance(names, str) else names or (), lines[0], self._origin
            )
        seen: dict[str, int] = {}
        return [self._row(line, number, seen) for number, line in enumerate(lines, 1)]

    def _row(self, line: RawRow, number: int, seen: dict[str, int]) -> Row:
        spec, columns = self._spec, self._spec.columns
        where = f"{self._origin}, row {number}"
        passages = self._passages(line, where)
        text = str(line[columns.input]).strip()
        if columns.target:
            target = str(line[columns.target]).strip()
        else:  # a ranking: the first gold passage is what should be found
            target = passages[0].source if passages else ""
        for name, value in ((columns.input, text), (columns.target or columns.passages, target)):
            if not value:
                raise DataError(f"{where}: {name!r} is empty", "Fill it in, or leave the row out.")
        if len(text) > spec.max_input_chars:
            raise DataError(
                f"{where}: {columns.input!r} has {len(text):,} characters, "
                f"{spec.max_input_chars:,} are allowed",
                "Split the row, or raise max_input_chars in a task file.",
            )
        choices = tuple(str(line[name]) for name in columns.choices)
        target = self._target(target, choices, where)
        cluster = str(line[columns.cluster]) if columns.cluster else digest(normalised(text))[:16]
        others = self._accepted(line)
        query = Query(self._id(line, text, seen), text, choices)
        example = Example(query, target, tuple(dict.fromkeys((target, *others))), cluster)
        answerable, facts = self._answerable(line), self._key_facts(line, where)
        if columns.key_facts and answerable and not (facts and all(facts)):
            raise DataError(
                f"{where}: {columns.key_facts!r} is empty", "Name one key fact at least."
            )
        slices = {name: str(line[name]) for name in columns.slices}
        return Row(example, slices, answerable, passages, facts)

    def _id(self, line: RawRow, text: str, seen: dict[str, int]) -> str:
        """Returns the table's own id, or one made of the input; repeated inputs are numbered."""
        column = self._spec.columns.id
        base = str(line[column]) if column else digest(normalised(text))[:16]
        seen[base] = seen.get(base, 0) + 1
        if seen[base] > 1 and column:
            raise DataError(
                f"{self._origin}: two rows have the id {base!r}", "Each row needs its own."
            )
        return base if seen[base] == 1 else f"{base}-{seen[base]}"

    def _target(self, target: str, choices: tuple[str, ...], where: str) -> str:
        if self._spec.kind in ("qa", "description", "ranking"):
            return target
        if self._spec.decision is not None:
            try:
                parse_target(target, self._spec.decision)
            except ValueError as error:
                raise DataError(
                    f"{where}: {error}", "The task file names the decisions."
                ) from error
            return target
        if choices:
            letters = dict(zip("ABCDEFGHIJ", choices, strict=False))
            if target not in letters and target not in choices:
                raise DataError(f"{where}: {target!r} is no option", f"{', '.join(letters)} are.")
            return letters.get(target, target)
        if target not in self._known:
            raise DataError(f"{where}: unknown label {target!r}", nearest(target, self._known))
        return self._known[target]

    def _accepted(self, line: RawRow) -> list[str]:
        column = self._spec.columns.accepted
        if not column:
            return []
        value = line[column]
        parts = value if isinstance(value, (list, tuple)) else str(value).split("|")
        return [text for part in parts if (text := str(part).strip())]

    def _passages(self, line: RawRow, where: str) -> tuple[Passage, ...]:
        """Reads gold passages: ids, or objects with `document` and `text`."""
        column = self._spec.columns.passages
        if not column:
            return ()
        value = line[column]
        try:
            return tuple(map(_passage, [value] if isinstance(value, str) else value))
        except (TypeError, KeyError) as error:
            raise DataError(
                f"{where}: {column!r} is no list of passages",
                'Each is an id, or an object: {"document": "rules.pdf", "text": "..."}.',
            ) from error

    def _key_facts(self, line: RawRow, where: str) -> tuple[tuple[str, ...], ...]:
        """Reads key facts: a list of facts, each a list of texts that state it."""
        column = self._spec.columns.key_facts
        if not column:
            return ()
        facts = line[column]
        if not isinstance(facts, list) or not all(isinstance(fact, list) for fact in facts):
            raise DataError(
                f"{where}: {column!r} is no list of lists",
                'A key fact is a list of texts that state it: [["2 years", "24 months"], ["60%"]].',
            )
        return tuple(tuple(map(str, fact)) for fact in facts)

    def _answerable(self, line: RawRow) -> bool:
        column = self._spec.columns.answerable
        return not column or str(line[column]).casefold() in ("true", "1", "yes")


def _passage(value: str | Mapping[str, object]) -> Passage:
    if isinstance(value, str):
        return Passage("", value)
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
