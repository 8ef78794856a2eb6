"""What is fed with bytes: readers of records, tables, task files, documents and responses.

A target writes an input where its reader looks for it, and reads. A `HarnessError` is a good end:
the input was refused. Any other exception is a find. The first byte of an input says which file,
or which member of an archive, the rest becomes.
"""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from harness.errors import HarnessError

__all__ = ["TARGETS", "Target", "feed"]


@dataclass(frozen=True)
class Target:
    """A reader, and inputs from which others are made."""

    read: Callable[[int, bytes, Path], object]  # kind, content, an empty folder
    seeds: Callable[[], Sequence[bytes]]  # each begins with the byte of its kind


def feed(target: Target, data: bytes, folder: Path) -> bool:
    """Gives a target an input; says whether it was read. An exception that isn't ours goes on."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        target.read(data[0] if data else 0, data[1:], folder)
    except HarnessError:
        return False
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return True


def _numbered(contents: Sequence[bytes]) -> list[bytes]:
    return [bytes([number]) + content for number, content in enumerate(contents)]


# Records: one file of a finished run is replaced, and everything that reads a folder reads it.

RECORD_FILES = (
    "run.json",
    "metrics.json",
    "predictions.jsonl",
    "ledger.jsonl",
    "artifact-ledger.jsonl",
)


@cache
def _record() -> Mapping[str, bytes]:
    """The files of a real run of a few rows."""
    import tempfile

    from harness.config import DataSource, RunConfig
    from harness.runs.runner import run

    with tempfile.TemporaryDirectory() as scratch:
        table = Path(scratch) / "rows.jsonl"
        rows = [{"text": f"line {n}", "label": "ab"[n % 2]} for n in range(24)]
        table.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        source = DataSource(path=table, input="text", target="label")
        config = RunConfig(
            strategy="majority", data=source, results=Path(scratch) / "r", latency=False
        )
        folder = run(config).folder
        return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def _read_record(kind: int, content: bytes, folder: Path) -> None:
    from harness.analysis.frames import load_results
    from harness.analysis.summary import summary
    from harness.costs.book import load_book
    from harness.report.collect import find_tasks

    run = folder / "made_majority_0-1"
    run.mkdir()
    for name, whole in _record().items():
        (run / name).write_bytes(whole)
    (run / RECORD_FILES[kind % len(RECORD_FILES)]).write_bytes(content)
    for reader in (load_results, lambda root: find_tasks([root])):
        try:
            reader(folder)
        except HarnessError:
            continue
    summary(run, load_book())


# Tables

TABLES = ("csv", "tsv", "jsonl", "json", "xlsx", "parquet")
SHEET = len(TABLES)  # and further kinds: the parts of a workbook
SHEET_PARTS = ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml")


@cache
def _workbook() -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (("text", "label"), ("한글", 1.5), ("b", "y"), ("c", "x"), ("d", "z")):
        sheet.append(row)
    sheet["B2"].number_format = "#,##0.00"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _read_table(kind: int, content: bytes, folder: Path) -> None:
    from harness.task.table import task_from_data

    kind %= SHEET + len(SHEET_PARTS)
    if kind >= SHEET:
        content = _with_member(_workbook(), SHEET_PARTS[kind - SHEET], content)
    path = folder / f"rows.{TABLES[kind] if kind < SHEET else 'xlsx'}"
    path.write_bytes(content)
    task = task_from_data(path=path, input="text", target="label", split="0/0/100")
    task.load()


def _table_seeds() -> list[bytes]:
    import pandas as pd

    file = io.BytesIO()
    pd.DataFrame({"text": ["a", "b"], "label": ["x", "y"]}).to_parquet(file)
    book = _workbook()
    return _numbered(
        [
            'text,label\n"a, b",x\n한글,"1,234"\n\nc;d,y\n'.encode(),
            b"text\tlabel\na\tx\n'b\ty\n",
            '{"text": "a\u2028b", "label": 1.50}\n{"text": "b", "label": 2}\n'.encode(),
            b'{"rows": [{"text": "a", "label": "x"}, {"text": "b", "label": "y"}]}',
            book,
            file.getvalue(),
            *(_member(book, part) for part in SHEET_PARTS),
        ]
    )


# Files that people write: task files, studies, price books

YAML_KINDS = ("task", "study", "prices")


def _read_yaml(kind: int, content: bytes, folder: Path) -> None:
    from harness.costs.book import load_book
    from harness.runs.study import read_study
    from harness.task.task import load_task

    rows = "".join(f"row {n},{'xy'[n % 2]}\n" for n in range(30))
    (folder / "rows.csv").write_text(f"text,label\n{rows}", encoding="utf-8")
    path = folder / "file.yaml"
    path.write_bytes(content)
    readers: tuple[Callable[[], object], ...] = (
        lambda: load_task(str(path)).load(),
        lambda: read_study(str(path)).cells(),
        lambda: load_book(path),
    )
    readers[kind % len(readers)]()


def _yaml_seeds() -> list[bytes]:
    task = (
        "name: mine\nsummary: Mine.\nkind: classification\nlanguage: en\nlicence: own\n"
        "labels: {x: x, y: y}\nsource: {files: [{path: rows.csv}]}\n"
        "columns: {input: text, target: label}\nprompt: {instructions: 'Say x or y.'}\n"
        "metrics: [accuracy]\nprimary: accuracy\n"
    )
    study = (
        "name: mine\nsummary: Mine.\nmatrix: {strategy: [majority, tfidf], seed: [0, 1]}\n"
        "defaults: {task: fpb, limit: 20}\n"
    )
    prices = (
        "machines:\n  - {id: mine, kind: cpu, usd_per_hour: 1.5, provider: own, region: here,\n"
        "     date: 2026-01, source: invoice}\n"
    )
    return _numbered([task.encode(), study.encode(), prices.encode()])


# Documents

DOCUMENTS = ("txt", "md", "html", "csv", "pdf", "docx", "hwpx", "xlsx", "hwp")
PARTS = (
    ("docx", "word/document.xml"),
    ("docx", "word/styles.xml"),
    ("hwpx", "Contents/section0.xml"),
    ("hwpx", "Contents/header.xml"),
    ("xlsx", "xl/worksheets/sheet1.xml"),
)


def _read_document(kind: int, content: bytes, folder: Path) -> None:
    from harness.retrieval.loaders.folder import load_folder
    from harness.retrieval.splitting import SplitConfig, Splitter

    kind %= len(DOCUMENTS) + len(PARTS)
    if kind < len(DOCUMENTS):
        ending = DOCUMENTS[kind]
    else:
        ending, part = PARTS[kind - len(DOCUMENTS)]
        content = _with_member(_documents()[ending], part, content)
    (folder / f"one.{ending}").write_bytes(content)
    (folder / "two.txt").write_text("제1조 (목적) 이 규정은 휴가를 정한다.", encoding="utf-8")
    report = load_folder(folder)
    assert any(line.file == "two.txt" and line.status == "read" for line in report.files)
    for _ in Splitter(SplitConfig()).split(report.documents):
        pass


@cache
def _documents() -> Mapping[str, bytes]:
    """Small documents of each kind, made by the libraries that the insurer's are made with."""
    import tempfile

    import docx
    from hwpx import HwpxDocument
    from reportlab.pdfgen.canvas import Canvas

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        word = docx.Document()
        word.add_heading("Leave", 1)
        word.add_paragraph("제2조 (휴가) 휴가는 20일이다.")
        cells = word.add_table(2, 2)
        cells.cell(0, 0).text = "days"
        word.save(str(folder / "a.docx"))
        page = Canvas(str(folder / "a.pdf"))
        page.drawString(72, 720, "Leave is 20 days.")
        page.save()
        korean = HwpxDocument.new()
        korean.add_paragraph("제3조 (휴직) 휴직은 1년이다.")
        korean.save_to_path(str(folder / "a.hwpx"))
        found = {kind: (folder / f"a.{kind}").read_bytes() for kind in ("docx", "pdf", "hwpx")}
    return found | {"xlsx": _workbook()}


def _document_seeds() -> list[bytes]:
    made = _documents()
    texts = [
        "제1조 (목적)\n① 이 규정은 휴가를 정한다.\n\n제2조의2 (기간) 20일.\n",
        "# One\n\ntext\n\n## Two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
        "<html><body><h1>One</h1><!-- no --><p>text<table><tr><td>1</td></tr></table></body>",
        "question,answer\na,b\n",
    ]
    whole = [made.get(kind, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") for kind in DOCUMENTS[4:]]
    parts = [_member(made[ending], part) for ending, part in PARTS]
    return _numbered([*(text.encode() for text in texts), *whole, *parts])


def _member(archive: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(archive)) as whole:
        return whole.read(name)


def _with_member(archive: bytes, name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(file, "w") as new:
        for info in old.infolist():
            new.writestr(info, content if info.filename == name else old.read(info))
    return file.getvalue()


# Responses of a server, and the journal in which they are kept


def _read_response(kind: int, content: bytes, folder: Path) -> None:
    from harness.models.endpoint.journal import Journal, reduce_journal
    from harness.models.endpoint.reply import Malformed, json_of, line_of
    from harness.records.files import append_lines

    path = folder / "responses.jsonl"
    if kind % 2:
        path.write_bytes(content)
    else:
        try:
            line = {"key": "k", **line_of(json_of(content))}
        except Malformed as error:
            assert str(error).isprintable(), "it is shown as it is"
            return
        Journal(path).keep(line)
        assert Journal(path).answer("k") == line
    append_lines(path, [{"key": "next", "text": "2", "usage": None}])
    assert Journal(path).answer("next") is not None
    used = Journal(path).total
    assert all(count >= 0 for count in used.as_dict().values())
    reduce_journal(path)
    assert Journal(path).total == used


def _response_seeds() -> list[bytes]:
    call = {"id": "c", "type": "function", "function": {"name": "search", "arguments": "{}"}}
    answer = {
        "model": "m",
        "choices": [
            {"finish_reason": "stop", "message": {"content": "2\u2028년", "tool_calls": [call]}}
        ],
        "usage": {
            "prompt_tokens": 10,
            "completion_tokens": 5,
            "prompt_tokens_details": {"cached_tokens": 4},
        },
    }
    line = {"key": "a", "model": "m", "text": "2", "finish": "stop", "refusal": False}
    line |= {"usage": {"input_tokens": 3}, "calls": [["search", "{}"]]}
    return _numbered([json.dumps(answer).encode(), json.dumps(line).encode() + b"\n"])


TARGETS: Mapping[str, Target] = {
    "responses": Target(_read_response, _response_seeds),
    "records": Target(_read_record, lambda: _numbered([_record()[name] for name in RECORD_FILES])),
    "tables": Target(_read_table, _table_seeds),
    "files": Target(_read_yaml, _yaml_seeds),
    "documents": Target(_read_document, _document_seeds),
}
