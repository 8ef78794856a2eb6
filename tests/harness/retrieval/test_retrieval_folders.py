"""Folders of documents as they come: one bad file never stops the others, and is always named."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from test_retrieval_refusals import a_docx, a_pdf

from harness.errors import DataError
from harness.records.keys import digest
from harness.retrieval.loaders import load_folder
from harness.retrieval.splitting import SplitConfig, Splitter
from harness.task.corpus import corpus_of_folder, sha256_of

GOOD = "Parental leave lasts at most two years."


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "good.txt").write_text(GOOD)
    return folder


def skipped(folder: Path) -> dict[str, str]:
    """Reads a folder, of which the good file has to come, and returns what is said of others."""
    report = load_folder(folder)
    assert [d.page_content for d in report.documents if d.metadata["source"] == "good.txt"] == [
        GOOD
    ]
    return {line.file: line.note for line in report.skipped}


def _named_in_latin_1(folder: Path) -> str:
    (folder / os.fsdecode(b"r\xe9sum\xe9.txt")).write_text("a text")
    return ""


def _pipe(folder: Path) -> str:
    os.mkfifo(folder / "bad.txt")
    return "is a pipe, not a file"


def _socket(folder: Path) -> str:
    here = Path.cwd()
    os.chdir(folder)  # the path of a socket is short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("bad.txt")
    os.chdir(here)
    return "is a socket, not a file"


def _link_to_a_device(folder: Path) -> str:
    (folder / "bad.txt").symlink_to("/dev/zero")
    return "is a link that leads out of the folder"


def _loop(folder: Path) -> str:
    (folder / "bad.txt").symlink_to("bad.txt")
    return "is a link that leads back to itself"


def _link_to_nothing(folder: Path) -> str:
    (folder / "bad.txt").symlink_to("nothing.txt")
    return "is gone, or a link to what isn't there"


def _link_to_the_folder(folder: Path) -> str:
    (folder / "bad.txt").symlink_to(".")
    return "is a link to a folder, which is read where it lies"


def _folder(folder: Path) -> str:
    (folder / "bad.txt").mkdir()
    return "is an empty folder"


def _sparse(folder: Path) -> str:
    with (folder / "bad.txt").open("wb") as file:
        file.truncate(2**40)
    return "has 1,048,576 MiB, and at most 256 are read"


def _written(content: str | bytes, reason: str) -> Callable[[Path], str]:
    def write(folder: Path) -> str:
        data = content.encode() if isinstance(content, str) else content
        (folder / "bad.txt").write_bytes(data)
        return reason

    return write


BAD = {
    "pipe": _pipe,
    "socket": _socket,
    "device": _link_to_a_device,
    "loop": _loop,
    "dangling": _link_to_nothing,
    "folder-loop": _link_to_the_folder,
    "folder": _folder,
    "sparse": _sparse,
    "empty": _written("", "is empty (0 bytes)"),
    "docx": _written(a_docx()[:900], "is damaged or cut off"),
    "pdf": _written(a_pdf()[:400], "is cut off"),
    "zip": _written(b"PK\x03\x04" + b"x" * 90, "is damaged or cut off"),
    "ole": _written(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "unknown Office file"),
}


@pytest.mark.parametrize("make", BAD.values(), ids=BAD)
def test_a_bad_file_is_named_and_the_others_are_read(docs: Path, make) -> None:
    before = corpus_of_folder(docs).digest
    reason = make(docs)
    (name,) = skipped(docs)
    assert name == "bad.txt" and reason in skipped(docs)[name]
    read = (docs / "bad.txt").is_file() and not make.__name__.startswith(("_sparse", "_link"))
    assert (corpus_of_folder(docs).digest != before) == read, "what is never read is no document"


@pytest.mark.parametrize("marker", ["제{}조(목적)\n", "제 {} 조\n", "Article {}\n", "부칙 {}\n"])
@pytest.mark.parametrize("figures", [1, 9, 10, 4300, 5000])
def test_numbers_of_articles_of_any_length(docs: Path, marker: str, figures: int) -> None:
    (docs / "law.txt").write_text(marker.format("1" * figures) + "본문이다.\n", "utf-8")
    assert skipped(docs) == {}
    assert list(Splitter(SplitConfig()).split(load_folder(docs).documents))


def test_a_name_that_is_not_utf_8_is_read_shown_and_hashed(docs: Path) -> None:
    for name in (b"r\xe9sum\xe9.txt", b"\xb1\xd4\xc1\xa4.txt", b"a\nb\x1b[31m.txt"):
        (docs / os.fsdecode(name)).write_text(f"the text of {name!r}")
    report = load_folder(docs)
    names = [d.metadata["source"] for d in report.documents]
    assert names == [
        r"\xb1\xd4\xc1\xa4.txt",
        r"a\x0ab\x1b[31m.txt",
        "good.txt",
        r"r\xe9sum\xe9.txt",
    ]
    assert "\\xe9" in json.dumps(report.rows(), ensure_ascii=False).encode().decode()
    one = corpus_of_folder(docs).digest
    (docs / os.fsdecode(b"r\xe9sum\xe9.txt")).rename(docs / os.fsdecode(b"r\xe8sum\xe9.txt"))
    assert corpus_of_folder(docs).digest != one


def test_the_digest_of_an_ordinary_folder_is_what_it_was(docs: Path) -> None:
    (docs / "b").mkdir()
    (docs / "b" / "표 1.txt").write_text("표", "utf-8")
    files = sorted(path for path in docs.rglob("*") if path.is_file())
    hashed = [[str(path.relative_to(docs)), sha256_of(path)] for path in files]
    assert corpus_of_folder(docs).digest == digest(hashed)


def test_links_inside_the_folder_are_followed_and_others_named(docs: Path) -> None:
    outside = docs.parent / "private"
    outside.mkdir()
    (outside / "key.txt").write_text("-----BEGIN OPENSSH PRIVATE KEY-----")
    (docs / "b").mkdir()
    (docs / "b" / "rules.txt").write_text("Rules.")
    (docs / "same.txt").symlink_to("b/rules.txt")
    (docs / "key.txt").symlink_to(outside / "key.txt")
    (docs / "keys").symlink_to(outside)
    (docs / "b" / "up.txt").symlink_to("../../private/key.txt")
    report = load_folder(docs)
    assert [d.metadata["source"] for d in report.documents] == ["b/rules.txt", "good.txt"]
    notes = {line.file: line.note for line in report.skipped}
    assert notes["same.txt"] == "the same content as b/rules.txt"
    out = "is a link that leads out of the folder. Copy what it names into the folder."
    assert [name for name, note in notes.items() if note == out] == ["b/up.txt", "key.txt", "keys"]
    before = corpus_of_folder(docs).digest
    (outside / "key.txt").write_text("another key")
    assert corpus_of_folder(docs).digest == before


def test_the_folder_itself_may_be_a_link(docs: Path) -> None:
    (docs.parent / "link").symlink_to(docs)
    assert len(load_folder(docs.parent / "link").documents) == 1


def test_a_file_that_vanishes_or_changes_while_the_folder_is_read(
    docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import harness.retrieval.loaders.folder as folder

    (docs / "a.txt").write_text("first")
    (docs / "b.txt").write_text("first, too")
    real = folder.recognise

    def meanwhile(path: Path, limits: object) -> str:
        if path.name == "a.txt":
            path.unlink()
        elif path.name == "b.txt":
            path.write_text("second")
        return real(path, limits)

    monkeypatch.setattr(folder, "recognise", meanwhile)
    notes = skipped(docs)
    assert "is gone" in notes["a.txt"] and "changed while it was read" in notes["b.txt"]


@pytest.mark.parametrize(
    "error", [MemoryError(), RecursionError("x"), ValueError("y"), OSError(5, "z")]
)
def test_whatever_a_reader_fails_with_stops_no_other_file(
    docs: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    import harness.retrieval.loaders.plain as plain

    def fails(*_: object) -> None:
        raise error

    (docs / "bad.md").write_text("# Title")
    monkeypatch.setattr(plain, "load_markdown", fails)
    words = {"MemoryError": "memory", "RecursionError": "too deep", "ValueError": "ValueError: y"}
    assert words.get(type(error).__name__, "can't be opened (z)") in skipped(docs)["bad.md"]


READ = """
import json, sys
from pathlib import Path
from harness.retrieval.loaders import load_folder
from harness.task.corpus import corpus_of_folder
corpus_of_folder(Path(sys.argv[1]))
print(json.dumps(load_folder(Path(sys.argv[1])).rows()))
"""


def test_files_and_folders_without_the_right_to_read_them(docs: Path) -> None:
    """As root, in a process that gave up the right to pass over permissions."""
    (docs / "secret.txt").write_text("x")
    (docs / "secret.txt").chmod(0)
    (docs / "closed").mkdir()
    (docs / "closed" / "a.txt").write_text("y")
    (docs / "closed").chmod(0)
    drop = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    command = [*drop, sys.executable, "-c", READ, str(docs)]
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("needs setpriv, or another user than root")
    finally:
        (docs / "closed").chmod(0o700)
    assert done.returncode == 0, done.stderr
    notes = {line["file"]: line["note"] for line in json.loads(done.stdout)}
    reason = "can't be opened (Permission denied). Check its rights."
    assert notes == {"closed": reason, "good.txt": "", "secret.txt": reason}


def test_a_folder_of_bad_files_alone_is_refused_with_their_reasons(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / os.fsdecode(b"p\xffpe"))
    with pytest.raises(DataError, match=r"p\\xffpe: is a pipe, not a file"):
        load_folder(tmp_path)
    with pytest.raises(DataError, match="no documents"):
        corpus_of_folder(tmp_path)


def test_half_of_a_surrogate_pair_in_a_document_is_replaced() -> None:
    from harness.retrieval.loaders.base import DocumentText, Limits

    text = DocumentText(Limits(characters=100))
    text.mark(section="a \ud83d b")
    text.line("c \udc00 d")
    assert text.text() == "c \ufffd d" and text.marks == [(0, {"section": "a \ufffd b"})]


@pytest.mark.slow
def test_the_command_line_names_each_file_in_table_record_and_on_stderr(docs: Path) -> None:
    _pipe(docs)
    (docs / os.fsdecode(b"r\xe9sum\xe9.txt")).write_text("The notice period is 30 days.")
    (docs / "key.txt").symlink_to("/etc/passwd")
    (docs / "law.txt").write_text("제" + "1" * 4300 + "조(목적)\n", "utf-8")
    run = [sys.executable, "-m", "harness", "ask", "--docs", str(docs), "--results", "r"]
    run += ["--strategy", "bm25-answer", "What is the notice period?"]
    done = subprocess.run(run, cwd=docs.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for reason in ("bad.txt: is a pipe", "key.txt: is a link that leads out"):
        assert f"left out: {reason}" in done.stderr
    assert r"r\xe9sum\xe9.txt" in done.stdout
    (record,) = (docs.parent / "r" / "artifacts").glob("*/files.json")
    files = {line["file"]: line["status"] for line in json.loads(record.read_text("utf-8"))}
    assert (
        files["bad.txt"] == files["key.txt"] == "skipped" and files[r"r\xe9sum\xe9.txt"] == "read"
    )
