"""CSV, XLSX, LaTeX, Markdown, JSON and figures of a report: what is in them, and that it stays."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from synthetic import STRATEGIES, write_records
from typer.testing import CliRunner

from harness.cli import app
from harness.costs.book import load_book
from harness.errors import MissingDependency, UsageError
from harness.report.build import build_report
from harness.report.data import ReportData, Scenario
from harness.report.exports import FIGURES, FORMATS, check_formats, write_exports
from harness.report.exports.drawings import drawing_files
from harness.report.exports.paper import paper_files
from harness.report.exports.readme import markdown_text
from harness.report.exports.sheets import sheets_of
from harness.report.exports.workbook import workbook_bytes

ROOT = Path(__file__).resolve().parents[3]
EVIL = "=cmd|' /C calc'!A1 \\input{x} $\\a$ <script>alert(1)</script> [x](javascript:y) 보험 | `"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> ReportData:
    """Six settings on two tasks, one of which has a name that would do something anywhere."""
    results = tmp_path_factory.mktemp("exports") / "results"
    write_records(results, kinds=STRATEGIES[:6], tasks=("made", "other"), items=40)
    for path in results.glob("other_*/run.json"):
        path.write_text(
            path.read_text(encoding="utf-8").replace(
                '"name": "other"', f'"name": {json.dumps(EVIL)}'
            ),
            encoding="utf-8",
        )
    return build_report(
        [results], load_book(), Scenario(label_usd=0.5), command="harness report"
    ).data


def write(data: ReportData, folder: Path, **more: Any) -> dict[str, bytes]:
    files = write_exports(data, folder / "report.html", FORMATS, **more)
    return {str(f.path.relative_to(folder)): f.path.read_bytes() for f in files}


def place(data: ReportData, name: str = "made") -> int:
    """Number of a task's files."""
    return [task.name for task in data.tasks].index(name) + 1


def table(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_same_report_has_the_same_bytes(data: ReportData, tmp_path: Path) -> None:
    first, again = (write(data, tmp_path / name) for name in "ab")
    assert first == again
    kinds = {Path(name).suffix for name in first}
    assert kinds == {".csv", ".xlsx", ".tex", ".bib", ".md", ".json"}
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.slow
def test_the_same_figures_have_the_same_bytes(data: ReportData, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    one = replace(data, tasks=data.tasks[:1])
    first, again = (dict(drawing_files(one, FIGURES)) for _ in range(2))
    assert first == again and {Path(name).suffix for name in first} == {".svg", ".pdf"}


def test_csv_holds_what_the_report_knows(data: ReportData, tmp_path: Path) -> None:
    files = write(data, tmp_path)
    rows = table(files["report-csv/settings.csv"])
    first = data.tasks[place(data) - 1]
    mine = [row for row in rows if row["task"] == first.name]
    assert [row["label"] for row in mine] == [row.label for row in first.rows]
    assert float(mine[0]["value"]) == first.rows[0].quality.value
    assert float(mine[0]["usd_per_1k_requests"]) == first.rows[0].usd_per_1k_requests
    unknown = [row for row in first.rows if row.projected_gpu_hours is None][0]
    (told,) = [row for row in mine if row["label"] == unknown.label]
    assert told["projected_gpu_hours"] == ""  # unknown is empty, never 0
    pairs = table(files["report-csv/pairs.csv"])
    assert len(pairs) == sum(len(task.pairs) for task in data.tasks)
    assert {row["differs"] for row in pairs} <= {"true", "false"}
    about = {row["what"]: row["value"] for row in table(files["report-csv/about.csv"])}
    assert about["label_usd"] == "0.5" and about["command"] == "harness report"


def test_every_table_is_in_csv_and_xlsx_alike(data: ReportData, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    files = write(data, tmp_path)
    book = openpyxl.load_workbook(io.BytesIO(files["report.xlsx"]))
    sheets = sheets_of(data)
    assert book.sheetnames == [sheet.name for sheet in sheets]
    for sheet in sheets:
        page = book[sheet.name]
        assert page.max_row == len(sheet.rows) + 1
        assert [cell.value for cell in page[1]] == list(sheet.columns)
        assert f"report-csv/{sheet.name}.csv" in files
    figure = book["settings"].cell(2, 3)
    assert figure.data_type == "n" and figure.value == data.tasks[0].rows[0].quality.value
    assert book.properties.created.isoformat()[:10] == data.made[:10]


def test_formulas_do_nothing(data: ReportData, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    files = write(data, tmp_path)
    named = [row["task"] for row in table(files["report-csv/settings.csv"])]
    assert f"'{EVIL}" in named and EVIL not in named
    for content in (content for name, content in files.items() if name.endswith(".csv")):
        for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")):
            assert not any(cell.startswith(("=", "@", "\t")) for cell in row)
            assert all(
                re.fullmatch(r"[-+][\d.e+-]+", cell) for cell in row if cell[:1] in "+-" and cell
            )
    book = openpyxl.load_workbook(io.BytesIO(files["report.xlsx"]))
    kinds = {cell.data_type for page in book for row in page.iter_rows() for cell in row}
    assert "f" not in kinds


def test_latex_has_booktabs_letters_and_its_sources(data: ReportData) -> None:
    files = paper_files(data)
    assert {"report.tex", "references.bib", "settings-1.tex", "settings-2.tex"} == set(files)
    text = files[f"settings-{place(data)}.tex"]
    for rule in ("toprule", "midrule", "bottomrule"):
        assert f"\\{rule}" in text
    for row in data.tasks[place(data) - 1].ranked:
        assert rf"\textsuperscript{{{row.letters}}}" in text
    bib = files["references.bib"]
    entries = re.findall(r"@\w+\{(\w+),", bib)
    assert len(entries) == len(set(entries)) and "VERSION" not in bib and "YEAR" not in bib
    for cited in re.findall(r"\\cite\{(\w+)\}", "".join(files.values())):
        assert cited in entries
    assert f"version = {{{data.version}}}" in bib
    evil = files[f"settings-{place(data, EVIL)}.tex"]
    assert r"\input{x}" not in evil and r"\textbackslash{}input\{x\}" in evil
    for name, content in files.items():
        if name.startswith("settings"):
            rows = [line for line in content.splitlines() if line.endswith(r"\\")]
            assert len(rows) == 7 and all(line.count(" & ") == 6 for line in rows)


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("pdflatex"), reason="there is no pdflatex here")
def test_the_document_compiles(data: ReportData, tmp_path: Path) -> None:
    for name, text in paper_files(data).items():
        (tmp_path / name).write_text(text.replace("보험", "insurance"), encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "report.tex"],
        cwd=tmp_path, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0 and (tmp_path / "report.pdf").exists(), done.stdout[-2000:]


def test_markdown_has_the_advice_and_the_table(data: ReportData) -> None:
    for language in ("en", "ko"):
        text = markdown_text(data, language)
        lines = [line for line in text.splitlines() if line.startswith("|")]
        columns = {line.count("|") for line in lines}
        assert columns <= {4, 6, 12}  # what is left out, advice, settings
        assert sum(line.count("|") == 12 for line in lines) == 2 * (6 + 2)
        assert "<script" not in text and not re.search(r"(?<!\\)\]\(", text)
        assert "…" not in text  # nothing is cut
    assert "**" in text and data.tasks[0].advice[0].sentence.ko.split(":")[0] in text


def test_json_is_all_of_it(data: ReportData, tmp_path: Path) -> None:
    value = json.loads(write(data, tmp_path)["report.json"])
    assert value["schema_version"] == 1
    rows = value["report"]["tasks"][0]["rows"]
    assert [row["label"] for row in rows] == [row.label for row in data.tasks[0].rows]
    names = [task["name"] for task in value["report"]["tasks"]]
    assert sorted(names) == sorted([EVIL, "made"])  # data are not markup
    drawn = value["figures"][data.tasks[0].name]
    assert len(drawn["quality_cost"]["points"]) > 3 and drawn["break_even"]["series"]


@pytest.mark.slow
def test_figures_are_the_page_s_infos(data: ReportData) -> None:
    pytest.importorskip("matplotlib")
    files = dict(drawing_files(data, ("svg",), "en"))
    names = {name.removesuffix(".svg") for name in files}
    assert {"1-quality_cost", "1-cost_month", "1-differences", "2-quality_cost"} <= names
    assert sum(name.startswith("1-break_even-") for name in names) == 3
    for name, content in files.items():
        root = ET.fromstring(content)
        assert root.tag.endswith("svg"), name
        assert not [each for each in root.iter() if each.tag.endswith("script")]
        texts = " ".join(t for each in root.iter() for t in [each.text or ""])
        assert "mathdefault" not in texts, name
    drawn = "".join(ET.fromstring(files["1-quality_cost.svg"]).itertext())
    for row in data.tasks[0].ranked:
        if row.usd_per_1k_requests:
            assert row.label in drawn
    korean = dict(drawing_files(data, ("svg",), "ko"))
    assert "추가 1,000건의 비용" in "".join(ET.fromstring(korean["1-quality_cost.svg"]).itertext())


@pytest.mark.slow
def test_pdf_figures_are_documents_without_a_clock(data: ReportData) -> None:
    pytest.importorskip("matplotlib")
    (name, content), (_, again) = (next(drawing_files(data, ("pdf",))) for _ in range(2))
    assert content == again
    assert name.endswith(".pdf") and content.startswith(b"%PDF-") and b"%%EOF" in content[-10:]
    assert b"/CreationDate" not in content and b"/ModDate" not in content


def test_formats_are_read_and_the_nearest_is_named() -> None:
    assert check_formats(" CSV, json,csv") == ["csv", "json"] and check_formats("") == []
    with pytest.raises(UsageError, match="'markdwn'") as e:
        check_formats("markdwn")
    assert "markdown" in e.value.hint
    with pytest.raises(UsageError, match="--figures 'png'"):
        check_formats("png", FIGURES, "--figures")


def test_a_missing_package_says_which_extra(
    data: ReportData, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingDependency, match="matplotlib") as e:
        list(drawing_files(data, ("svg",)))
    assert "adaptbench[figures]" in e.value.hint
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingDependency, match="openpyxl"):
        workbook_bytes([], title="", made="")


def test_the_command_writes_what_is_asked_for(tmp_path: Path) -> None:
    write_records(tmp_path / "results", kinds=STRATEGIES[:3], items=24)
    common = ["report", "--results", str(tmp_path / "results"), "--out", str(tmp_path / "r.html")]
    done = CliRunner().invoke(app, [*common, "--format", "csv,markdown", "--json"])
    assert done.exit_code == 0, done.output
    listed = [Path(file["path"]) for file in json.loads(done.stdout)["files"]]
    assert {path.suffix for path in listed} == {".csv", ".md"} and all(p.exists() for p in listed)
    assert not (tmp_path / "r.html").exists()
    nothing = CliRunner().invoke(app, [*common, "--format", ""])
    assert isinstance(nothing.exception, UsageError) and "nothing to write" in str(
        nothing.exception
    )


def test_the_guide_names_every_table_and_option(data: ReportData) -> None:
    text = (ROOT / "docs" / "exports.md").read_text(encoding="utf-8")
    section = text.partition("## Tables")[2].partition("##")[0]
    named = re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE)
    source = (ROOT / "harness/report/exports/sheets.py").read_text(encoding="utf-8")
    made = re.findall(r'(?:_sheet|plain)\(\s*"(\w+)"', source)
    assert sorted(named) == sorted(made)
    assert {sheet.name for sheet in sheets_of(data)} <= set(named)
    for name in FORMATS[1:]:
        assert f"| `{name}` |" in text
    for line in re.findall(r"^    harness (.+)$", text, flags=re.MULTILINE):
        for _, names in re.findall(r"--(format|figures) (\S+)", line):
            assert set(names.split(",")) <= {*FORMATS, *FIGURES}


def test_seconds_beside_another_run_price_an_advice_only_where_asked(tmp_path: Path) -> None:
    results = tmp_path / "results"
    write_records(results, kinds=STRATEGIES[3:6], items=40, shared=True)
    made = [
        build_report([results], load_book(), Scenario(label_usd=0.5, count_shared=each), command="")
        for each in (False, True)
    ]
    (without,), (counted,) = (built.data.tasks[0].advice for built in made)
    assert set(without.usd_total.values()) == {None}
    assert None not in counted.usd_total.values()
    rows = {row["setting"]: row for row in _rows_of(made[0].data, "recommendations")}
    assert all(row["monthly_usd"] is None for row in rows.values())
    assert all(row["shared"] for row in _rows_of(made[0].data, "settings"))


def _rows_of(data: ReportData, name: str) -> list[dict[str, Any]]:
    sheets = {sheet.name: sheet for sheet in sheets_of(data)}
    if name not in sheets:
        return []
    return [dict(zip(sheets[name].columns, row, strict=True)) for row in sheets[name].rows]
