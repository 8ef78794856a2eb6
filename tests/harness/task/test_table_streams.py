"""A table that is read line by line is the table that is read whole, and takes no memory a row."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest

from harness.errors import DataError, UsageError
from harness.task.tables import Layout, read_table, stream_table

CSV = {
    "plain": "text,label\na,up\nb,down\n",
    "no line end": "text,label\na,up\nb,down",
    "windows": "text,label\r\na,up\r\n\r\nb,down\r\n",
    "macintosh": "text,label\ra,up\rb,down\r",
    "marked": "\ufefftext,label\na,up\n",
    "marked twice": "\ufeff\ufefftext,label\na,up\n",
    "quoted": 'text,label\n"a, b\nc ""d""",up\n\n e ,down\n',
    "said": "sep=;\ntext;label\na,b;up\n",
    "titled": "News of 2024\n\ntext,label\n" + "a,up\n" * 4,
    "index": ",text,label\n" + "".join(f"{n},a{n},up\n" for n in range(9)),
    "index from 1": ",text,label\n1,a,up\n2,b,up\n",
    "empty column": "text,,label\na,,up\nb,,down\n",
    "accents": "text,label\ne\u0301te\u0301,up\n\u2028x,nan\n",
    "one cell too many": "text,label\na,up\nb,down,x\n",
    "nameless": "text,,label\na,,up\nb,7,down\n",
    "nearly an index": ",text\n0,a\n2,b\n",
    "twice": "text,text\na,b\n",
    "open quote": 'text,label\n"a,up\n',
    "return in a cell": "text,label\na\rb,up\n",
    "header alone": "text,label\n",
    "nothing": "",
    "NUL": "text,label\na\0,up\n",
}
LINES = {
    "plain": '{"text": "a", "n": 1.0}\n{"text": "b", "n": 2}\n',
    "other keys": '{"text": "a"}\n\n{"label": "up", "text": "b"}\n',
    "nested": '{"text": ["a", {"b": null}], "n": NaN}\n',
    "a list": '\n [{"text": "a"}, {"text": "b"}]',
    "no object": '{"text": "a"}\n7\n',
    "no JSON": '{"text": "a"}\n{"text": \n',
    "a key twice": '{"text": "a", "text": "b"}\n',
    "nothing": "\n",
}


def both(path: Path, layout: Layout | None = None) -> tuple[object, object]:
    """What reading whole and reading by lines come to: lines, places and notes, or an error."""
    found: list[object] = []
    for read in (read_table, lambda *given: stream_table(*given).whole()):
        try:
            table = read(path, layout)
        except (DataError, UsageError) as error:
            found.append((error.message, error.hint))
        else:
            lines = [(line.origin, list(line.items())) for line in table.lines]
            found.append((table.name, lines, table.notes))
    return found[0], found[1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp949"])
@pytest.mark.parametrize("name", CSV)
def test_a_delimited_table_is_the_same_by_lines(tmp_path: Path, name: str, encoding: str) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(CSV[name].encode(encoding, "replace"))
    whole, streamed = both(path)
    assert streamed == whole
    assert both(path, Layout(header_row=2))[0] == both(path, Layout(header_row=2))[1]


@pytest.mark.parametrize("name", LINES)
def test_json_lines_are_the_same_by_lines(tmp_path: Path, name: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(LINES[name], encoding="utf-8")
    whole, streamed = both(path)
    assert streamed == whole


def test_the_columns_and_the_count_are_known_before_a_line_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(LINES["other keys"], encoding="utf-8")
    stream = stream_table(path)
    assert stream.columns == ("text", "label") and stream.count == 2
    assert [line["label"] for line in stream.each()] == ["", "up"]
    assert [line["label"] for line in stream.each()] == ["", "up"]  # as often as it is wanted


@pytest.mark.parametrize("ending", [".csv", ".jsonl"])
def test_reading_by_lines_takes_no_memory_a_row(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"rows{ending}"
    with path.open("w", encoding="utf-8") as file:
        file.write("text\n" if ending == ".csv" else "")
        for n in range(4_000):
            text = f"{n} " + "가나다라 " * 100
            file.write(f"{text}\n" if ending == ".csv" else json.dumps({"text": text}) + "\n")
    size = path.stat().st_size
    tracemalloc.start()
    try:
        assert sum(1 for _ in stream_table(path).each()) == 4_000
        streamed = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        held = read_table(path)
        whole = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(held.lines) == 4_000 and whole > size / 2
    assert streamed < whole / 8, (streamed, whole, size)
