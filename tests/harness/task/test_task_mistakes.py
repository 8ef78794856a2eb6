"""Mistakes in task files: each is one line with the file, its line and what to do."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from harness.cli.verbs import app
from harness.errors import DataError
from harness.task.declared import read_yaml
from harness.task.spec import TaskSpec

RIGHT = """\
name: moods
kind: classification
language: en
source:
  files:
    - path: rows.csv
columns:
  input: text
  target: label
labels:
  "yes": "yes"
  "no": "no"
prompt:
  instructions: Is it good?
stop: ["\\n"]
max_tokens: 8
metrics: [accuracy, macro_f1]
primary: macro_f1
"""
ROWS = "text,label\n" + "".join(f"row {n},{'yes' if n % 2 else 'no'}\n" for n in range(60))
CHOICES = """\
name: quiz
kind: multiple_choice
source: {files: [{path: quiz.csv}]}
columns: {input: q, target: answer, choices: [a, b]}
metrics: [accuracy]
primary: accuracy
"""
CLAIM = """\
name: claims
kind: decision
source: {files: [{path: rows.csv}]}
columns: {input: text, target: label}
labels: {pay: pay, deny: deny}
decision:
  {pay: pay, deny: deny, currency: USD, handover: 1, authority: 9, costs: {pay: {pay: {}, deny: {}}, deny: {pay: {}}}}
metrics: [accuracy]
primary: accuracy
"""

PUBLISHED = "language: en\npublished: [{{system: A, {}, rows: test, n: 13, source: B, year: 2020}}]"

# What is replaced by what in the right file; its line, the message and the next step.
MISTAKES = [
    ("language: en", "langauge: en", 3, "unknown field 'langauge'", "Did you mean 'language'?"),
    ("kind: classification", "knid: classification", 2, "unknown field 'knid'", "'kind'"),
    ("kind: classification\n", "", 1, "'kind' is missing", "one of classification, "),
    ("classification", "clasification", 2, "'clasification' is none of", "'classification'"),
    ("input: text\n", "inputs: text\n", 8, "columns: unknown field 'inputs'", "'input'"),
    ("  target: label\n", "", 7, "the answers are missing", "columns.target"),
    ("target: label", "target: lable", 9, "no column 'lable'; it has text, label", "'label'"),
    ("target: label", "target: text", 9, "both the input and the target", "another column"),
    ("primary: macro_f1", "primary: mcc", 18, "'mcc' is not among the metrics", "macro_f1"),
    ("primary: macro_f1\n", "", 1, "'primary' is missing", "Add primary"),
    ("[accuracy, macro_f1]", "[acuracy, macro_f1]", 17, "metric 'acuracy'", "'accuracy'"),
    ("[accuracy, macro_f1]", "[token_f1, macro_f1]", 17, "not for tasks of kind", "accuracy"),
    ("[accuracy, macro_f1]", "[]", 17, "no metric is named", "metrics: [accuracy]"),
    ("[accuracy, macro_f1]", "accuracy", 17, "a text stands where a list", "[accuracy]"),
    ('"yes": "yes"', "yes: yes", 11, "the name yes is read as true or false", '"yes"'),
    ('"yes": "yes"', '"yes": yes', 11, "labels.yes: yes is read as true or false", '"yes"'),
    ('"no": "no"', "0: negative", 12, "the name 0 is read as a number", '"0"'),
    ('"no": "no"', "~: none", 12, "the name ~ is read as nothing", '"~"'),
    ('"no": "no"', "2024-01-02: day", 12, "read as a date", '"2024-01-02"'),
    ('"no": "no"', '"no": 2024-13-45', 12, "can't be read", '"2024-13-45"'),
    ('"no": "no"', '"no": null', 12, "labels.no: null is read as nothing", '"null"'),
    ('"no": "no"', '"no":', 12, "labels.no is empty", "leave the field out"),
    ('"no": "no"', '"no": "yes "', 12, "'yes' and 'yes ' are the same text", "one way"),
    ('"no": "no"', '"yes": "no"', 12, "'yes' is there twice, first in line 11", "Leave one"),
    ("language: en", "name: other", 3, "'name' is there twice, first in line 1", "Leave one"),
    ("  files:\n", "\tfiles:\n", 5, "a tab before the field", "Indent with spaces."),
    ("instructions: Is it good?", "instructions: Is it: good?", 14, "no YAML", "quote a text"),
    ("[accuracy, macro_f1]", "[accuracy, macro_f1", 18, "no YAML", "brackets"),
    ("rows.csv", "rosw.csv", 6, "are not here (rosw.csv)", "--data-dir"),
    ("- path: rows.csv", "- {path: rows.csv, sha256: x}", 6, "'x' has a form", "64 hexadecimal"),
    (
        "- path: rows.csv",
        f"- path: rows.csv\n      sha256: {'a' * 64}",
        7,
        "isn't the file that the task declares",
        "sha256 differs",
    ),
    ("- path: rows.csv", "- {path: rows.csv, split: tset}", 6, "'tset' is none of", "'test'"),
    ("- path: rows.csv", "- rows.csv", 6, "a text stands where fields", "path, sha256"),
    ("files:\n    - path: rows.csv", "generator: {name: nobody}", 5, "no generator", "__init__"),
    ("  files:\n    - path: rows.csv\n", "  {}\n", 4, "source names no rows", "files"),
    ("max_tokens: 8", "max_tokens: 0", 16, "max_tokens: '0'", "tasks/fpb.yaml"),
    ("max_tokens: 8", "max_tokens: eight", 16, "max_tokens: 'eight'", "tasks/fpb.yaml"),
    ('stop: ["\\n"]', 'stop: "\\n"', 15, "a text stands where a list", "Write a list"),
    ("language: en", "language: kr", 3, "'kr' is a country", "language: ko"),
    ("language: en", "language: korean", 3, "'korean' has a form", "Two letters"),
    ("language: en", "language: en\nmasks: {tel: '['}", 4, "masks: tel", "regular expression"),
    ("language: en", "language: en\ncorpus: {id: id}", 4, "no folder and no files", "lie"),
    ("language: en", "language: en\ncorpus: {folder: doc}", 4, "no folder doc", "Check the path"),
    (
        "language: en",
        "language: en\ncorpus: {files: [{path: d.jsonl}]}",
        4,
        "are not here (d.jsonl)",
        "--data-dir",
    ),
    ("language: en", PUBLISHED.format("metric: mcc, value: 1"), 4, "with n: 13; the test", "n: 1"),
    ("language: en", PUBLISHED.format("metric: mcc"), 4, "published.0.value' is missing", "value"),
    (
        "language: en",
        PUBLISHED.format("value: .inf"),
        4,
        "published.0.metric' is missing",
        "metric",
    ),
    ("language: en", PUBLISHED.format("metrics: mcc"), 4, "unknown field 'metrics'", "'metric'"),
    ("name: moods", "name: my moods", 1, "'my moods' has a form", "Letters, digits"),
    ("  instructions: Is it good?", "  text: Is it good?", 14, "prompt: unknown field", "Known:"),
    ("prompt:\n  instructions: Is it good?", "prompt: Is it good?", 13, "fields are", "cue"),
    (RIGHT, "", 1, "the file is empty", "tasks/fpb.yaml"),
    (RIGHT, "- name: x\n", 1, "a task file begins with fields", "tasks/fpb.yaml"),
    (RIGHT, "just text\n", 1, "a task file begins with fields", "tasks/fpb.yaml"),
    (RIGHT, f"{RIGHT}---\n{RIGHT}", 19, "no YAML", "Check the indentation"),
    (RIGHT, CHOICES.replace(", choices: [a, b]", ""), 4, "needs its options", "columns.choices"),
    (RIGHT, CHOICES.replace("[a, b]", "[a, answer]"), 4, "'answer' can't be", "once"),
    (RIGHT, CHOICES.replace("[a, b]", f"[{', '.join('abcdefghijk')}]"), 4, "11 columns", "10 at"),
    (RIGHT, CLAIM.replace("deny: deny}\n", "reject: reject}\n"), 7, "labels and costs", "both"),
    (RIGHT, CLAIM.replace("{pay: {}}", "{}"), 6, "costs: deny", "tasks/fpb.yaml"),
    (RIGHT, CLAIM.replace("kind: decision", "kind: qa"), 6, "and no other", "insurer-claims-en"),
]


@pytest.mark.parametrize(
    ("old", "new", "line", "message", "fix"), MISTAKES, ids=range(len(MISTAKES))
)
def test_a_mistake_is_one_line_with_file_line_and_fix(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    old: str,
    new: str,
    line: int,
    message: str,
    fix: str,
) -> None:
    monkeypatch.delenv("HARNESS_DATA", raising=False)  # the message would name that folder
    assert old in RIGHT
    file = tmp_path / "moods.yaml"
    file.write_text(RIGHT.replace(old, new, 1), encoding="utf-8")
    (tmp_path / "rows.csv").write_text(ROWS, encoding="utf-8")
    result = CliRunner().invoke(app, ["validate", str(file), "--json"])
    assert result.exit_code == 2, result.output
    failed = [each for each in json.loads(result.stdout)["checks"] if each["status"] == "failed"]
    assert len(failed) == 1
    assert failed[0]["detail"].startswith(f"moods.yaml, line {line}: "), failed
    assert message in failed[0]["detail"]
    assert fix in failed[0]["hint"], failed
    assert "\n" not in failed[0]["detail"] + failed[0]["hint"]
    assert not re.search(r"\[key\]|input should|validation error", failed[0]["detail"])


def test_the_right_file_is_right(tmp_path: Path) -> None:
    (tmp_path / "moods.yaml").write_text(RIGHT, encoding="utf-8")
    (tmp_path / "rows.csv").write_text(ROWS, encoding="utf-8")
    result = CliRunner().invoke(app, ["validate", str(tmp_path / "moods.yaml")])
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"name: \xb0\xa1\n", "line 1: not UTF-8"),
        (b"name: x\nsummary: a\x07b\n", "line 2: a control character"),
        (b"? [a, b]\n: c\n", "line 1: a name is read as a list"),
        (b"name: !!python/object:os.system x\n", "line 1: 'x' can't be read"),
        (b"a: &a [*a]\nname: x\n", "line 1: *a stands inside itself"),
    ],
)
def test_a_file_that_is_no_yaml_is_explained(tmp_path: Path, data: bytes, message: str) -> None:
    file = tmp_path / "task.yaml"
    file.write_bytes(data)
    with pytest.raises(DataError, match=re.escape(f"task.yaml, {message}")):
        read_yaml(file, TaskSpec, "task file", "See the example.")


def test_a_label_of_a_row_that_the_file_lacks(tmp_path: Path) -> None:
    (tmp_path / "moods.yaml").write_text(RIGHT, encoding="utf-8")
    (tmp_path / "rows.csv").write_text(f"{ROWS}last,maybe\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["validate", str(tmp_path / "moods.yaml"), "--json"])
    assert result.exit_code == 2
    (failed,) = json.loads(result.stdout)["checks"][-1:]
    assert failed["detail"] == "rows.csv, line 62: unknown label 'maybe'"
    assert failed["hint"] == "Known: no, yes. Or declare it under labels."


def test_a_file_in_decomposed_letters_names_the_same_labels(tmp_path: Path) -> None:
    import unicodedata

    file = tmp_path / "moods.yaml"
    text = unicodedata.normalize("NFD", RIGHT.replace('"no": "no"', "부정: 부정"))
    file.write_text(text, encoding="utf-8")
    spec = read_yaml(file, TaskSpec, "task file", "")
    assert spec.labels["부정"] == "부정"
