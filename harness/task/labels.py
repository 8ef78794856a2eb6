"""The labels of a table: which texts of its target column mean which label, and what is doubtful."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from harness.errors import DataError, nearest
from harness.metrics.kind import Kind, Marked, Misread
from harness.metrics.spellings import Spellings, width, written
from harness.task.answered import marked
from harness.task.spec import Columns
from harness.task.tables import Line

__all__ = ["labels_of", "read_labels"]

MAX_LABELS = 500
SHOWN = 5  # labels, or pairs of them, that a note names


def labels_of(
    lines: Sequence[Line], columns: Columns, kind: Kind, declared: Mapping[str, str] | None
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Returns the labels of a table, or the types of its entities, and notes on doubtful ones.

    Raises:
        DataError: As of `read_labels`, or a right answer that can't be read.
    """
    if columns.flags:
        return {name: (declared or {}).get(name, name) for name in columns.flags}, ()
    if kind.parts is not None:
        parts = [
            Line({"": part}, line.origin)
            for line in lines
            for part in _parts(line, columns, kind.parts)
        ]
        return read_labels(parts, "", declared) if parts else ({}, ())
    if kind.labelled:
        return read_labels(lines, columns.target, declared)
    return {}, ()


def _parts(line: Line, columns: Columns, parts: Callable[[Marked], Sequence[str]]) -> Sequence[str]:
    try:
        return parts(marked(line, columns, {}))
    except Misread as error:
        raise DataError(f"{line.origin}: {error}", error.hint) from error


def read_labels(
    lines: Sequence[Line], target: str, declared: Mapping[str, str] | None = None
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Returns the label that each text of a column means, and notes on doubtful ones.

    Texts that differ in case, outer and double spaces or full-width forms are spellings of one
    label, which is the most frequent of them; `declared` labels are taken as they are.

    Raises:
        DataError: A declared code that no row has, a row whose code isn't declared, or so many
            labels that they are free text.
    """
    if declared:
        return _declared(lines, target, declared), ()
    cells = Counter(_raw(line, target) for line in lines if line.text(target))
    groups: dict[str, Counter[str]] = defaultdict(Counter)
    for cell, count in cells.items():
        groups[width(written(cell)).casefold()][cell] += count
    labels: dict[str, str] = {}
    for spellings in groups.values():
        texts: Counter[str] = Counter()
        for cell, count in spellings.items():
            texts[written(cell)] += count
        label = max(texts, key=lambda t: (texts[t], width(t) == t, t.islower(), t))
        labels |= dict.fromkeys(texts, label)
    labels = dict(sorted(labels.items(), key=lambda pair: pair[::-1]))  # as their labels
    if len(groups) > MAX_LABELS:
        raise DataError(
            f"{target!r} has {len(groups)} different labels", "Free text? Use --kind qa."
        )
    notes = (*_spelt(target, groups.values(), labels), *_close(target, set(labels.values())))
    return labels, notes


def _raw(line: Line, target: str) -> str:
    """Returns a cell with its outer spaces: they are part of how a label is spelt."""
    cell = line[target]
    return cell if isinstance(cell, str) else line.text(target)


def _declared(lines: Sequence[Line], target: str, declared: Mapping[str, str]) -> dict[str, str]:
    declared = {written(code): written(label) for code, label in declared.items()}
    labels = {**{label: label for label in declared.values()}, **declared}
    codes = {line.text(target): line.origin for line in reversed(lines)}
    for code, origin in codes.items():
        if code and code not in labels:
            raise DataError(
                f"{origin}: {target!r} is {code!r}, which --labels doesn't name",
                f"Add {code}=NAME, or write one of {', '.join(labels)}.",
            )
    for code, label in declared.items():
        if code not in codes and label not in codes:
            raise DataError(
                f"--labels names {code!r}, which no row has in {target!r}", nearest(code, codes)
            )
    return labels


def _spelt(target: str, groups: Iterable[Counter[str]], labels: Mapping[str, str]) -> Iterable[str]:
    """Names the spellings that are one label."""
    several = [group for group in groups if len(group) > 1]
    if not several:
        return
    named = []
    for group in several[:SHOWN]:
        label = labels[written(next(iter(group)))]
        others = [f"{cell!r} ({count})" for cell, count in group.most_common() if cell != label]
        named.append(f"{', '.join(others)} as {label!r}")
    more = f"; {len(several) - SHOWN} more labels" if len(several) > SHOWN else ""
    apart = [text for text in labels if labels[text] != text]
    declared = f"--labels {apart[0]}={apart[0]},{labels[apart[0]]}=..." if apart else ""
    fix = f". To keep them apart, declare all labels: {declared}" if apart else ""
    yield f"{target!r}: other spellings (rows) are read as one label: {'; '.join(named)}{more}{fix}"


def _close(target: str, labels: set[str]) -> Iterable[str]:
    """Names labels that differ in what is often no difference: `non-life` and `non life`."""
    pairs = Spellings((label, label) for label in sorted(labels)).close
    if not pairs:
        return
    named = ", ".join(f"{a!r} and {b!r}" for a, b in pairs[:SHOWN])
    more = f" and {len(pairs) - SHOWN} more pairs" if len(pairs) > SHOWN else ""
    a, b = pairs[0]
    yield (
        f"{target!r}: {named}{more} are labels of their own, and an answer has to be written "
        f"exactly so. If they are one: --labels {b}={a},{a}={a},..."
    )
