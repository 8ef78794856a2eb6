"""The texts that a record leaves out: questions, gold passages, and what an index holds.

They are read again where they lie: a task's rows by its declaration, those of the user's own table
in a file of its name, passages in the artifact. A question is shown only if the rows are the very ones that were answered (by their digest), and
as far as the record's ``--store-text`` goes: masked, or not at all.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from harness.analysis.trials import Trial
from harness.config import DataSource
from harness.errors import DataError, HarnessError
from harness.records.files import RESTORE, each_line, read_json
from harness.records.personal import mask
from harness.records.reading import name_left_out
from harness.records.schema import TaskRecord
from harness.task.rows import rows_digest
from harness.task.table import task_from_data
from harness.task.task import Task, builtin_tasks, load_task
from harness.types import Row

__all__ = ["Texts", "passages_of", "prompt_examples", "stored_text", "texts_of"]

Clean = Callable[[str], str]
STORED = ("full", "masked", "ids")


@dataclass(frozen=True)
class Texts:
    """What a task says."""

    rows: Mapping[str, Row] = field(default_factory=dict)  # by id; empty where none may be shown
    instructions: str = ""  # that prompts begin with
    clean: Clean = str  # masks personal data where the records do
    stored: str = "full"  # or ``masked``, ``ids``
    file: str = ""  # the user's own table that has the rows, and that isn't here as it was


def stored_text(run: Trial) -> str:
    """Returns how much text a run's record may show."""
    return run.record.config.store_text


def texts_of(runs: Sequence[Trial], data_dir: Path | None = None) -> Texts:
    """Reads a task's rows, as far as all of its runs allow to show them."""
    stored = max(map(stored_text, runs), key=STORED.index)
    if stored == "ids":
        return Texts(stored=stored)
    own = runs[0].record.config.data
    clean: Clean = str if stored == "full" else mask
    unread = Texts(stored=stored, clean=clean, file=own.path.name if own else "")
    try:
        task = _own_task(own, data_dir) if own else _builtin_task(runs[0].record.task)
        if task is None:
            return unread
        masks = task.spec.masks
        data = task.load(data_dir=data_dir, offline=True)
    except (HarnessError, OSError, ImportError):
        return unread
    rows = {row.id: row for row in data.test}
    if not any(_same(run, rows) for run in runs):
        if own:
            return unread
        rows = {}
    if stored != "full":
        clean = partial(mask, extra=masks)
    return Texts(rows, task.spec.prompt.instructions, clean, stored)


def _builtin_task(about: TaskRecord) -> Task | None:
    if about.name not in builtin_tasks():  # a record names no file that would be opened, or run
        return None
    return load_task(about.name).with_parameters(about.parameters)


def _own_task(own: DataSource, data_dir: Path | None) -> Task | None:
    """Looks for the files of a table in `data_dir`, then here: a record names no place of them."""
    named = {name: getattr(own, name) for name in ("path", "test", "prompt")}
    names = {name: Path(file).name for name, file in named.items() if file}
    for folder in filter(None, (data_dir, Path())):
        files = {name: folder / file for name, file in names.items()}
        if all(file.is_file() for file in files.values()):
            return task_from_data(**{**dict(own), **files})
    return None


def _same(run: Trial, rows: Mapping[str, Row]) -> bool:
    task = run.record.task
    answered = [rows[name] for name in run.rows.ids if name in rows]
    return len(answered) == task.rows.test and rows_digest(answered) == task.digests.get("test")


def passages_of(run: Trial) -> dict[tuple[str, int, int], str]:
    """Reads the chunks of a run's index by source, start and end; empty where it isn't here."""
    passages = {}
    for path in sorted(_artifact(run).glob("**/index/chunks.jsonl")):
        with _left_out_if_damaged(path):
            for chunk in each_line(path):
                about = chunk["metadata"]
                key = (about.get("source", ""), about.get("start", -1), about.get("end", -1))
                passages[key] = str(chunk["text"])
    return passages


def prompt_examples(run: Trial) -> list[tuple[str, str]]:
    """Reads the examples that stand in a run's prompts, question and answer, where it kept some."""
    examples: list[tuple[str, str]] = []
    for path in sorted(_artifact(run).glob("*/examples.json")):
        with _left_out_if_damaged(path):
            examples += [(str(x["query"]["text"]), str(x["answer"])) for x in read_json(path)]
    return examples


@contextlib.contextmanager
def _left_out_if_damaged(path: Path) -> Iterator[None]:
    """Names a file of an artifact that can't be read: a report does without what it shows."""
    try:
        yield
    except DataError as error:
        name_left_out(error)
    except (KeyError, TypeError, AttributeError) as error:
        name_left_out(DataError(f"{path} is damaged: {error!r}", RESTORE))


def _artifact(run: Trial) -> Path:
    name = Path(run.record.artifact.name).name if run.record.artifact else "none"
    return run.folder.parent / "artifacts" / name
