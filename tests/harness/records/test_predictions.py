"""One prediction for each test row: whoever reads a finished run holds that, or refuses."""

import shutil

import pytest

from harness.analysis.compare import compare_runs
from harness.analysis.deployment import deployment_of_run
from harness.analysis.frames import load_results
from harness.analysis.trials import read_trial
from harness.config import run_config
from harness.costs.book import load_book
from harness.errors import DataError
from harness.records.files import each_line, read_lines, write_lines
from harness.records.predictions import check_predictions, mend_predictions, stored_predictions
from harness.records.reading import read_record
from harness.records.store import METRICS, PREDICTIONS, RUN
from harness.runs.external import score_logs
from harness.runs.rescore import rescore_run
from harness.runs.runner import raise_for_errors, run
from tests.heard import Heard

ROWS = 6


def missing(path):
    path.unlink()


def empty(path):
    path.write_bytes(b"")


def lost(path):
    write_lines(path, read_lines(path)[:-2])


def doubled(path):
    path.write_bytes(path.read_bytes() * 2)


def torn(path):
    path.write_bytes(path.read_bytes()[:-9])


def broken(path):
    lines = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join([lines[0], lines[1][:20], *lines[2:]]))


def no_object(path):
    lines = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join([b"[]", *lines[1:]]))


def no_field(path):
    first, *rest = read_lines(path)
    write_lines(path, [{"id": first["id"]}, *rest])


def wrong_type(path):
    first, *rest = read_lines(path)
    write_lines(path, [{**first, "usage": {"input_tokens": "many"}}, *rest])


def no_utf8(path):
    path.write_bytes(path.read_bytes().replace(b'"ok"', b'"\xff"', 1))


def folder(path):
    path.unlink()
    path.mkdir()


def foreign(path):
    first, *rest = read_lines(path)
    write_lines(path, [{**first, "id": "of another run"}, *rest])


DAMAGES = (missing, empty, lost, doubled, torn, broken, no_object)
DAMAGES += (no_field, wrong_type, no_utf8, folder)  # fmt: skip
READERS = {
    "predictions": lambda path: list(stored_predictions(path, read_record(path))),
    "check": lambda path: check_predictions(path, read_record(path)),
    "errors": raise_for_errors,
    "compare": lambda path: compare_runs(path, path),
    "deployment": lambda path: deployment_of_run(path, load_book()),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_no_reader_takes_a_finished_run_whose_rows_are_not_whole(write, damage):
    path = write("a", [1, 0] * (ROWS // 2))
    for read in READERS.values():
        read(path)
    damage(path / PREDICTIONS)
    for read in READERS.values():
        with pytest.raises(DataError, match="predictions.jsonl") as caught:
            read(path)
        assert "Restore the file" in caught.value.hint
    assert "predictions.jsonl" in load_results(path.parent).skipped[0][1]
    assert "predictions.jsonl" in str(read_trial(path, read_record(path)).reason)


@pytest.mark.parametrize(("damage", "told"), [(lost, "2 of 6 rows"), (doubled, "'q0000' twice")])
def test_what_is_missing_is_said(write, damage, told):
    path = write("a", [1] * ROWS)
    damage(path / PREDICTIONS)
    with pytest.raises(DataError, match=told):
        check_predictions(path, read_record(path))


def test_of_an_unfinished_run_there_is_what_is_there_each_row_once(write):
    path = write("a", [1] * ROWS, status="interrupted")
    lost(path / PREDICTIONS)
    doubled(path / PREDICTIONS)
    lines = list(stored_predictions(path, read_record(path)))
    assert [line["id"] for line in lines] == ["q0000", "q0001", "q0002", "q0003"]


def test_a_file_to_go_on_with_is_mended_and_that_is_said(write):
    path, told = write("a", [1] * ROWS, status="interrupted"), []
    doubled(path / PREDICTIONS)
    broken(path / PREDICTIONS)
    ids = {f"q{row:04d}" for row in range(ROWS)}
    assert mend_predictions(path, ids, told.append) == ids
    assert len(told) == 1 and "6 damaged or repeated lines" in told[0]
    assert {line["id"] for line in each_line(path / PREDICTIONS)} == ids
    assert mend_predictions(path, ids, told.append) == ids and len(told) == 1
    with pytest.raises(DataError, match="'q0005', not of the test"):
        mend_predictions(path, ids - {"q0005"}, told.append)
    lines = read_lines(path / PREDICTIONS)
    write_lines(path / PREDICTIONS, [*lines, lines[0] | {"outcome": "other"}])
    with pytest.raises(DataError, match="two answers to the row"):
        mend_predictions(path, ids, told.append)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    results = tmp_path_factory.mktemp("made") / "results"
    return run(run_config(strategy="majority", limit=ROWS, latency=False, results=results)).folder


@pytest.mark.parametrize("damage", [missing, lost, doubled, broken, foreign])
def test_a_run_is_not_scored_again_over_a_gap_and_the_same_command_fills_it(made, tmp_path, damage):
    results = shutil.copytree(made.parent, tmp_path / "results")
    path = results / made.name
    damage(path / PREDICTIONS)
    figures = (path / METRICS).read_bytes()
    with pytest.raises(DataError, match="predictions.jsonl"):
        rescore_run(path)
    assert (path / METRICS).read_bytes() == figures
    told = Heard()
    config = run_config(strategy="majority", limit=ROWS, latency=False, results=results)
    if damage is foreign:
        with pytest.raises(DataError, match="not of the test"):
            run(config)
        return
    assert run(config, told).folder == path
    assert any("predictions.jsonl" in text and "answered again" in text for text in told.said)
    ordered = [sorted(read_lines(each / PREDICTIONS), key=str) for each in (path, made)]
    assert ordered[0] == ordered[1]
    assert (path / METRICS).read_bytes() == figures
    assert read_record(path).status == "finished"


def test_an_unfinished_run_is_not_scored_again(made, tmp_path):
    path = shutil.copytree(made, tmp_path / made.name)
    text = (path / RUN).read_text(encoding="utf-8")
    (path / RUN).write_text(text.replace('"status": "finished"', '"status": "interrupted"'))
    with pytest.raises(DataError.__base__, match="is interrupted, not finished"):
        rescore_run(path)


def test_answers_from_elsewhere_are_scored_again_where_their_lines_are_lost(made, tmp_path):
    config = run_config(strategy="mine", limit=ROWS, results=tmp_path / "results")
    path = score_logs(config, made / PREDICTIONS, None)[0]
    lines = read_lines(path / PREDICTIONS)
    lost(path / PREDICTIONS)
    assert score_logs(config, made / PREDICTIONS, None) == [path]
    assert read_lines(path / PREDICTIONS) == lines
