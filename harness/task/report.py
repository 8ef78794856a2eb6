"""The report on a task's rows: what was read, what repeats, and what makes figures weak."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from harness.metrics.registry import kinds
from harness.metrics.statistics.resampling import wilson
from harness.records.data import DataReport, Leak, Longest
from harness.task.near import copied
from harness.task.options import LETTERS
from harness.task.task import Task
from harness.task.twins import Twins, input_of
from harness.types import Row

__all__ = ["WARNING", "report_lines", "report_of", "with_copies"]

Parts = Mapping[str, Sequence[Row]]

ACROSS = (("test", ("train", "dev")), ("dev", ("train",)))  # whose rows stand where too
KINDS = {"exact": "word for word", "spelling": "but for case and spaces", "near": "nearly"}
WARNING = "warning"  # what a line is about that says why figures are weak
SHOWN = 3  # pairs that are named by their places
MOST_CLASSES = 12  # of a line
FEW = 100  # test rows
UNEQUAL = 0.8  # share of one label among the test rows


def report_of(
    task: Task,
    parts: Parts,
    *,
    read: int | None = None,
    notes: Sequence[str] = (),
    dropped: Mapping[str, int] | None = None,
) -> DataReport:
    """Returns the report on the rows of each split, as a run uses them."""
    twins = Twins(parts)
    rows = [row for part in parts.values() for row in part]
    repeated, near = twins.repeated()
    conflicts = twins.conflicts()
    longest = max(rows, key=lambda row: len(input_of(row)), default=None)
    report = DataReport(
        read=len(rows) if read is None else read,
        rows={name: len(part) for name, part in parts.items()},
        classes=_classes(task, parts),
        repeated=repeated,
        near_repeated=near,
        conflicting=len(conflicts),
        conflicts=tuple(_pair(*pair) for pair in conflicts[:SHOWN]),
        leaks=tuple(_leaks(twins)),
        dropped={name: count for name, count in (dropped or {}).items() if count},
        longest=longest and Longest(characters=len(input_of(longest)), place=_place(longest)),
        notes=tuple(notes),
    )
    return report.model_copy(update={"warnings": tuple(_warnings(report, task))})


def with_copies(report: DataReport, rows: Sequence[Row], documents: Iterable[str]) -> DataReport:
    """Returns the report with how many test rows have an input that stands in the documents."""
    there = copied([input_of(row) for row in rows], documents)
    notes = report.notes
    if there:
        places = "; ".join(_place(rows[number]) for number in there[:SHOWN])
        notes = (*notes, f"test rows whose input stands in the documents: {len(there):,}: {places}")
    return report.model_copy(update={"in_documents": len(there), "notes": notes})


def _place(row: Row) -> str:
    return row.origin or f"row {row.id}"


def _pair(row: Row, other: Row) -> str:
    return f"{_place(row)} = {_place(other)}"


def _classes(task: Task, parts: Parts) -> dict[str, dict[str, int]]:
    """Counts labels by split, those without a row too; nothing where answers are free.

    Of a multiple choice: the letters of the right options.
    """
    kind = kinds()[task.kind]
    if not kind.chosen:
        return {}
    counts = {
        name: Counter(label for row in part for label in _labels(row, task))
        for name, part in parts.items()
    }
    lettered = kind.lettered or not task.labels
    labels = sorted(set().union(*counts.values())) if lettered else task.labels
    return {label: {name: counts[name][label] for name in parts} for label in labels}


def _labels(row: Row, task: Task) -> tuple[str, ...]:
    choices, target = row.example.query.choices, row.example.target
    if kinds()[task.kind].lettered and target in choices[: len(LETTERS)]:
        return (LETTERS[choices.index(target)],)
    return task.view.labels_of(target)


def _leaks(twins: Twins) -> Iterator[Leak]:
    for split, others in ACROSS:
        repeating = twins.across(split, *others)
        counts = Counter(twin.kind for twin in repeating)
        same = [twin for kind in KINDS for twin in repeating if twin.kind == kind]
        if repeating:
            yield Leak(
                split=split,
                also_in={
                    name: sum(twin.kind in KINDS for twin in twins.across(split, name))
                    for name in others
                },
                exact=counts["exact"],
                spelling=counts["spelling"],
                near=counts["near"],
                other_numbers=counts["other_numbers"],
                examples=tuple(_pair(twin.row, twin.other) for twin in same[:SHOWN]),
            )


def _warnings(report: DataReport, task: Task) -> Iterator[str]:
    n = report.rows["test"]
    if 0 < n < FEW:
        low, high = wilson(n / 2, n)
        reach = f"{50 * (high - low):.0f} points"
        yield f"{_times(n, 'test row', 'test rows')}: a 95 % interval reaches up to {reach} to each side"
    yield from _class_warnings(report, task)
    yield from (_leak_warning(leak, report) for leak in report.leaks if leak.rows)
    if report.conflicting:
        yield (
            f"{_times(report.conflicting, 'input has', 'inputs have')} several answers: "
            f"{'; '.join(report.conflicts)}"
        )


def _class_warnings(report: DataReport, task: Task) -> Iterator[str]:
    by_split: dict[str, dict[str, int]] = defaultdict(dict)
    for label, counts in report.classes.items():
        for name, count in counts.items():
            by_split[name][label] = count
    for name in ("test", "train"):
        counts, n = by_split[name], report.rows[name]
        absent = [label for label, count in counts.items() if not count]
        if n and absent:
            yield f"no {name} row has {_some(absent)}"
        if n and absent and name == "test" and "macro_f1" in task.metrics:
            there = len(counts) - len(absent)
            yield f"macro_f1 is a mean over the {there} of {len(counts)} labels that the test has"
        label, most = max(counts.items(), key=lambda item: item[1], default=("", 0))
        if n and counts and most == n:
            yield f"every {name} row has the label {label!r}: nothing can be told apart"
        elif name == "test" and most >= UNEQUAL * n > 0 and not task.view.several:
            yield (
                f"{most:,} of {n:,} test rows have the label {label!r}: answering it always "
                f"has an accuracy of {most / n:.2f}"
            )


def _leak_warning(leak: Leak, report: DataReport) -> str:
    where = [name for name, count in leak.also_in.items() if count]
    each = ", ".join(f"{leak.also_in[name]:,} in {name}" for name in where)
    split = f"{each}: " * (len(where) > 1)
    counts = {"exact": leak.exact, "spelling": leak.spelling, "near": leak.near}
    how = ", ".join(f"{count:,} {KINDS[kind]}" for kind, count in counts.items() if count)
    drop = "; --drop-leaked leaves them out there" * (leak.split == "test")
    return (
        f"{leak.split} rows that stand in {' or '.join(where)} too: {leak.rows:,} of "
        f"{report.rows[leak.split]:,} ({split}{how}): {'; '.join(leak.examples)}{drop}"
    )


def _some(labels: Sequence[str]) -> str:
    shown = ", ".join(map(repr, labels[:SHOWN]))
    more = f" and {len(labels) - SHOWN} more" * (len(labels) > SHOWN)
    return f"the label{'s' * (len(labels) > 1)} {shown}{more}"


def _times(count: int, one: str, several: str) -> str:
    return f"{count:,} {one if count == 1 else several}"


def report_lines(report: DataReport, *, whole: bool = False) -> Iterator[tuple[str, str]]:
    """Says the report: what each line is about, and the line. In short, or all of it."""
    sizes = ", ".join(f"{name} {count:,}" for name, count in report.rows.items())
    yield "rows", f"{sizes} ({report.read:,} read)"
    if whole:
        for label, counts in report.classes.items():
            each = ", ".join(f"{name} {count:,}" for name, count in counts.items())
            yield "label", f"{label}: {each}"
    elif report.classes:
        yield "test rows by label", _classes_in_short(report)
    if report.repeated or report.near_repeated:
        yield (
            "repeats",
            f"{report.repeated:,} rows have the input of an earlier one word for word, "
            f"{report.near_repeated:,} nearly",
        )
    for leak in report.leaks:
        if leak.other_numbers and whole:
            where = " or ".join(leak.also_in)
            yield (
                "wordings",
                f"{leak.other_numbers:,} {leak.split} rows stand in {where} with other numbers",
            )
    if report.longest and whole:
        yield "longest", f"{report.longest.characters:,} characters: {report.longest.place}"
    if report.dropped:
        left = ", ".join(f"{count:,} of {name}" for name, count in report.dropped.items())
        yield "left out", f"{left}, since the test has them"
    yield from (("note", note) for note in report.notes)
    yield from ((WARNING, warning) for warning in report.warnings)


def _classes_in_short(report: DataReport) -> str:
    counts = {label: split["test"] for label, split in report.classes.items()}
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    shown = ", ".join(f"{label} {count:,}" for label, count in ordered[:MOST_CLASSES])
    rest = len(counts) - MOST_CLASSES
    return shown + (f" and {rest} more, down to {ordered[-1][1]:,}" if rest > 0 else "")
