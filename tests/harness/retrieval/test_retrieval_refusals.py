"""Files that can't be read: each is named, with the next step, and never an empty document."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.errors import DataError
from harness.retrieval.loaders import Limits, LoadError, load_file, load_folder
from harness.retrieval.loaders.base import DocumentText, plain_text
from harness.retrieval.loaders.pdf import without_running_lines


def refused(path: Path, **limits: int) -> LoadError:
    with pytest.raises(LoadError) as caught:
        load_file(path, limits=Limits(**limits))
    assert path.name in caught.value.message and caught.value.hint
    return caught.value


def a_pdf(text: str = "contents") -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    target = io.BytesIO()
    canvas = Canvas(target)
    if text:
        canvas.drawString(60, 700, text)
    else:
        canvas.rect(50, 50, 300, 300)
    canvas.showPage()
    canvas.save()
    return target.getvalue()


def a_docx(text: str = "내용이다.") -> bytes:
    import docx

    target = io.BytesIO()
    file = docx.Document()
    file.add_paragraph(text)
    file.save(target)
    return target.getvalue()


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_an_encrypted_pdf(tmp_path: Path, algorithm: str) -> None:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(a_pdf())))
    writer.encrypt("secret", algorithm=algorithm)
    writer.write(tmp_path / "a.pdf")
    assert refused(tmp_path / "a.pdf").kind == "encrypted"


def test_a_pdf_that_only_restricts_printing_is_read(tmp_path: Path) -> None:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(a_pdf())))
    writer.encrypt("", owner_password="owner", algorithm="RC4-128")
    writer.write(tmp_path / "a.pdf")
    assert load_file(tmp_path / "a.pdf").page_content == "contents"


def test_a_scanned_pdf_and_one_with_a_scanned_page(tmp_path: Path) -> None:
    from pypdf import PdfWriter

    (tmp_path / "a.pdf").write_bytes(a_pdf(""))
    error = refused(tmp_path / "a.pdf")
    assert error.kind == "scanned" and "OCR" in error.hint
    writer = PdfWriter()
    for content in (a_pdf(), a_pdf("")):
        writer.append(io.BytesIO(content))
    writer.write(tmp_path / "b.pdf")
    assert "1 of 2 pages have no text (2)" in load_file(tmp_path / "b.pdf").metadata["notes"][0]


@pytest.mark.parametrize("make", [a_pdf, a_docx])
@pytest.mark.parametrize("share", [0.5, 0.95])
def test_a_file_that_was_cut_off(tmp_path: Path, make, share: float) -> None:
    whole = make()
    path = tmp_path / "a.bin"
    path.write_bytes(whole[: int(len(whole) * share)])
    assert refused(path).kind == "damaged"


def test_a_docx_whose_main_part_is_no_xml(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(io.BytesIO(a_docx())) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            body = source.read(name)
            target.writestr(name, body[:200] if name == "word/document.xml" else body)
    assert refused(path).kind == "damaged"


def test_a_zip_bomb(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * 30_000_000)
    error = refused(path)
    assert error.kind == "bomb" and "MiB" in error.message
    (tmp_path / "b.docx").write_bytes(a_docx())
    assert refused(tmp_path / "b.docx", unpacked_bytes=1000).kind == "bomb"


@pytest.mark.parametrize(
    ("content", "kind", "word"),
    [
        (b"", "empty", "0 bytes"),
        (b"  \n\n ", "empty", "white space"),
        (b"<DOCUMENT SAFER V1.0>" + b"\x00\x01" * 50, "drm", "Fasoo"),
        (b"\x9b DRMONE  This Document is encrypted", "drm", "Fasoo"),
        (b"SCDSA004" + bytes(range(200)), "drm", "SoftCamp"),
        (b"{\\rtf1 text}", "format", "RTF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "format", "picture"),
        (b"HWP Document File V3.00 \x1a\x01", "format", "Hangul 3"),
        (bytes(range(256)) * 4, "format", "unknown format"),
        (b"PK\x05\x06" + bytes(18), "format", "archive"),
        (b"abc \x81\xff \x8d\x9d\x8f", "encoding", "encoding"),
    ],
)
def test_what_is_told_of_other_contents(
    tmp_path: Path, content: bytes, kind: str, word: str
) -> None:
    path = tmp_path / "문서.docx"
    path.write_bytes(content)
    error = refused(path)
    assert error.kind == kind and word in error.message


def an_ole(*streams: str) -> bytes:
    """The head of an OLE file and the names of its streams, as its directory holds them."""
    names = b"".join(name.encode("utf-16-le").ljust(64, b"\0") for name in streams)
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + names


@pytest.mark.parametrize(
    ("stream", "kind", "word"),
    [
        ("EncryptedPackage", "encrypted", "encrypted"),
        ("WordDocument", "format", "Word 97"),
        ("Workbook", "format", "Excel 97"),
        ("Something", "format", "unknown"),
        ("FileHeader", "damaged", "damaged"),
    ],
)
def test_old_and_encrypted_office_files(tmp_path: Path, stream: str, kind: str, word: str) -> None:
    path = tmp_path / "표.xlsx"
    path.write_bytes(an_ole("Root Entry", stream))
    error = refused(path)
    assert error.kind == kind and word in error.message


def test_an_encrypted_hwpx_and_other_archives(tmp_path: Path) -> None:
    for name, members, kind in (
        ("a.hwpx", {"Contents/section0.xml": "x", "META-INF/manifest.xml": "<encryption-data/>"}, "encrypted"),
        ("b.hwpx", {"Contents/section0.xml": "<broken", "mimetype": "application/hwp+zip"}, "damaged"),
        ("c.pptx", {"ppt/presentation.xml": "x"}, "format"),
        ("d.odt", {"mimetype": "application/vnd.oasis.opendocument.text"}, "format"),
        ("e.zip", {"readme.txt": "x"}, "format"),
    ):  # fmt: skip
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for member, content in members.items():
                archive.writestr(member, content)
        assert refused(tmp_path / name).kind == kind, name


def test_documents_without_a_word(tmp_path: Path) -> None:
    import docx
    from openpyxl import Workbook

    docx.Document().save(str(tmp_path / "a.docx"))
    assert refused(tmp_path / "a.docx").kind == "scanned"
    (tmp_path / "a.html").write_text("<html><body><script>x</script></body></html>", "utf-8")
    assert refused(tmp_path / "a.html").kind == "scanned"
    Workbook().save(tmp_path / "a.xlsx")
    assert refused(tmp_path / "a.xlsx").kind == "scanned"


def test_limits(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("가" * 1000, "utf-8")
    assert refused(tmp_path / "a.txt", characters=100).kind == "large"
    assert refused(tmp_path / "a.txt", file_bytes=100).kind == "large"
    (tmp_path / "a.pdf").write_bytes(a_pdf())
    assert refused(tmp_path / "a.pdf", pages=0).kind == "large"


def test_a_folder_of_refusals_is_an_error_with_all_reasons(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(a_pdf(""))
    (tmp_path / "b.docx").write_bytes(b"SCDSA004")
    with pytest.raises(DataError) as caught:
        load_folder(tmp_path)
    assert "a.pdf: has 1 pages and no text" in caught.value.message
    assert "b.docx: is wrapped by SoftCamp DRM" in caught.value.message
    with pytest.raises(DataError, match="no folder"):
        load_folder(tmp_path / "nowhere")
    with pytest.raises(DataError, match="no file"):
        load_file(tmp_path / "nothing.txt")


def an_xlsx() -> bytes:
    from openpyxl import Workbook

    target = io.BytesIO()
    book = Workbook()
    book.active.append(["상품", "한도"])
    book.active.append(["암보험", 100])
    book.save(target)
    return target.getvalue()


def an_hwpx() -> bytes:
    from hwpx.document import HwpxDocument

    document = HwpxDocument.new()
    document.add_paragraph("내용이다.")
    return document.to_bytes()


@pytest.fixture(scope="module")
def whole_files() -> list[bytes]:
    return [a_pdf(), a_docx(), an_xlsx(), an_hwpx()]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(kind=st.integers(0, 3), where=st.floats(0, 1), junk=st.binary(min_size=1, max_size=40))
def test_a_file_with_damaged_bytes_is_a_document_or_a_refusal(
    tmp_path: Path, whole_files: list[bytes], kind: int, where: float, junk: bytes
) -> None:
    content = bytearray(whole_files[kind])
    at = int(where * (len(content) - 1))
    content[at : at + len(junk)] = junk
    path = tmp_path / "a.bin"
    path.write_bytes(content)
    try:
        document = load_file(path)
    except LoadError as error:
        assert error.hint and error.kind
    else:
        assert document.page_content.strip()


@given(st.binary(max_size=300))
def test_any_bytes_are_a_text_or_a_refusal(content: bytes) -> None:
    try:
        text, encoding = plain_text(content)
    except LoadError as error:
        assert error.kind == "encoding"
    else:
        assert "\r" not in text and encoding


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\ufeff\0"), min_size=1))
def test_utf8_comes_back(text: str) -> None:
    assert plain_text(text.encode()) == (text, "utf-8")


@given(st.lists(st.lists(st.text("가나 1", max_size=5), max_size=6), max_size=8))
def test_only_edges_of_pages_are_dropped(pages: list[list[str]]) -> None:
    kept, dropped = without_running_lines(["\n".join(page) for page in pages])
    lines = [[line.strip() for line in page if line.strip()] for page in pages]
    assert dropped <= 4 * len(pages)
    for page, short in zip(lines, kept, strict=True):
        assert "\n".join(short.split("\n")) in "\n".join(page)
        assert page[2:-2] == [] or "\n".join(page[2:-2]) in short


def test_the_positions_of_marks_are_those_of_the_text() -> None:
    text = DocumentText(Limits(characters=1000))
    text.line("첫 줄  \n둘째")
    text.mark(page=2)
    text.table([["가", "나\n다"], ["", ""], ["라", ""]])
    assert text.text()[text.marks[0][0] :] == "가 | 나 다\n라"


def test_the_same_text_is_one_document_however_it_is_written(tmp_path: Path) -> None:
    text = "제1조(휴직)\n육아휴직 기간은 2년이다.\n\n30일 전에 신청한다.\n"
    for name, content in (
        ("a.txt", text.encode()), ("b.txt", text.replace("\n", "\r\n").encode()),
        ("c.md", f"{text}\n".encode()), ("d.txt", text.encode("cp949")),
        ("e.txt", text.replace("\n", "\r").encode("utf-16")), ("f.txt", text.replace("2년", "3년").encode()),
    ):  # fmt: skip
        (tmp_path / name).write_bytes(content)
    report = load_folder(tmp_path)
    assert [document.metadata["source"] for document in report.documents] == ["a.txt", "f.txt"]
    notes = {line.file: line.note for line in report.skipped}
    assert notes == dict.fromkeys(("b.txt", "c.md", "d.txt", "e.txt"), "the same text as a.txt")
