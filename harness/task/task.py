"""A task: rows, prompt and rules of scoring, declared in YAML. It knows no strategy."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, wraps
from pathlib import Path
from types import ModuleType
from typing import Any, ParamSpec, TypeVar

from harness.errors import HarnessError, UsageError, nearest, needs
from harness.metrics.decision import parse_target
from harness.metrics.metric import TEXT
from harness.metrics.obedience import PLANTED
from harness.metrics.registry import kinds, known
from harness.metrics.retrieval import RETRIEVAL
from harness.records.keys import digest
from harness.task.corpus import Corpus, corpus_of_folder, corpus_of_passages, keep_documents
from harness.task.declared import Misdeclared, located
from harness.task.not_run import unknown_task
from harness.task.policy import Policy
from harness.task.published import check_published
from harness.task.rows import RowReader
from harness.task.sources import Lines, declared_files, fetch_lines, inside
from harness.task.spec import Generator, TaskSpec, read_spec
from harness.task.tables import Line, read_table, require_columns
from harness.task.view import TaskView
from harness.types import Passage, Row

__all__ = ["Task", "TaskData", "builtin_tasks", "generator_module", "load_task"]

Args = ParamSpec("Args")
Result = TypeVar("Result")
FOLDER = ("corpus", "folder")
DESCRIBED = {"name", "version", "kind", "language", "licence", "summary"}
DESCRIBED |= {"synthetic", "contamination", "published"}
# What stands beside a metric without being named, since one alone would mislead.
_BROUGHT = {
    "exact_match": ("value_match", "contains"),
    "abstention_recall": ("abstention_precision",),
}


@dataclass(frozen=True)
class TaskData:
    """The rows of a task, before limits."""

    train: list[Row]
    dev: list[Row]
    test: list[Row]
    notes: tuple[str, ...] = ()  # what was doubtful, and how it was read


def _with_line(method: Callable[Args, Result]) -> Callable[Args, Result]:
    """Lets a method of a task name the line of the task file that an error comes from."""

    @wraps(method)
    def called(*args: Args.args, **options: Args.kwargs) -> Result:
        try:
            return method(*args, **options)
        except HarnessError as error:
            task = args[0]
            assert isinstance(task, Task)
            raise located(error, task.file) from error.__cause__

    return called


@dataclass(frozen=True)
class Task:
    """A task with its parameters."""

    spec: TaskSpec
    folder: Path  # of the task file; a generator is looked for there
    table: Path | None = None  # the user's own, in place of the declared source
    test_table: Path | None = None  # the user's own test rows; `table` is then train and dev
    docs: Path | None = None  # the user's own folder, in place of the declared corpus
    labels: tuple[str, ...] = ()
    file: Path | None = None  # the task file, where there is one
    notes: tuple[str, ...] = ()  # what was doubtful in the labels of a table

    @property
    def name(self) -> str:
        """Name of the task."""
        return self.spec.name

    @property
    def kind(self) -> str:
        """Kind of task."""
        return self.spec.kind

    @property
    def language(self) -> str:
        """Two-letter code."""
        return self.spec.language

    @property
    def max_tokens(self) -> int:
        """Longest answer in tokens."""
        return self.spec.max_tokens

    @property
    def abstain(self) -> str:
        """The answer that one doesn't know; empty where the task has none."""
        return self.spec.abstain

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the metrics, with those that others bring along: one alone would mislead."""
        brought = [other for name in self.spec.metrics for other in _BROUGHT.get(name, ())]
        kind = kinds()[self.kind]
        fitting = [name for name in brought if kind.among(known()[name].kinds)]
        planted = PLANTED if self._planted and kind.among(TEXT) else ()
        return tuple(dict.fromkeys((*self.spec.metrics, *fitting, *planted)))

    @property
    def _planted(self) -> bool:
        generator = self.spec.source.generator
        return bool(generator and generator.parameters.get("injections"))

    @property
    def primary(self) -> str:
        """Name of the metric that decides."""
        return self.spec.primary

    @property
    def slices(self) -> tuple[str, ...]:
        """Columns that results are sliced by."""
        return self.spec.columns.slices

    @property
    def readout(self) -> str:
        """Likelihoods where there are choices, text elsewhere, unless the file names a readout."""
        if self.spec.readout != "auto":
            return self.spec.readout
        return kinds()[self.kind].readout

    @property
    def digest(self) -> str:
        """sha256 of all that decides prompts and scores."""
        excluded = {"summary", "licence", "attribution", "contamination", "published", "masks"}
        excluded |= {"test_limit", "split", "date_format"}  # rows have digests of their own
        excluded |= {name for name in ("decision", "tolerance") if getattr(self.spec, name) is None}
        return digest(self.spec.model_dump(mode="json", exclude=excluded) | {"labels": self.labels})

    def describe(self) -> dict[str, Any]:
        """Returns what a record keeps of the task."""
        spec = self.spec
        generator = spec.source.generator
        return {
            **spec.model_dump(include=DESCRIBED),
            "digest": self.digest,
            "parameters": generator.parameters if generator else {},
            "labels": list(self.labels),
        }

    def largest_loss(self, rows: Iterable[Row]) -> float | None:
        """Returns the most that a case can cost; None where the task declares no losses."""
        costs = self.spec.decision
        if costs is None:
            return None
        rights = (parse_target(row.example.target, costs) for row in rows)
        return max(map(costs.largest, rights), default=None)

    @_with_line
    def with_parameters(self, values: Mapping[str, Any]) -> Task:
        """Returns the task with other parameters of its generator; UsageError if one is wrong."""
        generator = self.spec.source.generator
        declared = generator.parameters if generator else {}
        module = generator_module(self.folder, generator.name) if generator else None
        parameters = inspect.signature(module.rows).parameters.values() if module else ()
        defaults = {
            each.name: each.default for each in parameters if each.default is not each.empty
        }
        known, changed = defaults | declared, dict(declared)
        for key, value in values.items():
            if key not in known:
                raise UsageError(f"{self.name} has no parameter {key!r}", nearest(key, known))
            try:
                changed[key] = type(known[key])(value)
            except ValueError as error:
                raise UsageError(f"--task-set {key}={value}: {error}") from error
            if key not in declared and changed[key] == defaults[key]:
                del changed[key]  # what the file doesn't name is in no key at its default
        if generator is None:
            return self
        made = generator.model_copy(update={"parameters": changed})
        source = self.spec.source.model_copy(update={"generator": made})
        return replace(self, spec=self.spec.model_copy(update={"source": source}))

    def as_ranking(self) -> Task:
        """Returns the task as one of retrieval alone: right is what finds the gold passages.

        Raises:
            UsageError: It names no gold passages.
        """
        if not self.spec.columns.passages:
            raise UsageError(
                f"{self.name} names no gold passages", "Its task file needs columns: passages."
            )
        changed = {"kind": "ranking", "metrics": RETRIEVAL, "primary": RETRIEVAL[0]}
        return replace(self, spec=self.spec.model_copy(update=changed))

    @property
    def view(self) -> TaskView:
        """What a strategy may know of it."""
        spec = self.spec
        same = {"name", "kind", "language", "stop", "max_tokens", "abstain"}
        values = spec.model_dump(include=same) | spec.prompt.model_dump()
        values |= {"input_cue": ""} if spec.columns.context else {}  # see `rows.with_context`
        return TaskView(labels=self.labels, **values)

    @_with_line
    def load(self, *, data_dir: Path | None = None, offline: bool = False) -> TaskData:
        """Loads all rows and splits them.

        Raises:
            DataError: A file, column or row that can't be used.
            MissingDependency: The rows are neither here nor to be fetched.
        """
        notes: Sequence[str] = ()
        if self.table is not None:
            lines, notes = self._tables(self.table)
        elif generator := self.spec.source.generator:
            lines = [(line, "") for line in _generate(self.folder, generator, self.name)]
        else:
            lines, notes = fetch_lines(self.spec, self.folder, data_dir, offline=offline)
        reader = RowReader(self.spec, self.labels, self.table.name if self.table else self.name)
        rows = reader.rows([line for line, _ in lines])
        parts: dict[str, list[Row]] = {"train": [], "dev": [], "test": []}
        splits, said = self._policy.divide(rows, lines)
        for row, split in zip(rows, splits, strict=True):
            parts[split].append(row)
        check_published(self.spec.published, len(parts["test"]))
        return TaskData(**parts, notes=(*notes, *self.notes, *reader.notes, *said))

    @_with_line
    def check_documents(self, data_dir: Path | None = None) -> None:
        """Raises where declared documents aren't there; those of a generator are never written."""
        corpus = self.spec.corpus
        if corpus and corpus.folder and not (self.folder / corpus.folder).is_dir():
            raise Misdeclared(f"there is no folder {corpus.folder}", "Check the path.", *FOLDER)
        if corpus and corpus.folder:
            inside(self.folder / corpus.folder, self.folder, data_dir, *FOLDER)
        if corpus and corpus.files:
            declared_files(corpus.files, self.name, self.folder, data_dir)

    @_with_line
    def corpus(self, *, data_dir: Path | None = None, keep: Path) -> Corpus | None:
        """Returns the documents that the questions are about; None where there are none.

        Raises:
            DataError: A file or folder can't be used.
            MissingDependency: It isn't here, or a package of the generator's is missing.
        """
        # Documents that a generator writes are kept below `keep`.
        if self.docs is not None:
            return corpus_of_folder(self.docs)
        spec = self.spec.corpus
        if spec is None:
            return None
        if spec.files:
            return corpus_of_passages(tuple(_entries(self.spec, self.folder, data_dir)))
        if spec.folder:
            folder = self.folder / spec.folder
            return corpus_of_folder(inside(folder, self.folder, data_dir, *FOLDER))
        generator = self.spec.source.generator
        assert generator is not None  # or the declaration would have been refused
        module = generator_module(self.folder, generator.name)
        try:
            with needs("writing documents", "documents"):
                return keep_documents(
                    lambda place: module.write_documents(place, **generator.parameters), keep
                )
        except ValueError as error:
            raise UsageError(f"{generator.name}: {error}", PARAMETERS) from error

    def _tables(self, path: Path) -> tuple[Lines, tuple[str, ...]]:
        """Reads the user's own table, or tables."""
        layout = self.spec.source.files[0].layout
        table = read_table(path, layout)
        if self.test_table is None:
            return [(line, "") for line in table.lines], table.notes
        # Test rows come first, so that their ids don't hang on the rows that are learned.
        tested, column = read_table(self.test_table, layout), self.spec.columns.split
        for line in tested.lines:
            line.setdefault(column or "split", "test")
        parts = ((tested.lines, "test"), (table.lines, "" if column else "train"))
        lines = [(line, split) for part, split in parts for line in part]
        return lines, (*tested.notes, *table.notes)

    @property
    def _policy(self) -> Policy:
        columns = self.spec.columns
        return Policy(
            columns.split,
            self.table is not None,
            columns.time,
            columns.cluster is not None,
            self.spec.split,
            self.spec.date_format,
        )


PARAMETERS = "Its parameters are set by --task-set, such as --task-set world=8."


def generator_module(folder: Path, name: str) -> ModuleType:
    """Imports a package that makes rows from its folder, whatever else has its name.

    Raises:
        DataError: There is no such package.
    """
    # ``insurer/claims`` is a package inside another, which is imported first so that relative
    # imports reach it.
    module = f"harness_tasks_{name.replace('/', '.')}"
    parent, _, _ = name.rpartition("/")
    if parent:
        generator_module(folder, parent)
    if module not in sys.modules:
        _load_package(module, folder / name)
    return sys.modules[module]


def _load_package(module: str, place: Path) -> None:
    spec = importlib.util.spec_from_file_location(
        module, place / "__init__.py", submodule_search_locations=[str(place)]
    )
    if spec is None or spec.loader is None or not (place / "__init__.py").is_file():
        raise Misdeclared(
            f"there is no generator {place.name!r} beside the task file",
            f"It is a package: {place.name}/__init__.py, with a function rows().",
            *("source", "generator", "name"),
        )
    sys.modules[module] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[module])


def _generate(folder: Path, generator: Generator, name: str) -> list[Line]:
    module = generator_module(folder, generator.name)
    try:
        inspect.signature(module.rows).bind(**generator.parameters)
    except TypeError as error:
        raise Misdeclared(
            f"{generator.name}: {error}",
            f"Its parameters are {', '.join(inspect.signature(module.rows).parameters)}.",
            *("source", "generator", "parameters"),
        ) from error
    try:
        rows = module.rows(**generator.parameters)
        return [Line(row, f"{name}, row {number}") for number, row in enumerate(rows, 1)]
    except ValueError as error:
        raise UsageError(f"{generator.name}: {error}", PARAMETERS) from error


def _entries(spec: TaskSpec, folder: Path, data_dir: Path | None) -> Iterator[Passage]:
    """Reads a corpus of ready passages; a title stands before its text."""
    corpus = spec.corpus
    assert corpus is not None
    paths = declared_files(corpus.files, spec.name, folder, data_dir)
    for path, file in zip(paths, corpus.files, strict=True):
        lines = read_table(path, file.layout).lines
        require_columns((corpus.id, corpus.text, corpus.title), lines, path.name)
        for line in lines:
            title = f"{line[corpus.title]}\n" if corpus.title else ""
            yield Passage(f"{title}{line[corpus.text]}", line.text(corpus.id))


@cache
def builtin_tasks() -> Mapping[str, Path]:
    """Returns the task files that belong to this installation, by name."""
    folder = Path(__file__).resolve().parents[2] / "tasks"
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def load_task(name: str) -> Task:
    """Opens a task by name, or a task file anywhere.

    Raises:
        UsageError: There is none of that name.
        DataError: The file is wrong.
    """
    path = Path(name)
    if path.suffix not in (".yaml", ".yml"):
        if name not in builtin_tasks():
            raise unknown_task(name, builtin_tasks())
        path = builtin_tasks()[name]
    spec = read_spec(path)
    labels = tuple(dict.fromkeys(spec.labels.values() or spec.columns.flags))
    return Task(spec, path.resolve().parent, labels=labels, file=path)
