"""What goes out in a sheet comes back as it was, whatever its texts begin with."""

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.errors import DataError
from harness.runs.questions.proposing import KINDS, Proposal
from harness.runs.questions.sheet import COLUMNS, read_sheet, write_sheet

WORD = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=12)
TEXT = st.builds(
    lambda sign, word: sign + word, st.sampled_from(["", "=", "+", "-", "@", "'", "1"]), WORD
)


@st.composite
def proposals(draw):
    kind = draw(st.sampled_from(KINDS))
    answer = draw(TEXT) if kind == "answerable" else ""
    chunk = (
        "" if kind == "off topic" else draw(st.text("0123456789abcdef", min_size=32, max_size=32))
    )
    return Proposal(kind, draw(TEXT), answer, "a.md", "a.md, p. 1", draw(TEXT), chunk)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(proposals(), min_size=1, max_size=4, unique_by=lambda each: each.id))
def test_a_sheet_comes_back_as_it_went_out(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("sheet") / "q.xlsx"
    write_sheet(path, rows, {"model": "=m", "kept": {"near": 1}, "usd": None})
    back, about = read_sheet(path)
    assert about == {"model": "=m", "kept": {"near": 1}, "usd": None}
    for row, sent in zip(back, rows, strict=True):
        assert (row.kind, row.tick, row.minutes, row.id) == (sent.kind, "", 0.0, sent.id)
        assert row.chunk == (sent.chunk[:12] or "none")
        assert row.edited == ((row.question, row.answer) != (sent.question, sent.answer))
    for cells in openpyxl.load_workbook(path)["questions"].iter_rows():
        assert {cell.data_type for cell in cells if cell.value} <= {"s"}


GOOD = Proposal("answerable", "=How long?", "=5 days", "a.md", "a.md", "text", "ab" * 16)
NEAR = Proposal("near", "How long is a tyre?", "", "a.md", "a.md", "text", "cd" * 16)


def ticked(tmp_path, *rows):
    """Writes both, and what a person puts into their cells, by row."""
    path = tmp_path / "q.xlsx"
    write_sheet(path, [GOOD, NEAR], {"model": "m"})
    book = openpyxl.load_workbook(path)
    for number, cells in enumerate(rows, 2):
        for name, value in cells.items():
            book["questions"].cell(number, list(COLUMNS).index(name) + 1, value)
    book.save(path)
    return path


def test_what_excel_saves_again_stays_text(tmp_path):
    rows, _ = read_sheet(ticked(tmp_path, {"tick": "Keep", "minutes": 2.5}, {"tick": "wrong"}))
    assert [(row.tick, row.edited, row.minutes) for row in rows] == [
        ("keep", False, 2.5),
        ("wrong", False, 0.0),
    ]
    assert (rows[0].question, rows[0].answer) == ("=How long?", "=5 days")


def test_an_edited_cell_is_noticed(tmp_path):
    rows, _ = read_sheet(ticked(tmp_path, {"tick": "edit", "answer": "6 days", "minutes": "1,5"}))
    assert rows[0].edited and rows[0].answer == "6 days" and rows[0].minutes == 1.5


@pytest.mark.parametrize(
    ("row", "cells", "said"),
    [
        (0, {"tick": "yes"}, "the tick 'yes' is unknown"),
        (0, {"tick": "keep", "answer": ""}, "no question or no answer"),
        (1, {"tick": "edit", "answer": "2 days"}, "it has an answer"),
        (0, {"minutes": "an hour"}, "'minutes' is 'an hour'"),
        (0, {"minutes": -1}, "'minutes' is '-1'"),
        (0, {"kind": "good"}, "'kind' or 'id' was edited"),
        (1, {"id": GOOD.id}, "the id of q.xlsx"),
    ],
)
def test_a_cell_that_cant_be_used_is_named(tmp_path, row, cells, said):
    path = ticked(tmp_path, *({} for _ in range(row)), cells)
    with pytest.raises(DataError, match=said) as refused:
        read_sheet(path)
    assert f"row {row + 2}" in str(refused.value) or "row 3" in str(refused.value)


def test_a_table_of_another_kind_is_refused(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["question"])
    book.save(tmp_path / "other.xlsx")
    with pytest.raises(DataError, match="has no sheet 'questions'"):
        read_sheet(tmp_path / "other.xlsx")
