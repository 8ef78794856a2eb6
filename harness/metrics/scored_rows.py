"""Scored rows by column: a million of them are a few arrays, and a row is made when it is read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress, islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from harness.types import Outcome, Scored

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Truths = NDArray[np.bool_]

__all__ = ["NONE", "Coded", "ScoredFields", "ScoredRows", "by_column", "columns"]

NONE = -1  # the code of a row that has no text
NAN = float("nan")
Content = TypeVar("Content", str, float)
AT_ONCE = 10_000  # rows that are read as rows before they become columns
ScoredFields = tuple[Any, ...]
"""The fields of a `Scored`, in their order."""


@dataclass(frozen=True, eq=False)
class Coded:
    """A text of each row as a number; of rows that share one, the text is kept once."""

    names: tuple[str, ...]
    codes: Integers  # places in `names`; `NONE` where a row has no text

    def __getitem__(self, row: int) -> str | None:
        code = self.codes[row]
        return None if code == NONE else self.names[code]

    def texts(self, none: str = "") -> list[str]:
        """Returns all texts, `none` where a row has none."""
        names = (*self.names, none)
        return [names[code] for code in self.codes.tolist()]

    def there(self) -> list[str]:
        """Returns the texts that rows have, in the order of their names."""
        import numpy as np

        return sorted(self.names[code] for code in np.unique(self.codes).tolist() if code != NONE)

    def numbered(self, names: Sequence[str], none: str = "") -> Integers:
        """Returns each row's place among other names, that of `none` where a row has no text."""
        import numpy as np

        place = {name: at for at, name in enumerate(names)}
        own = [*(place.get(name, NONE) for name in self.names), place.get(none, NONE)]
        return np.array(own, dtype=np.int64)[self.codes]

    def equal(self, text: str) -> Truths:
        """Says which rows have a text."""
        import numpy as np

        at = self.names.index(text) if text in self.names else NONE - 1
        return np.asarray(self.codes == at)

    def where(self, rows: Truths) -> Coded:
        """Returns the same of some rows."""
        return Coded(self.names, self.codes[rows])


@dataclass(frozen=True, eq=False)
class ScoredRows(Sequence[Scored]):
    """Predictions with their scores, as columns; `harness.types.Scored` says what each is."""

    ids: tuple[str, ...]
    outcomes: Coded
    targets: Coded
    predicted: Coded
    correct: Truths
    abstained: Truths
    answerable: Truths
    clusters: Coded
    values: Mapping[str, Floats]  # by metric; not a number where a row has none
    columns: Mapping[str, Coded]
    judged: Mapping[str, Coded]

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, index: int) -> Scored: ...
    @overload
    def __getitem__(self, index: slice) -> list[Scored]: ...
    def __getitem__(self, index: int | slice) -> Scored | list[Scored]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        named = {name: each[index] for name, each in self.columns.items()}
        judged = {name: each[index] for name, each in self.judged.items()}
        values = {name: float(each[index]) for name, each in self.values.items()}
        outcome: Outcome = self.outcomes[index]  # type: ignore[assignment]
        return Scored(
            id=self.ids[index],
            outcome=outcome,
            target=self.targets[index] or "",
            predicted=self.predicted[index],
            correct=bool(self.correct[index]),
            abstained=bool(self.abstained[index]),
            answerable=bool(self.answerable[index]),
            values={name: value for name, value in values.items() if value == value},
            cluster=self.clusters[index] or "",
            columns={name: text for name, text in named.items() if text is not None},
            judged={name: state for name, state in judged.items() if state is not None},
        )

    def where(self, rows: Truths) -> ScoredRows:
        """Returns some of the rows, themselves if they are all."""
        if rows.all():
            return self
        return ScoredRows(
            ids=tuple(compress(self.ids, rows.tolist())),
            outcomes=self.outcomes.where(rows),
            targets=self.targets.where(rows),
            predicted=self.predicted.where(rows),
            correct=self.correct[rows],
            abstained=self.abstained[rows],
            answerable=self.answerable[rows],
            clusters=self.clusters.where(rows),
            values={name: each[rows] for name, each in self.values.items()},
            columns={name: each.where(rows) for name, each in self.columns.items()},
            judged={name: each.where(rows) for name, each in self.judged.items()},
        )

    @property
    def answered(self) -> ScoredRows:
        """The rows that have an outcome other than an error."""
        return self.where(~self.outcomes.equal("error"))

    @property
    def units(self) -> list[str]:
        """What is resampled together: each row's cluster; a row without one is its own."""
        clusters = self.clusters.texts()
        return [name or f"\0{row}" for name, row in zip(clusters, self.ids, strict=True)]

    @cached_property
    def unit_codes(self) -> Integers:
        """The same as numbers, in the order of the names."""
        from harness.metrics.statistics.resampling import codes

        return codes(self.units)

    def shares(self, of: Truths, among: Truths | None = None) -> Floats:
        """Returns 1 for rows of which something is true, else 0; not a number outside `among`."""
        import numpy as np

        values = of.astype(np.float64)
        return values if among is None else np.where(among, values, np.nan)


class _Column(ABC, Generic[Content]):
    """A column as it comes, some rows at a time."""

    @abstractmethod
    def add(self, rows: Sequence[Content | None]) -> None:
        """Takes more rows."""


class _Texts(_Column[str]):
    """Texts, each numbered when it is first seen."""

    def __init__(self) -> None:
        self._numbers: dict[str | None, int] = {None: NONE}
        self._codes = array("i")

    def add(self, rows: Sequence[str | None]) -> None:
        for text in dict.fromkeys(rows):
            self._numbers.setdefault(text, len(self._numbers) - 1)
        self._codes.extend(map(self._numbers.__getitem__, rows))

    def coded(self) -> Coded:
        import numpy as np

        names = tuple(name for name in self._numbers if name is not None)
        return Coded(names, np.asarray(self._codes, dtype=np.int64))


class _Figures(_Column[float]):
    """Figures, not a number where there is none."""

    def __init__(self) -> None:
        self._values = array("d")

    def add(self, rows: Sequence[float | None]) -> None:
        self._values.extend(NAN if value is None else value for value in rows)

    def values(self) -> Floats:
        import numpy as np

        return np.asarray(self._values, dtype=np.float64)


Kind = TypeVar("Kind", _Texts, _Figures)


def _spread(
    into: dict[str, Kind], make: type[Kind], rows: Sequence[Mapping[str, object]], before: int
) -> None:
    """Adds named values, of which a row may lack some, to a column for each name."""
    for name in dict.fromkeys(name for row in rows for name in row):
        if name not in into:
            into[name] = make()
            into[name].add([None] * before)
    for name, column in into.items():
        column.add([row.get(name) for row in rows])  # type: ignore[misc]


def columns(rows: Iterable[ScoredFields]) -> ScoredRows:
    """Reads rows once, some at a time, whatever gives their fields."""
    import numpy as np

    ids: list[str] = []
    texts = tuple(_Texts() for _ in range(4))
    flags = bytearray(), bytearray(), bytearray()
    values: dict[str, _Figures] = {}
    named, judged = dict[str, _Texts](), dict[str, _Texts]()
    rows = iter(rows)
    while some := list(islice(rows, AT_ONCE)):
        names, *each = zip(*some, strict=True)
        for column, place in zip(texts, (0, 1, 2, 7), strict=True):
            column.add(each[place])
        for flag, place in zip(flags, (3, 4, 5), strict=True):
            flag.extend(each[place])
        before = len(ids)
        _spread(values, _Figures, each[6], before)
        _spread(named, _Texts, each[8], before)
        _spread(judged, _Texts, each[9], before)
        ids.extend(names)
    outcomes, targets, predicted, clusters = (column.coded() for column in texts)
    correct, abstained, answerable = (
        np.frombuffer(bytes(flag), dtype=np.uint8).astype(bool) for flag in flags
    )
    return ScoredRows(
        ids=tuple(ids),
        outcomes=outcomes,
        targets=targets,
        predicted=predicted,
        correct=correct,
        abstained=abstained,
        answerable=answerable,
        clusters=clusters,
        values={name: column.values() for name, column in values.items()},
        columns={name: column.coded() for name, column in named.items()},
        judged={name: column.coded() for name, column in judged.items()},
    )


def by_column(scored: Iterable[Scored]) -> ScoredRows:
    """Returns rows by column; what is so already stays as it is."""
    if isinstance(scored, ScoredRows):
        return scored
    return columns(map(attrgetter(*Scored.__slots__), scored))
