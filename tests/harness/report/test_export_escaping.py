"""Whatever a name holds, it is shown and does nothing: LaTeX, Markdown, cells."""

from __future__ import annotations

import csv
import io
import re
from html import unescape

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from harness.report.exports.paper import LATEX, latex
from harness.report.exports.sheets import Sheet, csv_bytes, defused
from harness.report.exports.workbook import workbook_bytes
from harness.text import FORMULA, LONGEST_CELL, SPACE, markdown, printable, visible

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
COMMANDS = sorted(
    {*LATEX.values(), "-{}"} - {letter for letter in LATEX.values() if len(letter) == 1},
    key=len,
    reverse=True,
)


@given(TEXTS)
@example("100% of $5 & #1_a^b~{c}\\d")
@example("a--b---c")
@example("\n\n\\end{document}")
def test_latex_holds_nothing_that_acts(text: str) -> None:
    """Take out what the program writes itself: no special character is left."""
    rest = latex(text)
    for command in COMMANDS:
        rest = rest.replace(command, "")
    assert not set("\\{}$&#%_~^\n\r") & set(rest)
    assert "--" not in rest


def test_latex_is_what_one_reads() -> None:
    assert latex("few-shot+rag (k=8)") == "few-shot+rag (k=8)"
    assert latex("a_b 50% [x]") == r"a\_b 50\% {[}x{]}"
    assert latex("보험 질문") == "보험 질문"


def _shown(text: str) -> str:
    """What a reader of CommonMark sees of a line without markup."""
    return unescape(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text))


@given(TEXTS)
@example("a|b \\| c")
@example("<img src=x onerror=alert(1)>")
@example("[x](javascript:alert(1)) ![y](z) <http://a.b> www.a.b :smile: @you #1 `c` **b** ~~s~~")
@example("&lt;b&gt;")
def test_markdown_shows_the_text_and_nothing_acts(text: str) -> None:
    made = markdown(text)
    assert _shown(made) == visible(SPACE.sub(" ", text).strip())
    assert not set("|<>\n") & set(made)
    assert not re.search(r"(?<!\\)(?:\\\\)*[*_`\[\]~$]", made)
    assert not re.search(r"://|www\.|:[A-Za-z]|@", made, re.I)


@pytest.mark.parametrize("start", FORMULA)
@pytest.mark.parametrize("spaces", ["", " ", "\N{NO-BREAK SPACE}"])
def test_no_cell_begins_as_a_formula_does(start: str, spaces: str) -> None:
    assert str(defused(f"{spaces}{start}1+1")).startswith("'")
    assert defused("1 - 2") == "1 - 2" and defused(-1.5) == -1.5 and defused(None) is None


@given(st.text(max_size=80))
def test_a_cell_s_text_survives_but_for_what_no_file_holds(text: str) -> None:
    made = str(defused(text))
    assert made.removeprefix("'") == printable(text) or made == printable(text)
    assert not made.lstrip(" ").startswith(FORMULA)
    made.encode("utf-8")


def test_a_cell_is_never_too_long() -> None:
    assert len(str(defused("=" + "x" * 40_000))) == LONGEST_CELL


@given(st.lists(st.tuples(st.text(max_size=20), st.floats(allow_nan=False)), max_size=5))
def test_csv_is_read_back(rows: list[tuple[str, float]]) -> None:
    content = csv_bytes(Sheet("s", ("text", "figure"), tuple(rows)))
    read = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert read[0] == ["text", "figure"]
    assert [(text, float(figure)) for text, figure in read[1:]] == [
        (str(defused(text)), figure) for text, figure in rows
    ]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.text(max_size=30), min_size=1, max_size=4))
@example(["\r\n"])
def test_a_workbook_opens_whatever_is_in_it(texts: list[str]) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    sheet = Sheet("s", ("text", "figure"), tuple((text, float("inf")) for text in texts))
    content = workbook_bytes([sheet], title="t", made="2026-01-01T00:00:00+00:00")
    book = openpyxl.load_workbook(io.BytesIO(content))
    read = [row[0].value or "" for row in book["s"].iter_rows(min_row=2)]
    lines = [str(defused(text)).replace("\r\n", "\n").replace("\r", "\n") for text in texts]
    returns = [value.replace("_x000D_", "\r") for value in read]  # as some versions escape them
    assert [value.replace("\r\n", "\n").replace("\r", "\n") for value in returns] == lines
