import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import DataError
from harness.task.splits import assign, normalised
from harness.task.tables import read_table

ROWS = [{"질문": "휴직 기간은?", "답": "2년"}, {"질문": 'a, "b"', "답": "예"}]
TEXT = '질문,답\n휴직 기간은?,2년\n"a, ""b""",예\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_csv_in_the_encodings_of_korean_offices(tmp_path, encoding):
    path = tmp_path / "rows.csv"
    path.write_bytes(TEXT.encode(encoding))
    assert read_table(path).lines == ROWS


def test_xlsx_and_parquet(tmp_path):
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("openpyxl")
    frame = pandas.DataFrame(ROWS)
    frame.to_excel(tmp_path / "rows.xlsx", index=False)
    frame.to_parquet(tmp_path / "rows.parquet")
    assert read_table(tmp_path / "rows.xlsx").lines == ROWS
    assert read_table(tmp_path / "rows.parquet").lines == ROWS


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.csv", b"", "no rows"),
        ("a.csv", b"x,y\n1,2,3\n", "line 2"),
        ("a.csv", b"x,x\n1,2\n", "both named 'x'"),
        ("a.csv", b"x\n\x81\x81\x81\n", "no known encoding .line 2"),
        ("a.jsonl", b'{"x": 1}\n{"x"\n', "line 2"),
        ("a.doc", b"x", "unknown format"),
    ],
)
def test_what_cannot_be_read_is_explained(tmp_path, name, data, message):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(DataError, match=message):
        read_table(tmp_path / name)


@given(st.lists(st.text(max_size=5), min_size=1, max_size=30), st.randoms())
def test_splits_do_not_depend_on_the_order(texts, random):
    groups = [normalised(text) for text in texts]
    split = dict(zip(groups, assign(groups), strict=True))
    random.shuffle(groups)
    assert dict(zip(groups, assign(groups), strict=True)) == split
