"""Small files that claim to be huge: each is refused in bounded memory and time, by name."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from test_retrieval_refusals import a_docx

from harness.retrieval.loaders import Limits, LoadError, load_file

HUGE = 100_000_000
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
HP = "http://www.hancom.co.kr/hwpml/2011/paragraph"
S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def zipped(members: dict[str, str | bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def changed(archive: bytes, name: str, change: Callable[[str], str]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(archive)) as source:
        members: dict[str, str | bytes] = {each: source.read(each) for each in source.namelist()}
    members[name] = change(bytes(members[name]).decode())  # type: ignore[arg-type]
    return zipped(members)


def docx(body: str) -> bytes:
    return changed(
        a_docx(), "word/document.xml", lambda xml: xml.replace("<w:sectPr", f"{body}<w:sectPr", 1)
    )


def docx_row(span: int) -> str:
    cell = f'<w:tc><w:tcPr><w:gridSpan w:val="{span}"/></w:tcPr><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc>'
    return f"<w:tbl><w:tr>{cell}<w:tc><w:p><w:r><w:t>b</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"


def hwpx(body: str) -> bytes:
    section = f'<?xml version="1.0"?><sec xmlns:hp="{HP}"><hp:p>{body}</hp:p></sec>'
    return zipped({"mimetype": "application/hwp+zip", "Contents/section0.xml": section})


def hwpx_table(column: object, count: object = 1) -> str:
    text = "<hp:subList><hp:p><hp:run><hp:t>a</hp:t></hp:run></hp:p></hp:subList>"
    cell = f'<hp:tc><hp:cellAddr colAddr="{column}" rowAddr="0"/>{text}</hp:tc>'
    return f'<hp:run><hp:tbl colCnt="{count}"><hp:tr>{cell}</hp:tr></hp:tbl></hp:run>'


def xlsx(sheet: str) -> bytes:
    import openpyxl

    target = io.BytesIO()
    openpyxl.Workbook().save(target)
    whole = f'<?xml version="1.0"?><worksheet xmlns="{S}">{sheet}</worksheet>'
    return changed(target.getvalue(), "xl/worksheets/sheet1.xml", lambda _: whole)


def pdf(*objects: str | bytes) -> bytes:
    out = io.BytesIO(b"%PDF-1.4\n")
    out.seek(0, 2)
    places = []
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(
            b"%d 0 obj\n" % number
            + (body if isinstance(body, bytes) else body.encode())
            + b"\nendobj\n"
        )
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(
        b"trailer <</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    )
    return out.getvalue()


def stream(content: bytes, about: str = "") -> bytes:
    packed = zlib.compress(content, 9)
    return (
        f"<<{about}/Length {len(packed)}/Filter/FlateDecode>>stream\n".encode()
        + packed
        + b"\nendstream"
    )


ROOT, PAGES = "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>"
PAGE = (
    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</XObject<</F 5 0 R>>>>>>"
)
FORM = "/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F 5 0 R>>>>"
DEEP = 30_000
DTD = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "lol"}">' for n in range(9))

BOMBS: dict[str, Callable[[], bytes]] = {
    "span.docx": lambda: docx(docx_row(HUGE)),
    "spans.docx": lambda: docx(docx_row(3000) * 3_000),
    "deep.docx": lambda: docx("<w:p>" * 30_000 + "</w:p>" * 30_000),
    "entities.docx": lambda: changed(
        docx("<w:p>&e8;</w:p>"), "word/document.xml",
        lambda xml: xml.replace("<w:document", f"<!DOCTYPE d [{DTD}]><w:document", 1),
    ),
    "column.hwpx": lambda: hwpx(hwpx_table(HUGE)),
    "columns.hwpx": lambda: hwpx(hwpx_table(3000) * 3_000),
    "digits.hwpx": lambda: hwpx(hwpx_table("9" * 5000)),
    "deep.hwpx": lambda: hwpx("<hp:run>" * 30_000 + "</hp:run>" * 30_000),
    "ratio.hwpx": lambda: hwpx("<hp:run/>" * 1_000_000),
    "outside.xlsx": lambda: xlsx('<sheetData><row r="9999999"><c r="A9999999"><v>1</v></c></row></sheetData>'),
    "ratio.xlsx": lambda: xlsx("<sheetData>" + "<row/>" * 5_000_000 + "</sheetData>"),
    "flate.pdf": lambda: pdf(ROOT, PAGES, PAGE, stream(b"0 " * 40_000_000)),
    "cycle.pdf": lambda: pdf(ROOT, "<</Type/Pages/Kids[2 0 R 2 0 R]/Count 9>>"),
    "pages.pdf": lambda: pdf(ROOT, f"<</Type/Pages/Kids[{'3 0 R ' * 11_000}]/Count 11000>>", PAGE, stream(b"")),
    "forms.pdf": lambda: pdf(ROOT, PAGES, PAGE, stream(b"/F Do " * 50), stream(b"/F Do " * 50, FORM)),
    "long.txt": lambda: b"word " * 5_000_000,
}  # fmt: skip
FINE: dict[str, Callable[[], bytes]] = {  # what is claimed without being needed
    "count.hwpx": lambda: hwpx(hwpx_table(0, HUGE)),
    "merged.xlsx": lambda: xlsx(
        '<dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>2</v></c></row></sheetData>'
        '<mergeCells count="1"><mergeCell ref="A1:XFD1048575"/></mergeCells>'
    ),
    "deep.html": lambda: b"<html>" + b"<div>" * DEEP + b"some text",
    "tables.html": lambda: b"<html>" + b"<table><tr><td colspan=100000000>" * DEEP + b"other text" + b"</td></tr></table>" * DEEP,
}  # fmt: skip

READ = """
import json, resource, sys, time
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
from harness.retrieval.loaders import load_folder
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
files = load_folder(Path(sys.argv[1])).rows()
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"files": files, "kib": used.ru_maxrss - before, "s": used.ru_utime}))
"""


@pytest.mark.slow
def test_a_folder_of_bombs_in_bounded_memory(tmp_path: Path) -> None:
    for name, make in (BOMBS | FINE).items():
        (tmp_path / name).write_bytes(make())
    done = subprocess.run(
        [sys.executable, "-c", READ, str(tmp_path)], capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    lines = {line["file"]: line for line in found["files"]}
    assert {name for name, line in lines.items() if line["status"] == "read"} == set(FINE)
    assert {lines[name]["kind"] for name in BOMBS} <= {"large", "bomb", "damaged", "scanned"}
    assert "more than 5,000,000 cells" in lines["span.docx"]["note"]
    assert "more than 5,000,000 cells" in lines["column.hwpx"]["note"]
    assert "more than 5,000,000 cells" in lines["spans.docx"]["note"]
    assert "depth" in lines["deep.hwpx"]["note"] and "too large" in lines["flate.pdf"]["note"]
    assert found["kib"] < 1.5 * 2**20


@pytest.mark.parametrize(
    ("limits", "word"),
    [
        ({"characters": 3}, "more than 3 characters of text"),
        ({"seconds": 0.0}, "longer than 0 s to read (page 1)"),
        ({"pages": 1}, "has 2 pages"),
    ],
)
def test_a_pdf_past_a_limit(tmp_path: Path, limits: dict[str, float], word: str) -> None:
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(tmp_path / "a.pdf"))
    for text in ("first", "second"):
        canvas.drawString(60, 700, text)
        canvas.showPage()
    canvas.save()
    with pytest.raises(LoadError) as caught:
        load_file(tmp_path / "a.pdf", limits=Limits(**limits))  # type: ignore[arg-type]
    assert word in caught.value.message and caught.value.kind == "large"


def test_a_text_with_too_many_marks(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# a\n" * 11)
    with pytest.raises(LoadError, match="more than 10 pages, headings and rows"):
        load_file(tmp_path / "a.md", limits=Limits(marks=10))


def test_merged_cells_stand_where_they_begin(tmp_path: Path) -> None:
    """As python-docx gives them, of which the cells that a span covers are one object."""
    import docx as library

    document = library.Document()
    table = document.add_table(3, 3)
    for number, cell in enumerate(table._cells):
        cell.text = str(number)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "wide"
    table.cell(1, 2).merge(table.cell(2, 2)).text = "high"
    document.save(str(tmp_path / "a.docx"))
    text = load_file(tmp_path / "a.docx").page_content.strip()
    assert text.splitlines() == ["wide |  | 2", "3 | 4 | high", "6 | 7"]
