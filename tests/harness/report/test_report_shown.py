"""A page of very many configurations has the best and says so; exports have all."""

import json
import tracemalloc
from pathlib import Path

import pytest

from benchmarks.synthetic import make_runs
from harness.analysis.recommend.advise import recommend
from harness.analysis.recommend.question import make_question
from harness.costs.book import load_book
from harness.report import examples, write_report
from harness.report.build import build_report
from harness.report.exports.json_file import json_text
from harness.report.quality import PAIRED
from harness.report.shown import MOST, shown
from tests.documents import ROOT

REAL = ROOT / "results" / "fpb"
SIZE = MOST + 10


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("many")
    make_runs(REAL, folder, SIZE, rows=30)
    return build_report([folder], load_book())


def test_the_page_has_the_best_and_says_what_it_leaves_out(built, tmp_path) -> None:
    task, few = built.data.tasks[0], shown(built.data).tasks[0]
    assert len(task.rows) == SIZE and len(few.rows) == MOST
    advised = {line.name for advice in task.advice for line in advice.lines}
    assert advised <= {row.name for row in few.rows}
    left = [row for row in task.rows if row not in few.rows]
    least = sorted(row.quality.value for row in few.rows)[len(advised)]
    assert max(row.quality.value for row in left) <= least
    page = write_report(built, tmp_path / "page.html")[0].path.read_text(encoding="utf-8")
    assert f"{MOST} of {SIZE} configurations" in page
    assert len(page) < 8e6


def test_pairs_are_of_the_best_and_exports_have_every_configuration(built) -> None:
    task = built.data.tasks[0]
    assert len(task.pairs) == PAIRED * (PAIRED - 1) // 2
    assert any(f"of the best {PAIRED} alone" in note.en for note in task.notes)
    exported = json.loads(json_text(built.data))["report"]["tasks"][0]
    assert len(exported["rows"]) == SIZE


def test_of_very_many_questions_some_of_each_sort_are_written(built, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(examples, "QUESTIONS", 12)
    page = write_report(built, tmp_path / "page.html")[0].path.read_text(encoding="utf-8")
    assert "of 30 questions" in page and "12 are written here" in page


@pytest.mark.slow
def test_memory_of_a_recommendation_grows_less_than_the_square_of_the_runs(tmp_path) -> None:
    def peak(count: int) -> int:
        folder: Path = tmp_path / str(count)
        make_runs(REAL, folder, count, rows=20)
        tracemalloc.start()
        recommend(folder, make_question(task="fpb"), load_book())
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(3)  # what is loaded once
    assert peak(160) < 6 * peak(40)
