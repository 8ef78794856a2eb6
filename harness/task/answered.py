"""Reads a row's right answers by what the task's kind is, and its input where that is tokens."""

from __future__ import annotations

from collections.abc import Sequence

from harness.errors import DataError, nearest
from harness.metrics.decision import parse_target
from harness.metrics.kind import Marked, Misread
from harness.metrics.lists import NOTHING, written_lines
from harness.metrics.registry import kinds
from harness.task.spec import Columns, TaskSpec
from harness.task.tables import Line
from harness.task.tables.turns import written_list

__all__ = ["AnswerReader", "marked", "tokens_of"]


def tokens_of(line: Line, column: str) -> list[str]:
    """Returns the tokens of a cell, or their tags: a list, or a text with white space between.

    Raises:
        DataError: A token holds white space, or is a list itself.
    """
    listed = written_list(line[column])
    if listed is None:
        return line.text(column).split()
    tokens = [str(each).strip() for each in listed]
    if any(isinstance(each, (list, dict)) for each in listed) or not all(tokens):
        raise DataError(f"{line.origin}: {column!r} is no list of texts", "Leave empty tokens out.")
    return tokens


def marked(line: Line, columns: Columns, labels: dict[str, str]) -> Marked:
    """Returns what a row's cells say of its right answer."""
    cell = line[columns.target] if columns.target else ""
    if columns.target and not isinstance(cell, (list, dict)):
        cell = line.text(columns.target)
    tags = tokens_of(line, columns.tags) if columns.tags else None
    return Marked(
        cell,
        labels,
        {labels.get(name, name): line.text(name) for name in columns.flags},
        tokens_of(line, columns.input) if columns.tags else (),
        tags,
    )


class AnswerReader:
    """Reads the right answers of rows by a task's declaration."""

    def __init__(self, spec: TaskSpec, labels: Sequence[str]) -> None:
        self._spec, self._kind = spec, kinds()[spec.kind]
        self._known = {**{label: label for label in labels}, **spec.labels}
        self.nothing = 0  # rows whose answer is that there is none

    def target(self, line: Line, columns: Columns) -> str | None:
        """Returns the right answer, "" where the cell is empty; None where no column holds it.

        Raises:
            DataError: It isn't what the kind of task needs, with the row.
        """
        right = self._kind.right
        if not (columns.target or columns.flags or columns.tags):
            return None
        if right is None:
            if not columns.target:  # retrieval alone is asked of a task of another kind
                return None
            cell = line[columns.target]
            if self._kind.mute and isinstance(cell, list):
                return written_lines(list(map(str, cell)))
            return line.text(columns.target)
        try:
            answer = right(marked(line, columns, self._known))
        except Misread as error:
            raise DataError(f"{line.origin}: {error}", error.hint) from error
        self.nothing += answer == NOTHING
        return answer

    def meant(self, answer: str, where: str, *, is_target: bool) -> str:
        """Returns what a right answer means: a label by its code, another one in the kind's form.

        Raises:
            DataError: It is none, with the row.
        """
        if self._kind.right is not None:
            if is_target:  # `target` has read it
                return answer
            try:
                return self._kind.right(Marked(answer, self._known))
            except Misread as error:
                raise DataError(f"{where}: {error}", error.hint) from error
        if self._spec.decision is not None:
            try:
                parse_target(answer, self._spec.decision)
            except ValueError as error:
                raise DataError(
                    f"{where}: {error}", "The task file names the decisions."
                ) from error
            return answer
        if not self._kind.labelled:
            return answer
        if answer not in self._known:
            raise DataError(
                f"{where}: unknown label {answer!r}",
                f"{nearest(answer, self._known)} Or declare it under labels.",
            )
        return self._known[answer]
