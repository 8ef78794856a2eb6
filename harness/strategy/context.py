"""What a strategy is given: everything that it may know, and no test answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, overload

from harness.devices import Device
from harness.models.base import RunsElsewhere
from harness.records.ledger import Ledger
from harness.strategy.long_rows import LongRows
from harness.task.corpus import Corpus
from harness.task.view import TaskView
from harness.types import Estimate, Example, Output, Prompt, Query

if TYPE_CHECKING:
    import numpy as np

    from harness.models.base import Model
    from harness.strategy.preparing import Scoring

__all__ = ["Context", "CountedRows", "Loader", "Monitor", "Renderer"]


class CountedRows(Sequence[Example]):
    """A split's labelled rows, in the order of the limit; counts those whose label was read."""

    def __init__(self, rows: Sequence[Example]) -> None:
        self._rows = tuple(rows)
        self._read: set[int] = set()

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Example: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Example]: ...
    def __getitem__(self, index: int | slice) -> Example | Sequence[Example]:
        chosen = range(len(self))[index]
        if isinstance(chosen, int):
            self._read.add(chosen)
            return self._rows[chosen]
        self._read.update(chosen)
        return self._rows[index]

    def __iter__(self) -> Iterator[Example]:
        for index in range(len(self)):
            yield self[index]

    @property
    def queries(self) -> tuple[Query, ...]:
        """The inputs without labels; reading them costs nothing."""
        return tuple(row.query for row in self._rows)

    def read(self, ids: Iterable[str]) -> None:
        """Counts the labels of these rows as read."""
        chosen = set(ids)
        self._read.update(n for n, row in enumerate(self._rows) if row.query.id in chosen)

    @property
    def known(self) -> tuple[Example, ...]:
        """The rows whose label was read: it is paid, so using it again costs nothing."""
        return tuple(self._rows[index] for index in sorted(self._read))

    @property
    def rows_read(self) -> int:
        """How many rows had their label read."""
        return len(self._read)


Renderer = Callable[[Query, Prompt], Prompt]
"""Returns a query's prompt with further sections."""


class Loader(Protocol):
    """Loads the run's model."""

    def __call__(  # noqa: D102
        self,
        *,
        quantization: str | None = None,
        adapter: Path | None = None,
        merge: bool = False,
        base: Path | None = None,
    ) -> Model: ...

    def other(self, name: str | None) -> Loader:
        """Returns what loads another model, which the strategy names; None: the same one."""


class Monitor:
    """Takes progress, and says when the user wants to stop. This one is silent."""

    def progress(self, label: str, done: float, total: float, **figures: float | None) -> None:
        """Takes how many units of ``train``, ``answer``, ... are done, with loss, speed, ..."""

    def message(self, text: str) -> None:
        """Takes something that the user should know."""

    def stopping(self) -> bool:
        """Says whether the user wants to stop."""
        return False

    def graceful(self) -> AbstractContextManager[None]:
        """While inside, a signal only sets `stopping`, so that a checkpoint can be written."""
        return nullcontext()


@dataclass(frozen=True)
class Context:
    """Everything that a strategy may use."""

    task: TaskView  # without its test rows
    train: CountedRows  # labelled rows to learn from; reads are counted
    dev: CountedRows  # labelled rows to choose by; reads are counted
    artifact: Path  # the folder to write into, and to predict from
    ledger: Ledger
    seed: int  # the run's; use `rng` or `stream` for a named stream of it
    readout: str  # ``loglikelihood`` or ``generate``
    loader: Loader
    corpus: Corpus | None = None  # None where the task has none or the strategy doesn't need it
    monitor: Monitor = field(default_factory=Monitor)  # takes progress, and says when to stop
    remote: bool = False  # whether the run's model is behind a server
    long_rows: LongRows = field(default_factory=LongRows)  # what becomes of what it can't read
    streams: set[str] = field(default_factory=set)  # names of the random streams that were used
    details: dict[str, Any] = field(default_factory=dict)  # JSON about the artifact, for the record
    device: Device = Device("cpu")  # of the run: where what the strategy loads itself has to run
    # Folder of the weights and the tokenizer that are loaded in the place of the run's model's.
    base: Path | None = None
    scoring: Scoring | None = None  # of answers to dev rows; None where nobody scores
    # Makes the prompts that a renderer of this part gives, with what the other promptings add.
    prompts: Callable[[Renderer], Callable[[Query], Prompt]] | None = None
    confidence: bool = False  # whether it is wanted how sure each answer is
    structured: bool = False  # whether answers are bound to the task's labels or form

    def part(self, name: str) -> Context:
        """Returns this context with a sub-folder of the artifact, for one part of a strategy."""
        folder = self.artifact / name
        folder.mkdir(parents=True, exist_ok=True)
        return replace(self, artifact=folder)

    def stream(self, name: str) -> int:
        """Returns a 63-bit seed for a purpose, independent of the other purposes' seeds."""
        self.streams.add(name)
        digest = hashlib.sha256(f"{self.seed}/{name}".encode()).digest()
        return int.from_bytes(digest[:8], "big") >> 1

    def rng(self, name: str) -> np.random.Generator:
        """Returns a random generator for a purpose (``examples``, ``order``)."""
        import numpy as np

        return np.random.default_rng(self.stream(name))

    def drawn(self, rows: CountedRows, name: str) -> list[Query]:
        """Returns the questions of rows in a random order of their own; no label is read.

        The rows of a file may be sorted by label, so the first of them are no sample.
        """
        order = self.rng(name).permutation(len(rows)).tolist()
        return [rows.queries[index] for index in order]

    def load_model(
        self, *, quantization: str | None = None, adapter: Path | None = None, merge: bool = False
    ) -> Model:
        """Loads the run's model, and records it as the phase ``load``.

        Raises:
            MissingDependency: The model or a package isn't there.
        """
        # `quantization` is ``nf4`` or ``int8``; `merge` adds the adapter's update to the weights.
        with self.ledger.phase("load"):
            model = self.loader(
                quantization=quantization, adapter=adapter, merge=merge, base=self.base
            )
        if isinstance(model, RunsElsewhere):
            self.ledger.watch(model.peak_bytes)
        return model

    def of_model(self, name: str | None, phase: str) -> Context:
        """Returns this context with another model in the place of the run's; None: the run's own.

        The record names the model as that of the phase.
        """
        load, models = self.loader.other(name), self.details.setdefault("models", {})
        return replace(self, loader=_Noted(load, phase, models), base=None)

    def score_dev(self, outputs: Sequence[Output]) -> Estimate:
        """Scores answers to dev rows by the task's primary metric; counts their labels as read."""
        assert self.scoring is not None
        self.dev.read(output.id for output in outputs)
        return self.scoring.estimate(outputs)


@dataclass(frozen=True)
class _Noted:
    """A loader that notes which model it loaded."""

    load: Loader
    phase: str
    models: dict[str, Any]

    def __call__(
        self,
        *,
        quantization: str | None = None,
        adapter: Path | None = None,
        merge: bool = False,
        base: Path | None = None,
    ) -> Model:
        model = self.load(quantization=quantization, adapter=adapter, merge=merge, base=base)
        self.models[self.phase] = model.info.as_dict()
        return model

    def other(self, name: str | None) -> Loader:
        return self.load.other(name)
