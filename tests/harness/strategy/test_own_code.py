"""Code of the user's that fails is named with its line; what was answered before it is kept."""

from __future__ import annotations

import json
import signal
import sys

import pytest

from harness.cli import main

STRATEGY = """
import sys
from typing import ClassVar
from harness.strategy import Strategy
from harness.types import Output

class Own(BaseException):
    pass

{top}

class S(Strategy):
    name: ClassVar[str] = "s"
    {field}

    def prepare(self, context):
        {prepare}

    def predictor(self, context):
        {predictor}

    def predict(self, queries):
        {predict}
"""
PARTS = {
    "top": "",
    "field": "x: int = 1",
    "prepare": "pass",
    "predictor": "return self",
    "predict": "yield from [Output(q.id, 'up') for q in queries]",
}
EACH = "for n, q in enumerate(queries):\n            "
FIFTH = EACH + "if n == 4: {}\n            yield Output(q.id, 'up')"


@pytest.fixture
def harness(tmp_path, monkeypatch, capsys):
    """Runs a strategy of parts; returns the exit code, stdout, and the error's first line."""
    rows = "".join(f"text {n},{'up' if n % 2 else 'down'}\n" for n in range(60))
    (tmp_path / "rows.csv").write_text(f"text,label\n{rows}", encoding="utf-8")
    (tmp_path / "metric.py").write_text("def own(row):\n    return 1.0\n", encoding="utf-8")

    def called(*more, **parts):
        (tmp_path / "own.py").write_text(STRATEGY.format(**{**PARTS, **parts}), encoding="utf-8")
        data = ["--data", tmp_path / "rows.csv", "--input", "text", "--target", "label"]
        strategy = ["--strategy", f"{tmp_path / 'own.py'}:S"]
        words = ["run", *strategy, *data, "--results", tmp_path / "r", "--quiet", *more]
        monkeypatch.setattr(sys, "argv", ["harness", *map(str, words)])
        code = 0
        signal.alarm(60)  # an endless one ends the tests
        try:
            main()
        except SystemExit as ended:
            code = ended.code
        finally:
            signal.alarm(0)
        out, error = capsys.readouterr()
        assert "Traceback" not in error and "internal error" not in error, error
        return code, out, error.partition("error: ")[2].split("\n")[0]

    return called


@pytest.mark.parametrize("part", ["top", "prepare", "predictor", "predict"])
@pytest.mark.parametrize(
    ("does", "says"),
    [
        ("raise KeyError('abc')", "KeyError: 'abc'"),
        ("sys.exit(0)", "it ended the program"),
        ("sys.exit('bye')", "it ended the program"),
        ("raise Own('x')", "Own: x"),
        ("raise ValueError('a\\nb' + 'c' * 10_000)", "ValueError: a bccc"),
        ("open('weights.bin')", "FileNotFoundError"),
        ("assert False", "AssertionError"),
        ("raise StopIteration", "StopIteration"),
    ],
)
def test_an_error_of_own_code_is_named_with_its_line(harness, tmp_path, part, does, says):
    code, _, error = harness(**{part: does})
    file = tmp_path / "own.py"
    line = next(n for n, text in enumerate(file.read_text().split("\n"), 1) if text.strip() == does)
    assert code == 2 and len(error) < 1000
    assert f"{file}, line {line}, in " in error and says in error


def test_a_constructor_of_own_code(harness):
    code, _, error = harness(field="def __init__(self, **values): sys.exit(3)")
    assert code == 2 and "own.py, line" in error and "in __init__: it ended the program" in error


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"predictor": "return None"}, "gave None, which has no predict()"),
        ({"predict": "return None"}, "predict() gave None"),
        ({"predict": "return 5"}, "predict() gave a value of type int"),
        ({"predict": "return ['a' for q in queries]"}, "yielded a value of type str"),
        ({"predict": "while True: yield Output(queries[0].id, 'up')"}, "yielded a second Output"),
        ({"predict": "while True: yield Output('nope', 'up')"}, "unknown id, 'nope'"),
        ({"predict": "yield Output([], 'up')"}, "unknown id, '[]'"),
        ({"predict": f"{EACH}yield from [Output(q.id, 'up')] * 2"}, "yielded a second Output"),
    ],
)
def test_answers_of_a_wrong_form_end_the_run(harness, parts, says):
    code, _, error = harness(**parts)
    assert code == 2 and says in error
    assert "own.py, line" in error or "predictor" in parts


@pytest.mark.parametrize(
    "output",
    [
        "5 if n == 2 else 'up'",
        "b'up' if n == 2 else 'up'",
        "'up', usage=5 if n == 2 else Usage()",
        "'up', scores='x' if n == 2 else None",
        "'up', scores={'up': 'x'} if n == 2 else None",
        "'up', evidence=['x'] if n == 2 else ()",
        "'up', calls=None if n == 2 else ()",
    ],
)
def test_one_answer_of_a_wrong_type_is_an_error_of_its_row(harness, tmp_path, output):
    top = "from harness.types import Usage"
    code, _, error = harness(top=top, predict=f"{EACH}yield Output(q.id, {output})")
    assert code == 5 and "1 of 12 rows have no answer" in error
    file = next((tmp_path / "r").glob("*/predictions.jsonl"))
    errors = [json.loads(line).get("error") for line in file.read_text().splitlines()]
    assert [bool(each) for each in errors].count(True) == 1
    assert "the strategy gave" in next(filter(None, errors))


@pytest.mark.parametrize("does", ["raise KeyError(1)", "sys.exit(0)", "raise Own"])
def test_what_was_answered_is_kept_and_the_run_goes_on(harness, tmp_path, does):
    code, _, _ = harness(predict=FIFTH.format(does))
    folder = next((tmp_path / "r").glob("*_s0_*"))
    assert code == 2 and len((folder / "predictions.jsonl").read_text().splitlines()) == 4
    record = json.loads((folder / "run.json").read_text())
    assert record["status"] == "failed" and "own.py, line" in record["error"]


def test_what_own_code_prints_is_no_data(harness):
    code, out, _ = harness("--json", top="print('import')", prepare="print('prepare')")
    assert code == 0 and json.loads(out)["status"] == "finished"


def test_a_defect_of_ours_is_still_one(harness, monkeypatch):
    monkeypatch.setattr("harness.runs.runner.write_metrics", None)
    with pytest.raises(AssertionError, match="internal error"):
        harness()
