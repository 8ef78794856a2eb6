"""Which row of a task each answer of a log is to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from harness.errors import DataError
from harness.runs.referee.log import Answer, Log
from harness.task.splits import normalised
from harness.types import Row

__all__ = ["Matched", "matched"]

FIRST = 5  # answers that are named, of those that fit no row
OTHER = "the id is of a row that asks something else"
LEARNED = "a row of train or dev: --split 0/0/100 makes all rows of a table the test"
SEVERAL = "several rows ask this, with different answers: an id would tell them apart"
NONE = "no row of the test asks this"
UNKNOWN = "unknown id"


@dataclass(frozen=True)
class Matched:
    """The answers of a log by row."""

    answers: dict[str, Answer]  # by id of the row
    by: dict[str, int]  # how many by ``id``, and how many by which text
    left: dict[str, list[str]] = field(default_factory=dict)  # by reason: which answers fit no row

    def notes(self) -> list[str]:
        """Says which answers fit no row, and why."""
        said = []
        for reason, names in self.left.items():
            more = f" and {len(names) - FIRST} more" if len(names) > FIRST else ""
            count = f"{len(names)} answer{'s' * (len(names) > 1)} left out"
            said.append(f"{count}, {reason}: {', '.join(names[:FIRST])}{more}")
        return said


def matched(log: Log, test: Sequence[Row], learned: Sequence[Row] = ()) -> Matched:
    """Matches answers to test rows: by an id that the task knows, else by the whole question.

    Questions are compared without case and as single spaces, as duplicates of rows are. An id counts
    where the question stands in what the log was asked, or the log doesn't say what that was.

    Raises:
        DataError: No answer fits, or two fit one row.
    """
    rows = {row.id: row for row in test}
    found: dict[str, Answer] = {}
    left: defaultdict[str, list[str]] = defaultdict(list)
    by: Counter[str] = Counter()
    others: list[Answer] = []
    for answer in log.answers:
        row = rows.get(answer.id)
        if row is not None and _asks(answer, row):
            _take(found, row, answer)
            by["id"] += 1
        else:
            others.append(answer)
    name = _best_field(others, test) or log.question
    index = _Index(test, found)
    known = {normalised(row.example.query.text) for row in learned} | {row.id for row in learned}
    for answer in others:
        text = normalised(answer.inputs.get(name, ""))
        row, reason = index.take(text, answer)
        if row is not None:
            _take(found, row, answer)
            by[name] += 1
        elif known & {text, answer.id}:
            left[LEARNED].append(_named(answer))
        elif reason == NONE and answer.id in rows:
            left[OTHER].append(_named(answer))
        else:
            left[UNKNOWN if not answer.inputs else reason].append(_named(answer))
    made = Matched(found, dict(by), dict(left))
    if not found:
        raise DataError(
            f"no answer of the log is to a test row of the task: {'; '.join(made.notes())}"[:600],
            "It has no id, and no question, of the task's rows: use the same --limit and --task-set "
            "as for the answers.",
        )
    return made


def _named(answer: Answer) -> str:
    return f"{answer.id!r} ({answer.place})" if answer.id else answer.place


def _asks(answer: Answer, row: Row) -> bool:
    """Whether a question stands in what the log was asked, or nobody knows what that was."""
    question = normalised(row.example.query.text)
    texts = answer.inputs.values()
    return not texts or any(question in normalised(text) for text in texts)


def _take(found: dict[str, Answer], row: Row, answer: Answer) -> None:
    if row.id in found:
        raise DataError(
            f"{answer.place}: this answers the row {row.id!r}, as {found[row.id].place} did",
            "Each row has one answer: divide the log.",
        )
    found[row.id] = answer


def _best_field(answers: Sequence[Answer], test: Sequence[Row]) -> str | None:
    """Returns which text of the log is most often the question of a test row."""
    asked = {normalised(row.example.query.text) for row in test}
    hits = Counter(
        name for each in answers for name, text in each.inputs.items() if normalised(text) in asked
    )
    return max(sorted(hits), key=hits.__getitem__, default=None)


class _Index:
    """Test rows by their question; rows that ask and accept the same are taken in their order."""

    def __init__(self, test: Sequence[Row], found: dict[str, Answer]) -> None:
        self._found = found
        self._rows: defaultdict[str, list[Row]] = defaultdict(list)
        for row in test:
            self._rows[normalised(row.example.query.text)].append(row)

    def take(self, text: str, answer: Answer) -> tuple[Row | None, str]:
        """Returns the row of a question, or why there is none."""
        rows = self._rows.get(text, []) if text else []
        if answer.choices and len(rows) > 1:
            offered = set(answer.choices)
            rows = [row for row in rows if set(row.example.query.choices) == offered] or rows
        if not rows:
            return None, NONE
        if len({(row.example.query.choices, row.example.accepted) for row in rows}) > 1:
            return None, SEVERAL
        free = [row for row in rows if row.id not in self._found]
        return (free or rows)[0], ""
