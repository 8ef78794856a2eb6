"""An ordinary line of a prediction is taken without the model, which takes no other as it is."""

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from harness.cli import app
from harness.records import predictions
from harness.records.files import each_line
from harness.records.predictions import check_predictions
from harness.records.reading import read_record
from harness.records.store import PREDICTIONS

LINE = {
    "id": "1",
    "outcome": "ok",
    "correct": True,
    "abstained": False,
    "answerable": True,
    "values": {"accuracy": 1.0, "f1": None},
    "cluster": "",
    "columns": {"sort": "new"},
    "usage": {"input_tokens": 3},
    "text": None,
    "scores": {"a": 0.5},
    "judged": {"j": "failed"},
    "evidence": [{"source": "a", "span": [0, 1], "place": {}}],
    "calls": [{"tool": "search", "usage": {}}],
    "of a later version": object,
}
VALUES = (None, True, 1, 1.0, "a", [], ["a"], [{}], {}, {"a": None}, {"a": 1}, {"a": 1.5})
VALUES += ({"a": "b"}, {"a": True}, {"a": {}}, {"a": 1.0, "b": "c"}, [{}, "a"])  # fmt: skip


def taken(line):
    try:
        predictions._Line.model_validate(line)
    except ValidationError:
        return False
    return line["usage"].keys() <= predictions.USAGE


@pytest.mark.parametrize("name", LINE)
def test_what_is_ordinary_is_what_the_model_takes(name):
    assert predictions._ordinary(LINE) and taken(LINE)
    lacking = {key: value for key, value in LINE.items() if key != name}
    assert predictions._ordinary(lacking) == taken(lacking)
    for value in VALUES:
        line = {**LINE, name: value}
        assert taken(line) or not predictions._ordinary(line), line
        assert (predictions._wrong(line) is None) == taken(line), line


def test_an_ordinary_record_is_read_without_the_model(write, monkeypatch):
    folder = write("a", [1, 0, 1])
    monkeypatch.setattr(predictions._Line, "model_validate", None)
    check_predictions(folder, read_record(folder))


def test_a_comparison_reads_each_record_once(write, monkeypatch):
    folders, read = (write("a", [1, 0, 1]), write("b", [1, 1, 0])), []

    def reading(path, *more):
        read.append(path)
        return each_line(path, *more)

    monkeypatch.setattr(predictions, "each_line", reading)
    result = CliRunner().invoke(app, ["compare", *map(str, folders), "--fail-on", "quality=-0.99"])
    assert result.exit_code == 0, result.output
    assert read == [folder / PREDICTIONS for folder in folders]
