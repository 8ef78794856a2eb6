"""Rows that only one of two runs has right: counted as the records say, with answers and money."""

import pytest

from harness.analysis.compare import open_sides
from harness.analysis.flipped import flipped_rows
from harness.analysis.summary import cost_of
from harness.costs.book import load_book
from harness.records.files import read_lines
from tests.documents import ROOT

RECORDS = ROOT / "results" / "korean-insurance"
BOOK = load_book()


def run(strategy):
    (folder,) = RECORDS.glob(f"insurer-ko_{strategy}_*_s0_*")
    return folder


def test_they_are_the_rows_that_the_records_differ_in():
    folders = [run(name) for name in ("qlora+rag", "tfidf")]
    one, two = ({line["id"]: line for line in read_lines(f / "predictions.jsonl")} for f in folders)
    found = flipped_rows(*open_sides(*folders), BOOK)
    differ = {name for name in one if one[name]["correct"] != two[name]["correct"]}
    assert {each.id for each in found} == differ and len(found) == len(differ) > 100
    for each in found:
        right = one if each.right == "a" else two
        assert right[each.id]["correct"] and each.a.text == one[each.id]["text"]
        assert each.target == one[each.id]["target"]
        assert each.b.input_tokens == each.b.output_tokens == 0, "no language model took part"


def test_a_row_pays_its_share_of_answering_by_its_tokens():
    folders = [run(name) for name in ("few-shot+rag", "qlora+rag")]
    found = flipped_rows(*open_sides(*folders), BOOK)
    rates = {
        each.a.usd / (each.a.input_tokens + each.a.output_tokens) for each in found if each.a.usd
    }
    assert max(rates) == pytest.approx(min(rates))
    lines = list(read_lines(folders[0] / "predictions.jsonl"))
    tokens = sum(line["usage"]["input_tokens"] + line["usage"]["output_tokens"] for line in lines)
    whole = cost_of(folders[0], BOOK).usd_per_1k_requests / 1000 * len(lines)
    assert max(rates) * tokens == pytest.approx(whole)


def test_a_slice_has_its_own_rows_alone():
    sides = open_sides(run("qlora"), run("tfidf"), slice_="slice=seen")
    found = flipped_rows(*sides, BOOK)
    assert found and {each.id for each in found} <= set(sides[0].rows.ids)
