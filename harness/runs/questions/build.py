"""From a folder of documents to a sheet of proposed questions; killed, the same command goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.config import RunConfig
from harness.errors import DataError, UsageError, needs
from harness.records.files import Json, storage_errors, write_lines
from harness.records.locks import locked
from harness.records.presence import present
from harness.retrieval.corpus_index import left_out
from harness.retrieval.splitting import SplitConfig, Splitter
from harness.retrieval.terms import guess_language
from harness.runs.ask import task_about
from harness.runs.questions.asking import Asker
from harness.runs.questions.filters import FILTERS
from harness.runs.questions.proposing import Proposal, Proposer
from harness.runs.questions.sheet import write_sheet
from harness.runs.questions.words import VERSION, WORDS
from harness.strategy.context import Monitor

if TYPE_CHECKING:
    from langchain_core.documents import Document

__all__ = ["MODEL", "PROPOSALS", "Wanted", "build_questions", "passages_of", "work_of"]

MODEL = "qwen2.5-coder-1.5b-instruct"
PROPOSALS = "proposals.jsonl"
UNANSWERABLE = 0.2  # of the questions
ELSEWHERE = "Name another file with --out."


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be proposed."""

    docs: Path
    out: Path  # the sheet, an XLSX file
    n: int = 100
    language: str | None = None  # by default that of the documents
    seed: int = 0


def work_of(sheet: Path) -> Path:
    """Returns the folder beside a sheet with the model's answers, all proposals and the ledger."""
    return sheet.with_name(f"{sheet.stem}.work")


def passages_of(docs: Path, monitor: Monitor) -> list[Document]:
    """Reads a folder and cuts it into passages, as strategies that retrieve do by default.

    Raises:
        DataError: No document can be read.
    """
    from harness.retrieval.loaders import load_folder

    if not docs.is_dir():
        raise DataError(f"there is no folder {docs}", "Check --docs.")
    report = load_folder(docs)
    for note in left_out([asdict(line) for line in report.files]):
        monitor.message(note)
    return list(Splitter(SplitConfig()).split(report.documents))


@present()
def build_questions(wanted: Wanted, config: RunConfig, monitor: Monitor | None = None) -> Json:
    """Proposes questions to documents, and writes the sheet for a person; returns JSON values.

    Raises:
        UsageError: The sheet is there already, or there are no prompts in the language.
        DataError: No document can be read, or no proposal was kept.
        BudgetExceeded: The limit is reached; what was answered is kept.
    """
    monitor, out = monitor or Monitor(), wanted.out
    _check_out(out)
    chunks = passages_of(wanted.docs, monitor)
    language = wanted.language or guess_language(chunk.page_content for chunk in chunks)
    if language not in WORDS:
        raise UsageError(f"there are no prompts in {language!r}", f"Known: {', '.join(WORDS)}.")
    work = work_of(out)
    with storage_errors(work, ELSEWHERE):
        work.mkdir(parents=True, exist_ok=True)
    with locked(work):
        task = task_about(wanted.docs, [chunk.page_content for chunk in chunks])
        asker = Asker(config, task, work, monitor)
        proposer = Proposer(asker, chunks, language, wanted.seed)
        proposer.run(wanted.n, round(UNANSWERABLE * wanted.n))
        write_lines(work / PROPOSALS, map(asdict, proposer.all))
        if asker.failed:
            why = next(iter(asker.failed.values()))
            monitor.message(f"{len(asker.failed)} requests got no answer, and were dropped: {why}")
        about = _about(wanted, language, asker, proposer.all, len(chunks))
        if not proposer.kept:
            raise DataError(
                f"of {len(proposer.all)} proposals the filters kept none: {work / PROPOSALS}",
                "Take a larger model with --model.",
            )
        write_sheet(out, proposer.kept, about)
    return about | {"out": str(out)}


def _check_out(out: Path) -> None:
    if out.suffix.lower() != ".xlsx":
        raise UsageError(f"--out {out.name} is no .xlsx file", "A person ticks in a workbook.")
    if out.exists():
        raise UsageError(f"{out} is there, and may hold ticks", ELSEWHERE)
    with needs("XLSX", "tables"):
        import openpyxl  # noqa: F401


def _about(
    wanted: Wanted, language: str, asker: Asker, proposals: Sequence[Proposal], passages: int
) -> Json:
    dropped = Counter(each.dropped for each in proposals if each.dropped)
    return {
        "model": asker.name,
        "prompts": VERSION,
        "language": language,
        "seed": wanted.seed,
        "asked_for": wanted.n,
        "passages": passages,
        "proposed": len(proposals),
        "kept": dict(Counter(each.kind for each in proposals if not each.dropped)),
        "dropped": {name: dropped[name] for name in FILTERS if dropped[name]},
        **asker.spent(),
    }
