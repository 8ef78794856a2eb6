"""Reads one file, or a folder of them, and reports on each file what became of it."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from harness.errors import DataError, HarnessError, MissingDependency, UsageError
from harness.records.keys import sha256_of
from harness.retrieval.loaders.base import AGAIN, DocumentText, Limits, LoadError
from harness.retrieval.loaders.formats import recognise
from harness.retrieval.places import article_marks
from harness.task.folder import Found, files_in, readable_name, refusal

if TYPE_CHECKING:
    from langchain_core.documents import Document

__all__ = ["FileLine", "LoadReport", "iter_folder", "load_file", "load_folder"]

DocumentReader = Callable[[Path, Limits, DocumentText], None]
LOADERS = {
    "pdf": "pdf:load_pdf",
    "docx": "docx:load_docx",
    "hwpx": "hwpx:load_hwpx",
    "hwp": "hwp:load_hwp",
    "txt": "plain:load_text",
    "md": "plain:load_markdown",
    "html": "html:load_html",
    "csv": "tables:load_csv",
    "xlsx": "tables:load_xlsx",
}
_NO_DOCUMENTS = ("~$", ".", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True)
class FileLine:
    """What became of one file."""

    file: str  # its name within the folder, in NFC
    status: Literal["read", "skipped"]
    format: str = ""  # as its content says; empty where that isn't known
    encoding: str = ""
    pages: int | None = None
    characters: int = 0
    tables: int = 0
    note: str = ""  # why it was skipped and what to do, or what the reader should know
    kind: str = ""  # one word for why it was skipped, see `LoadError`


@dataclass
class LoadReport:
    """The documents in the order of their names, and a line for each file, skipped ones too."""

    documents: list[Document] = field(default_factory=list)
    files: list[FileLine] = field(default_factory=list)

    def rows(self) -> list[dict[str, Any]]:
        """Returns the lines as dicts, for a table."""
        return [asdict(line) for line in self.files]

    @property
    def skipped(self) -> list[FileLine]:
        """The files that weren't read."""
        return [line for line in self.files if line.status == "skipped"]


def load_file(path: Path, *, source: str | None = None, limits: Limits | None = None) -> Document:
    """Reads one file, whatever its name says; `source` is what citations call it.

    Returns:
        A document whose metadata has ``source`` (NFC), ``format``, ``sha256`` of the file,
        ``encoding``, ``pages``, ``tables``, ``notes``, and ``marks`` (`harness.retrieval.places`).

    Raises:
        LoadError: It can't be read, with the next step.
        MissingDependency: Its format needs a package that isn't there.
    """
    from langchain_core.documents import Document

    limits = limits or Limits()
    name = _nfc(source if source is not None else readable_name(path.name))
    try:
        if not path.is_file():
            raise DataError(f"there is no file {readable_name(str(path))}", "Check the path.")
        kind = recognise(path, limits)
        text = DocumentText(limits)
        _reader(kind)(path, limits, text)
        content = text.text()
        if not content.strip():
            raise LoadError(f"({kind}) has no text", "If it holds pictures, use OCR.", "scanned")
        articles, digest = article_marks(content), sha256_of(path)
    except LoadError as error:
        raise LoadError(f"{name} {error.message}", error.hint, error.kind) from error
    except HarnessError:
        raise
    except Exception as error:  # no file, however it was made, stops those beside it
        raise LoadError(f"{name} {_problem(error)[0]}", *_problem(error)[1:]) from error
    marks = sorted([*text.marks, *articles], key=lambda mark: mark[0])
    metadata: dict[str, Any] = {
        "source": name,
        "format": kind,
        "sha256": digest,
        "encoding": text.encoding,
    }
    metadata |= {"pages": text.pages, "tables": text.tables, "notes": text.notes}
    metadata["marks"] = [[start, dict(place)] for start, place in marks]
    key = hashlib.sha256(f"{name}\0{digest}".encode()).hexdigest()[:32]
    return Document(content, id=key, metadata=metadata)


def _problem(error: Exception) -> tuple[str, str, str]:
    """Says what became of a file with which a reader failed: a problem, what to do, one word."""
    if isinstance(error, OSError) and error.errno is not None:
        return refusal(error)
    if isinstance(error, MemoryError):
        return "takes more memory than there is", "Divide it.", "large"
    if isinstance(error, RecursionError):
        return "is nested too deep", "Save it again in the program that it is from.", "damaged"
    return f"can't be read ({type(error).__name__}: {str(error)[:200]})", AGAIN, "damaged"


def _reader(kind: str) -> DocumentReader:
    module, _, name = LOADERS[kind].partition(":")
    reader: DocumentReader = getattr(import_module(f"harness.retrieval.loaders.{module}"), name)
    return reader


def iter_folder(
    folder: Path, limits: Limits | None = None
) -> Iterator[tuple[Document | None, FileLine]]:
    """Reads files one by one: a document, or None where it was skipped, and a line on each.

    Raises:
        DataError: There is no such folder.
    """
    if not folder.is_dir():
        raise DataError(f"there is no folder {folder}", "Check the path.")
    limits = limits or Limits()
    names: set[str] = set()
    contents: dict[str, str] = {}
    every = [(_nfc(found.name), found) for found in files_in(folder, limits.file_bytes)]
    for name, found in sorted(every, key=lambda each: each[0]):
        if found.path.name.startswith(_NO_DOCUMENTS):
            continue
        digest, line = _digest(name, found)
        if line is not None:
            yield None, line
            continue
        twin = f"the same content as {contents[digest]}" if digest in contents else ""
        if name in names:
            twin = "another file has this name in another Unicode form: rename one"
        if twin:
            yield None, FileLine(name, "skipped", note=twin, kind="duplicate")
            continue
        names.add(name)
        document, line = _try(found.path, name, limits, digest)
        if document is not None:
            text = _text_digest(document.page_content)
            if text in contents:
                note = f"the same text as {contents[text]}"
                document, line = None, replace(line, status="skipped", note=note, kind="duplicate")
            contents[digest] = contents.setdefault(text, name)
        yield document, line


def _nfc(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _digest(name: str, found: Found) -> tuple[str, FileLine | None]:
    """Returns a file's sha256, or a line on why it isn't read."""
    problem, hint, kind = found.problem, found.hint, found.kind
    if not problem:
        try:
            return sha256_of(found.path), None
        except OSError as error:
            problem, hint, kind = refusal(error)
    note = f"{problem}. {hint}".strip()
    return "", FileLine(name, "skipped", note=note, kind=kind)


def _text_digest(text: str) -> str:
    """Returns what is equal for texts that differ in line ends, blanks or encoding alone."""
    return hashlib.sha256(" ".join(text.split()).encode(errors="replace")).hexdigest()


def _try(path: Path, name: str, limits: Limits, digest: str) -> tuple[Document | None, FileLine]:
    try:
        document = load_file(path, source=name, limits=limits)
        if document.metadata["sha256"] != digest:
            raise LoadError(f"{name} was changed while it was read", "Run it again.", "changed")
    except (UsageError, MissingDependency) as error:
        note = f"{error.message.removeprefix(name).strip()}. {error.hint}".strip()
        return None, FileLine(name, "skipped", note=note, kind=getattr(error, "kind", "package"))
    about = document.metadata
    facts = {key: about[key] for key in ("format", "encoding", "pages", "tables")}
    length, note = len(document.page_content), "; ".join(about["notes"])
    return document, FileLine(name, "read", characters=length, note=note, **facts)


def load_folder(folder: Path) -> LoadReport:
    """Reads all files of a folder, and reports on each; DataError where there is no document."""
    report = LoadReport()
    for document, line in iter_folder(folder):
        report.files.append(line)
        if document is not None:
            report.documents.append(document)
    if not report.documents:
        reasons = "".join(f"\n  {line.file}: {line.note}" for line in report.files[:20])
        raise DataError(
            f"no document in {folder} could be read{reasons or ': it is empty'}",
            "Known formats: PDF, DOCX, HWPX, HWP, TXT, MD, HTML, CSV, XLSX.",
        )
    return report
